"""The window's import of a file of bodies does what the command line's does: people and fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.dictionary.store import Dictionary
from core.progress import CancelToken, Progress, ignore_progress
from core.types.fits import Origin
from core.workflows.predictions.import_bodies_report import ImportBodiesReport, ImportFitsReport
from core.workflows.shipped_demo import copy_demo_project
from spin_gui.jobs.adapters import import_job
from spin_gui.jobs.job import ImportChoice
from spin_gui.jobs.sheet_jobs import ImportPredictionsChoice, import_fits_job
from tests.body_files import PEOPLE, eft_of


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "people"
    copy_demo_project(folder)
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    Dictionary.create(tmp_path / "vetted").close()
    return tmp_path / "vetted"


def _choice(demo: Path, file: Path) -> ImportChoice:
    return ImportChoice(format="bodies", source=file, images=demo / "pictures")


def test_people_come_in_with_fits(demo: Path, empty: Path, tmp_path: Path) -> None:
    job = import_job(empty, _choice(demo, eft_of(demo, tmp_path / "method.json")))
    assert job.needs_torch
    report = job.work(ignore_progress, CancelToken())
    assert isinstance(report, ImportBodiesReport)
    assert f"{PEOPLE} people added" in report.short()
    assert f"{PEOPLE} fits taken over" in report.short()
    with Dictionary.open(empty) as project:
        fits = project.fits.current(project.search.ids().tolist())
        assert [fit.origin for fit in fits.values()] == [Origin.IMPORTED] * PEOPLE


def test_people_stay_where_it_is_stopped_before_the_bodies(
    demo: Path, empty: Path, tmp_path: Path
) -> None:
    cancel = CancelToken()

    def stop_at_the_bodies(progress: Progress) -> None:
        if "predictions" in progress.phase:
            cancel.cancel()

    job = import_job(empty, _choice(demo, eft_of(demo, tmp_path / "method.json")))
    report = job.work(stop_at_the_bodies, cancel)
    assert isinstance(report, ImportBodiesReport)
    assert report.cancelled
    with Dictionary.open(empty) as project:
        assert project.search.count() == PEOPLE
        assert not project.fits.current(project.search.ids().tolist())


def test_bodies_of_people_who_are_there_enter_their_histories(demo: Path, tmp_path: Path) -> None:
    file = eft_of(demo, tmp_path / "method.json")
    choice = ImportPredictionsChoice(name="Other", source=file)
    report = import_fits_job(demo, choice, beside=True).work(ignore_progress, CancelToken())
    assert isinstance(report, ImportFitsReport)
    assert report.fits.kept == PEOPLE
