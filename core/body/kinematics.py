"""SMPL's tree of 24 joints: where the bones of a pose are, for arrays of NumPy and for tensors.

    G_j = G_parent(j) R_j,                                      G_root = R_root
    c_j = c_parent(j) + G_parent(j) (J_j − J_parent(j)),        c_root = J_root

R_j is the rotation of joint j relative to its parent, G_j that of its bone, J_j the joint at rest
and c_j where it comes to lie. ``parents[j]`` is the parent of joint j and comes before j; that of
the root is −1. Source: Loper et al. 2015, section 3, equation 4; docs/method.md, "SMPL".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Generic

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import NUM_POSE_FEATURES, BodyArrays
from core.body.conventions import SKELETON_PARENTS
from core.errors import ShapeError
from core.geometry.array_namespace import (
    Array,
    ArrayT,
    array_namespace,
    batch_first,
    batch_last,
    identity_like,
)
from core.geometry.rotations import axis_angle_to_matrix
from core.types.arrays import NUM_BETAS, NUM_JOINTS


def ancestor_matrix(parents: Sequence[int]) -> NDArray[np.float64]:
    """``(J, J)``: entry (j, k) is 1 where joint j is joint k or one of its ancestors.

    Times a quantity of each joint it sums over the joints at or below j; its transpose sums over
    the joints at or above k.
    """
    # Column k is that of its parent with k itself added; parents come first, so one pass is enough.
    ancestors = np.eye(len(parents))
    for joint, parent in enumerate(parents):
        if parent >= 0:
            ancestors[:, joint] += ancestors[:, parent]
    return ancestors


def relative_to_parent(
    positions: NDArray[np.float64], parents: Sequence[int]
) -> NDArray[np.float64]:
    """Joint positions, or their derivatives, ``(J, ...)`` minus those of the parent.

    The root keeps its own: its parent is the origin.
    """
    relative = positions.copy()
    relative[1:] -= positions[list(parents[1:])]
    return relative


def rest_joints(arrays: BodyArrays) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """J(0) ``(24, 3)`` in metres and ∂J/∂β ``(24, 3, 10)``.

    ``J(β) = J_regressor (v_template + shapedirs β)`` is linear in the betas.
    """
    at_rest, by_shape = arrays.joints_by_shape
    return at_rest.copy(), by_shape.copy()


def pelvis_at_rest(arrays: BodyArrays, betas: NDArray[np.floating]) -> NDArray[np.float64]:
    """The root joints ``(N, 3)`` in metres, about which shapes ``(N, 10)`` are turned."""
    joints, by_shape = rest_joints(arrays)
    pelvis: NDArray[np.float64] = joints[0] + np.asarray(betas, np.float64) @ by_shape[0].T
    return pelvis


def pose_features(pose_matrices: ArrayT) -> ArrayT:
    """What drives the pose blend shapes, ``(B, 207)``: R − I of the 23 joints below the root.

    Linear in the matrices and not in the angles, and zero at rest (Loper et al. 2015, section 3,
    equation 9).
    """
    xp = array_namespace(pose_matrices)
    features: ArrayT = xp.reshape(
        pose_matrices[:, 1:] - identity_like(pose_matrices, 3),
        (len(pose_matrices), NUM_POSE_FEATURES),
    )
    return features


def rooted_rotations(root: ArrayT, body_pose: ArrayT) -> ArrayT:
    """All rotations relative to the parent, root first, ``(B, 24, 3, 3)``.

    root: ``(B, 3, 3)``. body_pose: ``(B, 69)`` radians, the rotation vectors of the other joints.
    """
    xp = array_namespace(body_pose)
    # (B, 69) -> (B, 23, 3) -> (B, 23, 3, 3), the root in front.
    body = axis_angle_to_matrix(xp.reshape(body_pose, (len(body_pose), NUM_JOINTS - 1, 3)))
    rotations: ArrayT = xp.concat([root[:, None], body], axis=1)
    return rotations


@dataclass(frozen=True, eq=False)
class PosedBones(Generic[ArrayT]):
    """The bones of a batch of bodies, in the frame that the root leads to and not translated.

    rotations: (B, 24, 3, 3), G_j; parent_rotations: (B, 24, 3, 3), G_parent(j), the identity for
    the root; joints: (B, 24, 3) metres, c_j.
    """

    rotations: ArrayT
    parent_rotations: ArrayT
    joints: ArrayT


class KinematicTree(Generic[ArrayT]):
    """Multiplies rotations down the tree, all joints of one depth and all bodies at once.

    SMPL's 24 joints have 9 depths, so 8 batched products take the place of 23.
    """

    def __init__(self, parents: Sequence[int], as_array: Callable[[NDArray[Any]], ArrayT]) -> None:
        depth = [0] * len(parents)
        for joint, parent in enumerate(parents[1:], start=1):
            depth[joint] = depth[parent] + 1
        # Joints are sorted by depth, so that a level is a contiguous slice and every factor of a
        # product G_parent(j) R_j is in the level before.
        levels = [[j for j, d in enumerate(depth) if d == level] for level in range(max(depth) + 1)]
        by_level = [joint for level in levels for joint in level]
        ends = np.cumsum([len(level) for level in levels]).tolist()
        self._levels = [slice(start, stop) for start, stop in pairwise([0, *ends])]
        self._by_level = as_array(np.array(by_level))
        self._to_joint_order = as_array(np.argsort(by_level))
        self._parents_within_level = [
            as_array(np.array([above.index(parents[joint]) for joint in level]))
            for above, level in pairwise(levels)
        ]
        self._parents_below_root = as_array(np.array(parents[1:]))

    def global_rotations(self, pose_matrices: ArrayT) -> tuple[ArrayT, ArrayT]:
        """The rotations of all bones and of their parents, in the frame the root leads to.

        Args:
            pose_matrices: ``(24, 3, 3, B)`` R_j relative to the parent, root first, batch last.

        Returns:
            G_j and G_parent(j), each ``(24, 3, 3, B)``; the root's parent is the identity.
        """
        xp = array_namespace(pose_matrices)
        local = xp.take(pose_matrices, self._by_level, axis=0)
        levels = [local[self._levels[0]]]
        for level, parents in zip(self._levels[1:], self._parents_within_level, strict=True):
            above = xp.take(levels[-1], parents, axis=0)
            # (J, 3, 3, 1, B) · (J, 1, 3, 3, B), summed over the columns of the first.
            levels.append(xp.sum(above[..., None, :] * local[level][:, None], axis=2))
        bones: ArrayT = xp.take(xp.concat(levels, axis=0), self._to_joint_order, axis=0)
        of_root = xp.broadcast_to(identity_like(bones, 3)[None, ..., None], bones[:1].shape)
        of_others = xp.take(bones, self._parents_below_root, axis=0)
        of_parents: ArrayT = xp.concat([of_root, of_others], axis=0)
        return bones, of_parents


class BodyKinematics(Generic[ArrayT]):
    """The bones of one body as a function of pose and betas.

    relative_template (72,) and relative_slopes (10, 72): J_j − J_parent(j) at betas of zero, and
    its derivative: the form in which the chain of the c_j adds the joints up.
    """

    def __init__(self, arrays: BodyArrays, as_array: Callable[[NDArray[Any]], ArrayT]) -> None:
        joints, by_shape = rest_joints(arrays)
        relative = relative_to_parent(joints, SKELETON_PARENTS)
        relative_by_shape = relative_to_parent(by_shape, SKELETON_PARENTS)
        self.relative_template = as_array(relative.reshape(-1))
        self.relative_slopes = as_array(relative_by_shape.reshape(3 * NUM_JOINTS, NUM_BETAS).T)
        self._above = as_array(ancestor_matrix(SKELETON_PARENTS).T)
        self._tree = KinematicTree(SKELETON_PARENTS, as_array)

    def posed(self, pose_matrices: ArrayT, betas: ArrayT) -> PosedBones[ArrayT]:
        """Pose a batch.

        Args:
            pose_matrices: ``(B, 24, 3, 3)`` rotations relative to the parent, root first.
            betas: ``(B, 10)``.

        Raises:
            ShapeError: the pose or the betas have another shape.
        """
        last = self.posed_batch_last(pose_matrices, betas)
        return PosedBones(
            batch_first(last.rotations),
            batch_first(last.parent_rotations),
            batch_first(last.joints),
        )

    def posed_batch_last(self, pose_matrices: ArrayT, betas: ArrayT) -> PosedBones[ArrayT]:
        """The same, with the batch as the last dimension of every result.

        Arguments and errors are those of ``posed``.
        """
        _check(pose_matrices, betas)
        xp = array_namespace(betas)
        bones, of_parents = self._tree.global_rotations(batch_last(pose_matrices))
        # c_j = Σ_i G_parent(i) (J_i − J_parent(i)) over all i at or above j: the chain unrolled, so
        # that one product with _above sums it. The root's parent is the identity at the origin.
        relative = batch_last(self._relative_joints(betas))
        steps = xp.sum(of_parents * relative[:, None], axis=2)
        joints = self._above @ xp.reshape(steps, (NUM_JOINTS, 3 * len(betas)))
        return PosedBones(bones, of_parents, xp.reshape(joints, steps.shape))

    def joints_at_rest(self, betas: ArrayT) -> ArrayT:
        """J ``(B, 24, 3)`` metres of shapes ``(B, 10)``."""
        joints: ArrayT = self._above @ self._relative_joints(betas)
        return joints

    def root_joint(self, betas: ArrayT) -> ArrayT:
        """``(B, 3)`` metres: J_root, the point that the root rotation turns the body about."""
        root: ArrayT = self._relative_joints(betas)[:, 0]
        return root

    def _relative_joints(self, betas: ArrayT) -> Any:
        """``(B, 24, 3)``: J_j − J_parent(j)."""
        relative = self.relative_template + betas @ self.relative_slopes
        return array_namespace(betas).reshape(relative, (len(betas), NUM_JOINTS, 3))


def _check(pose_matrices: Array, betas: Array) -> None:
    if tuple(pose_matrices.shape[1:]) != (NUM_JOINTS, 3, 3):
        raise ShapeError("pose_matrices", actual=pose_matrices.shape, expected="(B, 24, 3, 3)")
    if tuple(betas.shape) != (len(pose_matrices), NUM_BETAS):
        raise ShapeError("betas", actual=betas.shape, expected=f"({len(pose_matrices)}, 10)")
