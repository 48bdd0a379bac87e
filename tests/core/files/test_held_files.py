"""Files that a process holds while it lives, and not a moment longer."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys

import pytest

from core.files.held_files import HeldFile, Holder, holder_of, sweep

if sys.platform != "win32":
    import fcntl


def test_a_held_file_says_who_holds_it_until_it_is_released(tmp_path):
    held = HeldFile.take(tmp_path / "locks")
    holder = holder_of(held.path)
    assert (holder.process, holder.since) == (os.getpid(), holder.since)
    assert f"process {os.getpid()} on {holder.host}, since 20" in holder.words()
    assert holder_of(held.path) == holder, "asking must not let go of it"
    held.release()
    held.release()
    assert holder_of(held.path) is None
    assert list(held.path.parent.iterdir()) == []


def test_no_folder_is_made_for_a_project_that_is_gone(tmp_path):
    with pytest.raises(FileNotFoundError):
        HeldFile.take(tmp_path / "gone" / "locks")
    assert not (tmp_path / "gone").exists()


def hold_for_ever(folder, taken):
    held = HeldFile.take(folder)
    taken.send(held.path)
    signal.pause()


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_the_file_of_a_killed_process_is_held_by_no_one_and_swept(tmp_path):
    mine = HeldFile.take(tmp_path)
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=hold_for_ever, args=(tmp_path, there)
    )
    process.start()
    path = here.recv()
    assert holder_of(path).process == process.pid
    sweep(tmp_path)
    assert path.exists()
    process.kill()
    process.join()
    assert holder_of(path) is None
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [mine.path]
    mine.release()


@pytest.mark.parametrize("words", ["", "[]", '{"host": 1}', '{"host": "a", "process": 1e999}'])
def test_a_file_that_says_nothing_sensible_is_still_held(tmp_path, words):
    held = HeldFile.take(tmp_path)
    held.path.write_text(words)
    assert holder_of(held.path) == Holder("", 0, "")
    assert holder_of(held.path).words() == "another process"
    held.release()


@pytest.mark.skipif(os.name != "posix", reason="locks of POSIX")
def test_the_file_of_an_ended_process_is_free_for_each_of_those_who_ask_at_once(tmp_path):
    left = tmp_path / "left.lock"
    left.write_text('{"host": "a", "process": 1, "since": ""}')
    with left.open("rb") as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        assert holder_of(left) is None
