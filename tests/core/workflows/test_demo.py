"""The demo project: made once, completed when interrupted, otherwise left alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.body.display_body import DisplayBody
from core.dictionary.store import Dictionary
from core.engine.smplify.pose_prior import PosePrior
from core.errors import Cancelled, DictionaryError, StudioError
from core.progress import CancelToken
from core.types.bodies import BodyParameters
from core.types.fits import Origin
from core.workflows.demo import draw_body_poses, make_demo_project
from core.workflows.demo_report import (
    DEMO_SETTING,
    FitAndTruth,
    procrustes_errors_mm,
    root_errors_deg,
)

PEOPLE = 5


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    project = tmp_path_factory.mktemp("demo") / "project"
    return project, make_demo_project(project, people=PEOPLE, seed=2)


def test_demo_holds_fitted_people_with_known_truth(made):
    project, report = made
    assert (report.people, report.fitted, report.already_there) == (PEOPLE, PEOPLE, False)
    assert report.pictures == len(list((project / "pictures").glob("*.jpg"))) <= PEOPLE
    assert 10 < report.median_error_mm < 400
    assert 0 <= report.wrong_root_share <= 1
    with Dictionary.open(project) as dictionary:
        for sample in dictionary.samples.get_many(dictionary.search.ids().tolist()):
            assert sample.picture_path.is_file()
            assert sample.ground_truth.parameters is not None
            assert dictionary.fits.current_of(sample.id).origin is Origin.MEAN
            assert dictionary.predictions.latest_of(sample.id) is not None


def test_a_complete_demo_is_left_alone(made):
    project, first = made
    files = sorted((project / "pictures").iterdir())
    before = [path.stat().st_mtime_ns for path in files]
    with Dictionary.open(project) as dictionary:
        fits = [fit.id for fit in dictionary.fits.current(dictionary.search.ids()).values()]
    again = make_demo_project(project, people=50, seed=9)
    assert again.already_there
    assert again.people == PEOPLE
    assert again.median_error_mm == first.median_error_mm
    assert [path.stat().st_mtime_ns for path in files] == before
    with Dictionary.open(project) as dictionary:
        kept = [fit.id for fit in dictionary.fits.current(dictionary.search.ids()).values()]
    assert kept == fits


def _stop_in(phase, token):
    def watch(progress):
        if progress.phase == phase and progress.done > 0:
            token.cancel()

    return watch


@pytest.mark.usefixtures("every_step_reported")
def test_interrupted_while_pictures_are_made_it_is_begun_again(made, tmp_path):
    token = CancelToken()
    with pytest.raises(Cancelled):
        make_demo_project(
            tmp_path / "p",
            people=PEOPLE,
            seed=2,
            progress=_stop_in("Making pictures", token),
            cancel=token,
        )
    with Dictionary.open(tmp_path / "p") as dictionary:
        assert dictionary.search.count() == 0
    # Number and seed of the interrupted demo count, not those of the second call.
    report = make_demo_project(tmp_path / "p", people=3, seed=77, fit=False)
    assert (report.people, report.fitted) == (PEOPLE, 0)
    assert np.isnan(report.median_error_mm)
    first, second = (
        sorted((project / "pictures").glob("*.jpg")) for project in (made[0], tmp_path / "p")
    )
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_without_fits_it_can_be_fitted_later(tmp_path):
    make_demo_project(tmp_path / "p", people=2, fit=False)
    assert make_demo_project(tmp_path / "p", people=2, fit=False).already_there
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        make_demo_project(tmp_path / "p", cancel=token)
    report = make_demo_project(tmp_path / "p")
    assert (report.people, report.fitted, report.already_there) == (2, 2, False)
    assert make_demo_project(tmp_path / "p").already_there


def test_a_project_that_is_no_demo_is_refused_and_left_alone(tmp_path):
    Dictionary.create(tmp_path / "mine").close()
    with pytest.raises(DictionaryError, match="not the demo"):
        make_demo_project(tmp_path / "mine", people=2)
    with Dictionary.open(tmp_path / "mine") as dictionary:
        assert dictionary.settings.get(DEMO_SETTING) is None
        assert dictionary.search.count() == 0


def test_absurd_numbers_of_people_are_refused(tmp_path):
    with pytest.raises(StudioError, match="0 people"):
        make_demo_project(tmp_path / "p", people=0)
    assert not (tmp_path / "p").exists()


def test_drawn_poses_leave_out_contortions_and_repeat_with_the_seed(open_body):
    prior = PosePrior.load()
    poses = draw_body_poses(open_body, prior, 40, seed=1)
    np.testing.assert_array_equal(poses, draw_body_poses(open_body, prior, 40, seed=1))
    plain = prior.sample(400, np.random.default_rng(1))

    def highest(drawn):
        return prior.energy(torch.as_tensor(drawn)).max()

    assert poses.shape == (40, 69)
    assert highest(poses) < highest(plain)


def _pair(body: DisplayBody, *, root_fit, root_truth, betas=0.0) -> FitAndTruth:
    def parameters(root):
        pose = np.zeros(72, np.float32)
        pose[:3] = root
        return BodyParameters(pose, np.full(10, betas, np.float32), np.zeros(3, np.float32))

    truth = parameters(root_truth)
    keypoints = 1.3 * body.keypoints(truth) + 0.4
    joints = np.concatenate([keypoints, np.ones((49, 1), np.float32)], axis=1)
    return FitAndTruth(parameters(root_fit), truth, joints.astype(np.float32))


def test_errors_ignore_turn_shift_and_scale_but_roots_do_not(display_body):
    quarter = np.array([0, np.pi / 2, 0])
    pairs = [
        _pair(display_body, root_fit=quarter, root_truth=np.zeros(3)),
        _pair(display_body, root_fit=np.zeros(3), root_truth=np.zeros(3)),
    ]
    np.testing.assert_allclose(procrustes_errors_mm(display_body, pairs), 0, atol=0.05)
    np.testing.assert_allclose(root_errors_deg(pairs), [90, 0], atol=0.05)


def test_errors_are_in_millimetres(display_body):
    pair = _pair(display_body, root_fit=np.zeros(3), root_truth=np.zeros(3))
    moved = pair.joints_3d.copy()
    moved[25, :3] += np.array([0.0, 0.0, 0.14])
    error = procrustes_errors_mm(
        display_body, [FitAndTruth(pair.fit, pair.truth, moved.astype(np.float32))]
    )[0]
    assert 5 < error < 20
