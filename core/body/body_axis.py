"""Bodies whose box was corrected, seen as if they had been made for the new box.

The z axis of a body's frame is the ray through its camera's axis (``core.geometry.crop_camera``).
A body keeps its pose when its box is corrected, so its axis no longer meets the middle of the crop,
while whatever it is compared with is written about the middle.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.geometry.camera_change import axis_turns
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.types.bodies import BodyParameters, camera_batch


def turned_to_middle(body: BodyParameters) -> BodyParameters:
    """The body with its root about the ray through the middle of the crop, its camera's axis then.

    Its root turns by the Q of ``core.geometry.camera_change``. ``camera_translation`` is left as it
    is: this serves comparisons, which solve for it again. A body whose axis is the middle is handed
    back unchanged.
    """
    camera = body.camera
    centred = camera.in_middle
    if camera == centred:
        return body
    own, middle = (
        camera_batch([each]).converted(lambda part: part.astype(np.float64))
        for each in (camera, centred)
    )
    (turn,) = axis_turns(own, middle.axis_px)
    root = axis_angle_to_matrix(body.pose_axis_angle[:3].astype(np.float64))
    turned = matrix_to_axis_angle(turn @ root).astype(np.float32)
    pose = np.concatenate([turned, body.pose_axis_angle[3:]])
    return replace(body, pose_axis_angle=pose, camera=centred)
