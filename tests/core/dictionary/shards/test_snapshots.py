"""A snapshot is one file that is only read, and says of which project and state it is."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from core.dictionary.shards.snapshot_dictionary import SnapshotDictionary
from core.dictionary.shards.snapshots import make_snapshot, open_snapshot
from core.dictionary.store import Dictionary
from core.errors import ReadOnlyProjectError, SchemaTooNewError, UserFileError
from tests.spin_gui.small_project import new_sample


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "project"
    with Dictionary.create(folder) as dictionary:
        dictionary.samples.add([new_sample(folder, index) for index in range(3)])
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "project"))


@pytest.fixture
def snapshot(project: Path, tmp_path: Path) -> Path:
    make_snapshot(project, tmp_path / "people.snapshot")
    return tmp_path / "people.snapshot"


def test_a_snapshot_holds_what_an_open_project_has_stored_and_its_log_with_it(project, tmp_path):
    with Dictionary.open(project) as dictionary:
        dictionary.samples.add([new_sample(project, 7)])  # in the log, not in the file yet
        facts = make_snapshot(project, tmp_path / "people.snapshot")
    assert facts.people == 4
    with SnapshotDictionary.of(tmp_path / "people.snapshot", project) as found:
        assert found.search.count() == 4
        assert found.facts == facts


def test_reading_a_snapshot_leaves_no_file_beside_it_and_needs_no_right_to_write(snapshot, project):
    before = sorted(path.name for path in snapshot.parent.iterdir())
    snapshot.chmod(0o444)
    with SnapshotDictionary.of(snapshot, project) as dictionary:
        assert dictionary.search.count() == 3
        with pytest.raises(ReadOnlyProjectError):
            dictionary.settings.set("body_file", "elsewhere")
    assert sorted(path.name for path in snapshot.parent.iterdir()) == before


def test_pictures_are_found_in_the_project_wherever_the_snapshot_lies(snapshot, project):
    with SnapshotDictionary.of(snapshot, project) as dictionary:
        pictures = [sample.picture_path for sample in dictionary.samples.get_many([1, 2, 3])]
    assert all(path.is_relative_to(project) for path in pictures)


def test_the_hash_tells_states_of_a_project_apart_and_nothing_else(project, snapshot, tmp_path):
    first = open_snapshot(snapshot)
    first[0].close()
    again = make_snapshot(project, tmp_path / "again.snapshot")
    assert again.sha256 == first[1].sha256
    assert again.project_key == first[1].project_key != ""
    with Dictionary.open(project) as dictionary:
        dictionary.samples.add([new_sample(project, 8)])
    assert make_snapshot(project, tmp_path / "later.snapshot").sha256 != again.sha256


def test_a_file_that_is_there_is_never_replaced(project, snapshot):
    content = snapshot.read_bytes()
    with pytest.raises(UserFileError, match="exists already"):
        make_snapshot(project, snapshot)
    assert snapshot.read_bytes() == content


def test_what_is_no_snapshot_is_refused_by_name(project, snapshot, tmp_path):
    with pytest.raises(UserFileError, match=r"missing.snapshot: there is no such snapshot"):
        open_snapshot(tmp_path / "missing.snapshot")
    with pytest.raises(UserFileError, match=r"dictionary\.db: is a project's database, but no"):
        open_snapshot(project / "dictionary.db")
    whole = snapshot.read_bytes()
    snapshot.write_bytes(whole[: len(whole) - 4096])
    with pytest.raises(UserFileError, match=r"people.snapshot: the snapshot was cut short"):
        open_snapshot(snapshot)


def test_a_snapshot_of_another_version_of_the_program_is_refused(snapshot):
    def set_version(version: int) -> None:
        with sqlite3.connect(snapshot) as raw:
            raw.create_function("row_sum", -1, lambda *_: 0)
            raw.execute(
                "DELETE FROM schema_version "
                "WHERE version < (SELECT max(version) FROM schema_version)"
            )
            raw.execute("UPDATE schema_version SET version = version + ?", (version,))
        raw.close()

    set_version(1)
    with pytest.raises(SchemaTooNewError):
        open_snapshot(snapshot)
    set_version(-2)
    with pytest.raises(UserFileError, match="Make the snapshot again"):
        open_snapshot(snapshot)
