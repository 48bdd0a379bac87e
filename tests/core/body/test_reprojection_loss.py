"""The comparison loss of arrays against that of tensors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.body.conventions import IGNORED_KEYPOINTS
from core.body.display_body import DisplayBody
from core.body.reprojection_loss import array_comparison_loss, compared_bodies
from core.body.usable_keypoints import enough_keypoints
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D, usable_keypoints
from core.engine.smplify.reprojection_loss import comparison_loss
from core.geometry.crop_camera import project_to_crop
from core.types.bodies import BodyParameters


def people(body: DisplayBody, count: int, *, noise_px: float, outliers: float):
    """Bodies with keypoints of theirs: noisy, some far off, some absent."""
    rng = np.random.default_rng(8)
    for _ in range(count):
        pose = rng.normal(0, 0.4, 72).astype(np.float32)
        betas = rng.normal(0, 1, 10).astype(np.float32)
        shown = BodyParameters(pose, betas, np.array([0.1, 0.2, 45.0], np.float32))
        seen = project_to_crop(body.keypoints(shown), shown.camera_translation)
        seen = seen + rng.normal(0, noise_px, (49, 2))
        seen[rng.random(49) < outliers] += 90
        confidence = rng.uniform(0.1, 1, (49, 1)) * (rng.random((49, 1)) < 0.8)
        yield shown, np.concatenate([seen, confidence], axis=1).astype(np.float32)


@pytest.mark.parametrize(("noise_px", "outliers"), [(0.0, 0.0), (4.0, 0.0), (6.0, 0.2), (60, 0.5)])
def test_losses_are_those_that_a_training_compares(
    open_body: BodyModel, display_body: DisplayBody, noise_px: float, outliers: float
) -> None:
    keypoint_body = KeypointBody(open_body)
    for shown, keypoints in people(display_body, 8, noise_px=noise_px, outliers=outliers):
        estimate = BodyEstimate.from_parameters([shown])
        expected = float(comparison_loss(keypoint_body, estimate, Keypoints2D.of(keypoints[None])))
        found = array_comparison_loss(display_body.keypoints(shown), keypoints)
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_one_joint_is_enough_for_a_loss_and_none_says_nothing(display_body: DisplayBody) -> None:
    shown, keypoints = next(people(display_body, 1, noise_px=0, outliers=0))
    keypoints[:, 2] = 0
    keypoints[list(IGNORED_KEYPOINTS), 2] = 1
    assert compared_bodies(display_body, keypoints, [shown]) is None
    keypoints[10] = 100, 100, 1
    losses = compared_bodies(display_body, keypoints, [shown, shown])
    assert losses == pytest.approx([0, 0], abs=1e-3)
    keypoints[10, 0] = np.nan
    assert compared_bodies(display_body, keypoints, [shown]) is None
    assert compared_bodies(display_body, keypoints, []) is None


def test_enough_keypoints_are_counted_alike(display_body: DisplayBody) -> None:
    rng = np.random.default_rng(9)
    for _ in range(60):
        keypoints = rng.uniform(1, 200, (49, 3)).astype(np.float32)
        keypoints[rng.random(49) < rng.uniform(0.8, 1), 2] = 0
        expected = usable_keypoints(torch.from_numpy(keypoints[None, :, 2].copy()))
        assert enough_keypoints(keypoints) == bool(expected)
