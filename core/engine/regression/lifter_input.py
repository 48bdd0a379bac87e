"""What the lifting network sees of keypoints: each body point once, without place and size.

The 49 keypoints hold fifteen points twice, once as OpenPose detects them and once as data sets
annotate them. Both are put together here, so that it does not matter which half a sample has.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.body.conventions import KEYPOINT_TO_RAW_JOINT
from core.errors import ShapeError
from core.types.arrays import NUM_KEYPOINTS

_RAW_JOINTS = tuple(sorted(set(KEYPOINT_TO_RAW_JOINT)))
POINT_OF_KEYPOINT: tuple[int, ...] = tuple(_RAW_JOINTS.index(raw) for raw in KEYPOINT_TO_RAW_JOINT)
"""Which of the distinct points each of the 49 keypoints is."""

NUM_POINTS = len(_RAW_JOINTS)
INPUT_SIZE = 3 * NUM_POINTS
"""x, y and confidence of every point."""

FARTHEST = 4.0
"""Points lie within three spreads of the middle; what a detector throws farther is cut there."""

_LEAST_SPREAD_PX = 1e-3


def lifter_input(keypoints_crop_px: Tensor, confidence: Tensor) -> Tensor:
    """Keypoints as the network wants them, the same wherever and however large the person is.

    Args:
        keypoints_crop_px: ``(B, 49, 2)`` pixels, of the crop or any other; absent joints anything.
        confidence: ``(B, 49)``, 0 for absent joints.

    Returns:
        ``(B, 102)``: x and y of each point from the middle of all, in units of their spread, and
        confidence; zeros for absent points.

    Raises:
        ShapeError: for other shapes.
    """
    batch = len(confidence)
    if keypoints_crop_px.shape != (batch, NUM_KEYPOINTS, 2):
        raise ShapeError(
            "keypoints_crop_px", actual=keypoints_crop_px.shape, expected=f"({batch}, 49, 2)"
        )
    if confidence.shape != (batch, NUM_KEYPOINTS):
        raise ShapeError("confidence", actual=confidence.shape, expected=f"({batch}, 49)")
    usable = (confidence > 0) & torch.isfinite(keypoints_crop_px).all(-1)
    weight = torch.where(usable, confidence, 0)
    seen = torch.where(usable[..., None], keypoints_crop_px, 0)
    of_point = torch.nn.functional.one_hot(
        torch.tensor(POINT_OF_KEYPOINT, device=weight.device), NUM_POINTS
    ).to(weight.dtype)
    total = weight @ of_point
    points = (weight[..., None] * seen).transpose(1, 2) @ of_point / total.clamp_min(1e-6)[:, None]
    surest = (weight[:, :, None] * of_point).amax(1)
    centered, spread = _without_place_and_size(points, surest)
    normalised = (centered / spread[:, None, None]).clamp(-FARTHEST, FARTHEST)
    normalised = torch.where(surest[:, None] > 0, normalised, 0)
    return torch.cat([normalised, surest[:, None]], dim=1).flatten(1)


def _without_place_and_size(points: Tensor, confidence: Tensor) -> tuple[Tensor, Tensor]:
    """Points ``(B, 2, N)`` from their weighted middle, and their spread ``(B,)`` about it."""
    share = confidence / confidence.sum(1, keepdim=True).clamp_min(1e-6)
    centered = points - (share[:, None] * points).sum(2, keepdim=True)
    squared = (share[:, None] * centered**2).sum((1, 2))
    return centered, squared.sqrt().clamp_min(_LEAST_SPREAD_PX)
