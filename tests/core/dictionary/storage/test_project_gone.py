"""A project that is moved, deleted or replaced while it is open: told, and nothing "saved"."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.dictionary.store import Dictionary
from core.errors import ProjectGoneError
from core.types.fits import Verdict


def delete(project: Path) -> None:
    shutil.rmtree(project)


def move(project: Path) -> None:
    project.rename(project.with_name("moved"))


def replace_by_a_copy(project: Path) -> None:
    shutil.copytree(project, project.with_name("copy"))
    project.rename(project.with_name("moved"))
    project.with_name("copy").rename(project)


def replace_the_database_alone(project: Path) -> None:
    database = project / "dictionary.db"
    shutil.copyfile(database, project / "copy")
    (project / "copy").rename(database)


def delete_the_log(project: Path) -> None:
    (project / "dictionary.db-wal").unlink()


EVERY_WAY = pytest.mark.parametrize(
    "strike",
    [delete, move, replace_by_a_copy, replace_the_database_alone, delete_the_log],
    ids=lambda strike: strike.__name__,
)


@pytest.fixture
def opened(project, make_sample, make_fit):
    with Dictionary.create(project) as dictionary:
        (sample_id,) = dictionary.samples.add([make_sample()]).added_ids
        dictionary.fits.offer([make_fit(sample_id)])
        yield dictionary


@EVERY_WAY
def test_a_verdict_is_refused_and_not_stored(opened, project, strike: Callable[[Path], None]):
    strike(project)
    with pytest.raises(ProjectGoneError, match="moved, deleted or replaced") as told:
        opened.verdicts.set({1: Verdict.ACCEPTED}, "maria")
    assert "Open the project again" in told.value.remedy
    assert opened.fits.current_of(1).verdict is Verdict.NONE


@EVERY_WAY
def test_looking_for_changes_of_others_tells(opened, project, strike: Callable[[Path], None]):
    strike(project)
    with pytest.raises(ProjectGoneError):
        opened.file.change_counter()


@EVERY_WAY
def test_what_fits_and_imports_write_is_refused(
    opened, project, make_sample, make_fit, strike: Callable[[Path], None]
):
    strike(project)
    with pytest.raises(ProjectGoneError):
        opened.fits.offer([make_fit(1, loss=1.0)])
    with pytest.raises(ProjectGoneError):
        opened.samples.add([make_sample(2)])


def test_a_project_moved_while_a_transaction_waits_for_the_disk_is_told(opened, project):
    with pytest.raises(ProjectGoneError):
        _write_while_it_is_moved(opened, project)
    assert opened.samples.get(1).dataset == "coco"


def _write_while_it_is_moved(dictionary: Dictionary, project: Path) -> None:
    with dictionary._connection.writing():
        dictionary._connection.execute("UPDATE samples SET dataset = 'other'")
        move(project)


def test_nothing_new_appears_in_the_old_place(opened, project):
    delete(project)
    with pytest.raises(ProjectGoneError):
        opened.verdicts.set({1: Verdict.ACCEPTED}, "maria")
    opened.close()
    assert not project.exists()


def test_closing_leaves_the_log_of_the_project_in_its_place_alone(opened, project):
    # Closing the last connection deletes the log by its name: here that of another project.
    replace_by_a_copy(project)
    with Dictionary.open(project) as other:
        other.verdicts.set({1: Verdict.REJECTED}, "maria")
        opened.close()
        other.verdicts.set({1: Verdict.UNSURE}, "maria")
    with Dictionary.open(project) as again:
        assert again.fits.current_of(1).verdict is Verdict.UNSURE
        assert again.problems() == []


def test_a_moved_project_holds_all_that_was_saved_before(opened, project):
    opened.verdicts.set({1: Verdict.ACCEPTED}, "maria")
    move(project)
    with pytest.raises(ProjectGoneError):
        opened.verdicts.set({1: Verdict.REJECTED}, "maria")
    opened.close()
    with Dictionary.open(project.with_name("moved")) as moved:
        assert moved.fits.current_of(1).verdict is Verdict.ACCEPTED


def test_a_link_that_leads_to_the_same_files_is_no_other_project(opened, project):
    move(project)
    project.symlink_to(project.with_name("moved"))
    opened.verdicts.set({1: Verdict.ACCEPTED}, "maria")
    assert opened.fits.current_of(1).verdict is Verdict.ACCEPTED
