"""What MoveNet's trunk has of one person: features that a head behind the detector learns from.

The person's crop, 256 px wide and one and a half times as large as the person, goes through the
network's trunk, and so does the mirrored crop, because no network treats left exactly as right::

    1280 numbers   the mean over the crop of the deepest channels
    1024 numbers   the 64 channels that those are brought down to, meant over a grid of 4 × 4
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.engine.detection.candidates import region_about
from core.engine.detection.movenet_network import MoveNetNetwork
from core.types.trunk_features import TRUNK_MAP

CROP_PX = 256


@torch.inference_mode()
def trunk_features(
    network: MoveNetNetwork, rgb: NDArray[np.uint8], keypoints_px: NDArray[np.floating]
) -> NDArray[np.float16]:
    """Features ``(2, 2304)`` of a person in a picture ``(H, W, 3)``, and of the mirrored person.

    Args:
        network: MoveNet.
        rgb: the picture.
        keypoints_px: ``(K, 3)`` x, y, confidence, which say where the person is.
    """
    crop = region_about(keypoints_px, 0).crop(rgb, CROP_PX)
    both = torch.from_numpy(np.stack([crop, crop[:, ::-1]])).permute(0, 3, 1, 2)
    pictures = both.to(torch.float32, memory_format=torch.channels_last) / 127.5 - 1
    features: NDArray[np.float16] = _pooled(network, pictures).half().numpy()
    return features


def _pooled(network: MoveNetNetwork, pictures: Tensor) -> Tensor:
    """``(B, 2304)`` of pictures ``(B, 3, H, W)`` from −1 to 1."""
    finer = network.sixteenth(network.eighth(network.quarter(network.stem(pictures))))
    deepest = network.deepest[:-1](finer)
    reduced = network.deepest[-1](deepest)
    rows, columns, _ = TRUNK_MAP
    # Channels last, as (4, 4, 64).
    grid = functional.adaptive_avg_pool2d(reduced, (rows, columns)).permute(0, 2, 3, 1)
    return torch.cat([deepest.mean((2, 3)), grid.flatten(1)], dim=1)
