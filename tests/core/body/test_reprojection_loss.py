"""The loss by which bodies are compared: for arrays of the window, and for tensors of trainings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from core.body.conventions import IGNORED_KEYPOINTS
from core.body.display_body import DisplayBody
from core.body.reprojection_loss import compared_bodies, normalised_reprojection_loss
from core.geometry.crop_camera import project_to_crop
from core.geometry.robust import robust_square
from core.types.bodies import BodyParameters

KINDS = [np.asarray, torch.as_tensor]


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


def least_loss(points: np.ndarray, keypoints: np.ndarray) -> float:
    """The definition: the best camera that SciPy finds, over the squared confidences."""
    weights = keypoints[:, 2].astype(np.float64) ** 2
    weights[list(IGNORED_KEYPOINTS)] = 0

    def error(translation: np.ndarray) -> float:
        residual = project_to_crop(points, translation) - keypoints[:, :2]
        return float((weights * robust_square(residual, 100.0).sum(axis=1)).sum())

    least = minimize(error, np.array([0.1, 0.2, 45.0]), options={"gtol": 1e-9})
    return float(least.fun) / float(weights.sum())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("noise_px", "outliers", "rtol"), [(0.0, 0.0, 1e-5), (4.0, 0.0, 1e-5), (6.0, 0.2, 1e-3)]
)
def test_losses_are_those_of_the_best_camera(
    display_body: DisplayBody, kind: Any, noise_px: float, outliers: float, rtol: float
) -> None:
    shown, keypoints = zip(
        *people(display_body, 6, noise_px=noise_px, outliers=outliers), strict=True
    )
    points = np.stack([display_body.keypoints(item) for item in shown]).astype(np.float64)
    seen = np.stack(keypoints).astype(np.float64)
    losses = normalised_reprojection_loss(kind(points), kind(seen[..., :2]), kind(seen[..., 2]))
    expected = [least_loss(*pair) for pair in zip(points, seen, strict=True)]
    np.testing.assert_allclose(losses, expected, rtol=rtol, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_without_joints_has_an_infinite_loss(display_body: DisplayBody, kind: Any) -> None:
    shown, keypoints = next(people(display_body, 1, noise_px=0, outliers=0))
    points = np.stack([display_body.keypoints(shown)] * 2)
    confidence = np.stack([keypoints[:, 2], 0 * keypoints[:, 2]])
    confidence[1, list(IGNORED_KEYPOINTS)] = 1
    seen = np.stack([keypoints[:, :2]] * 2)
    losses = normalised_reprojection_loss(kind(points), kind(seen), kind(confidence))
    assert np.isfinite(np.asarray(losses)).tolist() == [True, False]


def test_bodies_of_a_sample_are_measured_alike_alone_and_together(
    display_body: DisplayBody,
) -> None:
    (first, keypoints), (second, _) = people(display_body, 2, noise_px=5, outliers=0.1)
    together = compared_bodies(display_body, keypoints, [first, second])
    alone = [compared_bodies(display_body, keypoints, [item]) for item in (first, second)]
    assert together is not None
    np.testing.assert_allclose(np.concatenate(alone), together, rtol=1e-9)
    assert together[0] < together[1]


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
