"""Flip, turn, scale and colour gain of training crops.

One ``Augmentation`` acts on all that belongs to a sample alike: the picture, its keypoints, 3D
joints, poses and cameras. In a crop, with positions about its middle, y down, a point moves as::

    p' = F R p / scale      R: by rotation_rad, counter-clockwise as seen;  F: x negated by a flip

The pose follows as ``R_z(-rotation)`` on the left of the root, then the mirror. Shape and joints'
lengths never change.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body.conventions import KEYPOINT_FLIP, SKELETON_FLIP, flip_pose
from core.errors import ShapeError, StudioError
from core.geometry.boxes import Box
from core.geometry.crop_camera import (
    CROP_CENTER_PX,
    CROP_SIZE_PX,
    FOCAL_LENGTH_PX,
    CropCameras,
)
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.pictures.square_crops import PicturePart, crop_of_part, picture_part, square_crop
from core.types.arrays import NUM_JOINTS, NUM_KEYPOINTS, FloatArray, check_shape


@dataclass(frozen=True)
class Augmentation:
    """What is done to one sample.

    rotation_rad: counter-clockwise as seen, before the flip. scale: of the box; above 1 the person
    becomes smaller. color_gain: factors of red, green and blue.
    """

    flip: bool = False
    rotation_rad: float = 0.0
    scale: float = 1.0
    color_gain: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @property
    def turn(self) -> NDArray[np.float64]:
        """``(2, 2)``: directions in the plain crop to directions in the augmented one."""
        cosine, sine = math.cos(self.rotation_rad), math.sin(self.rotation_rad)
        turn = np.array([[cosine, sine], [-sine, cosine]])
        return np.diag([-1.0, 1.0]) @ turn if self.flip else turn


NO_AUGMENTATION = Augmentation()


@dataclass(frozen=True)
class AugmentationSettings:
    """How augmentations are drawn; the defaults are SPIN's.

    flip_share: of samples mirrored. rotation_spread_rad: standard deviation, cut off at twice that.
    upright_share: of samples not turned at all. scale_spread: standard deviation about 1, cut off
    at once that. color_spread: largest change of a colour channel.
    """

    flip_share: float = 0.5
    rotation_spread_rad: float = math.radians(30)
    upright_share: float = 0.6
    scale_spread: float = 0.25
    color_spread: float = 0.4

    def __post_init__(self) -> None:
        shares_fit = 0 <= self.flip_share <= 1 and 0 <= self.upright_share <= 1
        if not (shares_fit and self.rotation_spread_rad >= 0):
            raise StudioError(f"Shares must be 0 to 1 and spreads not negative, got {self}.")
        if not (0 <= self.scale_spread < 1 and 0 <= self.color_spread <= 1):
            raise StudioError(f"Spreads of scale and colour must stay below 1, got {self}.")


NO_AUGMENTATION_SETTINGS = AugmentationSettings(
    flip_share=0, rotation_spread_rad=0, upright_share=1, scale_spread=0, color_spread=0
)


def draw_augmentation(rng: np.random.Generator, settings: AugmentationSettings) -> Augmentation:
    """One augmentation; always draws as many numbers, whatever comes out."""
    flip, upright = rng.random(2)
    turned, scaled = rng.standard_normal(2)
    gains = rng.uniform(1 - settings.color_spread, 1 + settings.color_spread, 3)
    rotation = float(np.clip(turned, -2, 2)) * settings.rotation_spread_rad
    return Augmentation(
        flip=bool(flip < settings.flip_share),
        rotation_rad=0.0 if upright < settings.upright_share else rotation,
        scale=1 + float(np.clip(scaled * settings.scale_spread, *_limits(settings.scale_spread))),
        color_gain=(float(gains[0]), float(gains[1]), float(gains[2])),
    )


def _limits(spread: float) -> tuple[float, float]:
    return -spread, spread


def augmented_crop(
    picture: NDArray[np.uint8], box: Box, augmentation: Augmentation, *, size_px: int
) -> FloatArray:
    """The crop ``(size_px, size_px, 3)`` of a picture ``(H, W, 3)``, in 0..255, not rounded.

    Everything is one resampling, without aliasing; outside the picture it is black.
    """
    crop = square_crop(
        picture,
        _scaled(box, augmentation),
        size_px=size_px,
        pixel=np.float32,
        turn=augmentation.turn.T,
    )
    return _tinted(crop, augmentation)


def part_for_augmentation(
    picture: NDArray[np.uint8], box: Box, settings: AugmentationSettings, *, size_px: int
) -> PicturePart:
    """What every augmented crop of a box can show, no finer than the closest of them needs.

    A few hundred pixels a side: worth keeping, where decoding the picture and cutting crops out of
    its full size would be most of the work. It holds pixels of its own.
    """
    widest, closest = 1 + settings.scale_spread, 1 - settings.scale_spread
    spread = settings.rotation_spread_rad
    turned = math.sqrt(2) if spread > 0 and settings.upright_share < 1 else 1.0
    finest = size_px / (box.side_px * closest)
    reach_px = box.side_px / 2 * widest * turned + 2 + widest / finest
    part = picture_part(picture, box, reach_px=reach_px, scale=finest)
    return replace(part, pixels=np.array(part.pixels))


def augmented_crop_of_part(
    part: PicturePart, box: Box, augmentation: Augmentation, *, size_px: int
) -> FloatArray:
    """As ``augmented_crop`` of the picture, but for a second resampling where that was reduced."""
    crop = crop_of_part(
        part,
        _scaled(box, augmentation),
        size_px=size_px,
        pixel=np.float32,
        turn=augmentation.turn.T,
    )
    return _tinted(crop, augmentation)


def _scaled(box: Box, augmentation: Augmentation) -> Box:
    return replace(box, side_px=box.side_px * augmentation.scale)


def _tinted(crop: FloatArray, augmentation: Augmentation) -> FloatArray:
    gained = crop * np.array(augmentation.color_gain, dtype=np.float32)
    return np.clip(gained, 0, 255, out=gained)


def augment_keypoints(
    keypoints_px: NDArray[np.floating],
    box: Box,
    augmentation: Augmentation,
    *,
    size_px: int = CROP_SIZE_PX,
) -> FloatArray:
    """Keypoints ``(49, 3)`` of the picture in pixels of the augmented crop; absent ones stay 0."""
    check_shape("keypoints_px", keypoints_px, (NUM_KEYPOINTS, 3))
    keypoints = keypoints_px.astype(np.float64)
    centered = keypoints[:, :2] - (box.center_x_px, box.center_y_px)
    per_px = size_px / (box.side_px * augmentation.scale)
    placed = centered @ augmentation.turn.T * per_px + size_px / 2
    moved = np.concatenate([placed, keypoints[:, 2:]], axis=1)
    return _swapped(np.where(keypoints[:, 2:] > 0, moved, 0.0), augmentation)


def unaugment_keypoints(
    keypoints_crop_px: NDArray[np.floating],
    box: Box,
    augmentation: Augmentation,
    *,
    size_px: int = CROP_SIZE_PX,
) -> FloatArray:
    """The inverse of ``augment_keypoints``."""
    check_shape("keypoints_crop_px", keypoints_crop_px, (NUM_KEYPOINTS, 3))
    keypoints = _swapped(keypoints_crop_px.astype(np.float64), augmentation).astype(np.float64)
    per_px = size_px / (box.side_px * augmentation.scale)
    centered = (keypoints[:, :2] - size_px / 2) @ augmentation.turn / per_px
    placed = centered + np.array([box.center_x_px, box.center_y_px])
    moved = np.concatenate([placed, keypoints[:, 2:]], axis=1)
    return np.where(keypoints[:, 2:] > 0, moved, 0.0).astype(np.float32)


def augment_joints_3d(joints_3d: NDArray[np.floating], augmentation: Augmentation) -> FloatArray:
    """Joints ``(49, 4)`` in metres about the pelvis, with confidence, in the augmented camera."""
    check_shape("joints_3d", joints_3d, (NUM_KEYPOINTS, 4))
    moved = joints_3d.astype(np.float64)
    moved[:, :2] = moved[:, :2] @ augmentation.turn.T
    return _swapped(moved, augmentation)


def augment_pose(pose_axis_angle: NDArray[np.floating], augmentation: Augmentation) -> FloatArray:
    """A pose ``(72,)`` in radians, in the augmented camera."""
    turned = _with_turned_root(pose_axis_angle, -augmentation.rotation_rad)
    return flip_pose(turned) if augmentation.flip else turned


def unaugment_pose(pose_axis_angle: NDArray[np.floating], augmentation: Augmentation) -> FloatArray:
    """The inverse of ``augment_pose``."""
    mirrored = flip_pose(pose_axis_angle) if augmentation.flip else pose_axis_angle
    return _with_turned_root(mirrored, augmentation.rotation_rad)


def _swapped(points: NDArray[np.float64], augmentation: Augmentation) -> FloatArray:
    """Points ``(49, ...)``: left ones in the places of right ones where mirrored."""
    chosen = points[list(KEYPOINT_FLIP)] if augmentation.flip else points
    return chosen.astype(np.float32)


def _with_turned_root(pose: NDArray[np.floating], angle_rad: float) -> FloatArray:
    """A pose ``(72,)`` whose root is turned about the camera's z axis."""
    check_shape("pose_axis_angle", pose, (3 * NUM_JOINTS,))
    turned = pose.astype(np.float32)
    root = axis_angle_to_matrix(torch.tensor(pose[:3], dtype=torch.float64))
    about_z = axis_angle_to_matrix(torch.tensor([0.0, 0.0, angle_rad], dtype=torch.float64))
    turned[:3] = matrix_to_axis_angle(about_z @ root).numpy()
    return turned


