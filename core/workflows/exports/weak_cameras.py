"""Weak perspective for files that hold no other camera, and how far off it shows the bodies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import BodyArrays
from core.body.display_body import DisplayBody
from core.formats.bodies.writers.placed_bodies import PlacedBodies
from core.geometry.crop_camera import (
    CROP_CENTER_PX,
    CropCameras,
    project_to_crop,
    translation_to_weak_perspective,
)
from core.types.bodies import LONG_LENS
from core.workflows.exports.one_camera import before_cameras


@dataclass(frozen=True, eq=False)
class WeakCameras:
    """Cameras of N crops.

    weak: (N, 3), s, tx, ty. aside_px: (N,) by how many pixels of the 224 px crop the keypoints of a
    body lie elsewhere than before its own camera, on average.
    """

    weak: NDArray[np.float64]
    aside_px: NDArray[np.float64]


def weak_cameras(bodies: PlacedBodies, arrays: BodyArrays, body: DisplayBody) -> WeakCameras:
    """Cameras that see each body's origin where its own sees it, a metre there as large."""
    lens = before_cameras(bodies, [LONG_LENS] * len(bodies), arrays)
    weak = translation_to_weak_perspective(lens.crop_translation)
    numbers = bodies.crop_camera_px
    own = CropCameras(numbers[:, 0].copy(), numbers[:, 1:3].copy(), numbers[:, 3:].copy())
    points = body.keypoints_of(bodies.pose_axis_angle, bodies.betas)
    seen = project_to_crop(points, bodies.crop_translation, own)
    turned = body.keypoints_of(lens.pose_axis_angle, bodies.betas)
    scale, place = weak[:, None, :1], weak[:, None, 1:]
    weakly = CROP_CENTER_PX * (1 + scale * (turned[..., :2] + place))
    return WeakCameras(weak, np.linalg.norm(weakly - seen, axis=2).mean(axis=1))
