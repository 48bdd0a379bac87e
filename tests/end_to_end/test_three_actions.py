"""From the window as it starts to bodies on one's own photographs, in three actions.

Everything is real: the detector, the solver, the keys and the clicks.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.workflows.shipped_demo import copy_demo_pictures
from spin_gui.importing.import_dialog import ImportDialog
from spin_gui.window.main_window import MainWindow
from spin_gui.window.settings import WindowSettings

PICTURES = 3
PATIENCE_MS = 120_000
LEFT = Qt.MouseButton.LeftButton
NO_KEYS = Qt.KeyboardModifier.NoModifier


class Newcomer:
    """Does one thing after the other, and counts them."""

    def __init__(self, window: MainWindow) -> None:
        self.actions: list[str] = []
        self._window = window

    def drops(self, path: Path) -> None:
        self.actions.append("drop")
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        middle = QPointF(self._window.rect().center())
        copy = Qt.DropAction.CopyAction
        entered = QDragEnterEvent(middle.toPoint(), copy, data, LEFT, NO_KEYS)
        QApplication.sendEvent(self._window, entered)
        assert entered.isAccepted()
        QApplication.sendEvent(self._window, QDropEvent(middle, copy, data, LEFT, NO_KEYS))

    def presses(self, widget, key: Qt.Key) -> None:
        self.actions.append("key")
        QTest.keyClick(widget, key)

    def clicks(self, widget) -> None:
        self.actions.append("click")
        QTest.mouseClick(widget, LEFT)


@pytest.fixture
def window(qtbot, tmp_path):
    made = MainWindow(WindowSettings(tmp_path / "settings.ini"))
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    qtbot.waitUntil(made.welcome.isVisible)
    return made


def test_photographs_become_bodies_in_three_actions(qtbot, window, tmp_path):
    photos = tmp_path / "holiday"
    copy_demo_pictures(photos, most=PICTURES)
    newcomer = Newcomer(window)

    newcomer.drops(photos)
    qtbot.waitUntil(lambda: any(d.isVisible() for d in window.findChildren(ImportDialog)))
    (dialog,) = window.findChildren(ImportDialog)
    qtbot.waitUntil(dialog.agree_button.isEnabled, timeout=PATIENCE_MS)  # they are counted
    newcomer.presses(dialog, Qt.Key.Key_Return)
    panel = window.job_panel
    qtbot.waitUntil(panel.offer_button.isVisible, timeout=PATIENCE_MS)
    newcomer.clicks(panel.offer_button)
    qtbot.waitUntil(lambda: "Fitted" in panel.text.text(), timeout=PATIENCE_MS)

    assert newcomer.actions == ["drop", "key", "click"]
    assert window.page is not None
    session = window.page.session
    people = session.sample_ids.tolist()
    assert len(people) >= PICTURES
    assert sorted(session.dictionary.fits.current(people)) == people
    qtbot.waitUntil(lambda: not window.job_controller.runner.busy, timeout=PATIENCE_MS)
    window.close_project()
