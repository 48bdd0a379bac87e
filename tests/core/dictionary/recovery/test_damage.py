"""Rule 5: every edit is one transaction – on the disk, or not at all, whatever goes wrong."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.dictionary.store import Dictionary
from core.errors import DictionaryBusyError, DictionaryError
from core.types.fits import Verdict
from core.types.samples import NewSample

NOBODYS_UID = 65534


@contextmanager
def ordinary_user() -> Iterator[None]:
    """As a user whom permissions bind; root passes them, so root steps down meanwhile."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODYS_UID)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may write to; pytest's own are for one user only."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o777)


def test_a_project_in_a_folder_that_cannot_be_written_is_refused(open_folder):
    open_folder.chmod(0o555)
    with (
        pytest.raises(DictionaryError, match="cannot be made here") as refused,
        ordinary_user(),
    ):
        Dictionary.create(open_folder / "project")
    assert "write" in refused.value.remedy
    assert list(open_folder.iterdir()) == []


def test_a_project_that_became_read_only_is_refused_with_a_remedy(open_folder, make_sample):
    project = open_folder / "project"
    with Dictionary.create(project) as dictionary:
        dictionary.samples.add([make_sample(1)])
    (project / "dictionary.db").chmod(0o444)
    project.chmod(0o555)
    with pytest.raises(DictionaryError, match="is read-only") as refused, ordinary_user():
        _add_one_more(project, make_sample(2))
    assert "writable" in refused.value.remedy


def _add_one_more(project: Path, sample: NewSample) -> None:
    with Dictionary.open(project) as dictionary:
        dictionary.samples.add([sample])


def test_a_second_project_in_the_same_folder_is_refused(dictionary, project):
    with pytest.raises(DictionaryError, match="is a project already"):
        Dictionary.create(project)


def test_a_project_that_could_not_be_filled_leaves_no_database(project, monkeypatch):
    from core.dictionary.storage import project_folder as project_files

    def fail(*_arguments: object, **_more: object) -> None:
        raise DictionaryError("the disk is full")

    monkeypatch.setattr(project_files, "make_schema", fail)
    with pytest.raises(DictionaryError, match="disk is full"):
        Dictionary.create(project)
    assert [path.name for path in project.rglob("*") if path.is_file()] == []
    monkeypatch.undo()
    Dictionary.create(project).close()


def test_a_file_where_the_project_should_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(DictionaryError, match="cannot be made here"):
        Dictionary.create(tmp_path / "file")


@pytest.fixture
def filled(project, make_sample, make_fit) -> Path:
    with Dictionary.create(project) as dictionary:
        ids = dictionary.samples.add(make_sample(number) for number in range(50)).added_ids
        dictionary.fits.offer([make_fit(sample_id) for sample_id in ids])
    return project


@pytest.mark.parametrize("kept", [0.0, 0.00005, 0.1, 0.5, 0.99])
def test_a_database_that_was_cut_short_is_seen_on_opening(filled, kept):
    database = filled / "dictionary.db"
    whole = database.stat().st_size
    with database.open("r+b") as file:
        file.truncate(int(whole * kept))
    with pytest.raises(DictionaryError, match="cut short") as refused:
        Dictionary.open(filled)
    assert str(int(whole * kept)) in str(refused.value)
    assert "backup" in refused.value.remedy


def test_a_file_that_is_no_database_is_refused(filled):
    (filled / "dictionary.db").write_bytes(b"hello " * 1000)
    with pytest.raises(DictionaryError, match="damaged or no project's database"):
        Dictionary.open(filled)


def test_damage_inside_the_file_is_told_and_not_passed_on(filled):
    database = filled / "dictionary.db"
    content = bytearray(database.read_bytes())
    content[4096 * 4 :] = os.urandom(len(content) - 4096 * 4)
    database.write_bytes(content)
    with pytest.raises(DictionaryError, match="damaged"):
        _read_everything(filled)


def _read_everything(project: Path) -> None:
    with Dictionary.open(project) as dictionary:
        for sample_id in dictionary.search.ids():
            dictionary.samples.get(sample_id)
            dictionary.fits.history(sample_id)


