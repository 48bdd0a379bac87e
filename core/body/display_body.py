"""The body for looking at: posed with NumPy, one at a time, without loading PyTorch.

PyTorch's import alone takes 500 MB, which a window that only shows bodies need not pay. Bones and
keypoints come from the formulas that fits use, in double precision. The mesh is the linear blend
skinning of ``BodyModel`` with its blend shapes, and a test compares the two::

    v        = v_template + shapedirs β + posedirs vec(R − I)
    vertex_i = (Σ_j weights_ij [G_j | c_j − G_j J_j]) (v_i, 1)

Loper et al. 2015, section 3; docs/method.md, "SMPL".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import NUM_POSE_FEATURES, BodyArrays
from core.body.conventions import PICKED_VERTEX_NAMES
from core.body.extra_joints import extra_regressor_for
from core.body.keypoint_collapse import collapse_keypoints
from core.body.keypoint_posing import KeypointPosing
from core.body.kinematics import pose_features
from core.errors import ShapeError
from core.geometry.rotations import pose_to_matrices
from core.types.arrays import NUM_BETAS, NUM_JOINTS, FloatArray
from core.types.bodies import BodyParameters


@dataclass(frozen=True, eq=False)
class Skeleton:
    """Where the bones of a posed body are: metres, not translated, in double precision.

    rotations: (24, 3, 3), G_j. joints: (24, 3), c_j. rest_joints: (24, 3), J_j of the same shape.
    features: (207,), vec(R − I), what drives the pose blend shapes.
    """

    rotations: NDArray[np.float64]
    joints: NDArray[np.float64]
    rest_joints: NDArray[np.float64]
    features: NDArray[np.float64]

    @cached_property
    def transforms(self) -> FloatArray:
        """The 3 × 4 matrices [G_j | c_j − G_j J_j] for rest vertices, row by row: ``(24, 12)``."""
        moved = self.joints - (self.rotations @ self.rest_joints[..., None])[..., 0]
        stacked = np.concatenate([self.rotations, moved[..., None]], axis=2)
        return stacked.reshape(NUM_JOINTS, 12).astype(np.float32)


class _Skin:
    """The skinning of the mesh, in float32: exact to 1e-6 m, in a quarter of double's time."""

    def __init__(self, arrays: BodyArrays) -> None:
        def flat(array: NDArray[np.float64], width: int) -> FloatArray:
            return np.ascontiguousarray(array.reshape(-1, width).T, dtype=np.float32)

        self.template = arrays.v_template.astype(np.float32)
        self._by_shape = flat(arrays.shapedirs, NUM_BETAS)
        self._by_pose = flat(arrays.posedirs, NUM_POSE_FEATURES)
        self.weights = np.ascontiguousarray(arrays.weights, dtype=np.float32)

    def at_rest(self, skeleton: Skeleton, betas: FloatArray) -> FloatArray:
        """The vertices ``(V, 3)`` before the bones move them, with both kinds of blend shapes."""
        offsets = betas.astype(np.float32) @ self._by_shape
        offsets += skeleton.features.astype(np.float32) @ self._by_pose
        rest: FloatArray = self.template + offsets.reshape(-1, 3)
        return rest

    def __call__(self, skeleton: Skeleton, betas: FloatArray) -> FloatArray:
        """The posed vertices ``(V, 3)`` in metres, not translated."""
        rest = self.at_rest(skeleton, betas)
        # The bones' matrices are blended first and applied once: (V, 24) @ (24, 12) -> (V, 3, 4)
        moves = (self.weights @ skeleton.transforms).reshape(-1, 3, 4)
        turned = np.einsum("vab,vb->va", moves[..., :3], rest)
        vertices: FloatArray = turned + moves[..., 3]
        return vertices


class DisplayBody:
    """A body as the window needs it, named as its ``BodyModel``; every thread may use it."""

    def __init__(self, arrays: BodyArrays, *, name: str) -> None:
        self.name = name
        self.faces: NDArray[np.int64] = arrays.f
        """``(F, 3)`` vertex indices."""
        self._skin = _Skin(arrays)
        collapsed = collapse_keypoints(
            arrays,
            picked_vertices=[arrays.vertex_ids[vertex] for vertex in PICKED_VERTEX_NAMES],
            extra_regressor=extra_regressor_for(arrays),
        )
        self._posing: KeypointPosing[NDArray[Any]] = KeypointPosing(
            arrays, collapsed, np.ascontiguousarray
        )

    @property
    def num_vertices(self) -> int:
        """V."""
        return len(self._skin.template)

    @property
    def skinning_weights(self) -> FloatArray:
        """``(V, 24)``: how far each vertex moves with each joint."""
        return self._skin.weights

    def skeleton(self, pose_axis_angle: FloatArray, betas: FloatArray) -> Skeleton:
        """The bones of a pose ``(72,)`` in radians and a shape ``(10,)``.

        Raises:
            ShapeError: the pose or the betas have another shape.
        """
        matrices, shape = _batch_of_one(pose_axis_angle, betas)
        kinematics = self._posing.kinematics
        bones = kinematics.posed(matrices, shape)
        at_rest, features = kinematics.joints_at_rest(shape), pose_features(matrices)
        return Skeleton(bones.rotations[0], bones.joints[0], at_rest[0], features[0])

    def vertices(self, parameters: BodyParameters) -> FloatArray:
        """The mesh ``(V, 3)`` in metres, not translated."""
        skeleton = self.skeleton(parameters.pose_axis_angle, parameters.betas)
        return self._skin(skeleton, parameters.betas)

    def vertices_at_rest(self, parameters: BodyParameters) -> FloatArray:
        """The mesh ``(V, 3)`` in metres before bones move it, with this pose's blend shapes."""
        skeleton = self.skeleton(parameters.pose_axis_angle, parameters.betas)
        return self._skin.at_rest(skeleton, parameters.betas)

    def keypoints(self, parameters: BodyParameters) -> FloatArray:
        """The 49 keypoints ``(49, 3)`` in metres, not translated; without posing the mesh."""
        matrices, shape = _batch_of_one(parameters.pose_axis_angle, parameters.betas)
        distinct = self._posing.posed(matrices, shape).distinct[0]
        keypoints: FloatArray = distinct[self._posing.distinct_of_keypoint].astype(np.float32)
        return keypoints

    def keypoints_of(
        self, pose_axis_angle: NDArray[np.floating], betas: NDArray[np.floating]
    ) -> NDArray[np.float64]:
        """The 49 keypoints ``(B, 49, 3)`` of poses ``(B, 72)`` and shapes ``(B, 10)``, at once."""
        matrices = pose_to_matrices(np.asarray(pose_axis_angle, np.float64))
        distinct = self._posing.posed(matrices, np.asarray(betas, np.float64)).distinct
        keypoints: NDArray[np.float64] = distinct[:, self._posing.distinct_of_keypoint]
        return keypoints

    def posed(self, parameters: BodyParameters) -> tuple[FloatArray, FloatArray]:
        """Vertices ``(V, 3)`` and keypoints ``(49, 3)`` in metres, not translated."""
        return self.vertices(parameters), self.keypoints(parameters)


def _batch_of_one(
    pose_axis_angle: FloatArray, betas: FloatArray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pose matrices ``(1, 24, 3, 3)`` and betas ``(1, 10)``, in double precision."""
    if betas.shape != (NUM_BETAS,):
        raise ShapeError("betas", actual=betas.shape, expected=f"({NUM_BETAS},)")
    matrices = pose_to_matrices(pose_axis_angle.astype(np.float64))
    return matrices[None], betas.astype(np.float64)[None]
