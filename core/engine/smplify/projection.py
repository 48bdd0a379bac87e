"""The derivative of the crop camera's projection."""

from __future__ import annotations

import torch
from torch import Tensor

from core.geometry.camera_solve_limits import MIN_DEPTH_M
from core.geometry.crop_camera import FOCAL_LENGTH_PX


def projection_rows(points: Tensor, camera_translation: Tensor) -> Tensor:
    """Derivative ``(B, 3, 2, N)`` of crop pixels x, y by points ``(B, N, 3)`` in metres.

    Components first and points last: the layout in which the solvers' products are contiguous.
    """
    x, y, depth = (points + camera_translation[:, None]).unbind(-1)
    per_depth = FOCAL_LENGTH_PX / depth
    zero = torch.zeros_like(per_depth)
    rows = [per_depth, zero, zero, per_depth, -per_depth * x / depth, -per_depth * y / depth]
    return torch.stack(rows, dim=1).view(len(points), 3, 2, points.shape[1])


def refuse_behind_camera(cost: Tensor, camera_translation: Tensor) -> Tensor:
    """Costs ``(B,)``, infinite where the camera is too close or behind the body."""
    return torch.where(camera_translation[:, 2] > MIN_DEPTH_M, cost, torch.inf)
