"""Correcting one sample with the real body and SMPLify."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.dictionary.store import Dictionary
from core.engine.body.load_body import load_body
from core.engine.smplify.pose_edits import mirrored_in_depth
from core.engine.smplify.pose_prior import PosePrior
from core.errors import Cancelled, StudioError
from core.geometry.boxes import Box
from core.geometry.rotations import pose_to_matrices
from core.progress import CancelToken
from core.types.body_parts import BodyPart
from core.types.fits import Origin
from core.workflows.correct_sample import Corrector
from core.workflows.fit_project import fit_samples
from tests.core.workflows.test_fitting import people_of

PEOPLE = 2


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory, open_body) -> Path:
    folder = tmp_path_factory.mktemp("fitted") / "project"
    with Dictionary.create(folder) as dictionary:
        dictionary.samples.add(people_of(open_body, PEOPLE))
    fit_samples(folder)
    return folder


@pytest.fixture
def dictionary(tmp_path: Path, fitted: Path):
    folder = Path(shutil.copytree(fitted, tmp_path / "project"))
    with Dictionary.open(folder) as opened:
        yield opened
        assert opened.problems() == []


@pytest.fixture(scope="module")
def corrector(open_body) -> Corrector:
    return Corrector(open_body, PosePrior.load())


def test_the_losses_of_stored_fits_are_those_that_fitting_measured(dictionary, corrector):
    sample, history = dictionary.samples.get(1), dictionary.fits.history(1)
    bodies = [fit.parameters for fit in history]
    measured = corrector.compare(sample.keypoints_crop_px, bodies, sample.crop_camera)
    stored = [fit.losses.comparison for fit in history]
    np.testing.assert_allclose(measured, stored, rtol=1e-3, atol=1e-3)


def test_a_body_as_it_stands_has_the_losses_of_the_fit_that_ended_there(dictionary, corrector):
    fit = dictionary.fits.current_of(1)
    made = corrector.measured(dictionary.samples.get(1), fit.parameters)
    assert made.origin is Origin.CORRECTED
    assert made.losses.reprojection == pytest.approx(fit.losses.reprojection, rel=1e-2, abs=1e-2)
    assert made.losses.pose_prior == pytest.approx(fit.losses.pose_prior, rel=1e-3)
    assert made.losses.comparison == pytest.approx(fit.losses.comparison, rel=1e-3)


def test_the_projection_in_the_picture_stays_when_the_box_moves(dictionary, corrector):
    def in_picture() -> np.ndarray:
        body = dictionary.fits.current_of(1).parameters
        return dictionary.samples.get(1).box.crop_to_picture(corrector.keypoints_crop_px(body))

    before, box = in_picture(), dictionary.samples.get(1).box
    wider = Box(box.center_x_px + 0.15 * box.side_px, box.center_y_px, 1.4 * box.side_px)
    dictionary.corrections.set_box(1, wider, compare=corrector.compare)
    distance_px = np.linalg.norm(in_picture() - before, axis=1) / box.side_px * 224
    assert distance_px.max() < 0.5
    assert distance_px.mean() < 0.2


def test_a_moved_box_scales_losses_and_moving_back_restores_them(dictionary, corrector):
    before, box = dictionary.fits.current_of(1).losses.comparison, dictionary.samples.get(1).box
    for factor in (1.5, 1.0):
        again = Box(box.center_x_px, box.center_y_px, factor * box.side_px)
        dictionary.corrections.set_box(1, again, compare=corrector.compare)
        loss = dictionary.fits.current_of(1).losses.comparison
        assert loss == pytest.approx(before / factor**2, rel=0.1)


def test_a_refit_from_corrected_keypoints_follows_them(dictionary, corrector):
    """A wrist dragged 40 px: the body's wrist goes along, which no loss of before had asked for."""
    sample = dictionary.samples.get(1)
    keypoints = sample.keypoints_px.copy()
    wrists = [7, 36]
    elbow = keypoints[6, :2].copy()
    keypoints[wrists, :2] += 0.6 * (elbow - keypoints[wrists, :2])
    dictionary.corrections.set_keypoints(1, keypoints, compare=corrector.compare)
    corrected = dictionary.samples.get(1)
    fit = dictionary.fits.current_of(1)
    made = corrector.refitted(corrected, fit.parameters, stay_near=False)
    assert made.origin is Origin.REFIT
    assert made.losses.comparison < fit.losses.comparison

    def wrist_error(parameters) -> float:
        seen = corrector.keypoints_crop_px(parameters)
        return float(np.linalg.norm(seen[7] - corrected.keypoints_crop_px[7, :2]))

    assert wrist_error(made.parameters) < 0.5 * wrist_error(fit.parameters)


def test_a_refit_stays_near_a_limb_that_was_put_right_by_hand(dictionary, corrector):
    sample, fit = dictionary.samples.get(1), dictionary.fits.current_of(1)
    edited = mirrored_in_depth(fit.parameters, BodyPart.LEFT_LEG, body=corrector.body)
    made = corrector.refitted(sample, edited, stay_near=True)

    def knee_depth(parameters) -> float:
        with torch.no_grad():
            pose = torch.from_numpy(parameters.pose_axis_angle[None].copy())
            betas = torch.from_numpy(parameters.betas[None].copy())
            joints = corrector.body.posed(pose_to_matrices(pose), betas).joints[0]
        return float(joints[4, 2] - joints[1, 2])

    before, wanted, after = (
        knee_depth(parameter) for parameter in (fit.parameters, edited, made.parameters)
    )
    assert abs(wanted - before) > 0.05
    assert abs(after - wanted) < abs(after - before)


def test_a_refit_can_begin_without_any_body(dictionary, corrector):
    made = corrector.refitted(dictionary.samples.get(1), None, stay_near=False)
    assert made.losses.comparison < 100


def test_a_cancelled_refit_stops(dictionary, corrector):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        corrector.refitted(dictionary.samples.get(1), None, stay_near=False, cancel=cancel)


def test_too_few_keypoints_are_told_of_with_a_remedy(dictionary, corrector):
    sample = dictionary.samples.get(1)
    keypoints = np.zeros_like(sample.keypoints_px)
    with pytest.raises(StudioError, match="four"):
        corrector.refitted(replace(sample, keypoints_px=keypoints), None, stay_near=False)
    body = dictionary.fits.current_of(1).parameters
    with pytest.raises(StudioError, match="Place some"):
        corrector.measured(replace(sample, keypoints_px=keypoints), body)


def test_a_kept_refit_is_current_with_its_maker_and_its_basis(dictionary, corrector):
    sample, fit = dictionary.samples.get(1), dictionary.fits.current_of(1)
    made = corrector.refitted(sample, fit.parameters, stay_near=False)
    kept = dictionary.corrections.keep_fit(
        made.as_fit(sample), made_from_fit_id=fit.id, author="maria"
    )
    current = dictionary.fits.current_of(1)
    assert (current.id, current.made_by, current.origin) == (kept.fit_id, "maria", Origin.REFIT)


def test_the_corrector_takes_the_projects_own_body(dictionary):
    assert Corrector.of_project(dictionary).body_name == load_body().name
