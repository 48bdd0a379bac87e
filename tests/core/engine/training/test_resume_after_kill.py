"""A training that was killed and resumed is the same run as the one that nothing disturbed."""

from __future__ import annotations

import os
import resource
import shutil
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from core.dictionary.search.query_parser import query_from_text
from core.dictionary.store import Dictionary
from core.engine.training.checkpointing import StoredRun
from core.engine.training.train import train
from core.errors import UserFileError
from core.runs.data_selection import DataSelection
from core.runs.observers import SilentObserver
from core.runs.run_folder import RunFolder, read_metrics
from core.types.bodies import BodyParameters
from core.types.fits import Verdict
from core.types.predictions import NewPrediction
from core.types.runs import RunStatus
from tests.core.engine.training.conftest import quick_configuration
from tests.core.engine.training.killed_training import KillPoint, train_until_killed

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL")

RUN = 2
"""The first run made the fits that the training begins with."""

ITERATIONS, CHECKPOINT_EVERY = 11, 4
OF_THE_CLOCK = ("fit_seconds", "step_seconds", "memory_mb")

BETWEEN_TWO_CHECKPOINTS = [
    KillPoint("Loop._iterate", count)
    for count in range(CHECKPOINT_EVERY + 1, 2 * CHECKPOINT_EVERY + 1)
]
WITHIN_AN_ITERATION = [
    KillPoint("DistributedFitStore.current_fits", 6),
    KillPoint("DistributedFitStore.offer", 6),
    KillPoint("Learner.descend", 6),
]
AROUND_A_CHECKPOINT = [
    # The first one is that of the beginning, which is written before there is a run.
    KillPoint("Reporter.settle", 2),
    KillPoint("write_weight_file", 3, calls="fsync"),
    KillPoint("write_weight_file", 3),
    KillPoint("Loop.save", 2),
]
BEFORE_THE_FIRST = [KillPoint("begin_run"), KillPoint("Loop._iterate", 2)]


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def configuration():
    """The samples are chosen by what the training itself changes, and people take turns."""
    return replace(
        quick_configuration(),
        iterations=ITERATIONS,
        checkpoint_every=CHECKPOINT_EVERY,
        refit_every=2,
        improvement_rule="reprojection",
        where=DataSelection.of(query_from_text("origin:mean")),
    )


@pytest.fixture(scope="module")
def begun_with(_fitted_project, tmp_path_factory):
    project = tmp_path_factory.mktemp("judged") / "project"
    judge(shutil.copytree(_fitted_project, project))
    return project


@pytest.fixture(scope="module")
def undisturbed(begun_with, configuration, tmp_path_factory):
    return run_undisturbed(begun_with, configuration, tmp_path_factory.mktemp("undisturbed"))


def run_undisturbed(begun_with, configuration, folder):
    torch.set_num_threads(1)
    project = shutil.copytree(begun_with, folder / "project")
    assert train(project, configuration).improved > 5
    return by_value(project)


@pytest.fixture
def project(begun_with, tmp_path):
    return shutil.copytree(begun_with, tmp_path / "project")


def judge(project):
    with Dictionary.open(project) as dictionary:
        first, second, third = dictionary.search.ids().tolist()[:3]
        dictionary.verdicts.set(
            {first: Verdict.ACCEPTED, second: Verdict.REJECTED, third: Verdict.UNSURE},
            author="maria",
        )
        body = BodyParameters(np.zeros(72, "f4"), np.zeros(10, "f4"), np.array([0, 0, 40], "f4"))
        dictionary.predictions.store([NewPrediction(sample_id=first, parameters=body)])


def by_value(project):
    """All that a run leaves, without row numbers, times of day and durations."""
    folder = RunFolder.of(project, RUN)
    with Dictionary.open(project) as dictionary:
        assert dictionary.problems() == []
        ids = dictionary.search.ids().tolist()
        current = {one: fit_by_value(fit) for one, fit in dictionary.fits.current(ids).items()}
        histories = {
            sample_id: sorted(map(fit_by_value, dictionary.fits.history(sample_id)))
            for sample_id in ids
        }
        predictions = {
            one: (said.run_id, said.iteration, body_by_value(said.parameters))
            for one, said in dictionary.predictions.latest(ids).items()
        }
        rows = [(row.id, row.loss, row.verdict) for row in dictionary.search.rows(ids)]
    return {
        "checkpoint": torch.load(folder.last, weights_only=True),
        "final": torch.load(folder.final, weights_only=True),
        "metrics": [without_the_clock(metrics) for metrics in read_metrics(folder.metrics)],
        "current fits": current,
        "histories": histories,
        "predictions": predictions,
        "rows": rows,
    }


def fit_by_value(fit):
    return (
        fit.iteration or 0,
        str(fit.origin),
        fit.run_id,
        tuple(asdict(fit.losses).values()),
        body_by_value(fit.parameters),
        fit.runner_up,
        str(fit.verdict),
        fit.is_current,
    )


def body_by_value(body):
    return tuple(
        values.tobytes() for values in (body.pose_axis_angle, body.betas, body.camera_translation)
    )


def without_the_clock(metrics):
    return {name: value for name, value in asdict(metrics).items() if name not in OF_THE_CLOCK}


def differing(first, second, path=""):
    """Where two nested values differ, in words; empty where they are equal to the last bit."""
    if isinstance(first, torch.Tensor):
        return [] if torch.equal(first, second) else [path]
    if isinstance(first, dict) and isinstance(second, dict):
        names = sorted(map(str, first.keys() ^ second.keys()))
        return (
            [f"{path}: {names}"]
            if names
            else [
                item
                for key in first
                for item in differing(first[key], second[key], f"{path}/{key}")
            ]
        )
    if isinstance(first, list | tuple) and len(first) == len(second):
        return [
            item
            for index, pair in enumerate(zip(first, second, strict=True))
            for item in differing(*pair, f"{path}/{index}")
        ]
    return [] if first == second else [path]


