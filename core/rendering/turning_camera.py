"""A crop's camera on its way from the camera's view to a turned one: pure maths, no drawing.

In the camera's view a body is seen exactly as the picture's camera sees it: off its axis, and with
the perspective of its distance. Turned, it is looked at for its shape: straight, from far away, in
the middle of the view. ``docs/method.md``, "Looking at a body".
"""

from __future__ import annotations

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

    focal_length_px, principal_point_px ``(2,)``: crop pixels.
    rotation: ``(3, 3)``, from the crop's frame to the axes of this camera.
    distance_factor: how many times farther than in the crop's frame the body is held.
    """

    focal_length_px: float
    principal_point_px: NDArray[np.float64]
    rotation: NDArray[np.float64]
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
    principal = np.array([camera.principal_x_px, camera.principal_y_px])
    axis = np.array([camera.axis_x_px, camera.axis_y_px])
    slope = (axis - principal) / camera.focal_length_px
    tangent = float(np.hypot(*slope))
    angle = np.arctan(tangent)
    if tangent > 0:
        slope = slope * (np.tan(aside * angle) / tangent)
    stretch = (max(camera.focal_length_px, FOCAL_LENGTH_PX) / camera.focal_length_px) ** centering
    focal_length_px = camera.focal_length_px * stretch
    gliding_axis = CROP_CENTER_PX + (axis - CROP_CENTER_PX) * aside
    return TurningCamera(
        focal_length_px=focal_length_px,
        principal_point_px=gliding_axis - focal_length_px * slope,
        rotation=shortest_rotation(_FORWARD, np.array([*slope, 1.0])),
        distance_factor=float(stretch * np.cos(angle) / np.cos(aside * angle)),
    )
