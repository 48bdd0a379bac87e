"""Which of the loop's fits take the place of others, where keypoints cannot tell."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from core.body.bone_directions import BONES
from core.engine.smplify.detected_directions import DetectedDirections
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.smplify import Smplify
from core.engine.training.distribution import World
from core.engine.training.fitting_in_loop import InLoopFitting
from core.engine.training.regressor_error import ErrorSample, RegressorErrorEstimate
from core.engine.training.targets import CurrentFits
from core.engine.training.visit_order import VisitPlan
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import facing_root, matrix_to_axis_angle
from core.runs.fitting_profiles import profile_named
from core.runs.training_configuration import profile_configuration
from core.types.bodies import BodyParameters
from core.types.fits import FitLosses, OfferOutcome, Origin, Verdict

ARMS = [16, 17, 18, 19]


class OpenFitStore:
    """Takes whatever is offered, and remembers it."""

    def __init__(self):
        self.offered = []

    def current_fits(self, _sample_ids):
        return {}

    def offer(self, fits):
        self.offered += fits
        return [SimpleNamespace(outcome=OfferOutcome.BECAME_CURRENT) for _ in fits]


@pytest.fixture(scope="module")
def person(open_body):
    """A person whose arms were not seen, and a prediction that has them elsewhere."""
    body_pose = torch.tensor(PosePrior.load().sample(1, np.random.default_rng(2))).float()
    root = matrix_to_axis_angle(facing_root(torch.zeros(1)))
    pose, camera = torch.cat([root, body_pose], dim=1), torch.tensor([[0.0, 0.2, 48.0]])
    seen = project_to_crop(open_body.posed(pose, torch.zeros(1, 10)).keypoints, camera)
    visible = torch.ones(1, 49, 1)
    visible[:, [3, 4, 6, 7, 31, 32, 35, 36]] = 0  # wrists and elbows
    said = pose.clone().view(1, 24, 3)
    said[:, ARMS] += torch.tensor([0.0, 0.6, 0.6])
    return pose, torch.cat([seen, visible], dim=2), said.view(1, 72), camera


def offered(
    open_body, person, origin, *, detected=None, current_loss=0.5, trains_head=False, **changed
):
    """What is offered to a person with the true body as current fit, of this origin and loss."""
    pose, keypoints, said, camera = person
    configuration = replace(profile_configuration("cpu-demo"), **changed)
    smplify, fit_store = (
        Smplify(open_body, PosePrior.load(), profile_named("studio")),
        OpenFitStore(),
    )
    before = ErrorSample(torch.full((35,), 100 * 0.4**2).double(), torch.tensor(100.0).double())
    fitting = InLoopFitting(
        smplify, fit_store, World(), configuration, VisitPlan(1, 1, 0), run_id=1,
        regressor_error=RegressorErrorEstimate.unknown().updated(before), detected=detected,
    )  # fmt: skip
    parameters = BodyParameters(pose[0].numpy(), np.zeros(10, "f4"), camera[0].numpy())
    losses = FitLosses(
        reprojection=1, pose_prior=1, angle_prior=1, shape_prior=1, comparison=current_loss
    )
    current = SimpleNamespace(
        id=7, run_id=None, iteration=None, parameters=parameters, losses=losses, origin=origin,
        verdict=Verdict.NONE,
    )  # fmt: skip
    known = CurrentFits.of([1], {1: current}, trains_head=trains_head)
    prediction = BodyEstimate.from_axis_angle(said, torch.zeros(1, 10), camera)
    fitting([1], keypoints, prediction, known, iteration=1)
    return fit_store.offered


def test_a_prediction_decides_what_keypoints_leave_open(open_body, person):
    fits = offered(open_body, person, Origin.MEAN)
    assert [fit.supersedes_fit_id for fit in fits] == [7]


@pytest.mark.parametrize("origin", [Origin.LIFTER, Origin.REFIT, Origin.CORRECTED, Origin.IMPORTED])
def test_but_not_against_a_fit_that_knows_as_much(open_body, person, origin):
    assert offered(open_body, person, origin) == []
    assert len(offered(open_body, person, origin, evidence_rule="plain")) == 1


def test_a_fit_from_the_head_knows_more_than_another_network_and_no_more_than_the_head(
    open_body, person
):
    assert offered(open_body, person, Origin.NETWORK) == []
    assert len(offered(open_body, person, Origin.NETWORK, trains_head=True)) == 1


def test_directions_of_bones_that_the_detector_saw_keep_the_body_that_agrees_with_them(
    open_body, person
):
    pose, *_ = person
    keypoints = open_body.posed(pose, torch.zeros(1, 10)).keypoints[0].numpy()
    first, second = (list(ends) for ends in zip(*BONES, strict=True))
    bones = keypoints[second] - keypoints[first]
    directions = bones / np.linalg.norm(bones, axis=-1, keepdims=True)
    detected = DetectedDirections({1: (directions, np.full((12, 3), 300.0, np.float32))})

    assert offered(open_body, person, Origin.MEAN, detected=detected) == []
    assert len(offered(open_body, person, Origin.MEAN)) == 1


def origins(open_body, person, *, contortion, arms_turned=0.0, **changed):
    """Origins of what is offered in the place of a bad fit to a person with all keypoints.

    The pose is that of ``person``, this much more pronounced; the regressor knows all but the arms.
    """
    pose, _keypoints, _said, camera = person
    contorted = torch.cat([pose[:, :3], contortion * pose[:, 3:]], dim=1)
    points = open_body.posed(contorted, torch.zeros(1, 10)).keypoints
    seen = torch.cat([project_to_crop(points, camera), torch.ones(1, 49, 1)], dim=2)
    said = contorted.clone().view(1, 24, 3)
    said[:, ARMS] += arms_turned
    people = pose, seen, said.view(1, 72), camera
    found = offered(open_body, people, Origin.MEAN, current_loss=1e4, **changed)
    return [fit.origin for fit in found]


def test_a_prediction_that_smplify_spoils_is_offered_itself(open_body, person):
    """SMPLify's priors lead away from the truth."""
    kept, left = (
        origins(open_body, person, contortion=4, keep_predictions=keeps) for keeps in (True, False)
    )
    assert (kept, left) == ([Origin.NETWORK], [Origin.IN_LOOP])


def test_a_prediction_that_smplify_betters_is_not(open_body, person):
    found = origins(open_body, person, contortion=1, arms_turned=0.3, keep_predictions=True)
    assert found == [Origin.IN_LOOP]