@pytest.mark.parametrize(
    "point",
    [*BEFORE_THE_FIRST, *BETWEEN_TWO_CHECKPOINTS, *WITHIN_AN_ITERATION, *AROUND_A_CHECKPOINT],
    ids=str,
)
def test_wherever_it_is_killed_it_goes_on_as_if_nothing_had_happened(
    project, configuration, undisturbed, point
):
    train_until_killed(project, configuration, point)
    train(project, None, resume_run=RUN)
    assert differing(undisturbed, by_value(project)) == []


def test_it_is_so_where_the_likelier_fit_replaces(project, begun_with, configuration, tmp_path):
    likelier = replace(configuration, improvement_rule="likelier", batch_size=2)
    undisturbed = run_undisturbed(begun_with, likelier, tmp_path / "undisturbed")
    train_until_killed(project, likelier, KillPoint("DistributedFitStore.offer", 3))
    train_until_killed(project, None, KillPoint("DistributedFitStore.offer", 5), resume_run=RUN)
    train(project, None, resume_run=RUN)
    assert differing(undisturbed, by_value(project)) == []


def test_the_resume_itself_may_be_killed(project, configuration, undisturbed):
    train_until_killed(project, configuration, KillPoint("Loop._iterate", 7))
    for point in (
        KillPoint("Runs.roll_back"),
        KillPoint("atomic_write", 2, calls="fsync"),
        KillPoint("trim_metrics"),
        KillPoint("Loop._iterate", 2),
    ):
        train_until_killed(project, None, point, resume_run=RUN)
    train(project, None, resume_run=RUN)
    assert differing(undisturbed, by_value(project)) == []


@pytest.mark.parametrize("point", [KillPoint("RunFolder.copy", 2), KillPoint("trim_metrics", 2)])
def test_a_discarding_may_be_killed(project, configuration, undisturbed, point):
    train_until_killed(project, configuration, KillPoint("Loop._iterate", 5))
    train_until_killed(project, None, point, resume_run=RUN, cancel_at=8)
    train(project, None, resume_run=RUN)
    assert differing(undisturbed, by_value(project)) == []


def test_what_a_person_judged_after_the_checkpoint_stands_and_is_told(project, configuration):
    train_until_killed(project, configuration, KillPoint("Loop._iterate", 7))
    with Dictionary.open(project) as dictionary:
        fits = dictionary.fits.current(dictionary.search.ids().tolist()).values()
        lost = [fit for fit in fits if fit.run_id == RUN and fit.iteration > CHECKPOINT_EVERY]
        accepted = lost[0]
        dictionary.verdicts.set({accepted.sample_id: Verdict.ACCEPTED}, author="maria")
    listener = Listener()
    report = train(project, None, resume_run=RUN, observer=listener)
    assert report.withdrawn == len(lost) - 1
    assert report.withdrawn > 0
    assert f"later fits taken back: {report.withdrawn}" in listener.said
    assert "later fits that stay, because a person judged them: 1" in listener.said
    with Dictionary.open(project) as dictionary:
        current = dictionary.fits.current_of(accepted.sample_id)
    assert (current.id, current.verdict) == (accepted.id, Verdict.ACCEPTED)


class FullDisk(SilentObserver):
    """From an iteration on the system refuses files above 10 MB; a checkpoint has 22."""

    def __init__(self, iteration):
        self.iteration, self.former = iteration, resource.getrlimit(resource.RLIMIT_FSIZE)

    def metrics(self, metrics):
        if metrics[-1].iteration >= self.iteration:
            resource.setrlimit(resource.RLIMIT_FSIZE, (10_000_000, self.former[1]))

    def finish(self):
        resource.setrlimit(resource.RLIMIT_FSIZE, self.former)


def test_a_disk_that_takes_no_more_stops_it_and_the_checkpoint_before_stays(
    project, configuration, undisturbed
):
    full = FullDisk(CHECKPOINT_EVERY + 1)
    try:
        with pytest.raises(
            UserFileError, match=r"last\.pt: cannot be written .* it takes 22\.\d MB"
        ):
            train(project, configuration, observer=full)
    finally:
        full.finish()
    folder = RunFolder.of(project, RUN)
    assert StoredRun(folder.last).iteration == CHECKPOINT_EVERY
    assert [path.name for path in folder.path.iterdir() if path.name.startswith(".")] == []
    with Dictionary.open(project) as dictionary:
        assert dictionary.runs.all()[0].status is RunStatus.FAILED
    train(project, None, resume_run=RUN)
    assert differing(undisturbed, by_value(project)) == []


class Listener(SilentObserver):
    said = ""

    def started(self, run_id, configuration, said):
        self.said = said


def test_a_run_killed_before_it_had_a_checkpoint_never_was(project, configuration):
    train_until_killed(project, configuration, KillPoint("RunFolder.prepare"))
    with Dictionary.open(project) as dictionary:
        assert [run.kind for run in dictionary.runs.all()] == ["fit"]
    train_until_killed(project, configuration, KillPoint("RunFolder.become"))
    orphan = RunFolder.of(project, RUN).configuration.read_bytes()
    assert train(project, replace(configuration, iterations=1)).run_id == RUN
    (aside,) = project.glob("checkpoints/run_2-set-aside-*")
    assert (aside / "configuration.json").read_bytes() == orphan
