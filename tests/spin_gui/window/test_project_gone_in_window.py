"""A project moved, deleted or replaced under the window: told, closed, and nothing "saved"."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from spin_gui.jobs.job import Job, JobKind
from spin_gui.widgets.error_reports import ErrorHooks
from spin_gui.window.main_window import MainWindow

pytestmark = pytest.mark.qt_no_exception_capture
"""What a slot raises is what these tests are about; it goes the way it goes in the program."""


def delete(project: Path) -> None:
    """As often as it takes: a thumbnail on its way may still be written between two steps."""
    while project.exists():
        shutil.rmtree(project, ignore_errors=True)


def move(project: Path) -> None:
    project.rename(project.with_name("moved"))


def replace_by_a_copy(project: Path) -> None:
    shutil.copytree(project, project.with_name("copy"))
    project.rename(project.with_name("moved"))
    project.with_name("copy").rename(project)


EVERY_WAY = pytest.mark.parametrize(
    "strike", [delete, move, replace_by_a_copy], ids=lambda strike: strike.__name__
)


@pytest.fixture
def told(window: MainWindow) -> Iterator[MainWindow]:
    """The window as ``app.run`` connects it: what a slot raises becomes its dialog."""
    hooks = ErrorHooks()
    hooks.reported.connect(window.show_error)
    hooks.install()
    yield window
    hooks.uninstall()


def _expect_told_and_closed(qtbot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.page is None, timeout=20_000)
    assert window.errors.dialog is not None
    assert "moved, deleted or replaced" in window.errors.dialog.as_text
    window.errors.dialog.reject()
    assert "saved" not in window.status.saved.text()


@EVERY_WAY
def test_a_verdict_is_not_said_to_be_saved(qtbot, told, project, strike: Callable[[Path], None]):
    told.page.changes.stop()  # the verdict itself has to notice
    strike(project)
    qtbot.keyClick(told.focusWidget() or told, Qt.Key.Key_A)
    _expect_told_and_closed(qtbot, told)
    if project.exists():
        with Dictionary.open(project) as other:
            assert other.fits.current_of(1).verdict is Verdict.NONE


@EVERY_WAY
def test_the_window_notices_by_itself(qtbot, told, project, strike: Callable[[Path], None]):
    strike(project)
    _expect_told_and_closed(qtbot, told)


@EVERY_WAY
def test_a_job_that_writes_is_stopped(qtbot, told, project, strike: Callable[[Path], None]):
    told.page.changes.stop()
    opened, struck = threading.Event(), threading.Event()

    def work(_progress: object, _cancel: object) -> None:
        with Dictionary.open(project) as dictionary:
            opened.set()
            struck.wait(5)
            dictionary.verdicts.set({1: Verdict.UNSURE}, "worker")

    told.job_controller.start(Job(kind=JobKind.FIT, title="Judging", project=project, work=work))
    qtbot.waitUntil(opened.is_set, timeout=20_000)
    strike(project)
    struck.set()
    _expect_told_and_closed(qtbot, told)


def test_no_folder_appears_where_the_project_was(qtbot, told, project):
    provider = told.page.tools.thumbnails
    qtbot.waitUntil(lambda: provider.idle, timeout=20_000)
    told.page.changes.stop()
    delete(project)
    row = told.page.session.records.row(7)
    with qtbot.waitSignal(provider.ready, timeout=20_000):
        provider._values.clear()
        provider.pixmap(row)
    assert provider.pixmap(row) is not None
    qtbot.keyClick(told.focusWidget() or told, Qt.Key.Key_A)
    _expect_told_and_closed(qtbot, told)
    assert not project.exists()
