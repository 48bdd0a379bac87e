"""Metrics of past runs are read on a thread of its own, and no more often than needed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.runs.observers import IterationMetrics
from core.runs.run_folder import RunFolder
from spin_gui.training import run_list
from spin_gui.training.run_list import CurveStore
from tests.spin_gui.training.scripted_engine import metrics_of


def test_a_run_that_waits_to_be_read_is_read_once_however_often_it_is_requested(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_read = threading.Event()
    read: list[Path] = []

    def read_slowly(path: Path) -> list[IterationMetrics]:
        read.append(path)
        may_read.wait(timeout=30)
        return [metrics_of(1)]

    monkeypatch.setattr(run_list, "read_metrics", read_slowly)
    store = CurveStore(tmp_path)
    try:
        store.request(1)
        qtbot.waitUntil(lambda: len(read) == 1)
        for _ in range(3):  # as the page is shown again and again
            store.request(2)
        may_read.set()
        qtbot.waitUntil(lambda: store.get(2) is not None)
    finally:
        may_read.set()
        store.close()
    assert read == [RunFolder.of(tmp_path, run_id).metrics for run_id in (1, 2)]
