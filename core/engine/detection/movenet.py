"""MoveNet MultiPose: all people of a picture with COCO's 17 keypoints each.

The published graph ends with six people; its heads know no such limit and are decoded here, by the
graph's own rule (docs/detector.md, "Finding people").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.engine.detection.movenet_network import STRIDE_PX, MoveNetHeads, MoveNetNetwork
from core.engine.detection.network_files import filled_network
from core.errors import ShapeError
from core.resource_files import resource_path
from core.types.detections import NUM_COCO_KEYPOINTS

_SHIPPED = "detector/movenet_multipose.npz"
_SPREAD = 0.3
"""A keypoint is looked for around where the person's middle puts it: the variance in cells is this
share of the shorter side, as in the published graph."""
_LEAST_COUNTED = 0.127
"""Keypoints that are less sure do not count for a person's score, as in the published graph."""


@dataclass(frozen=True, eq=False)
class FoundPeople:
    """N people of a picture.

    keypoints_px: (N, 17, 3) x, y in its pixels, confidence; scores: (N,) from 0 to 1, how sure the
    person's middle is times the mean confidence of the keypoints.
    """

    keypoints_px: NDArray[np.float64]
    scores: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.scores)


class MoveNet:
    """The network with what follows it."""

    def __init__(self, network: MoveNetNetwork) -> None:
        self.network = network

    @classmethod
    def load(cls) -> MoveNet:
        """The shipped network.

        Raises:
            SetupError: its file is missing.
            UserFileError: its file is damaged.
        """
        return cls(filled_network(MoveNetNetwork(), resource_path(_SHIPPED)))

    @torch.inference_mode()
    def people(self, picture: NDArray[np.uint8], *, least_center: float, most: int) -> FoundPeople:
        """The people of a picture ``(H, W, 3)``, RGB, with sides in multiples of 32 (``decoded``).

        Raises:
            ShapeError: for other shapes.
        """
        if picture.ndim != 3:
            raise ShapeError("picture", actual=picture.shape, expected="(H, W, 3)")
        pixels = torch.from_numpy(picture).permute(2, 0, 1)[None]
        inputs = pixels.to(torch.float32, memory_format=torch.channels_last) / 127.5 - 1
        return decoded(self.network(inputs), least_center=least_center, most=most)


def decoded(heads: MoveNetHeads, *, least_center: float, most: int) -> FoundPeople:
    """The people of the first picture of the heads; a person is a peak among 3 × 3 cells.

    ``most`` people at most, whose middles are at least as sure as ``least_center``.
    """
    center = torch.sigmoid(heads.center[0, 0])
    is_peak = functional.max_pool2d(center[None, None], 3, 1, 1)[0, 0] == center
    peaks = torch.where(is_peak, center, 0).flatten()
    centers, cells = peaks.topk(min(most, len(peaks)))
    sure = centers >= least_center
    centers, cells = centers[sure], cells[sure]
    keypoints = _keypoints(heads, cells // center.shape[1], cells % center.shape[1])
    scores = centers * _mean_of_sure(keypoints[..., 2])
    return FoundPeople(keypoints.double().numpy(), scores.double().numpy())


def _mean_of_sure(confidence: Tensor) -> Tensor:
    """Of ``(N, 17)`` the mean of those that the published graph counts, 0 where there are none."""
    counted = confidence > _LEAST_COUNTED
    return (confidence * counted).sum(dim=1) / counted.sum(dim=1).clamp_min(1)


def _keypoints(heads: MoveNetHeads, rows: Tensor, columns: Tensor) -> Tensor:
    """``(N, 17, 3)`` of the people in N cells: the heat's best cell near each expected place."""
    height, width = heads.center.shape[2:]
    heat = torch.sigmoid(heads.heat[0])
    grid_y, grid_x = torch.arange(height), torch.arange(width)
    expected = _regressed(heads, rows, columns)
    # exp(−(Δy² + Δx²) / v) is a product of one factor a row and one a column.
    variance = _SPREAD * min(height, width)
    near_y = torch.exp(-((grid_y - expected[..., :1]) ** 2) / variance)
    near_x = torch.exp(-((grid_x - expected[..., 1:]) ** 2) / variance)
    inside_y, inside_x = _inside_box(heads, rows, columns)
    near_y, near_x = near_y * inside_y[:, None], near_x * inside_x[:, None]
    weighted = heat * near_y[..., :, None] * near_x[..., None, :]
    # The published graph takes the confidence of the person the cell suits best; here it is this
    # person's, so that a neighbour's hand does not count as a hand that is hidden.
    confidence, best = weighted.flatten(2).max(dim=2)
    best_y, best_x = best // width, best % width
    kinds = torch.arange(NUM_COCO_KEYPOINTS)
    offset = heads.offset[0].view(NUM_COCO_KEYPOINTS, 2, height, width)[kinds, :, best_y, best_x]
    y, x = best_y + offset[..., 0], best_x + offset[..., 1]
    return torch.stack([x * STRIDE_PX, y * STRIDE_PX, confidence], dim=-1)


def _regressed(heads: MoveNetHeads, rows: Tensor, columns: Tensor) -> Tensor:
    """Where the people's middles put the keypoints: ``(N, 17, 2)`` in cells, y before x."""
    regression = heads.regression[0].view(NUM_COCO_KEYPOINTS, 2, *heads.center.shape[2:])
    return (
        regression[:, :, rows, columns].permute(2, 0, 1) + torch.stack([rows, columns], -1)[:, None]
    )


def _inside_box(heads: MoveNetHeads, rows: Tensor, columns: Tensor) -> tuple[Tensor, Tensor]:
    """Which rows ``(N, H)`` and columns ``(N, W)`` the people's boxes cover."""
    inside = []
    for axis, cells in enumerate((rows, columns)):
        # A box of less than a cell would hold no cell at all.
        size = heads.box_size[0, axis, rows, columns].clamp_min(1)
        low = (cells + heads.box_offset[0, axis, rows, columns] - size / 2)[:, None]
        grid = torch.arange(heads.center.shape[2 + axis])
        inside.append((grid >= low) & (grid < low + size[:, None]))
    return inside[0], inside[1]
