"""Dialogs answered with keys alone."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from spin_gui.jobs.new_project import NewProjectChoice, NewProjectDialog


def test_return_in_a_question_agrees_rather_than_cancels(qtbot: QtBot, tmp_path: Path) -> None:
    # Left alone, Qt makes the first button of the focus chain the default, which is Cancel.
    dialog = NewProjectDialog()
    qtbot.addWidget(dialog)
    dialog.folder.set_path(tmp_path)
    dialog.open()
    qtbot.keyClicks(dialog.name, "mine")
    with qtbot.waitSignal(dialog.chosen) as chosen:
        qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    assert chosen.args == [NewProjectChoice(project=tmp_path / "mine")]


def test_return_in_an_incomplete_question_does_nothing(qtbot: QtBot) -> None:
    dialog = NewProjectDialog()
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.create_button.isDefault()


def test_return_on_cancel_still_cancels(qtbot: QtBot) -> None:
    dialog = NewProjectDialog(name="mine")
    qtbot.addWidget(dialog)
    dialog.open()
    (cancel,) = (b for b in dialog.findChildren(QPushButton) if b.text() == "Cancel")
    cancel.setFocus()
    with qtbot.assertNotEmitted(dialog.chosen), qtbot.waitSignal(dialog.rejected):
        qtbot.keyClick(cancel, Qt.Key.Key_Return)
