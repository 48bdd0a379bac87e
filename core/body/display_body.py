"""The body for looking at: posed with NumPy, one at a time, without loading PyTorch.

PyTorch's import alone takes 500 MB, which a window that only shows bodies need not pay. This is the
linear blend skinning of ``BodyModel`` with its blend shapes, and a test compares the two::

    v        = v_template + shapedirs β + posedirs vec(R − I)
    vertex_i = (Σ_j weights_ij [G_j | c_j − G_j J_j]) (v_i, 1)

Loper et al. 2015, section 3; docs/method.md, "SMPL".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import NUM_POSE_FEATURES, BodyArrays
from core.body.conventions import KEYPOINT_TO_RAW_JOINT, PICKED_VERTEX_NAMES, SKELETON_PARENTS
from core.body.extra_joints import extra_regressor_for
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
        moved = self.joints - np.einsum("jab,jb->ja", self.rotations, self.rest_joints)
        stacked = np.concatenate([self.rotations, moved[..., None]], axis=2)
        return stacked.reshape(NUM_JOINTS, 12).astype(np.float32)


class _Skin:
    """The skinning of some vertices, in float32: exact to 1e-6 m, in a quarter of double's time."""

    def __init__(self, arrays: BodyArrays, vertices: NDArray[np.integer] | slice) -> None:
        def flat(array: NDArray[np.float64], width: int) -> FloatArray:
            return np.ascontiguousarray(array[vertices].reshape(-1, width).T, dtype=np.float32)

        self._template = arrays.v_template[vertices].astype(np.float32)
        self._by_shape = flat(arrays.shapedirs, NUM_BETAS)
        self._by_pose = flat(arrays.posedirs, NUM_POSE_FEATURES)
        self._weights = np.ascontiguousarray(arrays.weights[vertices], dtype=np.float32)

    def __call__(self, skeleton: Skeleton, betas: FloatArray) -> FloatArray:
        """The posed vertices ``(V, 3)`` in metres, not translated."""
        offsets = betas.astype(np.float32) @ self._by_shape
        offsets += skeleton.features.astype(np.float32) @ self._by_pose
        rest = self._template + offsets.reshape(-1, 3)
        # The bones' matrices are blended first and applied once: (V, 24) @ (24, 12) -> (V, 3, 4)
        moves = (self._weights @ skeleton.transforms).reshape(-1, 3, 4)
        turned = np.einsum("vab,vb->va", moves[..., :3], rest)
        vertices: FloatArray = turned + moves[..., 3]
        return vertices


class DisplayBody:
    """A body as the window needs it, with the ``name`` of its ``BodyModel``.

    Safe to use from every thread.
    """

    def __init__(self, arrays: BodyArrays, *, name: str) -> None:
        self.name = name
        self.faces: NDArray[np.int64] = arrays.f
        """``(F, 3)`` vertex indices."""
        self._joints = arrays.J_regressor @ arrays.v_template
        self._joints_by_shape = np.einsum("jv,vck->jck", arrays.J_regressor, arrays.shapedirs)
        self._skin = _Skin(arrays, slice(None))
        extra = extra_regressor_for(arrays)
        seen = np.flatnonzero(np.abs(extra).sum(axis=0))
        picked = [arrays.vertex_ids[one] for one in PICKED_VERTEX_NAMES]
        self._keypoint_skin = _Skin(arrays, np.concatenate([np.array(picked), seen]))
        self._extra = np.ascontiguousarray(extra[:, seen])

    @property
    def num_vertices(self) -> int:
        """V."""
        return len(self._skin._template)  # noqa: SLF001 - one of this module

    def skeleton(self, pose_axis_angle: FloatArray, betas: FloatArray) -> Skeleton:
        """The bones of a pose ``(72,)`` in radians and a shape ``(10,)``."""
        if betas.shape != (NUM_BETAS,):
            raise ShapeError("betas", actual=betas.shape, expected=f"({NUM_BETAS},)")
        local = pose_to_matrices(pose_axis_angle.astype(np.float64))
        rest = self._joints + self._joints_by_shape @ betas.astype(np.float64)
        rotations, joints = np.empty_like(local), np.empty_like(rest)
        rotations[0], joints[0] = local[0], rest[0]
        for joint, parent in enumerate(SKELETON_PARENTS[1:], start=1):
            rotations[joint] = rotations[parent] @ local[joint]
            joints[joint] = joints[parent] + rotations[parent] @ (rest[joint] - rest[parent])
        features = (local[1:] - np.eye(3)).reshape(NUM_POSE_FEATURES)
        return Skeleton(rotations, joints, rest, features)

    def vertices(self, parameters: BodyParameters) -> FloatArray:
        """The mesh ``(V, 3)`` in metres, not translated."""
        skeleton = self.skeleton(parameters.pose_axis_angle, parameters.betas)
        return self._skin(skeleton, parameters.betas)

    def keypoints(self, parameters: BodyParameters) -> FloatArray:
        """The 49 keypoints ``(49, 3)`` in metres, not translated; without posing the mesh."""
        skeleton = self.skeleton(parameters.pose_axis_angle, parameters.betas)
        return self._keypoints(skeleton, parameters.betas)

    def posed(self, parameters: BodyParameters) -> tuple[FloatArray, FloatArray]:
        """Vertices ``(V, 3)`` and keypoints ``(49, 3)`` in metres, not translated."""
        skeleton = self.skeleton(parameters.pose_axis_angle, parameters.betas)
        vertices = self._skin(skeleton, parameters.betas)
        return vertices, self._keypoints(skeleton, parameters.betas)

    def _keypoints(self, skeleton: Skeleton, betas: FloatArray) -> FloatArray:
        skinned = self._keypoint_skin(skeleton, betas)
        picked = skinned[: len(PICKED_VERTEX_NAMES)]
        extra = self._extra @ skinned[len(PICKED_VERTEX_NAMES) :]
        raw = np.concatenate([skeleton.joints, picked, extra])
        return raw[list(KEYPOINT_TO_RAW_JOINT)].astype(np.float32)
