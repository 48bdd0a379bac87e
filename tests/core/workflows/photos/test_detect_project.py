"""People with keypoints of their own get landmarks, and keep their keypoints."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.progress import CancelToken
from core.workflows.photos.detect_project import detect_people
from tests.core.dictionary.conftest import new_sample
from tests.core.workflows.photos.scripted_finder import ScriptedFinder
from tests.core.workflows.photos.test_import_photos import BLACK, write_picture


@pytest.fixture
def project(tmp_path) -> Path:
    """Two people in one picture, one of them without keypoints, and one in another picture."""
    pictures = [write_picture(tmp_path / name) for name in ("a.jpg", "b.jpg")]
    with Dictionary.create(tmp_path / "project") as dictionary:
        dictionary.samples.add(
            [
                replace(new_sample(1), picture_path=pictures[0]),
                replace(new_sample(2, visible=0), picture_path=pictures[0]),
                replace(new_sample(3), picture_path=pictures[1]),
            ]
        )
    return tmp_path / "project"


def keypoints(project):
    with Dictionary.open(project) as dictionary:
        return [sample.keypoints_px.copy() for sample in dictionary.samples.get_many([1, 2, 3])]


def test_landmarks_come_and_keypoints_stay(project):
    before = keypoints(project)
    finder = ScriptedFinder()
    report = detect_people(project, finder=finder)
    assert (report.measured, report.not_seen) == (3, 0)
    np.testing.assert_array_equal(keypoints(project), before)
    with Dictionary.open(project) as dictionary:
        assert sorted(dictionary.detections.get_many([1, 2, 3])) == [1, 2, 3]
    given = [asked["keypoints_px"] is not None for asked in finder.asked]
    assert given == [True, False, True], "a person without keypoints is looked for by the box"
    assert all(asked["box"] is not None for asked in finder.asked)


def test_a_second_run_measures_no_one_again(project):
    detect_people(project, finder=ScriptedFinder())
    finder = ScriptedFinder()
    report = detect_people(project, finder=finder)
    assert finder.asked == []
    assert (report.measured, report.measured_before) == (0, 3)


def test_only_the_people_asked_for_are_measured(project):
    report = detect_people(project, where=SampleQuery(text="a.jpg"), finder=ScriptedFinder())
    assert report.measured == 2


def test_a_person_whom_the_networks_do_not_see_is_not_asked_about_again(project, tmp_path):
    write_picture(tmp_path / "a.jpg", BLACK)
    report = detect_people(project, finder=ScriptedFinder())
    assert (report.measured, report.not_seen) == (1, 2)
    again = ScriptedFinder()
    detect_people(project, finder=again)
    assert again.asked == []


def test_a_missing_picture_is_told_and_the_others_are_measured(project, tmp_path):
    (tmp_path / "a.jpg").unlink()
    report = detect_people(project, finder=ScriptedFinder())
    assert report.measured == 1
    (problem,) = report.problems
    assert "a.jpg" in problem


def test_who_was_measured_before_a_stop_is_kept(project):
    cancel = CancelToken()

    class Stopped(ScriptedFinder):
        def measure(self, rgb, **asked):
            person = super().measure(rgb, **asked)
            cancel.cancel()
            return person

    report = detect_people(project, finder=Stopped(), cancel=cancel)
    assert report.cancelled
    assert report.measured == 1
    assert detect_people(project, finder=ScriptedFinder()).measured == 2
