"""The keypoint-only body: the 49 keypoints of a pose without its mesh, with exact derivatives.

Whatever fits keypoints uses it. ``core.body.keypoint_posing`` says how keypoints follow from pose
and betas; here are the derivatives of it. With G_j the rotation of bone j, c_j its joint, R_j the
rotation of joint j relative to its parent, and a_p, y_p the mass of point p and its contribution::

    keypoint_u = Σ y_p                         over the points p of keypoint u      metres

A small turn d of joint j in its own frame, R_j → R_j exp(d), turns all points on bones at or below
j about c_j, so keypoint u moves by::

    (G_j d) × (S_uj − A_uj c_j)      S_uj = Σ y_p,  A_uj = Σ a_p    over points p of u at or below j

That gives both the Jacobian of the second-order solver (``row_derivatives``) and an exact backward
pass without a graph (``vjp``). docs/method.md, "The keypoint-only body" and "Its derivative"; the
body itself is that of Loper et al. 2015, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from core.body.conventions import SKELETON_PARENTS
from core.body.keypoint_collapse import CollapsedKeypoints, collapse_keypoints
from core.body.keypoint_posing import KeypointPosing, PosedKeypoints
from core.body.kinematics import ancestor_matrix, relative_to_parent, rest_joints
from core.engine.body.smpl_body import BodyModel


@dataclass(frozen=True, eq=False)
class PointCombinations:
    """K fixed linear combinations of the distinct keypoints, ready for their derivatives.

    of_joint: (P, 24·K), what sums the points y_p of each combination at or below each joint.
    mass_of_joint: (24, 1, K), the same sums of the masses. shape_in_bones: (72, 10·K) and
    shape_of_root: (3, 10, K), how combinations move with the betas.
    """

    of_joint: Tensor
    mass_of_joint: Tensor
    shape_in_bones: Tensor
    shape_of_root: Tensor

    def combined(self, matrix: Tensor) -> PointCombinations:
        """The combinations ``matrix`` ``(L, K)`` of these; all sums are linear in the keypoints."""
        count = len(matrix.T)

        def of_last(sums: Tensor) -> Tensor:
            return (sums.view(-1, count) @ matrix.T).view(len(sums), -1)

        return PointCombinations(
            of_last(self.of_joint),
            self.mass_of_joint @ matrix.T,
            of_last(self.shape_in_bones),
            self.shape_of_root @ matrix.T,
        )


class KeypointBody:
    """The 49 keypoints of a ``BodyModel`` as a function of pose and betas, without vertices.

    num_distinct: U, how many of the 49 are distinct. distinct_of_keypoint: (49,) which of the U
    each of the 49 is. Computes in the model's precision and on its device.
    """

    def __init__(self, model: BodyModel) -> None:
        arrays = model.arrays
        self.device, self.dtype = model.device, model.dtype
        collapsed = collapse_keypoints(
            arrays,
            picked_vertices=model.picked_vertices,
            extra_regressor=np.asarray(model.extra_regressor),
        )
        self.num_distinct = collapsed.num_distinct
        self._posing = KeypointPosing(arrays, collapsed, self._tensor)
        self.distinct_of_keypoint = self._posing.distinct_of_keypoint
        self._owner = self._tensor(collapsed.owner)
        of_joint, mass_of_joint = self._store_sums(collapsed)
        relative_by_shape = relative_to_parent(rest_joints(arrays)[1], SKELETON_PARENTS)
        self.each_keypoint = PointCombinations(
            of_joint,
            mass_of_joint,
            *self._shape_slopes(collapsed, relative_by_shape, mass_of_joint),
        )

    def _store_sums(self, collapsed: CollapsedKeypoints) -> tuple[Tensor, Tensor]:
        """Keep the fixed 0/1 matrices that add up points over subtrees; return those of both.

        The latter add up points over keypoints and subtrees, ``(P, 24·U)``, and their masses,
        ``(24, 1, U)``.

        A sum over a subtree is a product with one of them; walking the tree instead would take a
        step for each level.
        """
        # ancestors (24, 24): 1 where joint j is at or above joint k. below (24, P): 1 where point p
        # is on a bone at or below j. of_keypoint (U, P): 1 where p is a point of u.
        ancestors = ancestor_matrix(SKELETON_PARENTS)
        of_keypoint = np.eye(self.num_distinct)[:, collapsed.owner]
        below = ancestors[:, collapsed.bone]
        self._below = self._tensor(below)
        self._mass_below = self._tensor(below * collapsed.mass)
        # (24, U, P) -> (P, 24·U) leads from y_p to all S_uj in one product. The same sums of the
        # masses are A_uj, (24, 1, U), which no pose changes.
        of_both = below[:, None, :] * of_keypoint[None]
        of_joint = self._tensor(of_both.reshape(-1, len(collapsed.owner)).T)
        mass_of_both = of_both @ collapsed.mass
        return of_joint, self._tensor(mass_of_both[:, None, :])

    def _shape_slopes(
        self,
        collapsed: CollapsedKeypoints,
        relative_by_shape: NDArray[np.float64],
        mass_of_joint: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """How keypoints move with the betas: in bones ``(72, 10·U)``, at the root ``(3, 10, U)``.

        A point's offset turns with its bone k, the position of a joint i relative to its parent
        with the parent's bone, and the root's own position does not turn at all. Hence::

            ∂keypoint_u/∂β = Σ_k G_k [ Σ_p ∂o_p/∂β + Σ_i A_ui ∂(J_i − J_k)/∂β ] + A_u0 ∂J_root/∂β

        over the points p of u on bone k and the children i of k. The brackets do not depend on the
        pose and are summed here, once for a body.
        """
        distinct = self.num_distinct
        in_bones = np.zeros((24, distinct, 3, 10))
        np.add.at(in_bones, (collapsed.bone, collapsed.owner), collapsed.offset_shape)
        masses = mass_of_joint[:, 0].double().cpu().numpy()
        for joint, parent in enumerate(SKELETON_PARENTS[1:], start=1):
            in_bones[parent] += masses[joint][:, None, None] * relative_by_shape[joint]
        of_root = masses[0][:, None, None] * relative_by_shape[0]
        # (24, U, 3, 10) -> (24·3, 10·U): bone and component first, as ``_by_betas`` contracts them.
        return (
            self._tensor(in_bones.transpose(0, 2, 3, 1).reshape(72, -1)),
            self._tensor(of_root.transpose(1, 2, 0)),
        )

    def _tensor(self, array: NDArray[Any]) -> Tensor:
        """A tensor in the model's precision and on its device; whole numbers stay whole."""
        dtype = self.dtype if array.dtype.kind == "f" else None
        return torch.tensor(array, dtype=dtype, device=self.device)

    def keypoints(self, pose_matrices: Tensor, betas: Tensor) -> Tensor:
        """The 49 keypoints, differentiable once by autograd.

        Args:
            pose_matrices: ``(B, 24, 3, 3)`` rotations relative to the parent, root first.
            betas: ``(B, 10)``.

        Returns:
            ``(B, 49, 3)`` metres, in the frame that the root leads to and not translated; equal to
            ``BodyModel(...).keypoints``.

        Raises:
            ShapeError: the pose or the betas have another shape.
        """
        return self.distinct_keypoints(pose_matrices, betas)[:, self.distinct_of_keypoint]

    def distinct_keypoints(self, pose_matrices: Tensor, betas: Tensor) -> Tensor:
        """Each distinct keypoint once, ``(B, U, 3)`` metres; differentiable like ``keypoints``."""
        distinct: Tensor = _KeypointFunction.apply(  # type: ignore[no-untyped-call]
            pose_matrices, betas, self
        )
        return distinct

    def posed(self, pose_matrices: Tensor, betas: Tensor) -> PosedKeypoints[Tensor]:
        """Pose a batch outside autograd and keep what the derivatives need.

        Arguments and errors are those of ``keypoints``.
        """
        return self._posing.posed(pose_matrices, betas)

    def root_joint(self, betas: Tensor) -> Tensor:
        """``(B, 3)`` metres: J_root, the point that the root rotation turns the body about."""
        return self._posing.kinematics.root_joint(betas)

    def root_joint_like(self, betas: Tensor) -> Tensor:
        """The same in the precision and on the device of the betas."""
        return self.root_joint(betas.to(device=self.device, dtype=self.dtype)).to(betas)

    @property
    def relative_slopes(self) -> Tensor:
        """``(10, 72)``: ∂(J_j − J_parent(j))/∂β, see ``BodyKinematics``."""
        return self._posing.kinematics.relative_slopes

    def vjp(self, posed: PosedKeypoints[Tensor], gradient: Tensor) -> tuple[Tensor, Tensor]:
        """The exact gradient of a loss, pose blend shapes included.

        With f_p the gradient by the keypoint of point p, k its bone and P_j = G_parent(j)::

            force_j = Σ a_p f_p
            M_j     = P_jᵀ [ Σ f_p y_pᵀ − force_j c_jᵀ ] G_j + Σ_p (G_kᵀ f_p) · ∂o_p/∂R_j
            g_β     = Σ_p (G_kᵀ f_p) · ∂o_p/∂β + Σ_j (P_jᵀ force_j) · ∂(J_j − J_parent(j))/∂β

        Sums without an index run over the points on bones at or below j, those over p over all. The
        first term follows from ∂y_p = P_j ∂R_j G_jᵀ (y_p − a_p c_j): what hangs on joint j is taken
        back into the joint's own frame, turned by ∂R_j, and placed by the parent again.

        Args:
            posed: bodies from ``posed``.
            gradient: ``(B, U, 3)`` of the loss by the distinct keypoints.

        Returns:
            M ``(B, 24, 3, 3)``, the gradient by the entries of the matrices, and g_β ``(B, 10)``.
            M takes the nine entries for independent; ``unskew(R_jᵀ M_j)`` keeps what turns.
        """
        batch = len(gradient)
        # A keypoint is the plain sum of its points, so each point receives its whole gradient.
        on_points = gradient[:, self._owner]
        # Σ f_p y_pᵀ below each joint: (B, P, 3·3) summed by (24, P) -> (B, 24, 3, 3)
        moments = (on_points[..., :, None] * posed.points[..., None, :]).flatten(2)
        # force_j, (B, 24, 3): how the loss changes when c_j and all below it are shifted.
        force = self._mass_below @ on_points
        about_joint = (self._below @ moments).view(batch, 24, 3, 3) - (
            force[..., :, None] * posed.joints[..., None, :]
        )
        to_parent = posed.parent_rotations.transpose(-1, -2)
        by_pose = to_parent @ about_joint @ posed.bone_rotations
        # G_kᵀ f_p, the gradient by the offset o_p, then back through o = template + drivers slopes:
        # (B, 3·P) @ (3·P, 217) -> (B, 10 + 207)
        in_bone = on_points[..., None, :] @ posed.bone_rotations[:, self._posing.bone]
        by_drivers = in_bone.flatten(1) @ self._posing.offset_slopes.T
        by_pose[:, 1:] += by_drivers[:, 10:].view(batch, 23, 3, 3)
        # Joint j's place relative to its parent shifts everything below it, turned by P_j.
        in_parent = (to_parent @ force[..., None]).view(batch, 72)
        by_betas = by_drivers[:, :10] + in_parent @ self._posing.kinematics.relative_slopes.T
        return by_pose, by_betas

    def row_derivatives(
        self,
        posed: PosedKeypoints[Tensor],
        rows: Tensor,
        joint_frames: Tensor,
        combinations: PointCombinations | None = None,
    ) -> Tensor:
        """The derivatives of row · keypoint by the coordinates of the joints and by the betas.

        The change of the pose blend shapes with the pose is left out: it is up to 5 mm a radian,
        less than 1 % of the Jacobian's norm. The solver still ends at the true minimum, because its
        gradient comes from ``vjp`` and is exact (docs/fitting.md, "The body without its mesh").

        Args:
            posed: bodies from ``posed``.
            rows: ``(B, 3, M, U)``, M linear functions of every distinct keypoint.
            joint_frames: ``(B, 24, 3, 3)``, what maps the coordinates of a joint to a small turn in
                the body's frame: G_j for turns in the joint's own frame, G_j J_r(θ_j) for its
                rotation vector.
            combinations: what the rows are functions of; the U distinct keypoints where not given.

        Returns:
            ``(B, 82, M, U)``: 72 joint coordinates, then 10 betas.
        """
        points = self.each_keypoint if combinations is None else combinations
        by_turns = self._by_turns(posed, points, rows[:, :, None], joint_frames)
        by_shape = self._by_betas(posed, points)[:, :, :, None]
        by_betas = _contracted(rows[:, :, None], by_shape)
        return torch.cat([by_turns, by_betas], dim=1)

    @staticmethod
    def _by_turns(
        posed: PosedKeypoints[Tensor],
        combinations: PointCombinations,
        rows: Tensor,
        joint_frames: Tensor,
    ) -> Tensor:
        """``(B, 72, M, U)`` for rows ``(B, 3, 1, M, U)``: lever × row, in the frame of each joint.

        With the lever L_uj = S_uj − A_uj c_j and a joint's frame F_j, the triple product gives
        r · ((F_j x) × L_uj) = (F_jᵀ (L_uj × r)) · x. So no ∂keypoint/∂pose (B, U, 3, 72) is formed.

        Components come first and keypoints last: every product then runs over long contiguous rows.
        """
        batch, _, _, count, distinct = rows.shape
        # S_uj: (B·3, P) @ (P, 24·U) -> (B, 3, 24, 1, U), then the levers S_uj − A_uj c_j.
        points = posed.points.transpose(1, 2).flatten(0, 1)
        sums = (points @ combinations.of_joint).view(batch, 3, 24, 1, distinct)
        pivots = posed.joints.transpose(1, 2)[..., None, None]
        x, y, z = torch.addcmul(sums, combinations.mass_of_joint, pivots, value=-1).unbind(1)
        # L × r by components: (B, 24, 1, U) with (B, 1, M, U) -> (B, 3, 24, M, U)
        row_x, row_y, row_z = rows.unbind(1)
        turns = torch.stack(
            [y * row_z - z * row_y, z * row_x - x * row_z, x * row_y - y * row_x], dim=1
        )
        # F_jᵀ (L × r): the rows of F_j come first, because ``_contracted`` sums over them.
        # (B, 3, 24, 3, 1, 1) with (B, 3, 24, 1, M, U) -> (B, 24, 3, M, U)
        frames = joint_frames.permute(0, 2, 1, 3)[..., None, None]
        return _contracted(turns[:, :, :, None], frames).view(batch, 72, count, distinct)

    def betas_jacobian(self, posed: PosedKeypoints[Tensor]) -> Tensor:
        """The exact derivative ``(B, U, 3, 10)`` of the distinct keypoints (m) by the betas."""
        return self._by_betas(posed, self.each_keypoint).permute(0, 3, 1, 2)

    @staticmethod
    def _by_betas(posed: PosedKeypoints[Tensor], combinations: PointCombinations) -> Tensor:
        """``(B, 3, 10, U)``: Σ_k G_k [ … ]_k + A_u0 ∂J_root/∂β, see ``_shape_slopes``."""
        # The sum over bones and their components is one product: (3·B, 72) @ (72, 10·U).
        batch = len(posed.joints)
        rotations = posed.bone_rotations.transpose(1, 2).reshape(batch * 3, 72)
        count = combinations.shape_of_root.shape[-1]
        turned = (rotations @ combinations.shape_in_bones).view(batch, 3, 10, count)
        return turned + combinations.shape_of_root


