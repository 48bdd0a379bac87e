"""Bodies of one model as bodies of another: through the mesh where both have one, else the joints.

A person's shape is found at rest, so that it does not depend on the pose, and a subject keeps one
shape. The pose follows with the shape held, in the frame of the root, so that the pictures of one
moment keep one pose::

    β' = argmin over bodies at rest                    θ', d = argmin over poses of shape β'
    R' = R Δ                                           t' = t + R d + J_root(β) − J'_root(β')

R and t are the root's rotation and the translation, Δ and d the root's turn and shift in the frame
of the root. docs/method.md, "Another body".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from core.body.arrays import BodyArrays
from core.body.kinematics import BodyKinematics, pelvis_at_rest
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.space.vertex_fitting import VertexFitting
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle, pose_to_matrices
from core.types.arrays import NUM_BETAS, NUM_JOINTS, check_shape
from core.types.foreign.imported_bodies import Conversion
from core.workflows.predictions.bodies_near_joints import bodies_near_joints
from core.workflows.predictions.body_conversion import nearest_shapes

Array = NDArray[np.float64]

_TURNS = 8
"""Of the vertices' closed forms, from rotations that nearly mean the same."""

_LIMBS = 3 * (NUM_JOINTS - 1)
"""Angles of all joints but the root."""

_AT_ONCE = 128
"""Meshes of some 7 000 vertices at a time."""


@dataclass(frozen=True, eq=False)
class ChangedBodies:
    """N bodies of the other model, in the frame of the given ones.

    pose_axis_angle: (N, 72). betas: (N, 10). shift_m: (N, 3) metres, to be added to translations.
    error_mm: (N,) mean distance of the vertices, or of the 24 joints, from where they were.
    """

    pose_axis_angle: NDArray[np.float32]
    betas: NDArray[np.float32]
    shift_m: Array
    error_mm: Array


@dataclass(frozen=True, eq=False)
class _Placed:
    """N bodies about the root joint of the other model, whose own root is not turned.

    rotations: (N, 24, 3, 3). root_joint_m: (N, 3) where the root joint comes to lie. error_mm: (N,)
    """

    rotations: Array
    root_joint_m: Array
    error_mm: Array


class _Way(Protocol):
    """How bodies of one model are found for those of another."""

    def shapes(self, betas: Array) -> Array:
        """The betas ``(N, 10)`` of the same people, found at rest."""

    def placed(self, poses: Array, betas: Array, new_betas: Array) -> _Placed:
        """The poses ``(N, 24, 3, 3)`` of these people, with their shapes held."""


