"""Errors of bodies: none for the truth, and what a known change must give."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.engine.evaluation.body_errors import body_errors
from core.engine.smplify.inputs import BodyEstimate
from core.errors import ShapeError
from core.geometry.rotations import axis_angle_to_matrix


@pytest.fixture
def truth():
    generator = torch.Generator().manual_seed(0)
    pose = 0.2 * torch.randn(70, 72, generator=generator)
    pose[:, 0] += math.pi
    return BodyEstimate.from_axis_angle(
        pose, torch.randn(70, 10, generator=generator), torch.zeros(70, 3)
    )


def turned(estimate, degrees):
    about_y = axis_angle_to_matrix(torch.tensor([0.0, math.radians(degrees), 0.0]))
    rotations = estimate.rotations.clone()
    rotations[:, 0] = about_y @ rotations[:, 0]
    return replace(estimate, rotations=rotations)


def test_the_truth_has_no_error(open_body, truth):
    errors = body_errors(open_body, truth, truth)
    assert len(errors) == 70
    assert errors.mpjpe_mm.max() == 0
    assert errors.pve_mm.max() == 0
    assert errors.reconstruction_mm.max() < 1e-3
    summary = errors.summary()
    assert summary.pck == summary.aligned_pck == 1.0
    assert summary.auc == pytest.approx(30 / 31)
    assert summary.wrong_root_share == 0


def test_a_turned_root_counts_in_mpjpe_and_not_in_the_reconstruction_error(open_body, truth):
    errors = body_errors(open_body, turned(truth, 90), truth)
    np.testing.assert_allclose(errors.root_deg, 90, atol=0.1)
    assert errors.reconstruction_mm.max() < 1e-2
    assert errors.mpjpe_mm.min() > 50
    assert errors.summary().wrong_root_share == 1.0
    # A quarter turn about the vertical through the root moves each point by √2 of its radius.
    posed = open_body(truth.rotations, truth.betas)
    hips = posed.keypoints[:, [27, 28]].mean(1)
    radius = (posed.vertices - hips[:, None])[..., [0, 2]].norm(dim=-1).mean(1)
    np.testing.assert_allclose(errors.pve_mm, 1000 * math.sqrt(2) * radius, rtol=1e-4)


def test_the_camera_does_not_matter(open_body, truth):
    moved = replace(truth, camera_translation=torch.full((70, 3), 9.0))
    assert body_errors(open_body, moved, truth).mpjpe_mm.max() == 0


def test_an_empty_batch_gives_empty_errors_and_a_summary_without_numbers(open_body):
    empty = BodyEstimate.from_parameters([])
    errors = body_errors(open_body, empty, empty)
    assert len(errors) == 0
    assert errors.joint_mm.shape == (0, 14)
    assert errors.pve_mm.shape == (0,)
    assert math.isnan(errors.summary().mpjpe_mm)


def test_different_numbers_of_bodies_are_refused(open_body, truth):
    with pytest.raises(ShapeError, match="70"):
        body_errors(open_body, BodyEstimate.from_parameters([]), truth)
