"""What the closed form says of a moved keypoint is what the solver does with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.engine.failure_detection.touches.influence import KeypointInfluence, keypoint_influence
from core.engine.smplify.body_stage import BodyStage
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.search_selection import COMPARED_KEYPOINTS
from core.engine.smplify.smplify import Smplify
from core.engine.smplify.state import BodyState
from core.geometry.levenberg_marquardt import minimise
from core.geometry.row_selection import take_rows
from core.runs.fitting_profiles import SHARP_SIGMA_PX, STUDIO
from tests.core.workflows.test_lifting import Crowd

WRIST = 36
PEOPLE = 8


class Solved:
    """People at the minimum of an objective that holds them to a body near it."""

    def __init__(self, open_body) -> None:
        self.smplify = Smplify(open_body, PosePrior.load(), STUDIO)
        rows = torch.arange(PEOPLE)
        self.keypoints = take_rows(Crowd(open_body).keypoints, rows)
        start = self.smplify.fit_from_mean_pose(self.keypoints).under(self.keypoints.cameras)
        self.prior = EstimatePrior.uniform(start, cameras=self.keypoints.cameras)
        self.fit = self.solved(self.keypoints, start)

    def solved(self, keypoints: Keypoints2D, start: BodyEstimate) -> BodyEstimate:
        objective = self.smplify.objective(keypoints, SHARP_SIGMA_PX, estimate_prior=self.prior)
        stage = BodyStage(
            self.smplify.body,
            objective,
            depth_start=start.camera_translation[:, 2],
            depth_weight=1.0,
            estimate_prior=self.prior,
        )
        state, _ = minimise(stage, BodyState.of(start), iterations=40)
        return state.estimate()

    def joints(self, fit: BodyEstimate) -> torch.Tensor:
        keypoints = self.smplify.body.keypoints(fit.rotations, fit.betas)
        return keypoints[:, list(COMPARED_KEYPOINTS)]

    def influence(self, rows: torch.Tensor) -> KeypointInfluence:
        return keypoint_influence(
            self.smplify,
            take_rows(self.keypoints, rows),
            take_rows(self.fit, rows),
            self.prior.of_rows(rows),
        )


@pytest.fixture(scope="module")
def solved(open_body) -> Solved:
    return Solved(open_body)


def with_wrist(keypoints: Keypoints2D, offset_px: float, confidence: float) -> Keypoints2D:
    positions, weights = keypoints.positions_crop_px.clone(), keypoints.confidence.clone()
    positions[:, WRIST, 0] += offset_px
    weights[:, WRIST] = confidence
    return replace(keypoints, positions_crop_px=positions, confidence=weights)


def wrist_of(solved: Solved) -> int:
    return int(solved.smplify.body.distinct_of_keypoint[WRIST])


def test_a_moved_keypoint_moves_the_joints_as_the_solver_does(solved):
    """A wrist put 3 px aside: small enough for the first order to hold."""
    moved_px = 3.0
    wrist = wrist_of(solved)
    alone = solved.keypoints
    alone = replace(alone, confidence=alone.confidence.clone())
    names = solved.smplify.body.distinct_of_keypoint == wrist
    alone.confidence[:, names] = 0.0
    alone.confidence[:, WRIST] = 1.0
    before = solved.solved(alone, solved.fit)
    after = solved.solved(with_wrist(alone, moved_px, 1.0), before)
    influence = keypoint_influence(solved.smplify, alone, before, solved.prior)
    targets = influence.projected_px.clone()
    targets[:, wrist] = alone.positions_crop_px[:, WRIST] + torch.tensor([moved_px, 0.0])
    said = influence.joints_moved(targets, influence.weight.mean(2))[:, wrist]
    true = solved.joints(after) - solved.joints(before)
    largest = torch.linalg.vector_norm(true, dim=-1).amax(1)
    wrong = torch.linalg.vector_norm(said - true, dim=-1).amax(1)
    assert (wrong < 0.35 * largest).double().mean() > 0.8
    assert largest.median() > 1e-3


def test_a_keypoint_left_out_is_where_the_solver_has_it_without_it(solved):
    influence = solved.influence(torch.arange(PEOPLE))
    wrist = wrist_of(solved)
    names = solved.smplify.body.distinct_of_keypoint == wrist
    confidence = torch.where(names, 0.0, solved.keypoints.confidence)
    without = solved.solved(replace(solved.keypoints, confidence=confidence), solved.fit)
    projected = keypoint_influence(
        solved.smplify, solved.keypoints, without, solved.prior
    ).projected_px
    moved = projected[:, wrist] - influence.projected_px[:, wrist]
    said = influence.without_px()[:, wrist] - influence.projected_px[:, wrist]
    apart = torch.linalg.vector_norm(said - moved, dim=1)
    assert (apart < 1.0 + 0.4 * torch.linalg.vector_norm(moved, dim=1)).double().mean() > 0.8


def test_a_persons_influence_does_not_depend_on_the_others(solved):
    together, alone = solved.influence(torch.arange(PEOPLE)), solved.influence(torch.tensor([3]))
    assert torch.allclose(together.leverage[3], alone.leverage[0], rtol=1e-3, atol=1e-6)
    assert torch.allclose(together.response[3], alone.response[0], rtol=1e-3, atol=1e-6)
