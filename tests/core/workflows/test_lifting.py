"""Fits that begin at lifted bodies."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest
import torch

from core.cli.arguments import fit
from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.regression.lifter import Lifter
from core.engine.regression.lifter_network import LiftingNetwork
from core.engine.smplify.fit_selection import LARGEST_SACRIFICE
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.lifted_start import KEYPOINT_SPREAD_PX, LifterFitting, lifter_prior
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.search_selection import body_distance
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import (
    axis_angle_to_matrix,
    facing_root,
    geodesic_angle,
)
from core.runs.fitting_profiles import PAPER, STUDIO
from core.types.fits import Origin
from core.types.samples import NewSample
from core.workflows.fit_project import fit_samples

PEOPLE = 12
NOISE_PX = 2.0


class Crowd:
    """People of prior poses turned to all sides, with a detector's noise on their keypoints."""

    def __init__(self, model: BodyModel) -> None:
        generator = np.random.default_rng(1)
        self.body = KeypointBody(model)
        pose = torch.tensor(PosePrior.load().sample(PEOPLE, generator), dtype=torch.float32)
        yaw = torch.arange(PEOPLE) * (2 * torch.pi / PEOPLE)
        joints = axis_angle_to_matrix(pose.view(PEOPLE, 23, 3))
        matrices = torch.cat([facing_root(yaw)[:, None], joints], dim=1)
        self.truth = BodyEstimate(
            matrices,
            torch.zeros(PEOPLE, 10),
            torch.tensor([[0.0, 0.2, 48.0]]).expand(PEOPLE, 3),
        )
        self.keypoints_3d = self.body.keypoints(matrices, self.truth.betas)
        seen = project_to_crop(self.keypoints_3d, self.truth.camera_translation)
        noise = torch.tensor(generator.normal(scale=NOISE_PX, size=seen.shape))
        self.keypoints = Keypoints2D(seen + noise.float(), torch.ones(PEOPLE, 49))

    def errors_mm(self, estimate: BodyEstimate) -> torch.Tensor:
        found = self.body.keypoints(estimate.rotations, estimate.betas)
        return 1e3 * body_distance(found, self.keypoints_3d)

    def root_errors_deg(self, estimate: BodyEstimate) -> torch.Tensor:
        turns = geodesic_angle(estimate.rotations[:, 0], self.truth.rotations[:, 0])
        return torch.rad2deg(turns)

    def samples(self) -> list[NewSample]:
        keypoints = torch.cat(
            [self.keypoints.positions_crop_px, self.keypoints.confidence[..., None]], dim=-1
        ).numpy()
        return [
            NewSample(
                picture_path=Path(f"/pictures/{index}.jpg"),
                picture_size_px=(224, 224),
                dataset="made",
                person_key="0",
                box_center_px=np.array([112, 112], dtype=np.float32),
                box_scale=224 / 200,
                keypoints_px=keypoints[index],
            )
            for index in range(PEOPLE)
        ]


@pytest.fixture(scope="module")
def crowd(open_body: BodyModel) -> Crowd:
    return Crowd(open_body)


@pytest.fixture(scope="module")
def lifter() -> Lifter:
    return Lifter.load()


def test_a_lifted_body_stands_where_its_keypoints_are(crowd, open_body, lifter):
    start = LifterFitting(open_body, PosePrior.load(), STUDIO, lifter).start(crowd.keypoints)
    points = crowd.body.keypoints(start.rotations, start.betas)
    seen = project_to_crop(points, start.camera_translation)
    off_px = (seen - crowd.keypoints.positions_crop_px).norm(dim=-1)
    assert off_px.mean(1).max() < 20
    depth = start.camera_translation[:, 2] / crowd.truth.camera_translation[:, 2]
    assert ((depth > 0.8) & (depth < 1.25)).all()


