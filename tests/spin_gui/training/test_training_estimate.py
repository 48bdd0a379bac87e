"""Estimates of a training come from what iterations took."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.dictionary.store import Dictionary
from core.runs.run_folder import RunFolder
from core.runs.training_configuration import TrainingConfiguration, profile_configuration
from spin_gui.training.training_estimate import estimate_text, paces_of

CPU_DEMO = profile_configuration("cpu-demo")


def train_before(
    project: Path, configuration: TrainingConfiguration, step_seconds: list[float]
) -> int:
    with Dictionary.open(project) as dictionary:
        run_id = dictionary.runs.start("train", configuration=configuration.to_dict(), versions={})
    folder = RunFolder.of(project, run_id)
    folder.path.mkdir(parents=True)
    lines = [json.dumps({"iteration": 1, "step_seconds": seconds}) for seconds in step_seconds]
    folder.metrics.write_text("\n".join([*lines, '{"iteration": 2, "step_sec']), encoding="utf-8")
    return run_id


def runs_of(project: Path):
    with Dictionary.open(project) as dictionary:
        return dictionary.runs.all()


def test_the_projects_own_newest_run_tells_the_pace(project):
    train_before(project, CPU_DEMO, [9.0])
    newest = train_before(project, CPU_DEMO, [40.0, 3.6, 3.6, 3.6])
    paces = paces_of(project, runs_of(project))
    text = estimate_text(CPU_DEMO, paces, on_cpu=True)
    assert text == f"In run {newest} an iteration took 3.60 s: 1\u202f000 take about 1 h 0 min."


@pytest.mark.parametrize("change", [{"backbone": "resnet50"}, {"batch_size": 8}])
def test_a_run_of_other_work_tells_nothing(project, change):
    train_before(project, replace(CPU_DEMO, **change), [3.6])
    text = estimate_text(CPU_DEMO, paces_of(project, runs_of(project)), on_cpu=True)
    assert text.startswith("On two quiet cores an iteration took 0.800 s")
    assert "13 min 20 s" in text


def test_a_run_that_was_killed_at_once_and_one_without_numbers_are_passed_over(project):
    train_before(project, CPU_DEMO, [3.6])
    train_before(project, CPU_DEMO, [])
    assert [pace.seconds for pace in paces_of(project, runs_of(project)).values()] == [3.6]


def test_the_papers_profile_on_a_processor_is_told_to_take_weeks():
    text = estimate_text(profile_configuration("paper"), {}, on_cpu=True)
    assert "52 days" in text


def test_nothing_is_promised_where_nothing_was_measured():
    text = estimate_text(profile_configuration("studio"), {}, on_cpu=False)
    assert "shown after the first few" in text
