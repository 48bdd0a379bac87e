"""Bodies that follow one another in time, as files of motion have them: one shape, even steps.

A file of motion has one shape, so it gets the mean of its frames' betas, and the pelvis of every
frame stays where it is. Frames in which the person was not seen, or the fit was left out, lie
between their neighbours: rotations on the shortest way, places on a straight line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import BodyArrays
from core.body.kinematics import pelvis_at_rest
from core.formats.bodies.writers.placed_bodies import PlacedBodies
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.types.arrays import NUM_JOINTS

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BodySequence:
    """T frames of one person, in axes that the format chose.

    pose_axis_angle: (T, 72) radians, root first. betas: (10,). translation: (T, 3) metres, of the
    body's origin. is_fitted: (T,), false for frames that lie between others. camera_from_world:
    (3, 3), from the axes of the file to those of the camera, y down and z forward.
    """

    pose_axis_angle: Numbers
    betas: Numbers
    translation: Numbers
    is_fitted: NDArray[np.bool_]
    frame_rate_hz: float
    body_name: str
    camera_from_world: Numbers

    def __len__(self) -> int:
        return len(self.pose_axis_angle)


def body_sequence(
    bodies: PlacedBodies,
    places: Sequence[int],
    arrays: BodyArrays,
    *,
    camera_from_world: Numbers,
    frame_rate_hz: float,
) -> BodySequence:
    """A person's bodies as a sequence.

    Args:
        bodies: of one person, in the order of time; at least one.
        places: the frame of each, growing.
        arrays: the body model.
        camera_from_world: ``(3, 3)``, see ``BodySequence``.
        frame_rate_hz: frames a second.
    """
    to_world = camera_from_world.T
    shape = bodies.betas.mean(axis=0)
    own_pelvis = pelvis_at_rest(arrays, bodies.betas)
    pelvis = (own_pelvis + bodies.in_picture.translation) @ to_world.T
    rotations = axis_angle_to_matrix(
        bodies.picture_pose_axis_angle.reshape(len(bodies), NUM_JOINTS, 3)
    )
    rotations[:, 0] = to_world @ rotations[:, 0]
    frames = np.array(places) - places[0]
    filled, between = _filled(rotations, pelvis, frames)
    return BodySequence(
        pose_axis_angle=matrix_to_axis_angle(filled).reshape(len(filled), 3 * NUM_JOINTS),
        betas=shape,
        translation=between - pelvis_at_rest(arrays, shape[None]),
        is_fitted=np.isin(np.arange(frames[-1] + 1), frames),
        frame_rate_hz=frame_rate_hz,
        body_name=bodies.body_name,
        camera_from_world=camera_from_world,
    )


def _filled(
    rotations: Numbers, pelvis: Numbers, frames: NDArray[np.int64]
) -> tuple[Numbers, Numbers]:
    """Rotations ``(T, 24, 3, 3)`` and places ``(T, 3)`` of every frame, from those known."""
    wanted = np.arange(frames[-1] + 1)
    before = np.searchsorted(frames, wanted, side="right") - 1
    after = np.minimum(before + 1, len(frames) - 1)
    gap = np.maximum(frames[after] - frames[before], 1)
    share = (wanted - frames[before]) / gap
    start, end = rotations[before], rotations[after]
    turn = matrix_to_axis_angle(np.swapaxes(start, -1, -2) @ end)
    filled = start @ axis_angle_to_matrix(turn * share[:, None, None])
    places = pelvis[before] + (pelvis[after] - pelvis[before]) * share[:, None]
    return filled, places