def test_fits_from_lifted_bodies_are_nearer_and_face_the_right_way(crowd, open_body, lifter):
    fitting = LifterFitting(open_body, PosePrior.load(), STUDIO, lifter)
    lifted = crowd.errors_mm(fitting.start(crowd.keypoints))
    fits = fitting.fit(crowd.keypoints)
    fitted = crowd.errors_mm(fits.estimate)
    assert fitted.mean() < 0.95 * lifted.mean()
    assert fitted.median() < 75
    assert crowd.root_errors_deg(fits.estimate).max() < 60
    assert fits.comparison.median() < 60


def test_studio_holds_on_to_the_lifted_pose_and_paper_does_not(crowd, open_body, lifter):
    prior = PosePrior.load()
    studio = LifterFitting(open_body, prior, STUDIO, lifter).fit(crowd.keypoints)
    paper = LifterFitting(open_body, prior, PAPER, lifter).fit(crowd.keypoints)
    assert (studio.losses.pull > 0).all()
    assert not paper.losses.pull.any()


def test_joints_the_lifter_knows_less_are_pulled_less(crowd):
    spread = torch.linspace(0.1, 0.6, 24)
    network = LiftingNetwork(width=8, blocks=1)
    unsure = Lifter(network, joint_spread_rad=spread, body_name="any")
    estimate_prior = lifter_prior(unsure, crowd.truth)
    assert (estimate_prior.joint_weights.diff() < 0).all()
    torch.testing.assert_close(
        estimate_prior.joint_weights[0] / estimate_prior.joint_weights[-1], torch.tensor(36.0)
    )
    assert not estimate_prior.betas_weights.any()


def test_betas_of_another_body_are_not_used(crowd, open_body, lifter):
    stranger = Lifter(
        lifter.network, joint_spread_rad=lifter.joint_spread_rad, body_name="SMPL_NEUTRAL"
    )
    prior = PosePrior.load()
    own = LifterFitting(open_body, prior, STUDIO, lifter).start(crowd.keypoints)
    other = LifterFitting(open_body, prior, STUDIO, stranger).start(crowd.keypoints)
    assert own.betas.any()
    assert not other.betas.any()
    torch.testing.assert_close(own.rotations, other.rotations)


def test_a_project_is_fitted_from_the_lifter_beside_its_mean_pose_fits(crowd, tmp_path: Path):
    project = tmp_path / "project"
    with Dictionary.create(project) as dictionary:
        dictionary.samples.add(crowd.samples())
    assert fit_samples(project, init="mean").fitted == PEOPLE
    assert fit_samples(project, init="lifter", batch_size=5).fitted == PEOPLE
    assert fit_samples(project, init="lifter").fitted == 0
    with Dictionary.open(project) as dictionary:
        for sample_id in dictionary.search.ids():
            origins = {fit.origin for fit in dictionary.fits.history(sample_id)}
            assert origins == {Origin.MEAN, Origin.LIFTER}
        assert dictionary.problems() == []
        runs = {run.configuration["init"] for run in dictionary.runs.all()}
    assert runs == {"mean", "lifter"}


def test_lifted_fits_replace_those_they_are_likelier_than(crowd, tmp_path: Path):
    project = tmp_path / "project"
    with Dictionary.create(project) as dictionary:
        dictionary.samples.add(crowd.samples())
    fit_samples(project, init="mean")

    def current():
        with Dictionary.open(project) as dictionary:
            return list(dictionary.fits.current(dictionary.search.ids().tolist()).values())

    before = current()
    fit_samples(project, init="lifter")
    more_2d_error = [
        new.losses.comparison - old.losses.comparison
        for old, new in zip(before, current(), strict=True)
        if new.origin is Origin.LIFTER
    ]
    assert max(more_2d_error) > 0
    assert max(more_2d_error) < LARGEST_SACRIFICE * KEYPOINT_SPREAD_PX**2
    with Dictionary.open(project) as dictionary:
        assert dictionary.problems() == []


def test_the_command_line_knows_the_lifter():
    parser = argparse.ArgumentParser()
    fit.add_arguments(parser)
    options = parser.parse_args(["project", "--init", "lifter"])
    assert options.init == "lifter"