@dataclass(frozen=True, eq=False)
class AugmentationBatch:
    """What was done to the bodies of B samples: flip (B,) bool, rotation_rad (B,), scale (B,)."""

    flip: Tensor
    rotation_rad: Tensor
    scale: Tensor

    @classmethod
    def of(cls, augmentations: Sequence[Augmentation]) -> Self:
        """Stack B augmentations, one row for each."""
        return cls(
            torch.tensor([each.flip for each in augmentations], dtype=torch.bool),
            torch.tensor([each.rotation_rad for each in augmentations], dtype=torch.float64),
            torch.tensor([each.scale for each in augmentations], dtype=torch.float64),
        )

    def __len__(self) -> int:
        return len(self.flip)

    def to(self, device: torch.device | str) -> AugmentationBatch:
        """The same on another device."""
        return AugmentationBatch(
            self.flip.to(device), self.rotation_rad.to(device), self.scale.to(device)
        )

    def turns(self, like: Tensor) -> Tensor:
        """From directions in the plain camera to directions in the augmented one, ``(B, 3, 3)``.

        T = S R_z(−rotation), with S = diag(−1, 1, 1) where a sample is mirrored and I elsewhere. So
        T is a reflection where a sample is mirrored.
        """
        cosine, sine = torch.cos(self.rotation_rad), torch.sin(self.rotation_rad)
        sign = torch.where(self.flip, -1.0, 1.0).to(cosine)
        zero, one = torch.zeros_like(cosine), torch.ones_like(cosine)
        rows = [sign * cosine, sign * sine, zero, -sine, cosine, zero, zero, zero, one]
        return torch.stack(rows, dim=-1).view(-1, 3, 3).to(like)