class BodyConverter:
    """Converts bodies of ``source`` into bodies of ``target``.

    conversion: through what. Two models have one mesh where their triangles are the same.
    """

    def __init__(self, source: BodyArrays, target: BodyArrays) -> None:
        self._source, self._target = source, target
        self.conversion = Conversion.THROUGH_JOINTS
        self._way: _Way = _ThroughJoints(source, target)
        if source.num_vertices == target.num_vertices and np.array_equal(source.f, target.f):
            self.conversion = Conversion.THROUGH_VERTICES
            self._way = _ThroughVertices(source, target)

    def convert(
        self, pose_axis_angle: NDArray[np.floating], betas: NDArray[np.floating]
    ) -> ChangedBodies:
        """Convert N bodies; equal poses of equal shapes become equal poses of equal shapes.

        Args:
            pose_axis_angle: ``(N, 72)`` radians, root first.
            betas: ``(N, 10)``.
        """
        check_shape("pose_axis_angle", pose_axis_angle, (len(pose_axis_angle), 3 * NUM_JOINTS))
        check_shape("betas", betas, (len(pose_axis_angle), NUM_BETAS))
        if not len(betas):
            return ChangedBodies(
                np.zeros((0, 3 * NUM_JOINTS), np.float32),
                np.zeros((0, NUM_BETAS), np.float32),
                np.zeros((0, 3)),
                np.zeros(0),
            )
        poses, shapes = pose_axis_angle.astype(np.float64), betas.astype(np.float64)
        distinct_shapes, shape_of = _distinct(shapes)
        new_shapes = self._way.shapes(distinct_shapes)[shape_of]
        bodies = np.concatenate([poses[:, 3:], shapes, new_shapes], axis=1)
        distinct, body_of = _distinct(bodies)
        limbs, old, new = np.split(distinct, [_LIMBS, _LIMBS + NUM_BETAS], axis=1)
        placed = self._in_batches(limbs, old, new)
        roots = axis_angle_to_matrix(poses[:, :3])
        rotations = placed.rotations[body_of]
        rotations[:, 0] = roots @ rotations[:, 0]
        rest_roots = pelvis_at_rest(self._source, shapes)
        moved = placed.root_joint_m[body_of]
        shift = np.einsum("nij,nj->ni", roots, moved) + rest_roots
        return ChangedBodies(
            matrix_to_axis_angle(rotations).reshape(len(poses), -1).astype(np.float32),
            new_shapes.astype(np.float32),
            shift - pelvis_at_rest(self._target, new_shapes),
            placed.error_mm[body_of],
        )

    def _in_batches(self, limbs: Array, betas: Array, new_betas: Array) -> _Placed:
        """Bodies whose root is not turned, some at a time; ``limbs``: (N, 69) radians."""
        parts = []
        upright = np.concatenate([np.zeros((len(limbs), 3)), limbs], axis=1)
        for first in range(0, len(limbs), _AT_ONCE):
            rows = slice(first, first + _AT_ONCE)
            poses = pose_to_matrices(upright[rows])
            parts.append(self._way.placed(poses, betas[rows], new_betas[rows]))
        names = ("rotations", "root_joint_m", "error_mm")
        return _Placed(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


class _ThroughJoints:
    """The bodies whose 24 joints lie nearest, held to the rotations as they are."""

    def __init__(self, source: BodyArrays, target: BodyArrays) -> None:
        self._body = target
        self._from, self._to = (BodyKinematics(each, np.asarray) for each in (source, target))

    def shapes(self, betas: Array) -> Array:
        poses = np.tile(np.eye(3), (len(betas), NUM_JOINTS, 1, 1))
        wanted = self._wanted(poses, betas)
        nearest = nearest_shapes(self._to, poses, wanted)
        found: Array = bodies_near_joints(self._body, wanted, poses, nearest).betas.astype(float)
        return found

    def placed(self, poses: Array, betas: Array, new_betas: Array) -> _Placed:
        wanted = self._wanted(poses, betas)
        near = bodies_near_joints(self._body, wanted, poses, new_betas, holds_shapes=True)
        rotations = pose_to_matrices(near.pose_axis_angle.astype(np.float64))
        there = self._to.posed(rotations, new_betas).joints
        there = there - there[:, :1] + near.root_joint_m[:, None]
        apart = np.linalg.norm(there - wanted, axis=-1)
        return _Placed(rotations, near.root_joint_m, 1000 * apart.mean(axis=1))

    def _wanted(self, poses: Array, betas: Array) -> Array:
        """The joints about the root joint, ``(N, 24, 3)`` metres."""
        joints: Array = self._from.posed(poses, betas).joints
        about_root: Array = joints - joints[:, :1]
        return about_root


class _ThroughVertices:
    """The bodies whose mesh lies nearest."""

    def __init__(self, source: BodyArrays, target: BodyArrays) -> None:
        self._from = BodyModel(source, name="")
        self._fitting = VertexFitting(BodyModel(target, name=""), PosePrior.load())
        self._arrays = source, target

    def shapes(self, betas: Array) -> Array:
        """At rest meshes are linear in the betas, and so are the betas that come nearest."""
        mean, slopes = self._of_shapes
        found: Array = mean + betas @ slopes.T
        return found

    @cached_property
    def _of_shapes(self) -> tuple[Array, Array]:
        """The target's betas (10,) for a mean shape of the source, and (10, 10) for a unit more.

        Meshes may be moved by any distance.
        """
        source, target = self._arrays
        moves = np.tile(np.eye(3), (target.num_vertices, 1))
        design = np.concatenate([target.shapedirs.reshape(len(moves), -1), moves], axis=1)
        off = (source.v_template - target.v_template).reshape(-1, 1)
        wanted = np.concatenate([off, source.shapedirs.reshape(len(moves), -1)], axis=1)
        solved = np.linalg.lstsq(design, wanted, rcond=None)[0][:NUM_BETAS]
        return solved[:, 0], solved[:, 1:]

    @torch.no_grad()
    def placed(self, poses: Array, betas: Array, new_betas: Array) -> _Placed:
        source, target = self._arrays
        rotations, given, new = (
            torch.from_numpy(part.astype(np.float32)) for part in (poses, betas, new_betas)
        )
        root = torch.from_numpy(pelvis_at_rest(source, betas).astype(np.float32))
        meshes = self._from(rotations, given).vertices - root[:, None]
        start = BodyEstimate(rotations, new, torch.zeros(len(poses), 3))
        fits = self._fitting.fit(meshes, start, turns=_TURNS, holds_shapes=True)
        place = fits.estimate.camera_translation.double().numpy()
        return _Placed(
            fits.estimate.rotations.double().numpy(),
            place + pelvis_at_rest(target, new_betas),
            1000 * fits.mean_distance_m.double().numpy(),
        )


def _distinct(rows: Array) -> tuple[Array, NDArray[np.int64]]:
    """The distinct rows, and which of them each row is."""
    distinct, place = np.unique(rows, axis=0, return_inverse=True)
    return distinct, place.reshape(-1)
