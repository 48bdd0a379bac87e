"""Fixtures of the shell: no thread may outlive its test."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtWidgets import QApplication

from core.body.display_body import DisplayBody
from core.dictionary.store import Dictionary
from core.rendering.views import MeshView
from spin_gui.window.main_window import MainWindow
from tests.spin_gui.session.small_project import make_project, new_sample

GRACE_S = 5.0


@pytest.fixture(autouse=True)
def _no_thread_outlives_its_test() -> Iterator[None]:
    before = set(threading.enumerate())
    hooks = sys.excepthook, threading.excepthook
    yield
    deadline = time.monotonic() + GRACE_S
    while _dangling(before) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _dangling(before), f"left running: {_dangling(before)}"
    assert hooks == (sys.excepthook, threading.excepthook), "exception hooks were not given back"


def _dangling(before: set[threading.Thread]) -> list[threading.Thread]:
    # A QThread shows up as a "Dummy" thread once it ran Python and is never taken off the list.
    return [
        thread
        for thread in threading.enumerate()
        if thread not in before and not thread.name.startswith("Dummy")
    ]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Six people with fits, and a last one without."""
    folder = make_project(tmp_path)
    with Dictionary.open(folder) as dictionary:
        dictionary.samples.add([new_sample(tmp_path, 7)])
    return folder


class ClearRenderer:
    """Answers at once with nothing drawn: a real context takes a second to make, test by test."""

    def __init__(self, faces: object) -> None:
        self.closed = False

    def submit(self, view: MeshView, **_options: object) -> Future[NDArray[np.uint8]]:
        future: Future[NDArray[np.uint8]] = Future()
        future.set_result(np.zeros((view.height, view.width, 4), np.uint8))
        return future

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def quick_drawing(monkeypatch: pytest.MonkeyPatch, display_body: DisplayBody) -> None:
    """Projects open with the body at hand and without OpenGL."""
    monkeypatch.setattr(
        "spin_gui.window.project_tools.display_body_loader", lambda dictionary: lambda: display_body
    )
    monkeypatch.setattr("spin_gui.window.project_tools.begin_rendering", ClearRenderer)


@pytest.fixture
def window(qtbot, quick_drawing: None, project: Path) -> Iterator[MainWindow]:
    """The window on the project, active, so that keys reach it."""
    opened = MainWindow()
    opened.resize(1280, 800)
    opened.show()
    opened.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is opened, timeout=5000)
    opened.open_project(project)
    yield opened
    # Closing while a job runs would ask, and wait for an answer that never comes.
    opened.desk.stop()
    qtbot.waitUntil(lambda: not opened.desk.runner.busy, timeout=10000)
    opened.close()
    opened.deleteLater()