def test_a_full_disk_stores_nothing_of_the_step_and_says_so(dictionary, make_sample, make_fit):
    ids = dictionary.samples.add([make_sample(1), make_sample(2)]).added_ids
    pages = dictionary._connection.scalar("PRAGMA page_count")
    dictionary._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(DictionaryError, match="disk is full") as refused:
        dictionary.samples.add(make_sample(number) for number in range(10, 500))
    assert "space" in refused.value.remedy
    assert dictionary.search.count() == 2
    dictionary._connection.execute("PRAGMA max_page_count = 100000")
    dictionary.fits.offer([make_fit(sample_id) for sample_id in ids])
    assert len(dictionary.fits.current(ids)) == 2


def test_a_disk_that_fails_is_told_with_a_remedy(dictionary):
    # What SQLite says where even its small index of the log finds no space.
    failed = sqlite3.OperationalError("disk I/O error")
    failed.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    with (
        pytest.raises(DictionaryError, match="disk could not be") as told,
        dictionary._connection.translated_errors(),
    ):
        raise failed
    assert "space" in told.value.remedy


def test_a_folder_that_cannot_be_looked_into_is_told(tmp_path):
    with pytest.raises(DictionaryError, match="cannot be looked into") as told:
        Dictionary.open(tmp_path / ("x" * 300))
    assert "path" in told.value.remedy
    with pytest.raises(DictionaryError, match="cannot be made here"):
        Dictionary.create(tmp_path / ("x" * 300))


@pytest.mark.parametrize("folders", [9, 45])
def test_a_path_that_is_too_long_is_told_as_that(tmp_path, folders):
    project = tmp_path.joinpath(*["d" * 90] * folders)
    with pytest.raises(DictionaryError, match=r"too long") as told:
        Dictionary.create(project)
    assert "shorter path" in told.value.remedy
    assert "writable" not in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_a_batch_that_fails_at_its_last_fit_stores_none(dictionary, sample_id, make_fit):
    dictionary._connection.execute(
        "CREATE TEMP TRIGGER cable BEFORE INSERT ON fits WHEN NEW.comparison_loss = 3.0 "
        "BEGIN SELECT RAISE(ABORT, 'the cable was pulled'); END"
    )
    with pytest.raises(DictionaryError, match="cable"):
        dictionary.fits.offer([make_fit(sample_id, loss=loss) for loss in (5.0, 4.0, 3.0)])
    assert dictionary.fits.history(sample_id) == []
    assert dictionary.events.of(sample_id) == []
    assert not dictionary.search.rows([sample_id])[0].has_fit


def test_a_writer_that_holds_on_too_long_is_told_as_busy(dictionary, project, sample_id, make_fit):
    dictionary.fits.offer([make_fit(sample_id)])
    with Dictionary.open(project, busy_timeout_s=0.05) as other, dictionary._connection.writing():
        assert other.search.count() == 1  # readers go on
        with pytest.raises(DictionaryBusyError, match="locked") as refused:
            other.verdicts.set({sample_id: Verdict.ACCEPTED}, "maria")
    assert "Wait" in refused.value.remedy
    assert dictionary.fits.current_of(sample_id).verdict is Verdict.NONE


def test_a_write_waits_for_a_short_transaction_of_another(dictionary, project, sample_id, make_fit):
    import threading

    dictionary.fits.offer([make_fit(sample_id)])
    with Dictionary.open(project) as holder:
        holder._connection.execute("BEGIN IMMEDIATE")

        def judge() -> None:
            with Dictionary.open(project) as waiting:
                waiting.verdicts.set({sample_id: Verdict.ACCEPTED}, "maria")

        writer = threading.Thread(target=judge)
        writer.start()
        writer.join(0.1)
        assert writer.is_alive()
        holder._connection.execute("COMMIT")
        writer.join(10)
    assert dictionary.fits.current_of(sample_id).verdict is Verdict.ACCEPTED


def test_a_commit_is_on_the_disk_when_the_call_returns(dictionary):
    read = dictionary._connection.scalar
    assert read("PRAGMA journal_mode") == "wal"
    assert read("PRAGMA synchronous") == 2
    assert read("PRAGMA foreign_keys") == 1


def test_texts_and_numbers_that_sqlite_cannot_hold_are_refused_by_name(
    dictionary: Dictionary,
) -> None:
    with pytest.raises(DictionaryError, match=r"caf.udce9.*UTF-8"):
        dictionary.settings.set("body_file", "/data/caf\udce9/body.pkl")
    with pytest.raises(DictionaryError, match="too large"):
        dictionary.saved_views.delete(2**70)