def augment_rotations(rotations: Tensor, augmentations: AugmentationBatch) -> Tensor:
    """Poses ``(B, 24, 3, 3)``, root first, in the augmented cameras."""
    _check_rotations(rotations, augmentations)
    turned = _root_turned(rotations, augmentations, back=False)
    return _mirrored_where(turned, augmentations.flip)


def unaugment_rotations(rotations: Tensor, augmentations: AugmentationBatch) -> Tensor:
    """The inverse of ``augment_rotations``."""
    _check_rotations(rotations, augmentations)
    return _root_turned(_mirrored_where(rotations, augmentations.flip), augmentations, back=True)


def augment_cameras(
    cameras: CropCameras[Tensor], augmentations: AugmentationBatch
) -> CropCameras[Tensor]:
    """The cameras of the augmented crops, B of them.

        f' = f / scale        c' = 112 + F R (c − 112) / scale        the axis moves as c does

    This is exact: a crop that is turned, mirrored and enlarged is seen by such a camera. The long
    lens stays as it is, because it is no camera of the picture but assumed for every crop alike.

    Args:
        cameras: of the plain crops, B of them.
        augmentations: B of them.
    """
    focal, scale = cameras.focal_length_px, augmentations.scale.to(cameras.focal_length_px)
    turns = augmentations.turns(focal)[:, :2, :2]
    is_long = _is_long_lens(cameras)

    def moved(points_px: Tensor) -> Tensor:
        centered = (turns @ (points_px - CROP_CENTER_PX)[..., None])[..., 0]
        augmented = CROP_CENTER_PX + centered / scale[:, None]
        return torch.where(is_long[:, None], points_px, augmented)

    return CropCameras(
        torch.where(is_long, focal, focal / scale),
        moved(cameras.principal_point_px),
        moved(cameras.axis_px),
    )


