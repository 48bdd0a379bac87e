"""Where a body's own camera sees its keypoints, or other points of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.geometry.crop_camera import project_to_crop
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters, camera_batch


def keypoints_in_crop(keypoints: NDArray[np.floating], parameters: BodyParameters) -> FloatArray:
    """Keypoints ``(49, 3)`` of a posed body in metres, not translated, to crop pixels ``(49, 2)``.

    Vertices ``(V, 3)`` as well.

    The translation and the camera are those of the body (docs/method.md, "The crop camera").
    """
    translation = parameters.camera_translation[None]
    seen = project_to_crop(keypoints[None], translation, camera_batch([parameters.camera]))
    in_crop: FloatArray = seen[0].astype(np.float32)
    return in_crop
