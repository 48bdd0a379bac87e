"""The process that looks for failures: it works, ends with its project, tells when it breaks."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from core.dictionary.store import Dictionary
from core.pipeline.flag_service import FlagRequest
from spin_gui.jobs import flag_process
from spin_gui.jobs.flag_process import FlagProcess

EVERYTHING = FlagRequest(None, 64)
FITTED = 6


@pytest.fixture
def process(qtbot, project: Path):
    made = FlagProcess(project)
    yield made
    made.close()


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_assesses_twice_and_ends_when_nothing_comes_any_more(qtbot, process, project):
    process._linger.setInterval(200)
    with qtbot.waitSignal(process.finished, timeout=240000) as first:
        process.look(EVERYTHING)
    assert first.args[0].assessed == FITTED
    process_id = process.process_id
    assert is_running(process_id)
    with qtbot.waitSignal(process.finished, timeout=240000) as second:
        process.look(EVERYTHING)
    assert second.args[0].assessed == 0
    qtbot.waitUntil(lambda: not process.process_id, timeout=5000)
    assert not is_running(process_id)
    with Dictionary.open(project) as dictionary:
        assert not dictionary.samples_to_assess(limit=1)


def test_closing_while_it_loads_ends_it_soon(qtbot, process):
    process.look(EVERYTHING)
    qtbot.waitUntil(lambda: process.process_id != 0, timeout=5000)
    qtbot.wait(400)
    process_id, started = process.process_id, time.monotonic()
    process.close()
    assert time.monotonic() - started < flag_process.END_MS / 1000 + 1
    assert not is_running(process_id)
    assert not process.working


def test_an_error_of_the_core_is_told_in_its_own_words(qtbot, project, tmp_path):
    process = FlagProcess(tmp_path / "nowhere")
    reports = []
    process.failed.connect(reports.append)
    with qtbot.waitSignal(process.finished, timeout=240000) as finished:
        process.look(EVERYTHING)
    assert finished.args[0] is None
    assert "nowhere" in reports[0].message
    assert reports[0].remedy
    assert not reports[0].is_fault
    process.close()


def test_a_process_that_cannot_even_start_is_a_fault_with_its_last_words(
    qtbot, process, monkeypatch
):
    monkeypatch.setattr(flag_process, "SERVICE", "core.no_such_module")
    reports = []
    process.failed.connect(reports.append)
    with qtbot.waitSignal(process.finished, timeout=240000) as finished:
        process.look(EVERYTHING)
    assert finished.args[0] is None
    assert reports[0].is_fault
    assert "no_such_module" in reports[0].details
    assert process.process_id == 0
