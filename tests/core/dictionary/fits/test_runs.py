"""Who works on a run, and how a run that was killed is told from one that runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from core.dictionary.store import Dictionary
from core.errors import DictionaryError, NoSuchRecordError
from core.types.runs import RunStatus


def begin(dictionary):
    return dictionary.runs.start("train", configuration={}, versions={})


def test_a_run_runs_for_every_process_as_long_as_its_own_lives(dictionary):
    run_id = begin(dictionary)
    with Dictionary.open(dictionary.project) as other:
        assert other.runs.all()[0].status is RunStatus.RUNNING
        assert other.info()["runs_by_status"] == {"running": 1}
    dictionary.runs.end(run_id, RunStatus.FINISHED)
    assert dictionary.runs.all()[0].status is RunStatus.FINISHED


def test_a_run_that_was_never_ended_was_interrupted(project):
    with Dictionary.create(project) as dictionary:
        begin(dictionary)
    with Dictionary.open(project) as dictionary:
        assert dictionary.runs.all()[0].status is RunStatus.INTERRUPTED
        stored = dictionary._connection.execute("SELECT status, worker FROM runs")
    assert stored == [("interrupted", None)]
    assert list((project / "locks").iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from core.dictionary.store import Dictionary
with Dictionary.open(Path(sys.argv[1])) as dictionary:
    dictionary.runs.start("train", configuration={}, versions={})
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_killed_run_is_seen_at_once_by_those_who_have_the_project_open(dictionary):
    ended = subprocess.run([sys.executable, "-c", KILLED, str(dictionary.project)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert dictionary.runs.all()[0].status is RunStatus.INTERRUPTED
    dictionary.runs.resume(1)
    assert dictionary.runs.all()[0].status is RunStatus.RUNNING
    assert len(list((dictionary.project / "locks").iterdir())) == 1


def test_a_run_that_someone_works_on_is_refused_to_others(dictionary):
    run_id = begin(dictionary)
    with Dictionary.open(dictionary.project) as other:
        for wish in (other.runs.hold, other.runs.resume):
            with pytest.raises(DictionaryError, match=rf"worked on by process {os.getpid()} on"):
                wish(run_id)
        dictionary.runs.end(run_id, RunStatus.CANCELLED)
        other.runs.hold(run_id)
        assert other.runs.all()[0].status is RunStatus.CANCELLED, "holding is not yet going on"
        with pytest.raises(DictionaryError, match="being worked on"):
            dictionary.runs.resume(run_id)
    dictionary.runs.resume(run_id)
    with pytest.raises(NoSuchRecordError):
        dictionary.runs.hold(run_id + 1)


def test_a_worker_of_a_strange_name_is_none(dictionary):
    run_id = begin(dictionary)
    dictionary._connection.execute("UPDATE runs SET worker = '../../etc/passwd'")
    with Dictionary.open(dictionary.project) as other:
        assert other.runs.all()[0].status is RunStatus.INTERRUPTED
        other.runs.hold(run_id)
