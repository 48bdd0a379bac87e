"""People whose joints in space are known get bodies that have them there."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.cli.console import Console
from core.cli.parser import build_parser
from core.dictionary.search.query_parser import query_from_text
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.progress import CancelToken, Progress
from core.types.fits import Origin, Verdict
from core.workflows.demo_report import report_on
from core.workflows.shipped_demo import copy_demo_project
from core.workflows.truth.fit_joints import fit_to_joints


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "people"
    copy_demo_project(folder)
    return folder


@pytest.fixture
def project(demo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo, tmp_path / "people"))


def test_true_joints_give_true_bodies_that_become_current(project: Path) -> None:
    with Dictionary.open(project) as dictionary:
        before = report_on(dictionary)
    report = fit_to_joints(project)
    assert (report.fitted, report.became_current, report.without_joints) == (60, 60, 0)
    assert report.distance_mm < 4
    with Dictionary.open(project) as dictionary:
        after = report_on(dictionary)
        fits = dictionary.fits.current(dictionary.search.ids().tolist()).values()
    assert {fit.origin for fit in fits} == {Origin.GROUND_TRUTH}
    assert after.median_error_mm < 5 < before.median_error_mm
    assert np.median([fit.losses.comparison for fit in fits]) < 30, "they lie on the people"


def test_an_accepted_fit_stays_and_nothing_is_fitted_twice(project: Path) -> None:
    with Dictionary.open(project) as dictionary:
        accepted = dictionary.fits.current_of(4)
        assert accepted is not None
        dictionary.verdicts.set({4: Verdict.ACCEPTED})
    assert fit_to_joints(project, where=query_from_text("person_00")).done_before == 1
    with Dictionary.open(project) as dictionary:
        kept = dictionary.fits.current_of(4)
        assert kept is not None
        assert kept.id == accepted.id
    again = fit_to_joints(project, where=query_from_text("person_00"))
    assert again.fitted == 0


@pytest.mark.usefixtures("every_step_reported")
def test_what_was_fitted_before_a_cancel_stays(project: Path) -> None:
    cancel = CancelToken()

    def stop_after_the_first_batch(progress: Progress) -> None:
        if progress.done:
            cancel.cancel()

    report = fit_to_joints(
        project, batch_size=8, progress=stop_after_the_first_batch, cancel=cancel
    )
    assert report.cancelled
    assert 0 < report.fitted < 60
    assert "cancelled" in report.summary()
    rest = fit_to_joints(project)
    assert (rest.fitted, rest.done_before) == (60 - report.fitted, report.fitted)


def test_people_without_joints_are_counted_and_a_project_of_them_is_refused(
    project: Path, tmp_path: Path
) -> None:
    from core.workflows.annotations.import_annotations import import_annotations
    from core.workflows.export_formats import export_project
    from core.workflows.new_projects import NewProject

    export_project(project, "coco-keypoints", tmp_path / "people.json")
    plain = tmp_path / "plain"
    import_annotations(
        NewProject(plain), "coco", tmp_path / "people.json", images=project / "pictures"
    )
    with pytest.raises(StudioError, match="None of these people has joints in space"):
        fit_to_joints(plain)
    with pytest.raises(StudioError, match="matches the filter"):
        fit_to_joints(project, where=query_from_text("nowhere"))


def test_the_command_tells_how_far_the_joints_are_off(project: Path) -> None:
    console = Console(out=io.StringIO(), log=io.StringIO())
    words = ["fit-joints", str(project), "--where", "person_01", "--accuracy-mm", "5"]
    options = build_parser().parse_args(words)
    assert options.run(options, console) == 0
    said = console.out.getvalue()
    assert "to their joints in space" in said
    assert "mm off" in said
