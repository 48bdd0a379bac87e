"""Backups: made when something changed, whole or not there, and some of them kept."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.dictionary.recovery.background_backup import start_backup
from core.dictionary.recovery.backups import (
    Backup,
    back_up,
    back_up_if_changed,
    backups_of,
    superfluous,
)
from core.dictionary.store import Dictionary
from core.errors import DictionaryError
from core.types.fits import Verdict


@pytest.fixture
def filled(project, make_sample, make_fit) -> Path:
    with Dictionary.create(project) as dictionary:
        dictionary.samples.add(make_sample(number) for number in range(3))
        dictionary.fits.offer([make_fit(1)])
    return project


def judge(project: Path, verdict: Verdict) -> None:
    with Dictionary.open(project) as dictionary:
        dictionary.verdicts.set({1: verdict}, "maria")


def test_a_backup_is_a_whole_dictionary(filled, tmp_path):
    backup = back_up(filled)
    (tmp_path / "other").mkdir()
    backup.rename(tmp_path / "other" / "dictionary.db")
    with Dictionary.open(tmp_path / "other") as dictionary:
        assert dictionary.problems() == []
        assert dictionary.search.count() == 3


def test_nothing_is_backed_up_twice(filled):
    first = back_up_if_changed(filled)
    assert back_up_if_changed(filled) is None
    Dictionary.open(filled).close()  # looking is no change
    assert back_up_if_changed(filled) is None
    judge(filled, Verdict.ACCEPTED)
    second = back_up_if_changed(filled)
    assert [backup.path for backup in backups_of(filled)] == [second, first]


def test_what_another_process_is_still_writing_is_in_the_backup(filled):
    with Dictionary.open(filled) as dictionary:
        dictionary.verdicts.set({1: Verdict.ACCEPTED}, "maria")
        backup = back_up_if_changed(filled)
        dictionary.verdicts.set({1: Verdict.REJECTED}, "maria")
    with closing(sqlite3.connect(backup)) as raw:
        assert raw.execute("SELECT verdict FROM fits").fetchall() == [("accepted",)]


def test_a_damaged_dictionary_takes_the_place_of_no_backup(filled):
    for verdict in (Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNSURE):
        judge(filled, verdict)
        back_up(filled)
    before = [backup.path for backup in backups_of(filled)]
    database = filled / "dictionary.db"
    database.write_bytes(database.read_bytes().replace(b"maria", b"marla"))
    with pytest.raises(DictionaryError, match=r"damaged.*not backed up") as refused:
        back_up(filled)
    assert "main.py restore" in refused.value.remedy
    assert [backup.path for backup in backups_of(filled)] == before
    assert not [path for path in (filled / "backups").iterdir() if "unfinished" in path.name]


def test_a_full_disk_leaves_no_half_a_backup(filled, monkeypatch):
    monkeypatch.setattr("core.dictionary.storage.database_copy.SPARE_BYTES", 2**60)
    with pytest.raises(DictionaryError, match="MB, but the disk has"):
        back_up(filled)
    assert backups_of(filled) == []


def made(*days_ago: float) -> list[Backup]:
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    times = [now - timedelta(days=item) for item in days_ago]
    return [
        Backup(Path(f"dictionary-{time:%Y%m%dT%H%M%S}000000.backup"), time, 1) for time in times
    ]


def test_the_newest_two_and_the_last_of_each_day_before_are_kept_five_in_all():
    backups = made(0, 0.01, 0.02, 1, 1.1, 2, 2.1, 3, 4, 5)
    kept = [backup for backup in backups if backup not in superfluous(backups)]
    assert kept == made(0, 0.01, 1, 2, 3)


def test_backups_from_before_a_change_of_schema_are_never_dropped():
    backups = [
        Backup(Path(f"dictionary-schema3-2026050{day}T120000000000.backup"), one.made_at, 1)
        for day, one in enumerate(made(*range(9)), start=1)
    ]
    assert superfluous(backups) == []


def test_what_is_not_kept_is_removed(filled):
    for verdict in (Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNSURE, Verdict.NONE):
        judge(filled, verdict)
        back_up_if_changed(filled)
    assert len(backups_of(filled)) == 2


def test_after_the_clock_was_set_back_a_new_backup_is_kept(filled):
    (filled / "backups").mkdir(exist_ok=True)
    for day in range(1, 6):
        (filled / "backups" / f"dictionary-2999010{day}T120000000000.backup").touch()
    assert back_up(filled).exists()


def test_a_backup_in_the_background_comes_without_waiting(filled):
    process = start_backup(filled)
    deadline = time.monotonic() + 60
    while not backups_of(filled) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.waitpid(process, 0)
    (backup,) = backups_of(filled)
    assert backup.size_bytes == (filled / "dictionary.db").stat().st_size
