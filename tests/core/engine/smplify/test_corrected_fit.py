"""Fits to keypoints that a person corrected."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.engine.regression.detector_head import SeenPeople
from core.engine.smplify.corrected_fit import CorrectedFitting
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.smplify import Smplify
from core.geometry.row_selection import joined_rows, take_rows
from core.runs.fitting_profiles import NEAR_SIGMA_PX, SHARP_SIGMA_PX, STUDIO
from tests.core.workflows.test_lifting import PEOPLE, Crowd

WRIST = 36


@pytest.fixture(scope="module")
def crowd(open_body) -> Crowd:
    return Crowd(open_body)


@pytest.fixture(scope="module")
def smplify(open_body) -> Smplify:
    return Smplify(open_body, PosePrior.load(), STUDIO)


@pytest.fixture(scope="module")
def fitting(smplify, open_body) -> CorrectedFitting:
    return CorrectedFitting(smplify, body_name=open_body.name)


def seen(keypoints: Keypoints2D) -> SeenPeople:
    return SeenPeople.by_keypoints(keypoints.positions_crop_px, keypoints.confidence)


def marked(keypoints: Keypoints2D, index: int) -> Keypoints2D:
    by_hand = torch.zeros_like(keypoints.confidence, dtype=torch.bool)
    by_hand[:, index] = True
    return replace(keypoints, marked=by_hand)


def test_a_keypoint_placed_by_a_person_counts_farther_than_a_detectors(crowd, smplify):
    keypoints = crowd.keypoints
    residual = torch.zeros_like(keypoints.positions_crop_px)
    residual[:, WRIST, 0] = 40.0
    as_found = smplify.objective(keypoints, SHARP_SIGMA_PX)
    placed = smplify.objective(marked(keypoints, WRIST), SHARP_SIGMA_PX)
    count = keypoints.confidence[:, WRIST] > 0
    far, near = as_found.reprojection(residual)[count], placed.reprojection(residual)[count]
    saturated = (1 + (40 / SHARP_SIGMA_PX) ** 2) / (1 + (40 / NEAR_SIGMA_PX) ** 2)
    assert torch.allclose(near / far, torch.full_like(far, saturated))
    of_others = torch.zeros_like(residual)
    of_others[:, 0] = 40.0
    assert torch.equal(as_found.reprojection(of_others), placed.reprojection(of_others))


def test_refitting_good_fits_again_does_not_wear_them_out(crowd, fitting):
    people = seen(crowd.keypoints)
    fits = fitting.network.fit(crowd.keypoints, people)
    again = fits
    for _ in range(3):
        again = fitting.fit(crowd.keypoints, people, again.under(crowd.keypoints.cameras))
    assert crowd.errors_mm(again.estimate).mean() < crowd.errors_mm(fits.estimate).mean() + 1


def test_the_start_with_the_lower_objective_wins_whatever_the_others_do(crowd, fitting):
    """A bad start harms no one, and a person's fit is the same alone and among others."""
    keypoints, people = crowd.keypoints, seen(crowd.keypoints)
    good = fitting.fit(keypoints, people, None).under(keypoints.cameras)
    bad = BodyEstimate.at_rest(PEOPLE)
    bad.camera_translation[:] = good.camera_translation
    made = fitting.fit(keypoints, people, bad)
    assert crowd.errors_mm(made.estimate).mean() < crowd.errors_mm(good).mean() + 2
    rows = torch.tensor([1])
    some = take_rows(keypoints, rows)
    alone = fitting.fit(some, seen(some), take_rows(good, rows))
    among = fitting.fit(keypoints, people, good)
    assert torch.allclose(alone.estimate.betas, among.estimate.betas[rows], atol=1e-3)


def test_which_keypoints_a_person_placed_stays_with_their_rows(crowd):
    keypoints = marked(crowd.keypoints, WRIST)
    both = joined_rows([take_rows(keypoints, torch.tensor([0])), keypoints])
    assert both.marked is not None
    assert both.marked.sum() == PEOPLE + 1
    assert keypoints.repeated(2).marked.shape == (2 * PEOPLE, 49)