def _is_long_lens(cameras: CropCameras[Tensor]) -> Tensor:
    """``(B,)`` bool."""
    in_middle = (cameras.principal_point_px == CROP_CENTER_PX).all(-1) & (
        cameras.axis_px == CROP_CENTER_PX
    ).all(-1)
    return in_middle & (cameras.focal_length_px == FOCAL_LENGTH_PX)


def augment_estimate(
    rotations: Tensor,
    camera_translation: Tensor,
    augmentations: AugmentationBatch,
    *,
    root_joint: Tensor,
    cameras: CropCameras[Tensor] | None = None,
) -> tuple[Tensor, Tensor]:
    """Bodies of plain crops as they appear in the augmented ones.

        t' = diag(1, 1, k) T (t + J_root) − J_root          T from ``AugmentationBatch.turns``

    A body turns about its root joint and not about the camera's origin, so the translation depends
    on where that joint is. Before ``augment_cameras`` k is 1 and the result is exact. Before the
    long lens k is the scale: a larger box is a camera farther off, which is exact at the depth of
    the root joint, and within a quarter of a pixel for the rest of a body 50 m away.

    Args:
        rotations: ``(B, 24, 3, 3)``, root first.
        camera_translation: ``(B, 3)`` metres.
        augmentations: B of them.
        root_joint: ``(B, 3)`` the root joint of the shapes at rest (``KeypointBody.root_joint``).
        cameras: of the plain crops, B of them; the long lens where none are given.

    Returns:
        Rotations and translations before the augmented cameras. Betas stay as they are.
    """
    turns = augmentations.turns(camera_translation)
    root = (turns @ (camera_translation + root_joint)[..., None])[..., 0]
    root = _with_depth_times(root, _depth_factor(augmentations, cameras))
    return augment_rotations(rotations, augmentations), root - root_joint


def unaugment_estimate(
    rotations: Tensor,
    camera_translation: Tensor,
    augmentations: AugmentationBatch,
    *,
    root_joint: Tensor,
    cameras: CropCameras[Tensor] | None = None,
) -> tuple[Tensor, Tensor]:
    """The inverse of ``augment_estimate``."""
    turns = augmentations.turns(camera_translation)
    factor = _depth_factor(augmentations, cameras)
    root = _with_depth_times(camera_translation + root_joint, 1 / factor)
    plain = (turns.mT @ root[..., None])[..., 0] - root_joint
    return unaugment_rotations(rotations, augmentations), plain


def _check_rotations(rotations: Tensor, augmentations: AugmentationBatch) -> None:
    expected = (len(augmentations), NUM_JOINTS, 3, 3)
    if tuple(rotations.shape) != expected:
        raise ShapeError("rotations", actual=rotations.shape, expected=str(expected))


def _root_turned(rotations: Tensor, augmentations: AugmentationBatch, *, back: bool) -> Tensor:
    upright = replace(augmentations, flip=torch.zeros_like(augmentations.flip))
    turns = upright.turns(rotations)
    root = (turns.mT if back else turns)[:, None] @ rotations[:, :1]
    return torch.cat([root, rotations[:, 1:]], dim=1)


def _mirrored_where(rotations: Tensor, flip: Tensor) -> Tensor:
    # S R S with S = diag(−1, 1, 1): the reflection of a rotation is a rotation, and left and right
    # joints change places. Entry (a, b) is multiplied by s_a s_b.
    signs = rotations.new_tensor([-1.0, 1.0, 1.0])
    mirrored = rotations[:, list(SKELETON_FLIP)] * signs[:, None] * signs
    return torch.where(flip.to(rotations.device)[:, None, None, None], mirrored, rotations)


def _depth_factor(augmentations: AugmentationBatch, cameras: CropCameras[Tensor] | None) -> Tensor:
    """K ``(B,)``: the scale before the long lens, 1 before every other camera."""
    scale = augmentations.scale
    if cameras is None:
        return scale
    is_long = _is_long_lens(cameras).to(scale.device)
    return torch.where(is_long, scale, torch.ones_like(scale))


def _with_depth_times(points: Tensor, factor: Tensor) -> Tensor:
    return torch.cat([points[:, :2], points[:, 2:] * factor.to(points)[:, None]], dim=1)
