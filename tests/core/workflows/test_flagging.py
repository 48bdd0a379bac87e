"""Flagging a project: only what changed, resumable, cancellable, errors where truth is known."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.cli.console import INTERRUPTED, Console
from core.cli.parser import build_parser
from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.progress import CancelToken
from core.types.bodies import BodyParameters
from core.types.fits import NewFit, Origin
from core.types.flags import FlagName
from core.types.predictions import NewPrediction
from core.types.samples import GroundTruth
from core.workflows import flag_project as flagging
from core.workflows.fit_project import fit_samples
from core.workflows.flag_project import PHASE, SampleFlagger, flag_samples
from tests.core.workflows.test_fitting import people_of

PEOPLE = 7
TURNED_ID = 2


def with_truth(samples, fits):
    """The same samples, whose current fits are said to be the truth."""
    return [
        replace(sample, ground_truth=GroundTruth(parameters=fits[index + 1].parameters))
        for index, sample in enumerate(samples)
    ]


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory, open_body) -> Path:
    folder = tmp_path_factory.mktemp("fitted") / "project"
    with Dictionary.create(folder) as dictionary:
        dictionary.samples.add(people_of(open_body, PEOPLE))
    fit_samples(folder)
    return folder


@pytest.fixture
def project(tmp_path: Path, fitted: Path) -> Path:
    return Path(shutil.copytree(fitted, tmp_path / "project"))


def turned_round(fit) -> NewFit:
    """The same body with its back to where its face was."""
    import torch

    from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle

    pose = fit.parameters.pose_axis_angle.copy()
    half_turn = axis_angle_to_matrix(torch.tensor([0.0, np.pi, 0.0]))
    root = half_turn @ axis_angle_to_matrix(torch.from_numpy(pose[:3].copy()))
    pose[:3] = matrix_to_axis_angle(root).numpy()
    return NewFit(
        sample_id=fit.sample_id,
        parameters=BodyParameters(pose, fit.parameters.betas, fit.parameters.camera_translation),
        losses=replace(fit.losses, comparison=fit.losses.comparison + 80),
        origin=Origin.IMPORTED,
    )


def spoil(dictionary: Dictionary, sample_id: int) -> None:
    fit_id = dictionary.fits.offer([turned_round(dictionary.fits.current_of(sample_id))])[0].fit_id
    dictionary.fits.make_current(sample_id, fit_id)


def test_every_fit_is_assessed_once(project):
    report = flag_samples(project)
    assert (report.assessed, report.outdated, report.cancelled) == (PEOPLE, 0, False)
    assert report.summary().startswith(f"Assessed {PEOPLE} fits in ")
    assert flag_samples(project).assessed == 0
    assert flag_samples(project, again=True).assessed == PEOPLE
    with Dictionary.open(project) as dictionary:
        assert dictionary.problems() == []


def test_a_body_turned_round_is_first_by_suspicion_and_says_why(project):
    with Dictionary.open(project) as dictionary:
        spoil(dictionary, TURNED_ID)
    flag_samples(project)
    with Dictionary.open(project) as dictionary:
        worst = dictionary.search.ids(SampleQuery(sort=SortKey.SUSPICION, descending=True))
        assert worst[0] == TURNED_ID
        flagged = dictionary.search.ids(SampleQuery(flags=frozenset({FlagName.ORIENTATION})))
        assert TURNED_ID in flagged
        reasons = {flag.name: flag.reason for flag in dictionary.flags.of(TURNED_ID)}
        assert "where the lifted pose puts it" in reasons[FlagName.ORIENTATION]
        assert 0.5 < dictionary.search.rows([TURNED_ID])[0].suspicion <= 1


def test_only_what_changed_is_assessed_again(project):
    flag_samples(project)
    with Dictionary.open(project) as dictionary:
        spoil(dictionary, TURNED_ID)
        other = dictionary.fits.current_of(5).parameters
        dictionary.predictions.store([NewPrediction(sample_id=5, parameters=other)])
        assert dictionary.assessments.due() == [TURNED_ID, 5]
    assert flag_samples(project).assessed == 2


def test_a_prediction_of_another_body_is_named_and_measured(project):
    with Dictionary.open(project) as dictionary:
        fit = dictionary.fits.current_of(3).parameters
        pose = fit.pose_axis_angle.copy()
        pose[3 * 16 : 3 * 20] += np.float32(1.2)
        pose[3 * 1 : 3 * 3] -= np.float32(1.2)
        body = BodyParameters(pose, fit.betas, fit.camera_translation)
        dictionary.predictions.store([NewPrediction(sample_id=3, parameters=body)])
        flagger = SampleFlagger(dictionary)
        with_prediction, without = flagger.assessments([3, 4])
        assert with_prediction.disagreement_deg > 5
        assert without.disagreement_deg is None
        inputs = flagger.inputs([3, 4])
        assert [alternative.who for alternative in inputs.alternatives] == [
            "the lifted pose",
            "the prediction",
        ]
        assert inputs.alternatives[1].present.tolist() == [True, False]


def test_errors_are_known_where_the_truth_is(tmp_path, fitted, open_body):
    with Dictionary.open(fitted) as dictionary:
        fits = dictionary.fits.current(range(1, PEOPLE + 1))
    samples = with_truth(people_of(open_body, PEOPLE), fits)
    samples[1] = replace(samples[1], ground_truth=GroundTruth())
    joints = np.zeros((49, 4), np.float32)
    joints[25:29] = 1
    samples[2] = replace(samples[2], ground_truth=GroundTruth(joints_3d=joints))
    with Dictionary.create(tmp_path / "known") as dictionary:
        dictionary.samples.add(samples)
        dictionary.fits.offer(
            [
                NewFit(
                    sample_id=fit.sample_id,
                    parameters=fit.parameters,
                    losses=fit.losses,
                    origin=fit.origin,
                )
                for fit in fits.values()
            ]
        )
        spoil(dictionary, 4)
        made = SampleFlagger(dictionary).assessments([1, 2, 3, 4])
    errors = [item.error_3d_mm for item in made]
    assert errors[0] == pytest.approx(0, abs=0.1)
    assert errors[1] is None
    assert errors[2] is None, "four joints say nothing after Procrustes"
    # Procrustes takes the turn of the whole body out.
    assert errors[3] == pytest.approx(0, abs=0.1)
    assert all(item.error_2d_px >= 0 for item in made)


def test_cancelling_keeps_what_is_done_and_the_next_call_goes_on(project, every_step_reported):
    cancel = CancelToken()

    def stop_after_four(progress):
        if progress.phase == PHASE and progress.done >= 4:
            cancel.cancel()

    report = flag_samples(project, batch_size=2, progress=stop_after_four, cancel=cancel)
    assert report.cancelled
    assert "cancelled" in report.summary()
    assert report.assessed == 4
    assert flag_samples(project).assessed == PEOPLE - report.assessed


def test_at_most_a_few_are_assessed_where_only_a_few_are_wanted(project):
    assert flag_samples(project, at_most=3).assessed == 3
    assert flag_samples(project).assessed == PEOPLE - 3


def test_a_fit_that_changes_while_it_is_looked_at_waits_for_the_next_time(project, monkeypatch):
    looked_at = SampleFlagger.assessments

    def meanwhile(self, sample_ids):
        made = looked_at(self, sample_ids)
        with Dictionary.open(project) as other:
            spoil(other, TURNED_ID)
        return made

    monkeypatch.setattr(flagging.SampleFlagger, "assessments", meanwhile)
    report = flag_samples(project)
    assert (report.assessed, report.outdated) == (PEOPLE - 1, 1)
    monkeypatch.undo()
    assert flag_samples(project).assessed == 1


def test_people_with_few_keypoints_are_assessed_without_the_lifter(project, open_body):
    sample = people_of(open_body, 1, seed=9)[0]
    few = np.zeros_like(sample.keypoints_px)
    few[25:28] = sample.keypoints_px[25:28]
    with Dictionary.open(project) as dictionary:
        new = replace(sample, picture_path=Path("/pictures/few.jpg"), keypoints_px=few)
        sample_id = dictionary.samples.add([new]).added_ids[0]
        fit = dictionary.fits.current_of(1)
        dictionary.fits.offer(
            [
                NewFit(
                    sample_id=sample_id,
                    parameters=fit.parameters,
                    losses=fit.losses,
                    origin=Origin.IMPORTED,
                )
            ]
        )
        made = SampleFlagger(dictionary).assessments([sample_id])[0]
        assert 0 <= made.suspicion <= 1
        assert all(flag.name is not FlagName.FEW_KEYPOINTS for flag in made.flags)


def run(*arguments: str | Path) -> tuple[int, str, str]:
    out, log = io.StringIO(), io.StringIO()
    options = build_parser().parse_args([str(argument) for argument in arguments])
    return options.run(options, Console(out, log)), out.getvalue(), log.getvalue()


def test_the_subcommand_flags_and_says_so(project):
    status, out, _ = run("flag", project)
    assert status == 0
    assert out.startswith(f"Assessed {PEOPLE} fits")
    assert run("flag", project)[1].startswith("Assessed 0 fits")
    assert run("flag", project, "--all")[1].startswith(f"Assessed {PEOPLE} fits")


def test_the_subcommand_ends_as_interrupted_where_it_was(project, monkeypatch):
    def cancelled(*_arguments, **_options):
        return flagging.FlagReport(assessed=2, cancelled=True)

    monkeypatch.setattr("core.workflows.flag_project.flag_samples", cancelled)
    assert run("flag", project)[0] == INTERRUPTED


def test_refitting_keeps_flags_up_to_date(project):
    status, out, log = run("refit", project)
    assert status == 0
    assert out.startswith("Refitted")
    assert f"Assessed {PEOPLE} fits" in log
    with Dictionary.open(project) as dictionary:
        assert dictionary.assessments.due() == []