def _contracted(first: Tensor, second: Tensor) -> Tensor:
    """The sum over dimension 1, of size 3, of the broadcast product.

    Three fused products in place of ``(first * second).sum(1)``, whose product would be three times
    as large as the result.
    """
    total = first[:, 0] * second[:, 0]
    total = torch.addcmul(total, first[:, 1], second[:, 1])
    return torch.addcmul(total, first[:, 2], second[:, 2])


class _KeypointFunction(torch.autograd.Function):
    """``posed`` and ``vjp`` as one node of autograd's graph instead of some sixty.

    ``vjp`` keeps no graph of its own, hence ``once_differentiable``: a second derivative raises
    instead of coming out as zero.
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx, pose_matrices: Tensor, betas: Tensor, body: KeypointBody
    ) -> Tensor:
        posed = body.posed(pose_matrices, betas)
        ctx.save_for_backward(
            posed.points, posed.bone_rotations, posed.parent_rotations, posed.joints
        )
        ctx.body = body  # type: ignore[attr-defined]
        return posed.distinct

    @staticmethod
    @once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: FunctionCtx, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        points, bones, of_parents, joints = ctx.saved_tensors  # type: ignore[attr-defined]
        # ``vjp`` never reads ``distinct``; the gradient stands in for it, so that it is not kept.
        posed = PosedKeypoints(gradient, points, bones, of_parents, joints)
        by_pose, by_betas = ctx.body.vjp(posed, gradient)  # type: ignore[attr-defined]
        return by_pose, by_betas, None
