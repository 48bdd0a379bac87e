"""What all tests of the window share: projects, sessions, the window itself."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.body.display_body import DisplayBody
from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.rendering.render_thread import RenderService
from spin_gui.session.session import ProjectSession
from spin_gui.window.main_window import MainWindow
from tests.core.workflows.photos.scripted_finder import ScriptedFinder
from tests.spin_gui.flagged_project import make_flagged_project
from tests.spin_gui.renderers import ClearRenderer, HeldRendering
from tests.spin_gui.small_project import make_project, new_sample

GRACE_S = 5.0


@pytest.fixture(autouse=True)
def _no_search_for_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread starts by itself a moment after a project opens; its own tests let it."""
    monkeypatch.setattr("spin_gui.jobs.background_flagger.REST_MS", 3_600_000)


@pytest.fixture(autouse=True)
def _scripted_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    """The detector sees people in red pictures only, and at once."""
    for job in ("measure_person", "import_photos", "detect_project"):
        monkeypatch.setattr(f"core.workflows.photos.{job}.load_finder", ScriptedFinder)


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


@pytest.fixture
def flagged_project(tmp_path: Path) -> Path:
    """Six people with flags, predictions and a prediction set."""
    return make_flagged_project(tmp_path)


@pytest.fixture
def session(project: Path, qtbot: QtBot) -> Iterator[ProjectSession]:
    opened = ProjectSession(project)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def rendering(open_body: BodyModel) -> Iterator[RenderService]:
    with RenderService(open_body.faces) as service:
        yield service


@pytest.fixture
def held_rendering() -> HeldRendering:
    return HeldRendering()


@pytest.fixture
def quick_drawing(monkeypatch: pytest.MonkeyPatch, display_body: DisplayBody) -> None:
    """Projects open with the body at hand and without OpenGL."""
    monkeypatch.setattr(
        "spin_gui.window.project_tools.display_body_loader", lambda dictionary: lambda: display_body
    )
    monkeypatch.setattr("spin_gui.window.project_tools.begin_rendering", ClearRenderer)


@pytest.fixture
def window_size() -> tuple[int, int]:
    return 1280, 800


@pytest.fixture
def window(
    qtbot: QtBot, quick_drawing: None, project: Path, window_size: tuple[int, int]
) -> Iterator[MainWindow]:
    """The window on the project, active, so that keys reach it."""
    opened = MainWindow()
    opened.resize(*window_size)
    opened.show()
    opened.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is opened, timeout=5000)
    opened.open_project(project)
    yield opened
    # Closing while a job runs would ask, and wait for an answer that never comes.
    opened.job_controller.stop()
    qtbot.waitUntil(lambda: not opened.job_controller.runner.busy, timeout=10000)
    opened.leaving.stop_and_close()  # Bodies that a test left unkept would be asked about, too.
    opened.deleteLater()


@pytest.fixture
def press(qtbot: QtBot, window: MainWindow) -> Callable[..., None]:
    """A key to whatever has the focus, as a person presses it."""

    def send(key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
        target = QApplication.focusWidget() or window
        if modifier is None:
            qtbot.keyClick(target, key)
        else:
            qtbot.keyClick(target, key, modifier)

    return send
