"""Errors become one readable dialog, from whatever thread."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from core.errors import StudioError
from spin_gui.widgets.error_reports import ErrorHooks, report_of
from spin_gui.window.errors import KEPT_REPORTS, ErrorDialog, ErrorPresenter


def _raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


@pytest.fixture
def presenter(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return ErrorPresenter(window)


def test_a_studio_error_shows_message_and_remedy(presenter):
    presenter.show_report(
        report_of(_raised(StudioError("The file is cut off.", remedy="Copy it again.")))
    )
    texts = [label.text() for label in presenter.dialog.findChildren(QLabel)]
    assert "The file is cut off." in texts
    assert "Copy it again." in texts


def test_details_can_be_shown_and_copied(presenter, qtbot):
    presenter.show_report(report_of(_raised(ValueError("odd number"))))
    dialog = presenter.dialog
    buttons = {
        button.text().replace("&", ""): button for button in dialog.findChildren(QPushButton)
    }
    buttons["Details"].click()
    assert dialog._details.isVisible()
    buttons["Copy details"].click()
    assert "ValueError: odd number" in QGuiApplication.clipboard().text()
    assert "Traceback" in QGuiApplication.clipboard().text()
    buttons["Close"].click()
    assert presenter.dialog is None


def test_a_flood_of_errors_opens_one_dialog(presenter):
    for number in range(100):
        presenter.show_report(report_of(_raised(ValueError(str(number)))))
    dialogs = presenter._window.findChildren(ErrorDialog)
    assert len(dialogs) == 1
    assert len(dialogs[0].reports) == KEPT_REPORTS


def test_the_same_fault_right_after_closing_stays_quiet_but_a_users_error_answers(presenter):
    for error, answers in ((ValueError("again and again"), False), (StudioError("no"), True)):
        presenter.show_report(report_of(_raised(error)))
        presenter.dialog.accept()
        presenter.show_report(report_of(_raised(error)))
        assert (presenter.dialog is not None) is answers


@pytest.fixture
def hooks_patch() -> Iterator[pytest.MonkeyPatch]:
    """A patch of the hooks, undone before the shell's check that they were given back."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def test_an_uncaught_exception_in_a_thread_reaches_the_main_thread(qtbot, hooks_patch):
    hooks_patch.setattr(threading, "excepthook", lambda args: None)
    hooks = ErrorHooks()
    hooks.install()
    try:
        with qtbot.waitSignal(hooks.reported, timeout=2000) as reported:
            thread = threading.Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()
    finally:
        hooks.uninstall()
    assert "ZeroDivisionError" in reported.args[0].message


def test_hooks_are_given_back_and_interrupts_pass(hooks_patch, qtbot):
    seen = []

    def former(kind, error, trace):
        seen.append(kind)

    hooks_patch.setattr(sys, "excepthook", former)
    hooks = ErrorHooks()
    hooks.install()
    with qtbot.assertNotEmitted(hooks.reported):
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    with qtbot.waitSignal(hooks.reported):
        sys.excepthook(ValueError, ValueError("x"), None)
    hooks.uninstall()
    assert seen == [KeyboardInterrupt, ValueError]
    assert sys.excepthook is former
