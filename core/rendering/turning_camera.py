"""A crop's camera on its way from the camera's view to a turned one: pure maths, no drawing.

In the camera's view a body is seen exactly as the picture's camera sees it: off its axis, and with
the perspective of its distance. Turned, it is looked at for its shape: straight, from far away, in
the middle of the view. ``docs/method.md``, "Looking at a body".
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.geometry.crop_camera import CROP_CENTER_PX, FOCAL_LENGTH_PX
from core.geometry.rotations import shortest_rotation
from core.types.bodies import CropCamera

_FORWARD = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True, eq=False)
class TurningCamera:
    """A pinhole camera in crop pixels, and how the body lies before it.

    focal_length_px, principal_point_px: crop pixels.
    rotation: ``(3, 3)``, from the crop's frame to the axes of this camera; None: they are the same.
    distance_factor: how many times farther than in the crop's frame the body is held.
    """

    focal_length_px: float
    principal_point_px: tuple[float, float]
    rotation: NDArray[np.float64] | None
    distance_factor: float


def turning_camera(camera: CropCamera, centering: float) -> TurningCamera:
    """The camera that looks at a body once the view has turned away by some share of its way.

    With a = 1 − centering, the viewing ray at the angle θ to the axis, and F = max(f, 5000 px)::

        f_a = f (F / f)^(1 − a)     θ_a = a θ     axis_a = 112 + a (axis − 112)
        c_a = axis_a − f_a tan θ_a (the ray's direction)     distance × (f_a / f) cos θ / cos θ_a

    So the body keeps its scale f / (z cos θ) along the ray while it glides. At centering 0 this is
    the crop's camera; at 1 it is the long lens, which neither distorts a near body nor cuts into
    it. The long lens itself stays what it is all the way, to the last bit.

    Args:
        camera: of the body, crop pixels.
        centering: 0 in the camera's view, 1 where the body lies in the middle of the view.
    """
    aside = 1.0 - centering
    focal_px = camera.focal_length_px
    slope_x = (camera.axis_x_px - camera.principal_x_px) / focal_px
    slope_y = (camera.axis_y_px - camera.principal_y_px) / focal_px
    tangent = math.hypot(slope_x, slope_y)
    angle = math.atan(tangent)
    if tangent > 0:
        share = math.tan(aside * angle) / tangent
        slope_x, slope_y = slope_x * share, slope_y * share
    stretch = (max(focal_px, FOCAL_LENGTH_PX) / focal_px) ** centering
    return TurningCamera(
        focal_length_px=focal_px * stretch,
        principal_point_px=(
            CROP_CENTER_PX
            + (camera.axis_x_px - CROP_CENTER_PX) * aside
            - focal_px * stretch * slope_x,
            CROP_CENTER_PX
            + (camera.axis_y_px - CROP_CENTER_PX) * aside
            - focal_px * stretch * slope_y,
        ),
        rotation=None
        if tangent == 0
        else shortest_rotation(_FORWARD, np.array([slope_x, slope_y, 1.0])),
        distance_factor=stretch * math.cos(angle) / math.cos(aside * angle),
    )
