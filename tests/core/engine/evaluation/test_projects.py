"""A project's predictions and fits against its samples' truth."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import main as program
from core.dictionary.store import Dictionary
from core.engine.evaluation.dictionary_history import dictionary_over_run
from core.engine.evaluation.project_evaluation import (
    CURRENT_FITS,
    INITIAL_FITS,
    PREDICTIONS,
    evaluate_project,
)
from core.errors import StudioError
from core.types.fits import Origin
from core.types.runs import RunStatus
from tests.core.engine.evaluation.people_with_truth import PEOPLE, body, fit, sample


def test_the_dictionary_is_judged_before_and_after(project):
    found = evaluate_project(project)
    assert (found.samples, found.with_truth) == (PEOPLE + 1, PEOPLE)
    before, after = found.named(INITIAL_FITS), found.named(CURRENT_FITS)
    assert len(before.errors) == len(after.errors) == PEOPLE
    assert after.errors.mpjpe_mm.max() == 0
    # Of the 14 joints only the left wrist hangs on that elbow.
    moved = before.errors.joint_mm.max(axis=0) > 1
    names = list(before.errors.mean_joints_mm())
    assert [name for name, one in zip(names, moved, strict=True) if one] == ["Left Wrist"]


def test_predictions_are_judged_where_there_are_some_and_the_worst_comes_first(project):
    predictions = evaluate_project(project).named(PREDICTIONS)
    assert len(predictions.errors) == 3
    assert evaluate_project(project).prediction_runs == {None}
    assert predictions.worst(2).tolist() == predictions.sample_ids[[2, 1]].tolist()


def test_prediction_sets_stand_under_their_names(project):
    with Dictionary.open(project) as dictionary:
        dictionary.prediction_sets.keep_latest("first run")
    found = evaluate_project(project)
    kept, latest = found.named("set: first run"), found.named(PREDICTIONS)
    np.testing.assert_array_equal(kept.errors.mpjpe_mm, latest.errors.mpjpe_mm)


def test_tables_have_a_row_a_kind_and_a_row_a_joint(project):
    found = evaluate_project(project)
    rows = found.summary_table().rows
    assert [row[0] for row in rows] == [PREDICTIONS, INITIAL_FITS, CURRENT_FITS]
    assert found.joint_table().rows[0][0] == "Right Ankle"
    assert len(found.joint_table().rows) == 14
    # No one has keypoints: no 2D error, and no warning about empty means.
    assert np.isnan(found.named(CURRENT_FITS).mean_error_2d_px)


def test_a_project_without_truth_is_refused(tmp_path):
    folder = tmp_path / "project"
    with Dictionary.create(folder) as dictionary:
        dictionary.samples.add([sample(tmp_path, 0, with_truth=False)])
    with pytest.raises(StudioError, match="None of the 1"):
        evaluate_project(folder)
    with pytest.raises(StudioError, match="no 'predictions'"):
        replace_bodies(evaluate_project, folder)


def replace_bodies(evaluate, folder):
    """A project with truth and no bodies."""
    with Dictionary.open(folder) as dictionary:
        dictionary.samples.add([sample(folder, 7)])
    return evaluate(folder).named(PREDICTIONS)


def test_the_command_writes_tables_or_json(project, capsys):
    assert program.main(["evaluate", "project", str(project), "--worst", "1"]) == 0
    text = capsys.readouterr().out
    assert "| current fits | 5 | 0.0 |" in text
    assert "Left Wrist" in text
    assert program.main(["evaluate", "project", str(project), "--json", "--worst", "1"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["bodies"]["current fits"]["mpjpe_mm"] == 0
    assert len(found["bodies"]["initial fits"]["worst"]) == 1


def test_the_dictionary_of_any_moment_of_a_run_is_put_together_again(project, capsys):
    """Person n is bettered in iteration 10 n; a later run undoes one of them."""
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()[:PEOPLE]
        for number, one in enumerate(ids):
            bent = fit(one, body(number, pose_change=0.5), 3.0)
            dictionary.fits.offer([replace(bent, origin=Origin.REFIT)])
        run_id = dictionary.runs.start("train", configuration={"iterations": 50}, versions={})
        for number, one in enumerate(ids[1:], start=1):
            true = fit(one, body(number), 2.0)
            dictionary.fits.offer(
                [replace(true, origin=Origin.IN_LOOP, run_id=run_id, iteration=10 * number)]
            )
        later = dictionary.runs.start("train", configuration={}, versions={})
        worse = fit(ids[0], body(0, pose_change=1.0), 1.0)
        dictionary.fits.offer([replace(worse, origin=Origin.IN_LOOP, run_id=later, iteration=1)])
    stopped = dictionary_over_run(project, run_id, moments=4)
    assert [item.iteration for item in stopped] == [0, 10, 20, 30, 40], "50 was only planned"
    with Dictionary.open(project) as dictionary:
        dictionary.runs.end(run_id, RunStatus.FINISHED)
    moments = dictionary_over_run(project, run_id, moments=5)
    assert [moment.iteration for moment in moments] == [0, 10, 20, 30, 40, 50]
    assert {moment.errors.people for moment in moments} == {PEOPLE}
    errors = [moment.errors.mpjpe_mm for moment in moments]
    assert errors == sorted(errors, reverse=True)
    bent = evaluate_project(project).named(CURRENT_FITS).errors.mpjpe_mm[0]
    assert 0 < errors[4] == errors[5] < bent / PEOPLE
    with pytest.raises(StudioError, match="no run 77"):
        dictionary_over_run(project, 77)
    assert program.main(["evaluate", "project", str(project), "--run", str(run_id)]) == 0
    assert f"course of run {run_id}" in capsys.readouterr().out
