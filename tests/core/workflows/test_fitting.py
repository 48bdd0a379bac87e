"""Fitting a project: resumable, cancellable, one transaction a batch."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from core.body import smpl_files as array_files
from core.dictionary.fits.fits import Fits
from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.engine import project_models as tools
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.pose_prior import PosePrior
from core.errors import BodyFileError, DictionaryError, StudioError
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import facing_root, matrix_to_axis_angle
from core.progress import CancelToken, Progress
from core.runs import project_body as files
from core.types.fits import Fit, NewFit, Origin, Verdict
from core.types.runs import RunStatus
from core.types.samples import NewSample
from core.workflows import fit_project as fitting
from core.workflows.fit_project import fit_samples

PEOPLE = 6


def people_of(body: BodyModel, count: int, *, seed: int = 0) -> list[NewSample]:
    """Samples whose keypoints are those of real bodies."""
    generator = np.random.default_rng(seed)
    body_pose = torch.tensor(PosePrior.load().sample(count, generator), dtype=torch.float32)
    root = matrix_to_axis_angle(facing_root(torch.zeros(count)))
    posed = body.posed(torch.cat([root, body_pose], dim=1), torch.zeros(count, 10))
    camera = torch.tensor([[0.0, 0.0, 45.0]]).expand(count, 3)
    on_crop = project_to_crop(posed.keypoints, camera).numpy()
    with_confidence = np.concatenate([on_crop, np.ones((count, 49, 1), np.float32)], axis=2)
    return [
        NewSample(
            picture_path=Path(f"/pictures/{index}.jpg"),
            picture_size_px=(224, 224),
            dataset="made",
            person_key="0",
            box_center_px=np.array([112, 112], dtype=np.float32),
            box_scale=224 / 200,
            keypoints_px=keypoints.astype(np.float32),
        )
        for index, keypoints in enumerate(with_confidence)
    ]


@pytest.fixture
def project(tmp_path: Path, open_body: BodyModel) -> Path:
    folder = tmp_path / "project"
    with Dictionary.create(folder) as dictionary:
        dictionary.samples.add(people_of(open_body, PEOPLE))
    return folder


def test_every_person_gets_a_current_fit_on_its_keypoints(project):
    report = fit_samples(project)
    assert (report.fitted, report.became_current, report.refused) == (PEOPLE, PEOPLE, 0)
    with Dictionary.open(project) as dictionary:
        fits = dictionary.fits.current(dictionary.search.ids().tolist()).values()
        assert len(fits) == PEOPLE
        assert all(fit.origin is Origin.NETWORK and not fit.runner_up for fit in fits)
        assert np.median([fit.losses.comparison for fit in fits]) < 30
        assert dictionary.problems() == []


def test_runner_ups_enter_the_history_and_are_never_current(project, open_body):
    with Dictionary.open(project) as dictionary:
        more = [
            _renamed(sample, f"/pictures/more-{index}.jpg")
            for index, sample in enumerate(people_of(open_body, 8, seed=1))
        ]
        dictionary.samples.add(more)
    fit_samples(project, init="mean")
    with Dictionary.open(project) as dictionary:
        histories = [dictionary.fits.history(sample_id) for sample_id in dictionary.search.ids()]
    runner_ups = [fit for history in histories for fit in history if fit.runner_up]
    assert runner_ups
    assert not any(fit.is_current for fit in runner_ups)
    assert all(sum(not fit.runner_up for fit in history) == 1 for history in histories)


def test_a_second_fitting_has_nothing_to_do(project):
    fit_samples(project)
    assert fit_samples(project).fitted == 0


def test_people_added_later_are_fitted_alone(project, open_body):
    fit_samples(project)
    with Dictionary.open(project) as dictionary:
        newcomer = people_of(open_body, 1, seed=5)[0]
        assert dictionary.samples.add([_renamed(newcomer, "/pictures/new.jpg")]).added_ids
    assert fit_samples(project).fitted == 1


def _renamed(sample: NewSample, path: str) -> NewSample:
    values = {name: getattr(sample, name) for name in inspect.signature(NewSample).parameters}
    return NewSample(**{**values, "picture_path": Path(path)})


@pytest.mark.usefixtures("every_step_reported")
def test_cancel_keeps_the_batches_before_it_and_the_rest_goes_on_later(project):
    cancel = CancelToken()

    def stop_after_first_batch(progress: Progress) -> None:
        if progress.done:
            cancel.cancel()

    report = fit_samples(project, batch_size=2, progress=stop_after_first_batch, cancel=cancel)
    assert report.cancelled
    assert "cancelled" in report.summary()
    assert 0 < report.fitted < PEOPLE
    with Dictionary.open(project) as dictionary:
        assert dictionary.search.count(SampleQuery(only_without_fit=True)) == PEOPLE - report.fitted
        assert dictionary.runs.all()[0].status is RunStatus.CANCELLED
    rest = fit_samples(project, batch_size=2)
    assert rest.fitted == PEOPLE - report.fitted
    assert not rest.cancelled


def test_the_order_of_interruption_does_not_change_the_fits(project, tmp_path, open_body):
    other = tmp_path / "other"
    with Dictionary.create(other) as dictionary:
        dictionary.samples.add(people_of(open_body, PEOPLE))
    fit_samples(project, batch_size=3)
    fit_samples(other, batch_size=3)
    with Dictionary.open(project) as first, Dictionary.open(other) as second:
        for sample_id in first.search.ids():
            poses = [
                d.fits.current_of(sample_id).parameters.pose_axis_angle for d in (first, second)
            ]
            np.testing.assert_array_equal(*poses)


def test_progress_begins_at_nothing_and_ends_full(project):
    seen: list[Progress] = []
    fit_samples(project, batch_size=2, progress=seen.append)
    assert seen[0].done == 0
    assert (seen[-1].done, seen[-1].total) == (PEOPLE, PEOPLE)
    assert seen[-1].rate_per_s > 0


def test_the_run_is_recorded_with_what_repeats_it(project):
    fit_samples(project, batch_size=4)
    with Dictionary.open(project) as dictionary:
        run = dictionary.runs.all()[0]
        assert {fit.run_id for fit in dictionary.fits.history(1)} == {run.id}
    assert run.status is RunStatus.FINISHED
    assert run.configuration["profile"] == "studio"
    assert run.configuration["batch_size"] == 4
    assert "torch" in run.versions
    assert run.ended_at is not None


def test_people_without_enough_keypoints_are_skipped_and_counted(project, open_body):
    bare = people_of(open_body, 1, seed=3)[0]
    bare.keypoints_px[3:] = 0
    with Dictionary.open(project) as dictionary:
        dictionary.samples.add([_renamed(bare, "/pictures/bare.jpg")])
    report = fit_samples(project)
    assert (report.fitted, report.skipped_unusable) == (PEOPLE, 1)
    assert "1 has too few keypoints" in report.summary()


def test_people_whose_fit_is_accepted_are_left_alone_and_counted(project):
    fit_samples(project)
    with Dictionary.open(project) as dictionary:
        dictionary.verdicts.set({1: Verdict.ACCEPTED})
    report = fit_samples(project, init="lifter")
    assert (report.fitted, report.left_accepted) == (PEOPLE - 1, 1)
    assert "1 accepted fit was left alone" in report.summary()


def test_two_fittings_at_once_do_not_fit_anyone_twice(project):
    """The second process takes its list first and finds the work done when it comes to it."""
    with Dictionary.open(project) as dictionary:
        waiting = dictionary.search.awaiting_fit(Origin.NETWORK)
        fit_samples(project)
        left = dictionary.search.awaiting_fit(Origin.NETWORK, among=waiting)
    assert len(waiting) == PEOPLE
    assert len(left) == 0


@pytest.mark.parametrize(
    ("choice", "named"),
    [
        ({"profile": "fast"}, "fast"),
        ({"init": "best guess"}, "best guess"),
        ({"batch_size": 0}, "0"),
    ],
)
def test_a_wrong_choice_is_refused_before_anything_is_written(project, choice, named):
    with pytest.raises(StudioError, match=named):
        fit_samples(project, **choice)
    with Dictionary.open(project) as dictionary:
        assert dictionary.runs.all() == []


def test_a_failed_run_is_recorded_as_failed(project, monkeypatch):
    def full(*_arguments: object, **_options: object) -> None:
        raise DictionaryError("the disk is full")

    monkeypatch.setattr(Fits, "offer", full)
    with pytest.raises(DictionaryError, match="disk is full"):
        fit_samples(project)
    with Dictionary.open(project) as dictionary:
        assert dictionary.runs.all()[0].status is RunStatus.FAILED


# The body and the prior of a project


def test_the_first_fits_record_the_body(project):
    fit_samples(project)
    with Dictionary.open(project) as dictionary:
        assert dictionary.info()["body"] == "open body"


def test_another_body_than_the_projects_is_refused(project):
    with Dictionary.open(project) as dictionary:
        dictionary.settings.set("body_name", "SMPL_NEUTRAL (1a2b3c4d)")
    with pytest.raises(DictionaryError, match="not interchangeable"):
        fit_samples(project)


def test_a_body_can_be_changed_only_while_there_are_no_fits(project, monkeypatch, open_body):
    other = (open_body.arrays, "other body")
    with Dictionary.open(project) as dictionary:
        files.choose_body(dictionary, None)
        monkeypatch.setattr(array_files, "load_named_arrays", lambda _path: other)
        files.choose_body(dictionary, Path("other.pkl"))
        assert dictionary.settings.get("body_name") == "other body"
        monkeypatch.undo()
        files.choose_body(dictionary, None)
    fit_samples(project)
    with Dictionary.open(project) as dictionary:
        monkeypatch.setattr(array_files, "load_named_arrays", lambda _path: other)
        with pytest.raises(DictionaryError, match=r"'open body'.*'other body'"):
            files.choose_body(dictionary, Path("other.pkl"))
        assert dictionary.settings.get("body_file") == ""


def test_fits_under_way_do_not_enter_a_project_that_took_another_body_meanwhile(
    project, monkeypatch
):
    def record_body_while_another_process_changes_it(dictionary, body):
        tools.record_body(dictionary, body)
        with Dictionary.open(project) as other:
            other.body.change("other body", {"body_file": "/other.pkl"})

    monkeypatch.setattr(fitting, "record_body", record_body_while_another_process_changes_it)
    with pytest.raises(DictionaryError, match=r"'other body'.*'open body'"):
        fit_samples(project)
    with Dictionary.open(project) as dictionary:
        assert not dictionary.body.has_bodies()
        assert dictionary.runs.all()[0].status is RunStatus.FAILED


def test_a_missing_body_file_is_named(project):
    with Dictionary.open(project) as dictionary:
        dictionary.settings.set("body_file", "/nowhere/SMPL.pkl")
        with pytest.raises(BodyFileError, match=r"/nowhere/SMPL\.pkl"):
            tools.project_body(dictionary)


def test_the_projects_own_prior_is_used(project, tmp_path):
    shipped = PosePrior.load()
    path = tmp_path / "own.npz"
    np.savez(path, means=shipped.means[:1], covariances=shipped.covariances[:1], weights=[1.0])
    with Dictionary.open(project) as dictionary:
        tools.choose_prior(dictionary, path)
        assert len(tools.project_prior(dictionary).weights) == 1
        tools.choose_prior(dictionary, None)
        assert len(tools.project_prior(dictionary).weights) == len(shipped.weights)


def test_paper_starts_from_the_mean_pose_unless_another_start_is_named(project):
    fit_samples(project, profile="paper")
    with Dictionary.open(project) as dictionary:
        fits = dictionary.fits.current(dictionary.search.ids().tolist()).values()
        assert all(fit.origin is Origin.MEAN for fit in fits)


def test_a_prediction_that_a_training_stored_as_a_fit_is_no_fit_from_the_network(project):
    fit_samples(project, init="mean")
    with Dictionary.open(project) as dictionary:
        fit = dictionary.fits.current([1])[1]
        dictionary.fits.offer([_prediction(fit)])
        assert 1 in dictionary.search.awaiting_fit(Origin.NETWORK)
    assert fit_samples(project, init="network").fitted == PEOPLE
    assert fit_samples(project, init="network").fitted == 0


def _prediction(fit: Fit) -> NewFit:
    return NewFit(
        sample_id=fit.sample_id,
        parameters=fit.parameters,
        losses=fit.losses,
        origin=Origin.NETWORK,
        iteration=3,
    )


@pytest.fixture
def one_thread() -> Iterator[None]:
    """No batch is read before the one before it is stored."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("one_thread")
def test_people_who_are_removed_while_they_are_fitted_are_refused_and_counted(project, monkeypatch):
    offer = Fits.offer

    def offer_after_a_removal(self, new_fits, **others):
        with Dictionary.open(project) as other:
            if other.samples.exists(2):
                other.removals.people([2])
            elif other.samples.exists(PEOPLE):
                other.removals.people([PEOPLE - 1, PEOPLE])
        return offer(self, new_fits, **others)

    monkeypatch.setattr(Fits, "offer", offer_after_a_removal)
    report = fit_samples(project, batch_size=2)
    assert not report.cancelled
    assert (report.fitted, report.became_current, report.refused) == (PEOPLE - 2, PEOPLE - 3, 1)
    with Dictionary.open(project) as dictionary:
        assert dictionary.problems() == []
        for removal in dictionary.removals.all():
            dictionary.removals.put_back(removal.id)
        assert dictionary.fits.history(2) == []
        assert dictionary.problems() == []
