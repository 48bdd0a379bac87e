"""Prediction sets from the window: kept, renamed, deleted, imported."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from core.formats.bodies.options import (
    NO_PREDICTION_OPTIONS,
    BoxLayout,
    CameraKind,
    RootFrame,
    ScaleUnit,
)
from core.formats.bodies.prediction_formats import FORMAT_HELP
from spin_gui.jobs.import_predictions import (
    EXPLANATION,
    FILE_FILTER,
    ImportPredictionsDialog,
)
from spin_gui.jobs.prediction_sets import PredictionSetsDialog
from spin_gui.jobs.problem_report import ReportDialog


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
    dialog = window.findChild(ImportPredictionsDialog)
    assert dialog.choice() is None
    dialog.file.set_path(source)
    assert dialog.name.text() == "eft"
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.findChild(ReportDialog) is not None, timeout=30000)
    assert names(window) == ["Other", "eft"]
    window.findChild(ReportDialog).reject()


def test_the_dialog_hands_on_how_a_file_is_to_be_read(window, tmp_path):
    source = tmp_path / "other.npz"
    source.write_bytes(b"")
    window.commands["training.import_predictions"].trigger()
    dialog = window.findChild(ImportPredictionsDialog)
    dialog.file.set_path(source)
    assert dialog.choice().options == NO_PREDICTION_OPTIONS
    dialog.frame.setCurrentIndex(1)
    dialog.boxes.setCurrentIndex(2)
    dialog.scale.setCurrentIndex(1)
    dialog.camera.setCurrentIndex(3)
    dialog.betas.setCurrentIndex(1)
    options = dialog.choice().options
    assert (options.frame, options.boxes) == (RootFrame.Y_UP, BoxLayout.CORNERS)
    assert (options.scale, options.camera) == (ScaleUnit.PIXELS, CameraKind.FULL)
    assert options.camera is CameraKind.FULL
    assert dialog.choice().betas == "keep"
    dialog.reject()


def test_the_dialog_names_every_format_that_is_read():
    assert FORMAT_HELP[1:] in EXPLANATION
    assert "*.smpl" in FILE_FILTER


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
    dialog = window.findChild(ImportPredictionsDialog)
    dialog.file.set_path(source)
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.findChild(ReportDialog) is not None, timeout=30000)
    report = window.findChild(ReportDialog)
    assert report.windowTitle() == "Look at what was imported"
    assert "--frame y-up" in report.list.toPlainText()
    report.reject()
