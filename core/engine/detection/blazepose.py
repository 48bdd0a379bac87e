"""BlazePose: the 33 landmarks of one person in a region, in the picture and in metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.engine.detection.blazepose_network import (
    HEAT_SIDE,
    INPUT_SIDE_PX,
    BlazePoseNetwork,
    BlazePoseOutputs,
)
from core.engine.detection.network_files import filled_network
from core.engine.detection.regions import Region, region_between
from core.resource_files import resource_path
from core.types.detected_landmarks import NUM_LANDMARKS

_SHIPPED = "detector/blazepose_full.npz"
_HEAT_REACH = 3
_LEAST_HEAT = 0.5
_CORNER_PX = 0.4
"""From where the network counts to the centre of its input's first pixel, where the program does:
what mirrored pictures agree by (docs/detector.md, "Frames")."""
_HIPS_POINT, _FAR_POINT = 33, 34


@dataclass(frozen=True, eq=False)
class Landmarks:
    """One person as BlazePose sees them.

    points_px: (33, 3) x, y in picture pixels, visibility; points_m: (33, 3) metres about the hips,
    in the picture's axes; score: that there is a person, from 0 to 1; region: where the network
    would look next.
    """

    points_px: NDArray[np.float64]
    points_m: NDArray[np.float64]
    score: float
    region: Region


class BlazePose:
    """The network with what goes before and follows it."""

    def __init__(self, network: BlazePoseNetwork) -> None:
        self.network = network

    @classmethod
    def load(cls) -> BlazePose:
        """The shipped network.

        Raises:
            SetupError: its file is missing.
            UserFileError: its file is damaged.
        """
        return cls(filled_network(BlazePoseNetwork(), resource_path(_SHIPPED)))

    @torch.inference_mode()
    def landmarks(self, picture: NDArray[np.uint8], region: Region) -> Landmarks:
        """The person in a region of a picture ``(H, W, 3)``, RGB."""
        crop = torch.from_numpy(region.crop(picture, INPUT_SIDE_PX)).permute(2, 0, 1)[None]
        outputs = self.network(crop.to(torch.float32, memory_format=torch.channels_last) / 255)
        return placed_landmarks(outputs, region)


def placed_landmarks(outputs: BlazePoseOutputs, region: Region) -> Landmarks:
    """The first crop's landmarks, refined by the heat map, in the picture of the region."""
    points = outputs.points[0]
    places = refined(points[:, :2], torch.sigmoid(outputs.heat[0])).double().numpy()
    in_picture = region.to_picture(places - _CORNER_PX, INPUT_SIDE_PX)
    visibility = torch.sigmoid(points[:NUM_LANDMARKS, 3:4]).double().numpy()
    return Landmarks(
        points_px=np.concatenate([in_picture[:NUM_LANDMARKS], visibility], axis=1),
        points_m=region.turned_back(outputs.world[0, :NUM_LANDMARKS].numpy()),
        score=float(torch.sigmoid(outputs.person_logit[0])),
        region=region_between(in_picture[_HIPS_POINT], in_picture[_FAR_POINT]),
    )


def refined(points_px: Tensor, heat: Tensor) -> Tensor:
    """Points ``(K, 2)`` in crop pixels, moved to the middle of the heat ``(K, 64, 64)`` about them.

    The middle of mass of 7 × 7 cells, as MediaPipe does; a point stays where no cell of them
    reaches one half, or where it lies outside the crop.
    """
    cell_px = INPUT_SIDE_PX / HEAT_SIDE
    cells = (points_px / cell_px).floor()
    grid = torch.arange(HEAT_SIDE)
    near = ((grid - cells[..., None]).abs() <= _HEAT_REACH).to(heat.dtype)  # (K, 2, 64)
    window = heat * near[:, 1, :, None] * near[:, 0, None, :]
    mass = window.sum(dim=(1, 2))
    middle = torch.stack(
        [(window.sum(dim=1) * grid).sum(dim=1), (window.sum(dim=2) * grid).sum(dim=1)], dim=-1
    )
    inside = ((cells >= 0) & (cells < HEAT_SIDE)).all(dim=1)
    sure = (inside & (window.amax(dim=(1, 2)) >= _LEAST_HEAT))[:, None]
    # Where nothing is hot the quotient is not used; the clamp keeps it finite.
    return torch.where(sure, middle / mass.clamp_min(_LEAST_HEAT)[:, None] * cell_px, points_px)
