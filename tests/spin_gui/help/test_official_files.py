"""Official files in the window: what is in place is shown, files are checked and put there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QPushButton

from core.body.extra_joints import SMPL_NUM_VERTICES
from core.files.user_folder import VARIABLE, official_folder
from core.workflows.official_files.catalogue import OfficialKind
from spin_gui.commands.preferences_dialog import PreferencesDialog
from spin_gui.help.official_file_row import IN_PLACE, NOT_IN_PLACE
from spin_gui.help.official_files_dialog import OfficialFilesDialog

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def user_folder(monkeypatch, tmp_path) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def dialog(user_folder, qtbot) -> OfficialFilesDialog:
    dialog = OfficialFilesDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def row_of(dialog: OfficialFilesDialog, kind: OfficialKind):
    return next(row for row in dialog.rows if row.entry.kind is kind)


def regressor(path: Path, rows: int) -> Path:
    numbers = np.zeros((rows, SMPL_NUM_VERTICES))
    numbers[:, 0] = 1
    np.save(path, numbers)
    return path


def drop(dialog: OfficialFilesDialog, paths: list[Path]) -> bool:
    """As a file manager drops files; whether they were taken when they came in."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPointF(9, 9).toPoint(), copy, data, LEFT, none)
    dialog.dragEnterEvent(entering)
    if entering.isAccepted():
        dialog.dropEvent(QDropEvent(QPointF(9, 9), copy, data, LEFT, none))
    return entering.isAccepted()


def test_dropped_files_are_put_in_place_or_named_for_what_they_are(dialog, qtbot, user_folder):
    row = row_of(dialog, OfficialKind.H36M_REGRESSOR)
    assert row.state.text() == NOT_IN_PLACE
    assert not dialog.folder_button.isEnabled()
    good = regressor(user_folder / "downloaded.npy", 17)
    wrong = regressor(user_folder / "wrong.npy", 5)
    assert drop(dialog, [good, wrong])
    assert not row.button.isEnabled()
    assert dialog.bar.isVisible()
    qtbot.waitUntil(lambda: row.state.text() == IN_PLACE, timeout=30000)
    assert row.where.text().replace("\u200b", "").endswith("J_regressor_h36m.npy")
    told = dialog.outcome.text()
    assert "In place: J_regressor_h36m.npy: joints of Human3.6M" in told
    assert "Refused:" in told
    assert "has shape (5, 6890)" in told
    assert row.button.isEnabled()
    assert not dialog.bar.isVisible()
    assert dialog.folder_button.isEnabled()
    assert [path.name for path in official_folder().iterdir()] == ["J_regressor_h36m.npy"]


def test_the_button_of_a_row_says_what_the_file_is_meant_to_be(
    dialog, qtbot, user_folder, monkeypatch
):
    chosen = regressor(user_folder / "mine.npy", 9)
    monkeypatch.setattr("spin_gui.help.official_files_dialog.ask_file", lambda *_: chosen)
    row = row_of(dialog, OfficialKind.H36M_REGRESSOR)
    row.button.click()
    qtbot.waitUntil(lambda: "Refused" in dialog.outcome.text(), timeout=30000)
    assert "expected H36M joints" in dialog.outcome.text()
    assert row.state.text() == NOT_IN_PLACE


def test_what_is_no_file_of_this_machine_is_not_taken(dialog):
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/SMPL.pkl")])
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPointF(9, 9).toPoint(), copy, data, LEFT, none)
    entering.ignore()
    dialog.dragEnterEvent(entering)
    assert not entering.isAccepted()


def test_the_preferences_lead_there(window, qtbot):
    window.commands["edit.preferences"].trigger()
    preferences = window.findChild(PreferencesDialog)
    button = next(
        each for each in preferences.findChildren(QPushButton) if "checkpoints" in each.text()
    )
    button.click()
    qtbot.waitUntil(lambda: window.findChild(OfficialFilesDialog) is not None)
    window.findChild(OfficialFilesDialog).accept()
    preferences.accept()
