"""What a regressor is off by on people it never saw, beside always giving the mean person."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.data.augmentation import NO_AUGMENTATION_SETTINGS
from core.engine.regression.input_pictures import normalise_pictures
from core.engine.regression.regressor import Regressor, RegressorOutput
from core.geometry.crop_camera import project_to_crop
from core.geometry.procrustes import procrustes_error
from core.geometry.rotations import geodesic_angle
from core.geometry.sixd import sixd_to_matrix
from resources.demo_regressor.build.training import Bodies, PeopleSet

WRONG_ROOT_DEG = 60.0
_COMPARED = slice(25, 39)
"""The 14 LSP joints."""
_BATCH = 50


def judge(
    regressor: Regressor, people: PeopleSet, body: KeypointBody
) -> dict[str, dict[str, float]]:
    """Errors of the regressor and of the mean person."""
    outputs: list[RegressorOutput] = []
    truths: list[Bodies] = []
    for first in range(0, len(people), _BATCH):
        rows = np.arange(first, min(first + _BATCH, len(people)))
        rng = np.random.default_rng(0)
        pictures, truth = people.batch(rows, rng, body, NO_AUGMENTATION_SETTINGS)
        with torch.no_grad():
            outputs.append(regressor(normalise_pictures(pictures.round())))
        truths.append(truth)
    said = RegressorOutput(*(_joined(outputs, name) for name in ("rotations", "betas", "camera")))
    names = ("rotations", "betas", "camera_translation")
    truth = Bodies(*(_joined(truths, name) for name in names))
    count = len(people)
    mean_pose = sixd_to_matrix(regressor.init_pose.view(1, 24, 6))
    mean = RegressorOutput(
        mean_pose.expand(count, -1, -1, -1),
        regressor.init_shape.expand(count, -1),
        regressor.init_cam.expand(count, -1),
    )
    return {
        "regressor": _errors(said, truth, body),
        "always the mean person": _errors(mean, truth, body),
    }


def _joined(parts: list[RegressorOutput] | list[Bodies], name: str) -> Tensor:
    return torch.cat([getattr(part, name) for part in parts])


def _errors(said: RegressorOutput, truth: Bodies, body: KeypointBody) -> dict[str, float]:
    """Medians over people; see the keys."""
    points, true = (
        body.keypoints(regressor_output.rotations, regressor_output.betas)
        for regressor_output in (said, truth)
    )
    seen = project_to_crop(points, said.camera_translation)
    shown = project_to_crop(true, truth.camera_translation)
    root = torch.rad2deg(geodesic_angle(said.rotations[:, 0], truth.rotations[:, 0]))
    joints = torch.rad2deg(geodesic_angle(said.rotations[:, 1:], truth.rotations[:, 1:]))
    figures = {
        "joint_error_after_procrustes_mm": 1000
        * procrustes_error(points[:, _COMPARED], true[:, _COMPARED]),
        "keypoint_error_in_224_px_crop": (seen - shown).norm(dim=-1).mean(1),
        "root_error_deg": root,
        "joint_rotation_error_deg": joints.mean(1),
    }
    rounded = {name: round(float(value.median()), 2) for name, value in figures.items()}
    share = float((root > WRONG_ROOT_DEG).float().mean())
    return rounded | {"wrong_root_share": round(share, 3) if math.isfinite(share) else share}
