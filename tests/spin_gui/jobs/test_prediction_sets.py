"""Prediction sets from the window: kept, renamed, deleted, imported."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from spin_gui.importing.choices import BodiesUse
from spin_gui.jobs.prediction_sets import PredictionSetsDialog
from spin_gui.jobs.problem_report import ReportDialog
from tests.spin_gui.importing.asking import LEFT, agree, asked, settle


@pytest.fixture
def project(flagged_project):
    return flagged_project


@pytest.fixture
def window_size():
    return 1400, 900


@pytest.fixture
def sets(window):
    window.commands["training.prediction_sets"].trigger()
    return window.findChild(PredictionSetsDialog)


def names(window):
    return [
        prediction_set.name
        for prediction_set in window.page.session.dictionary.prediction_sets.all()
    ]


def click(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_latest_predictions_are_kept_and_named_at_once(qtbot, window, sets):
    click(qtbot, sets.keep_button)
    assert names(window) == ["Other", "latest"]
    editor = sets.table.findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "paired")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: names(window) == ["Other", "paired"], timeout=5000)
    click(qtbot, sets.keep_button)
    assert names(window) == ["Other", "paired", "latest"]


def test_a_name_that_is_taken_is_refused_with_words(qtbot, window, sets):
    click(qtbot, sets.keep_button)
    sets.table.item(1, 0).setText("other")
    assert names(window) == ["Other", "latest"]
    assert "already" in sets.state.text()
    assert sets.table.item(1, 0).text() == "latest"


def test_deleting_asks_first(qtbot, window, sets, monkeypatch):
    answers = [False, True]
    monkeypatch.setattr(
        "spin_gui.jobs.prediction_sets.ask_yes_no", lambda *_a, **_k: answers.pop(0)
    )
    sets.table.selectRow(0)
    click(qtbot, sets.delete_button)
    assert names(window) == ["Other"]
    click(qtbot, sets.delete_button)
    assert names(window) == []
    assert not sets.delete_button.isEnabled()


def test_another_methods_file_is_imported_and_who_was_left_out_is_named(qtbot, window, tmp_path):
    source = tmp_path / "eft.npz"
    np.savez(
        source,
        imgname=np.array(["person_0001.png", "unknown.png"]),
        pose=np.zeros((2, 72), np.float32),
        cam=np.array([[0.9, 0, 0]] * 2, np.float32),
    )
    window.commands["training.import_predictions"].trigger()
    dialog = asked(qtbot, window)
    assert dialog.choice() is None
    dialog.source.set_path(source)
    settle(qtbot, dialog)
    qtbot.mouseClick(dialog.sheet.bodies.button(BodiesUse.PREDICTIONS), LEFT)
    assert dialog.sheet.bodies.name.text() == "eft"
    qtbot.keyClick(dialog.sheet.bodies.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.findChild(ReportDialog) is not None, timeout=30000)
    assert names(window) == ["Other", "eft"]
    window.findChild(ReportDialog).reject()


def test_what_looks_odd_about_an_imported_set_is_shown(qtbot, window, tmp_path):
    """Bodies upside down on their people: everybody was imported, and nothing would be said."""
    source = tmp_path / "odd.npz"
    np.savez(
        source,
        imgname=np.array(["person_0001.png"]),
        pose=np.zeros((1, 72), np.float32),
        cam=np.array([[0.9, 0, 0]], np.float32),
    )
    window.commands["training.import_predictions"].trigger()
    dialog = asked(qtbot, window)
    dialog.source.set_path(source)
    settle(qtbot, dialog)
    dialog.sheet.bodies.button(BodiesUse.PREDICTIONS).click()
    agree(qtbot, dialog)
    qtbot.waitUntil(lambda: window.findChild(ReportDialog) is not None, timeout=30000)
    report = window.findChild(ReportDialog)
    assert report.windowTitle() == "Look at what was imported"
    assert "--frame y-up" in report.list.toPlainText()
    report.reject()
