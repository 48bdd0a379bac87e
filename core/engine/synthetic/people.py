"""Bodies for synthetic pictures: shape, turn, camera, and where they stand in the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.engine.body.smpl_body import BodyModel
from core.engine.synthetic.wardrobe import Outfit, random_outfit
from core.geometry.boxes import Box
from core.geometry.crop_camera import CROP_SIZE_PX, FOCAL_LENGTH_PX, project_to_crop
from core.geometry.rotations import axis_angle_to_matrix, facing_root, matrix_to_axis_angle
from core.types.bodies import BodyParameters

FloatArray = NDArray[np.float32]

LARGEST_BETA = 2.5
BOX_MARGIN = 1.2
FACING_SHARE = 0.6
STANDING_M = 1.75
_FEET = (11, 14, 19, 20, 21, 22, 23, 24)
"""Ankles, toes and heels among the keypoints."""
_PELVIS = 39
"""Pelvis (MPII) among the keypoints: the origin of ``joints_3d``."""


@dataclass(frozen=True, eq=False)
class PersonPlacement:
    """Where a person is wanted, in picture pixels: middle, lowest point, and the scale.

    standing_px: how high an upright person of 1.75 m would be; who crouches is smaller.
    widest_px: what the person is shrunk to where arms or legs reach farther.
    """

    center_x_px: float
    bottom_px: float
    standing_px: float
    widest_px: float


@dataclass(frozen=True, eq=False)
class MadePerson:
    """A posed body with its camera; lengths in metres, pixels of the picture.

    vertices: (V, 3) and keypoints (49, 3) in the camera frame, not translated.
    keypoints_px: (49, 2) exact projections.
    """

    parameters: BodyParameters
    vertices: FloatArray
    keypoints: FloatArray
    box: Box
    keypoints_px: FloatArray
    outfit: Outfit

    @property
    def feet_px(self) -> FloatArray:
        """``(8, 2)``: what touches the floor."""
        return self.keypoints_px[list(_FEET)]

    @property
    def joints_3d(self) -> FloatArray:
        """``(49, 4)`` metres in the camera frame, relative to the pelvis; all certain."""
        relative = self.keypoints - self.keypoints[_PELVIS]
        certain = np.ones((len(relative), 1), dtype=np.float32)
        return np.concatenate([relative, certain], axis=1).astype(np.float32)


def random_betas(rng: np.random.Generator) -> FloatArray:
    """``(10,)`` of a standard normal, none beyond 2.5."""
    return np.clip(rng.normal(size=10), -LARGEST_BETA, LARGEST_BETA).astype(np.float32)


def random_root(rng: np.random.Generator) -> FloatArray:
    """``(3,)`` radians, seen from up to 25° above or 10° below, a little askew.

    People are mostly photographed from the front: six in ten roughly face the camera, the others
    are turned to any side.
    """
    facing = rng.random() < FACING_SHARE
    yaw = math.radians(rng.normal(0, 35)) if facing else rng.uniform(-math.pi, math.pi)
    pitch = np.clip(rng.normal(6, 8), -10, 25)
    roll = np.clip(rng.normal(0, 3), -8, 8)
    tilt = torch.tensor([math.radians(pitch), 0.0, math.radians(roll)])
    root = axis_angle_to_matrix(tilt) @ facing_root(torch.tensor(yaw, dtype=torch.float32))
    return matrix_to_axis_angle(root).numpy()


def place_person(
    body: BodyModel,
    body_pose: NDArray[np.floating],
    placement: PersonPlacement,
    rng: np.random.Generator,
    *,
    posture: NDArray[np.floating] | None = None,
) -> MadePerson:
    """Pose a random person ``body_pose (69,)`` at its place, with a box a detector might give.

    ``posture``: ``(3,)`` radians, how the person stands, lies or hangs in the world (y up, facing
    z); None for upright.
    """
    betas = random_betas(rng)
    root = random_root(rng)
    if posture is not None:
        root = _turned(root, np.asarray(posture, np.float32))
    pose = np.concatenate([root, np.asarray(body_pose, np.float32)])
    posed = body.posed(
        torch.as_tensor(pose[None], dtype=body.dtype),
        torch.as_tensor(betas[None], dtype=body.dtype),
    )
    keypoints = posed.keypoints[0].numpy().astype(np.float32)
    low, high = keypoints.min(axis=0), keypoints.max(axis=0)
    extent = float((high - low)[:2].max())
    extent_px = min(placement.standing_px * extent / STANDING_M, placement.widest_px)
    # Detectors' boxes are neither tight nor centred.
    side_px = BOX_MARGIN * extent_px * rng.uniform(0.92, 1.2)
    depth = FOCAL_LENGTH_PX * extent * side_px / (CROP_SIZE_PX * extent_px)
    shift_share = np.clip(rng.normal(0, 0.03, 2), -0.07, 0.07)
    metres_per_side = depth * CROP_SIZE_PX / FOCAL_LENGTH_PX
    aside = -(low + high)[:2] / 2 + shift_share * metres_per_side
    translation = np.array([*aside, depth], dtype=np.float32)
    crop_px = project_to_crop(
        torch.from_numpy(keypoints[None]), torch.from_numpy(translation[None])
    )
    in_crop = crop_px[0].numpy() * (side_px / CROP_SIZE_PX)
    box_left = placement.center_x_px - (in_crop[:, 0].min() + in_crop[:, 0].max()) / 2
    box_top = placement.bottom_px - in_crop[:, 1].max()
    box = Box(float(box_left + side_px / 2), float(box_top + side_px / 2), float(side_px))
    return MadePerson(
        parameters=BodyParameters(pose.astype(np.float32), betas, translation),
        vertices=posed.vertices[0].numpy().astype(np.float32),
        keypoints=keypoints,
        box=box,
        keypoints_px=box.crop_to_picture(crop_px[0].numpy()),
        outfit=random_outfit(rng),
    )


def _turned(root: FloatArray, posture: FloatArray) -> FloatArray:
    view, stance = (axis_angle_to_matrix(torch.from_numpy(array)) for array in (root, posture))
    return matrix_to_axis_angle(view @ stance).numpy()


def random_placements(
    count: int, size_px: tuple[int, int], rng: np.random.Generator
) -> list[PersonPlacement]:
    """Where ``count`` (1 or 2) people stand, the farther one first; some reach over the edge."""
    width, height = size_px
    standing = min(height * rng.uniform(0.66, 0.96), 1.5 * width)
    # Side by side, or so near that the one in front hides some of the other.
    apart = rng.uniform(0.16, 0.42)
    placements = []
    for number in range(count):
        scale = 1.0 if count == 1 else (0.78, 0.9)[number]
        bottom = height * (rng.uniform(0.88, 0.985) if number == count - 1 else 0.86)
        if rng.random() < 0.1:
            bottom = height + standing * rng.uniform(0.1, 0.3)
        middle = rng.uniform(0.36, 0.64) if count == 1 else 0.5 + (number - 0.5) * apart
        center = width * (middle + rng.normal(0, 0.03))
        placements.append(
            PersonPlacement(center, bottom, standing * scale, 0.95 * width / count**0.5)
        )
    if count > 1 and rng.random() < 0.5:
        far, near = placements
        placements = [
            replace(far, center_x_px=near.center_x_px),
            replace(near, center_x_px=far.center_x_px),
        ]
    return placements
