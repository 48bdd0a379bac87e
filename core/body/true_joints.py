"""The true joints of a sample in the frame of its crop, where bodies are predicted and fitted.

Data sets state joints about the pelvis along the axes of the picture's camera. Before a camera that
sees the crop obliquely these are not the axes of the crop's frame::

    X_crop = Rᵀ X_picture        R the viewing rotation of ``core.geometry.crop_camera``

docs/method.md, "The camera of the whole picture".
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.types.arrays import FloatArray
from core.types.bodies import LONG_LENS, CropCamera, camera_batch
from core.types.samples import GroundTruth, Sample


def truth_in_crop(sample: Sample) -> GroundTruth:
    """What is known of a sample, with its joints along the axes of the crop's frame.

    The joints are turned for the camera of the true body where one is known, since both come from
    one file, and for the sample's camera otherwise. True bodies name the camera that they are
    written for, so they stay as they are. Before the long lens nothing changes.
    """
    truth = sample.ground_truth
    if truth.joints_3d is None or sample.crop_camera == LONG_LENS:
        return truth
    camera = sample.crop_camera if truth.parameters is None else truth.parameters.camera
    return replace(truth, joints_3d=_turned_into_crop(truth.joints_3d, camera.in_middle))


def _turned_into_crop(joints_3d: FloatArray, camera: CropCamera) -> FloatArray:
    """Joints ``(49, 4)`` along the axes of the camera's crop; confidences stay as they are."""
    (to_picture,) = camera_batch([camera]).converted(_in_double).viewing_rotations
    if (to_picture == np.eye(3)).all():
        return joints_3d
    turned = joints_3d.copy()
    # Rᵀ X for row vectors: X R.
    turned[:, :3] = joints_3d[:, :3] @ to_picture
    return turned


def _in_double(part: FloatArray) -> NDArray[np.float64]:
    return part.astype(np.float64)
