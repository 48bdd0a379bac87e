"""The keypoint-only body: the 49 keypoints of a pose without its mesh, with exact derivatives.

Equal to the full mesh to rounding and some forty times faster; whatever fits keypoints uses it.
With ``G_j`` a bone's rotation, ``c_j`` its joint, and ``y_p`` the contribution of point p to its
keypoint, turning joint j by a small ``d`` in its own frame moves keypoint u by::

    (G_j d) x (S_uj - A_uj c_j)      S_uj = sum y_p,  A_uj = sum a_p   over points p of u below j

which gives both the Jacobian of the second-order solver and a backward pass without a graph
(docs/method.md, "Its derivative").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from core.body.arrays import NUM_POSE_FEATURES
from core.body.conventions import SKELETON_PARENTS
from core.body.keypoint_collapse import CollapsedKeypoints, collapse_keypoints
from core.engine.body.kinematics import KinematicTree, ancestor_matrix, relative_to_parent
from core.engine.body.smpl_body import BodyModel
from core.errors import ShapeError


@dataclass(frozen=True, eq=False)
class PosedKeypoints:
    """Keypoints of a batch of bodies, and what their derivatives are made of.

    distinct: (B, U, 3) metres, in the frame the root leads to; points: (B, P, 3) contributions.
    bone_rotations, parent_rotations: (B, 24, 3, 3); joints: (B, 24, 3) metres.
    """

    distinct: Tensor
    points: Tensor
    bone_rotations: Tensor
    parent_rotations: Tensor
    joints: Tensor


class KeypointBody:
    """The 49 keypoints of a ``BodyModel`` as a function of pose and betas, without vertices."""

    def __init__(self, model: BodyModel) -> None:
        arrays = model.arrays
        self.device, self.dtype = model.device, model.dtype
        collapsed = collapse_keypoints(
            arrays,
            picked_vertices=model.picked_vertices,
            extra_regressor=np.asarray(model.extra_regressor),
        )
        self.num_distinct = collapsed.num_distinct
        self.distinct_of_keypoint = torch.tensor(collapsed.distinct_of_keypoint, device=self.device)
        self._tree = KinematicTree(SKELETON_PARENTS, device=self.device)
        self._owner = torch.tensor(collapsed.owner, device=self.device)
        self._bone = torch.tensor(collapsed.bone, device=self.device)
        self._mass = self._tensor(collapsed.mass[:, None])
        points = len(collapsed.owner)
        self._offset_template = self._tensor(collapsed.offset_template.reshape(-1))
        by_shape = collapsed.offset_shape.reshape(3 * points, 10)
        by_pose = collapsed.offset_pose.reshape(3 * points, NUM_POSE_FEATURES)
        self._offset_slopes = self._tensor(np.concatenate([by_shape, by_pose], axis=1).T)
        joints = arrays.J_regressor @ arrays.v_template
        joints_by_shape = np.einsum("jv,vck->jck", arrays.J_regressor, arrays.shapedirs)
        relative = relative_to_parent(joints, SKELETON_PARENTS)
        relative_by_shape = relative_to_parent(joints_by_shape, SKELETON_PARENTS)
        self._relative_template = self._tensor(relative.reshape(-1))
        self._relative_slopes = self._tensor(relative_by_shape.reshape(72, 10).T)
        self._store_sums(collapsed)
        self._store_shape_slopes(collapsed, relative_by_shape)

    def _store_sums(self, collapsed: CollapsedKeypoints) -> None:
        """The fixed matrices that add up points over keypoints, over subtrees, or over both."""
        ancestors = ancestor_matrix(SKELETON_PARENTS)
        of_keypoint = np.eye(self.num_distinct)[:, collapsed.owner]
        below = ancestors[:, collapsed.bone]
        self._above = self._tensor(ancestors.T)
        self._of_keypoint = self._tensor(of_keypoint)
        self._below = self._tensor(below)
        self._mass_below = self._tensor(below * collapsed.mass)
        of_both = below[:, None, :] * of_keypoint[None]
        self._of_joint_and_keypoint = self._tensor(of_both.reshape(-1, len(collapsed.owner)).T)
        mass_of_both = of_both @ collapsed.mass
        self._mass_of_joint_and_keypoint = self._tensor(mass_of_both[:, None, :])

    def _store_shape_slopes(
        self, collapsed: CollapsedKeypoints, relative_by_shape: NDArray[np.float64]
    ) -> None:
        """How keypoints move with the betas, in the frame of each bone.

        A point's offset turns with its bone, a joint's position with the bone above it; the root's
        own position does not turn at all.
        """
        distinct = self.num_distinct
        in_bones = np.zeros((24, distinct, 3, 10))
        np.add.at(in_bones, (collapsed.bone, collapsed.owner), collapsed.offset_shape)
        masses = self._mass_of_joint_and_keypoint[:, 0].double().cpu().numpy()
        for joint, parent in enumerate(SKELETON_PARENTS[1:], start=1):
            in_bones[parent] += masses[joint][:, None, None] * relative_by_shape[joint]
        of_root = masses[0][:, None, None] * relative_by_shape[0]
        self._shape_in_bones = self._tensor(in_bones.transpose(0, 2, 3, 1).reshape(72, -1))
        self._shape_of_root = self._tensor(of_root.transpose(1, 2, 0))

    def _tensor(self, array: NDArray[np.float64]) -> Tensor:
        return torch.tensor(array, dtype=self.dtype, device=self.device)

    def keypoints(self, pose_matrices: Tensor, betas: Tensor) -> Tensor:
        """The 49 keypoints, differentiable by autograd (first order).

        Args:
            pose_matrices: ``(B, 24, 3, 3)`` rotations, root first.
            betas: ``(B, 10)``.

        Returns:
            ``(B, 49, 3)`` metres, not translated; equal to ``BodyModel(...).keypoints``.

        Raises:
            ShapeError: for other shapes.
        """
        return self.distinct_keypoints(pose_matrices, betas)[:, self.distinct_of_keypoint]

    def distinct_keypoints(self, pose_matrices: Tensor, betas: Tensor) -> Tensor:
        """``(B, U, 3)``: each distinct keypoint once; differentiable like ``keypoints``."""
        distinct: Tensor = _KeypointFunction.apply(  # type: ignore[no-untyped-call]
            pose_matrices, betas, self
        )
        return distinct

    def posed(self, pose_matrices: Tensor, betas: Tensor) -> PosedKeypoints:
        """Pose a batch outside autograd; shapes as for ``keypoints``."""
        _check(pose_matrices, betas)
        batch = len(betas)
        bones, of_parents = self._tree.global_rotations(pose_matrices)
        relative = torch.addmm(self._relative_template, betas, self._relative_slopes)
        steps = (of_parents @ relative.view(batch, 24, 3, 1))[..., 0]
        joints = self._above @ steps
        features = pose_matrices[:, 1:] - torch.eye(3, dtype=self.dtype, device=self.device)
        drivers = torch.cat([betas, features.reshape(batch, NUM_POSE_FEATURES)], dim=1)
        offsets = torch.addmm(self._offset_template, drivers, self._offset_slopes)
        turned = (bones[:, self._bone] @ offsets.view(batch, len(self._bone), 3, 1))[..., 0]
        points = turned + self._mass * joints[:, self._bone]
        return PosedKeypoints(self._of_keypoint @ points, points, bones, of_parents, joints)

    def root_joint(self, betas: Tensor) -> Tensor:
        """``(B, 3)`` metres: the point the root rotation turns the body about."""
        return torch.addmm(self._relative_template, betas, self._relative_slopes)[:, :3]

    def vjp(self, posed: PosedKeypoints, gradient: Tensor) -> tuple[Tensor, Tensor]:
        """Exact gradient of a loss, pose blend shapes included.

        Args:
            posed: from ``posed``.
            gradient: ``(B, U, 3)`` of the loss by the distinct keypoints.

        Returns:
            Gradients by the entries of the matrices ``(B, 24, 3, 3)`` and by betas ``(B, 10)``.
        """
        batch = len(gradient)
        on_points = gradient[:, self._owner]
        moments = (on_points[..., :, None] * posed.points[..., None, :]).flatten(2)
        force = self._mass_below @ on_points
        about_joint = (self._below @ moments).view(batch, 24, 3, 3) - (
            force[..., :, None] * posed.joints[..., None, :]
        )
        to_parent = posed.parent_rotations.transpose(-1, -2)
        by_pose = to_parent @ about_joint @ posed.bone_rotations
        in_bone = on_points[..., None, :] @ posed.bone_rotations[:, self._bone]
        by_drivers = in_bone.flatten(1) @ self._offset_slopes.T
        by_pose[:, 1:] += by_drivers[:, 10:].view(batch, 23, 3, 3)
        in_parent = (to_parent @ force[..., None]).view(batch, 72)
        by_betas = by_drivers[:, :10] + in_parent @ self._relative_slopes.T
        return by_pose, by_betas

    def row_derivatives(self, posed: PosedKeypoints, rows: Tensor, joint_frames: Tensor) -> Tensor:
        """Derivatives of row·keypoint by small turns of the joints and by the betas.

        The change of the pose blend shapes is left out: it is of millimetres a radian and cost
        nothing visible in the solver, whose gradient comes from ``vjp`` and is exact.

        Args:
            posed: from ``posed``.
            rows: ``(B, 3, M, U)``, M linear functions of every distinct keypoint.
            joint_frames: ``(B, 24, 3, 3)``; what maps a joint's coordinates to a small turn in the
                body frame: ``bone_rotations`` for turns in the joint's own frame, times ``J_r`` for
                axis-angle coordinates.

        Returns:
            ``(B, 82, M, U)``: 72 joint coordinates, then 10 betas.
        """
        by_turns = self._by_turns(posed, rows[:, :, None], joint_frames)
        by_shape = self._by_betas(posed)[:, :, :, None]
        by_betas = _contracted(rows[:, :, None], by_shape)
        return torch.cat([by_turns, by_betas], dim=1)

    def _by_turns(self, posed: PosedKeypoints, rows: Tensor, joint_frames: Tensor) -> Tensor:
        """``(B, 72, M, U)`` for rows ``(B, 3, 1, M, U)``: lever × row, in each joint's frame.

        Components come first and keypoints last, so that all of it is long contiguous products.
        """
        batch, _, _, count, distinct = rows.shape
        points = posed.points.transpose(1, 2).flatten(0, 1)
        sums = (points @ self._of_joint_and_keypoint).view(batch, 3, 24, 1, distinct)
        pivots = posed.joints.transpose(1, 2)[..., None, None]
        x, y, z = torch.addcmul(sums, self._mass_of_joint_and_keypoint, pivots, value=-1).unbind(1)
        row_x, row_y, row_z = rows.unbind(1)
        turns = torch.stack(
            [y * row_z - z * row_y, z * row_x - x * row_z, x * row_y - y * row_x], dim=1
        )
        frames = joint_frames.permute(0, 2, 1, 3)[..., None, None]
        return _contracted(turns[:, :, :, None], frames).view(batch, 72, count, distinct)

    def betas_jacobian(self, posed: PosedKeypoints) -> Tensor:
        """Exact derivative ``(B, U, 3, 10)`` of the distinct keypoints by the betas."""
        return self._by_betas(posed).permute(0, 3, 1, 2)

    def _by_betas(self, posed: PosedKeypoints) -> Tensor:
        """``(B, 3, 10, U)``: linear in the bones' rotations, offsets and joints added up before."""
        batch = len(posed.joints)
        rotations = posed.bone_rotations.transpose(1, 2).reshape(batch * 3, 72)
        turned = (rotations @ self._shape_in_bones).view(batch, 3, 10, self.num_distinct)
        return turned + self._shape_of_root


def _contracted(first: Tensor, second: Tensor) -> Tensor:
    """Sum over dimension 1, of size 3, of the broadcast product."""
    total = first[:, 0] * second[:, 0]
    total = torch.addcmul(total, first[:, 1], second[:, 1])
    return torch.addcmul(total, first[:, 2], second[:, 2])


def _check(pose_matrices: Tensor, betas: Tensor) -> None:
    if pose_matrices.shape[1:] != (24, 3, 3):
        raise ShapeError("pose_matrices", actual=pose_matrices.shape, expected="(B, 24, 3, 3)")
    if betas.shape != (len(pose_matrices), 10):
        raise ShapeError("betas", actual=betas.shape, expected=f"({len(pose_matrices)}, 10)")


class _KeypointFunction(torch.autograd.Function):
    """Ties ``posed`` and ``vjp`` into autograd: one node instead of some sixty."""

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
        posed = PosedKeypoints(gradient, points, bones, of_parents, joints)
        by_pose, by_betas = ctx.body.vjp(posed, gradient)  # type: ignore[attr-defined]
        return by_pose, by_betas, None
