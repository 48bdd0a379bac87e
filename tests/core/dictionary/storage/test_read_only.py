"""A project that cannot be written can be looked at; nothing is stored, and nothing is left."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.cli.backup import after_work
from core.cli.console import Console
from core.dictionary.storage.migrations import MIGRATIONS
from core.dictionary.storage.project_folder import make_project
from core.dictionary.store import Dictionary
from core.errors import ReadOnlyProjectError
from core.types.fits import Verdict

ROOT = Path(__file__).resolve().parents[4]
NOBODYS_UID = 65534

JUDGE_AND_DIE = """
import os, sys
from pathlib import Path
from core.dictionary.store import Dictionary
from core.types.fits import Verdict
dictionary = Dictionary.open(Path(sys.argv[1]))
dictionary.verdicts.set({1: Verdict.REJECTED}, "maria")
os._exit(0)
"""


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
def project(make_sample, make_fit) -> Iterator[Path]:
    """In a folder that every user may look into; pytest's own are for one user only."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder = Path(name) / "project"
        with Dictionary.create(folder) as dictionary:
            dictionary.samples.add([make_sample(1), make_sample(2)])
            dictionary.fits.offer([make_fit(1)])
        yield folder
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o777)


def lock(project: Path) -> list[str]:
    """Take every right to write away; what lies in the folder then."""
    for path in [*project.rglob("*"), project]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return sorted(path.name for path in project.rglob("*"))


def test_it_is_looked_at_and_left_as_it_is(project):
    before = lock(project)
    with ordinary_user(), Dictionary.open(project) as dictionary:
        assert dictionary.file.read_only
        assert dictionary.search.count() == 2
        assert dictionary.fits.current_of(1).verdict is Verdict.NONE
        assert dictionary.info()["samples"] == 2
        assert dictionary.problems() == []
        assert dictionary.file.change_counter() == dictionary.file.change_counter()
    assert sorted(path.name for path in project.rglob("*")) == before


def test_what_a_killed_program_left_in_the_log_is_seen(project):
    subprocess.run([sys.executable, "-c", JUDGE_AND_DIE, str(project)], cwd=ROOT, check=True)
    before = lock(project)
    assert "dictionary.db-wal" in before
    with ordinary_user(), Dictionary.open(project) as dictionary:
        assert dictionary.fits.current_of(1).verdict is Verdict.REJECTED
        place = dictionary._connection._private_copy.name
        assert Path(place).is_dir()
    assert not Path(place).exists()
    assert sorted(path.name for path in project.rglob("*")) == before


def test_whatever_would_write_is_refused_with_a_remedy(project, make_sample, make_fit):
    lock(project)
    with ordinary_user(), Dictionary.open(project) as dictionary:
        for write in (
            lambda: dictionary.verdicts.set({1: Verdict.ACCEPTED}, "maria"),
            lambda: dictionary.samples.add([make_sample(3)]),
            lambda: dictionary.fits.offer([make_fit(2)]),
            lambda: dictionary.settings.set("note", "x"),
            lambda: dictionary.runs.start("fit", configuration={}, versions={}),
        ):
            with pytest.raises(ReadOnlyProjectError, match="read-only") as refused:
                write()
            assert "writable" in refused.value.remedy


def test_one_of_an_older_schema_is_read_from_a_copy(project):
    older = project.parent / "older"
    make_project(older, settings={"note": "old"}, migrations=MIGRATIONS[:3])
    lock(older)
    with ordinary_user(), Dictionary.open(older) as dictionary:
        assert dictionary.settings.get("note") == "old"
        assert dictionary.file.read_only
    for path in [older, *older.rglob("*")]:
        path.chmod(0o777)


def test_its_cache_is_a_temporary_folder_that_goes(project):
    lock(project)
    with ordinary_user(), Dictionary.open(project) as dictionary:
        cache = dictionary.file.cache_folder
        assert not cache.is_relative_to(project)
        cache.mkdir()
        (cache / "thumbnail.jpg").touch()
    assert not cache.parent.exists()


def test_a_command_that_only_looked_at_it_speaks_of_no_backup(project):
    lock(project)
    said = io.StringIO()
    with ordinary_user():
        after_work(project, Console(said, said))
    assert said.getvalue() == ""
