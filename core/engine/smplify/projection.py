"""The derivative of the crop camera's projection, and the cameras that no solution may have.

docs/method.md, "The crop camera".
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.geometry.camera_solve_limits import MIN_DEPTH_M
from core.geometry.crop_camera import FOCAL_LENGTH_PX


def projection_rows(points: Tensor, camera_translation: Tensor) -> Tensor:
    """The derivative ``(B, 3, 2, N)`` of crop pixels x, y by points, in px/m.

    With X' = X + t_x, Y' = Y + t_y, z = Z + t_z and f = 5000 px::

        ∂x/∂(X, Y, Z) = (f/z, 0, −f X'/z²)        ∂y/∂(X, Y, Z) = (0, f/z, −f Y'/z²)

    The derivative by the translation is the same. Components come first and points last, the layout
    in which the solvers' products are contiguous.

    Args:
        points: ``(B, N, 3)`` metres in the camera's frame, not translated.
        camera_translation: ``(B, 3)`` metres.
    """
    x, y, depth = (points + camera_translation[:, None]).unbind(-1)
    per_depth = FOCAL_LENGTH_PX / depth
    zero = torch.zeros_like(per_depth)
    rows = [per_depth, zero, zero, per_depth, -per_depth * x / depth, -per_depth * y / depth]
    return torch.stack(rows, dim=1).view(len(points), 3, 2, points.shape[1])


def refuse_behind_camera(cost: Tensor, camera_translation: Tensor) -> Tensor:
    """Costs ``(B,)``, infinite where the camera is closer than ``MIN_DEPTH_M`` or behind the body.

    Behind the camera the projection flips its sign and can still fit the pixels. An infinite cost
    is a refused step, so the solvers never leave the space in front.
    """
    return torch.where(camera_translation[:, 2] > MIN_DEPTH_M, cost, torch.inf)
