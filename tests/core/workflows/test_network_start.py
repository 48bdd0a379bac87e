"""Fits that begin at what the detector's head says of a person."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest
import torch

from core.cli.arguments import fit
from core.dictionary.store import Dictionary
from core.engine.regression.detector_head import DetectorHead, SeenPeople
from core.engine.regression.head_checkpoints import load_detector_head
from core.engine.regression.seen_people import SeenSample, seen_people
from core.engine.smplify.fit_selection import LARGEST_SACRIFICE
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.lifted_start import KEYPOINT_SPREAD_PX
from core.engine.smplify.network_start import NetworkFitting, prior_by_spread
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.smplify import Smplify
from core.geometry.crop_camera import project_to_crop
from core.runs.fitting_profiles import PAPER, STUDIO, FittingProfile
from core.types.fits import Origin
from core.workflows.fit_project import fit_samples
from tests.core.workflows.test_detected_directions import landmarks_of
from tests.core.workflows.test_lifting import PEOPLE, Crowd


@pytest.fixture(scope="module")
def crowd(open_body) -> Crowd:
    return Crowd(open_body)


@pytest.fixture(scope="module")
def head() -> DetectorHead:
    return load_detector_head()


def fitting_by(profile: FittingProfile, open_body, head: DetectorHead) -> NetworkFitting:
    smplify = Smplify(open_body, PosePrior.load(), profile)
    return NetworkFitting(smplify, head, body_name=open_body.name)


def people_of(crowd: Crowd, *, detected: bool) -> SeenPeople:
    confidence = crowd.keypoints.confidence[..., None]
    keypoints = torch.cat([crowd.keypoints.positions_crop_px, confidence], dim=-1).numpy()
    return seen_people(
        [
            SeenSample(
                keypoints_crop_px=keypoints[row],
                landmarks=landmarks_of(crowd, row) if detected else None,
            )
            for row in range(PEOPLE)
        ]
    )


def test_what_the_head_says_stands_where_the_keypoints_are(crowd, open_body, head):
    said = fitting_by(STUDIO, open_body, head).opinion(
        crowd.keypoints, people_of(crowd, detected=False)
    )
    points = crowd.body.keypoints(said.target.rotations, said.target.betas)
    seen = project_to_crop(points, said.target.camera_translation)
    assert (seen - crowd.keypoints.positions_crop_px).norm(dim=-1).mean(1).max() < 25


def test_fits_are_nearer_to_the_truth_than_what_the_head_says(crowd, open_body, head):
    fitting = fitting_by(STUDIO, open_body, head)
    people = people_of(crowd, detected=False)
    said = crowd.errors_mm(fitting.opinion(crowd.keypoints, people).target)
    fits = fitting.fit(crowd.keypoints, people)
    assert crowd.errors_mm(fits.estimate).mean() < 0.95 * said.mean()
    assert crowd.root_errors_deg(fits.estimate).max() < 60


def test_the_head_says_more_of_people_that_the_detector_saw(crowd, open_body, head):
    fitting = fitting_by(STUDIO, open_body, head)
    blind, seeing = (
        crowd.errors_mm(
            fitting.opinion(crowd.keypoints, people_of(crowd, detected=detected)).target
        )
        for detected in (False, True)
    )
    assert seeing.mean() < 0.9 * blind.mean()


def test_studio_holds_on_to_what_the_head_says_and_paper_does_not(crowd, open_body, head):
    people = people_of(crowd, detected=False)
    studio, prior = fitting_by(STUDIO, open_body, head).fit_with_prior(crowd.keypoints, people)
    paper, no_prior = fitting_by(PAPER, open_body, head).fit_with_prior(crowd.keypoints, people)
    assert prior is not None
    assert (studio.losses.pull > 0).all()
    assert no_prior is None
    assert not paper.losses.pull.any()


def test_joints_that_the_head_knows_less_of_are_pulled_less(crowd):
    spread_rad = torch.linspace(0.1, 0.6, 24).expand(PEOPLE, 24)
    prior = prior_by_spread(crowd.truth, spread_rad, torch.full((PEOPLE,), 2.0))
    assert (prior.joint_weights.diff(dim=1) < 0).all()
    torch.testing.assert_close(
        prior.joint_weights[:, 0] / prior.joint_weights[:, -1], torch.full((PEOPLE,), 36.0)
    )
    assert not prior.betas_weights.any()


def test_people_whom_no_detector_saw_are_held_more_firmly(crowd, open_body, head):
    fitting = fitting_by(STUDIO, open_body, head)
    blind, seeing = (
        fitting.opinion(crowd.keypoints, people_of(crowd, detected=detected))
        for detected in (False, True)
    )
    shares = [
        prior.depth_weight * prior.target.camera_translation[:, 2] ** 2 for prior in (blind, seeing)
    ]
    assert (shares[0] > 1.2 * shares[1]).all()


def test_betas_of_another_body_are_not_used(crowd, open_body, head):
    smplify = Smplify(open_body, PosePrior.load(), STUDIO)
    people = people_of(crowd, detected=False)
    own, other = (
        NetworkFitting(smplify, head, body_name=name).opinion(crowd.keypoints, people).target
        for name in (open_body.name, "SMPL_NEUTRAL")
    )
    assert own.betas.any()
    assert not other.betas.any()
    torch.testing.assert_close(own.rotations, other.rotations)


def test_a_project_is_fitted_from_the_network_besides_its_mean_pose_fits(crowd, tmp_path: Path):
    project = tmp_path / "project"
    with Dictionary.create(project) as dictionary:
        dictionary.samples.add(crowd.samples())
    assert fit_samples(project, init="mean").fitted == PEOPLE
    before = current(project)
    assert fit_samples(project, init="network", batch_size=5).fitted == PEOPLE
    assert fit_samples(project, init="network").fitted == 0
    more_2d_error = [
        new.losses.comparison - old.losses.comparison
        for old, new in zip(before, current(project), strict=True)
        if new.origin is Origin.NETWORK
    ]
    assert max(more_2d_error) < LARGEST_SACRIFICE * KEYPOINT_SPREAD_PX**2
    with Dictionary.open(project) as dictionary:
        for sample_id in dictionary.search.ids():
            origins = {fit.origin for fit in dictionary.fits.history(sample_id)}
            assert origins == {Origin.MEAN, Origin.NETWORK}
        assert dictionary.problems() == []


def current(project: Path):
    with Dictionary.open(project) as dictionary:
        return list(dictionary.fits.current(dictionary.search.ids().tolist()).values())


def test_fits_from_the_network_use_what_the_detector_saw(crowd, tmp_path: Path):
    errors_mm = []
    for detected in (False, True):
        project = tmp_path / f"detected-{detected}"
        with Dictionary.create(project) as dictionary:
            dictionary.samples.add(crowd.samples())
            ids = dictionary.search.ids().tolist()
            if detected:
                dictionary.detections.set(
                    {sample_id: landmarks_of(crowd, row) for row, sample_id in enumerate(ids)}
                )
        fit_samples(project, init="network")
        errors_mm.append(np.mean(crowd.errors_mm(bodies_of(project)).numpy()))
    assert errors_mm[1] < 0.8 * errors_mm[0]


def bodies_of(project: Path):
    return BodyEstimate.from_parameters(found.parameters for found in current(project))


def test_the_command_line_knows_the_network():
    parser = argparse.ArgumentParser()
    fit.add_arguments(parser)
    assert parser.parse_args(["project", "--init", "network"]).init == "network"
