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

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable
from torch.nn.functional import one_hot

from core.body.conventions import SKELETON_PARENTS
from core.body.keypoint_collapse import CollapsedKeypoints, collapse_keypoints
from core.body.keypoint_posing import KeypointPosing, PosedKeypoints
from core.body.kinematics import ancestor_matrix, relative_to_parent, rest_joints
from core.engine.body.smpl_body import BodyModel
from core.types.arrays import NUM_BETAS


@dataclass(frozen=True, eq=False)
class PointCombinations:
    """K fixed linear combinations of the distinct keypoints, ready for their derivatives.

    A combination moves with the joints at or above its points only, less than a quarter of all
    pairs. So derivatives by joints are formed for the N pairs that there are.

    levers_of_pairs: (P + 24, N), what leads from the points y_p and the joints c_j to the lever
        S_uj − A_uj c_j of each pair.
    joints_to_pairs: (24, N) and combinations_to_pairs: (K, N), zeros and ones: times them, a row of
        numbers of the joints or combinations becomes one of the pairs, in a fifth of the time that
        it takes to pick them by index.
    places: for rows of two and of three, where 3 × M × N numbers of the pairs are among
        85 × M × K, as flat indices.
    shape_in_bones: (72, 10·K) and shape_of_root: (3, 10, K), how combinations move with the betas.
    """

    levers_of_pairs: Tensor
    joints_to_pairs: Tensor
    combinations_to_pairs: Tensor
    places: dict[int, Tensor]
    shape_in_bones: Tensor
    shape_of_root: Tensor

    @classmethod
    def of_sums(
        cls,
        of_joint: Tensor,
        mass_of_joint: Tensor,
        shape_in_bones: Tensor,
        shape_of_root: Tensor,
    ) -> PointCombinations:
        """From sums ``(P, 24, K)`` of points at or below joints, and of masses ``(24, K)``."""
        joint, combination = (of_joint != 0).any(0).nonzero(as_tuple=True)
        combinations = of_joint.shape[2]
        to_pairs = one_hot(joint, 24).T.to(of_joint)
        masses = to_pairs * mass_of_joint[joint, combination]
        coordinate = 3 * joint + torch.arange(3, device=joint.device)[:, None, None]
        places = {
            count: (coordinate * count + torch.arange(count, device=joint.device)[:, None])
            * combinations
            + combination
            for count in (2, 3)
        }
        return cls(
            torch.cat([of_joint[:, joint, combination], -masses]),
            to_pairs,
            one_hot(combination, combinations).T.to(of_joint),
            {count: place.flatten() for count, place in places.items()},
            shape_in_bones,
            shape_of_root,
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
        self._sums = self._store_sums(collapsed)
        relative_by_shape = relative_to_parent(rest_joints(arrays)[1], SKELETON_PARENTS)
        self._by_shape = self._shape_slopes(collapsed, relative_by_shape, self._sums[1])
        self.each_keypoint = PointCombinations.of_sums(*self._sums, *self._by_shape)

    def combinations(self, matrix: Tensor) -> PointCombinations:
        """The combinations ``matrix`` ``(K, U)`` of the distinct keypoints."""
        # All sums are linear in the keypoints, which are the last dimension of each.
        of_bones, of_root = self._by_shape
        by_shape = (of_bones.view(720, -1) @ matrix.T).view(72, -1), of_root @ matrix.T
        of_joint, mass_of_joint = (sums @ matrix.T for sums in self._sums)
        return PointCombinations.of_sums(of_joint, mass_of_joint, *by_shape)

    def _store_sums(self, collapsed: CollapsedKeypoints) -> tuple[Tensor, Tensor]:
        """Keep the fixed 0/1 matrices that add up points over subtrees; return those of both.

        The latter add up points over keypoints and subtrees, ``(P, 24, U)``, and their masses,
        ``(24, U)``.

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
        # (24, U, P) -> (P, 24, U) leads from y_p to all S_uj in one product. The same sums of the
        # masses are A_uj, (24, U), which no pose changes.
        of_both = below[:, None, :] * of_keypoint[None]
        return self._tensor(np.moveaxis(of_both, -1, 0)), self._tensor(of_both @ collapsed.mass)

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
        masses = mass_of_joint.double().cpu().numpy()
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
        # Back through o = template + drivers slopes: (B, 3·P) @ (3·P, 217) -> (B, 10 + 207)
        by_drivers = self._by_offsets(posed, on_points) @ self._posing.offset_slopes
        by_pose[:, 1:] += by_drivers[:, 10:].view(batch, 23, 3, 3)
        # Joint j's place relative to its parent shifts everything below it, turned by P_j.
        in_parent = (to_parent @ force[..., None]).view(batch, 72)
        by_betas = by_drivers[:, :10] + in_parent @ self._posing.kinematics.relative_slopes.T
        return by_pose, by_betas

    def blend_shape_gradient(self, posed: PosedKeypoints[Tensor], gradient: Tensor) -> Tensor:
        """The part of ``vjp`` that ``row_derivatives`` leaves out: ``(B, 23, 3, 3)``.

        Pose blend shapes carry it, the gradient by the rotations below the root:
        Σ_p (G_kᵀ f_p) · ∂o_p/∂R_j.

        Args:
            posed: bodies from ``posed``.
            gradient: ``(B, U, 3)`` of the loss by the distinct keypoints.
        """
        by_offsets = self._by_offsets(posed, gradient[:, self._owner])
        by_pose: Tensor = by_offsets @ self._posing.offset_slopes[:, NUM_BETAS:]
        return by_pose.view(-1, 23, 3, 3)

    def _by_offsets(self, posed: PosedKeypoints[Tensor], on_points: Tensor) -> Tensor:
        """G_kᵀ f_p ``(B, 3·P)``, the gradient by the offsets o_p, of f_p ``(B, P, 3)``."""
        in_bone: Tensor = on_points[..., None, :] @ posed.bone_rotations[:, self._posing.bone]
        return in_bone.flatten(1)

    def row_derivatives(
        self,
        posed: PosedKeypoints[Tensor],
        rows: Tensor,
        joint_frames: Tensor,
        points: PointCombinations | None = None,
    ) -> Tensor:
        """The derivatives of row · keypoint by all that moves a body.

        The change of the pose blend shapes with the pose is left out: it is up to 5 mm a radian,
        less than 1 % of the Jacobian's norm. The solver still ends at the true minimum, because its
        gradient has it (docs/fitting.md, "The body without its mesh").

        Args:
            posed: bodies from ``posed``.
            rows: ``(B, 3, M, U)``, M linear functions of every distinct keypoint, two or three.
            joint_frames: ``(B, 24, 3, 3)``, what maps the coordinates of a joint to a small turn in
                the body's frame: G_j for turns in the joint's own frame, G_j J_r(θ_j) for its
                rotation vector.
            points: what the rows are functions of; the U distinct keypoints where not given.

        Returns:
            ``(B, 85, M, U)``: 72 joint coordinates, 10 betas, and a translation added to every
            keypoint, by which the derivatives are the rows themselves. A translation does not move
            combinations that are differences: theirs are the first 82.
        """
        points = self.each_keypoint if points is None else points
        batch, _, count, combinations = rows.shape
        # Everything is written where it belongs; parts put together later would be copied twice.
        derivatives = posed.joints.new_zeros(batch, 85, count, combinations)
        by_turns = self._by_turns(posed, points, rows, joint_frames)
        derivatives.flatten(1).index_copy_(1, points.places[count], by_turns)
        by_shape = self._by_betas(posed, points)[:, :, :, None]
        _put_contracted(derivatives[:, 72:82], by_shape.unbind(1), rows[:, :, None].unbind(1))
        derivatives[:, 82:] = rows
        return derivatives

    @staticmethod
    def _by_turns(
        posed: PosedKeypoints[Tensor], points: PointCombinations, rows: Tensor, joint_frames: Tensor
    ) -> Tensor:
        """``(B, 3·M·N)`` for N pairs: lever × row, in the frame of each joint.

        With the lever L_uj = S_uj − A_uj c_j and a joint's frame F_j, the triple product gives
        r · ((F_j x) × L_uj) = (F_jᵀ (L_uj × r)) · x. So no ∂keypoint/∂pose (B, U, 3, 72) is formed.

        Components come first and pairs last: every product then runs over long contiguous rows.
        """
        # (B, 3, P + 24) @ (P + 24, N) -> (B, 3, 1, N)
        both = torch.cat([posed.points, posed.joints], dim=1).transpose(1, 2)
        levers = _of_rows(both, points.levers_of_pairs)[:, :, None]
        # L × r by components: (B, 1, N) with (B, M, N) -> 3 × (B, M, N)
        of_pairs = _of_rows(rows, points.combinations_to_pairs)
        turns = _cross_product(levers.unbind(1), of_pairs.unbind(1))
        # F_jᵀ (L × r): the rows of F_j come first, because the sum is over them.
        # 3 × (B, 1, M, N) with 3 × (B, 3, 1, N) -> (B, 3, M, N)
        frames = _of_rows(joint_frames.permute(0, 2, 3, 1), points.joints_to_pairs)
        by_turns = torch.empty_like(of_pairs)
        in_frames = frames[:, :, :, None].unbind(1)
        _put_contracted(by_turns, [turn[:, None] for turn in turns], in_frames)
        return by_turns.flatten(1)

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


def _of_rows(values: Tensor, matrix: Tensor) -> Tensor:
    """``values @ matrix`` ``(..., L)`` of values ``(..., K)`` in any order, as one product."""
    in_one: Tensor = values.reshape(-1, len(matrix)) @ matrix
    return in_one.view(*values.shape[:-1], matrix.shape[1])


def _cross_product(first: Sequence[Tensor], second: Sequence[Tensor]) -> list[Tensor]:
    """The cross product by components, each of three."""
    (x, y, z), (u, v, w) = first, second
    pairs = ((y, w, z, v), (z, u, x, w), (x, v, y, u))
    return [(a * b).addcmul_(c, d, value=-1) for a, b, c, d in pairs]


def _put_contracted(out: Tensor, first: Sequence[Tensor], second: Sequence[Tensor]) -> None:
    """The sum of three broadcast products, into ``out``.

    Three fused products in place of ``(first * second).sum(1)``, whose product would be three times
    as large as the result.
    """
    torch.mul(first[0], second[0], out=out)
    out.addcmul_(first[1], second[1]).addcmul_(first[2], second[2])


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
