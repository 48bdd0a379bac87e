"""Drops on the window, and the import dialog once it has looked."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from spin_gui.importing.import_dialog import ImportDialog
from spin_gui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


def drop(target: QWidget, *paths: Path) -> bool:
    """Drop files and folders on the window or a dialog; returns whether they were taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at, action, keys = QPointF(5, 5), Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(at.toPoint(), action, data, LEFT, keys)
    target.dragEnterEvent(entered)
    if entered.isAccepted():
        target.dropEvent(QDropEvent(at, action, data, LEFT, keys))
    return entered.isAccepted()


def asked(qtbot: QtBot, window: MainWindow) -> ImportDialog:
    """The dialog that is open, when it has looked."""
    qtbot.waitUntil(lambda: bool(shown(window)), timeout=10_000)
    (dialog,) = shown(window)
    settle(qtbot, dialog)
    return dialog


def shown(window: MainWindow) -> list[ImportDialog]:
    """The import dialogs that are open."""
    return [dialog for dialog in window.findChildren(ImportDialog) if dialog.isVisible()]


def settle(qtbot: QtBot, dialog: ImportDialog) -> None:
    """Wait until nothing is looked at any more."""
    qtbot.waitUntil(lambda: not dialog.is_looking, timeout=10_000)


def agree(qtbot: QtBot, dialog: ImportDialog) -> None:
    """Click on what the dialog offers to do."""
    assert dialog.agree_button.isEnabled(), dialog.state.text()
    qtbot.mouseClick(dialog.agree_button, LEFT)


def wait_for_end(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until no job runs."""
    qtbot.waitUntil(lambda: not window.job_controller.runner.busy, timeout=30_000)
