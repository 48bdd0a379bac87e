"""A walk through the whole window: everything has a name, can be told apart and is all there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QMessageBox,
    QPushButton,
    QStyle,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.dictionary.recovery.backups import back_up
from core.dictionary.samples.detections import SearchedPicture
from spin_gui.help.tour_bubble import TourBubble
from spin_gui.widgets.fact_rows import ElidedLabel
from spin_gui.widgets.help_mark import HelpMark
from spin_gui.widgets.theme import Theme, apply_theme
from spin_gui.window.closing.stop_question import may_stop
from spin_gui.window.closing.unkept_question import ask_unkept
from spin_gui.window.main_window import MainWindow
from tests.coco_people import write_people
from tests.core.workflows.sources.test_inspect_source import write_bodies
from tests.spin_gui.importing.asking import asked, drop
from tests.spin_gui.window.readability import problems

SMALLEST_SCREEN = (1280, 720)
PAGES = (
    "view.grid",
    "view.histograms",
    "correct.body_tools",
    "correct.edit",
    "view.gallery",
    "view.compare",
    "view.evaluation",
    "training.page",
    "go.import",
    "go.fit",
    "go.export",
)
DIALOGS = (
    "file.new_project",
    "file.make_demo",
    "file.find_people",
    "file.import",
    "file.find_pictures",
    "file.export",
    "file.export_people",
    "file.export_sheet",
    "file.open_recent",
    "edit.filter",
    "edit.views",
    "edit.preferences",
    "review.progress",
    "go.jump",
    "correct.camera",
    "fitting.fit",
    "fitting.refit",
    "training.train",
    "training.prediction_sets",
    "fitting.take_over",
    "training.import_predictions",
    "help.guide",
    "help.legend",
    "help.palette",
    "help.keys",
    "help.words",
    "help.change_keys",
    "help.about",
    "help.doctor",
    "help.official_files",
    "edit.removed",
    "file.imports",
    "review.random_checks",
    "reviewers.share",
    "reviewers.agreement",
    "reviewers.comment",
    "reviewers.name",
)


@pytest.fixture
def project(flagged_project: Path) -> Path:
    return flagged_project


@pytest.fixture
def window_size() -> tuple[int, int]:
    return SMALLEST_SCREEN


@pytest.fixture(params=[Theme.LIGHT, Theme.DARK])
def theme(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Theme]:
    yield request.param
    apply_theme(qapp, Theme.SYSTEM)


def open_dialogs(window: MainWindow) -> list[QDialog]:
    return [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]


def settled(widget: QWidget) -> QWidget:
    """With every layout done, without waiting for what comes later."""
    QApplication.sendPostedEvents()
    widget.grab()
    return widget


def test_every_page_is_named_told_apart_and_whole(
    qtbot: QtBot, window: MainWindow, theme: Theme
) -> None:
    window.set_theme(theme)
    window.page.parts  # noqa: B018 - asking makes them
    found = {f"samples: {problem}" for problem in problems(settled(window))}
    for page in PAGES:
        window.commands[page].trigger()
        found |= {f"{page}: {problem}" for problem in problems(settled(window))}
        if window.commands[page].isCheckable() and window.commands[page].isChecked():
            window.commands[page].trigger()
    assert "\n".join(sorted(found)) == ""


def test_what_is_shown_follows_a_change_of_the_theme(qtbot: QtBot, window: MainWindow) -> None:
    window.set_theme(Theme.DARK)
    window.page.parts  # noqa: B018 - asking makes them
    window.commands["correct.edit"].trigger()
    settled(window)
    for theme in (Theme.LIGHT, Theme.DARK):
        window.set_theme(theme)
        assert "\n".join(problems(settled(window))) == ""


def test_every_dialog_is_named_told_apart_and_whole(
    qtbot: QtBot, window: MainWindow, theme: Theme
) -> None:
    window.set_theme(theme)
    found = set()
    for action in DIALOGS:
        window.commands[action].trigger()
        dialogs = open_dialogs(window)
        assert dialogs, action
        for dialog in dialogs:
            found |= {f"{action}: {problem}" for problem in problems(settled(dialog))}
            dialog.reject()
            dialog.deleteLater()
    assert "\n".join(sorted(found)) == ""


def test_the_import_dialog_with_people_and_with_bodies_is_named_told_apart_and_whole(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, theme: Theme
) -> None:
    window.set_theme(theme)
    found = set()
    for source in (write_people(tmp_path), write_bodies(tmp_path)):
        drop(window, source)
        dialog = asked(qtbot, window)
        found |= {f"{source.name}: {problem}" for problem in problems(settled(dialog))}
        dialog.reject()
        dialog.deleteLater()
    assert "\n".join(sorted(found)) == ""


def test_backups_and_pictures_without_people_are_named_told_apart_and_whole(
    qtbot: QtBot, window: MainWindow, project: Path, theme: Theme
) -> None:
    window.set_theme(theme)
    back_up(project)
    picture = SearchedPicture(project / "empty.png", 0, "two networks")
    window.page.session.dictionary.detections.add_picture(picture, [])
    found = set()
    for action in ("file.restore", "correct.without_people"):
        window.commands[action].trigger()
        dialogs = open_dialogs(window)
        assert dialogs, action
        for dialog in dialogs:
            found |= {f"{action}: {problem}" for problem in problems(settled(dialog))}
            dialog.reject()
            dialog.deleteLater()
    assert "\n".join(sorted(found)) == ""


def test_the_report_of_a_check_is_named_told_apart_and_whole(
    qtbot: QtBot, window: MainWindow, theme: Theme
) -> None:
    window.set_theme(theme)
    window.commands["file.check"].trigger()
    qtbot.waitUntil(lambda: bool(open_dialogs(window)), timeout=20_000)
    (dialog,) = open_dialogs(window)
    assert dialog.windowTitle() == "The project is sound"
    assert "\n".join(problems(settled(dialog))) == ""
    dialog.reject()


def test_questions_are_named_told_apart_and_whole(
    qtbot: QtBot, window: MainWindow, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.set_theme(theme)
    training = window.training_controller
    monkeypatch.setattr(type(training.watch), "training", True)
    monkeypatch.setattr(training.watch, "control", object())
    window.commands["training.discard"].setEnabled(True)
    found: dict[str, list[str]] = {}

    def look() -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox) and box.isVisible():
            found[box.windowTitle()] = problems(settled(box))
            box.reject()

    timer = QTimer(window, interval=20)
    timer.timeout.connect(look)
    timer.start()
    window.commands["training.discard"].trigger()
    ask_unkept(window, ["a picture with a rather long name of its own.jpg · 12"] * 5)
    may_stop(window, "Training “long walk”", is_training=True)
    timer.stop()
    assert found == {"Discard the training?": [], "Not kept yet": [], "Work is running": []}


def test_the_keypoints_tell_the_same_error_as_the_details(qtbot: QtBot, window: MainWindow) -> None:
    parts = window.page.parts
    error = parts.details.fit_facts.value
    summary = parts.views.board.summary
    qtbot.waitUntil(lambda: error("Error") != "" and summary.facts is not None)
    qtbot.waitUntil(lambda: f"error {error('Error')}" in summary.accessibleDescription())


def test_the_tour_and_the_reasons_of_a_rejection_are_named_told_apart_and_whole(
    qtbot: QtBot, window: MainWindow, theme: Theme
) -> None:
    window.set_theme(theme)
    window.commands["help.tour"].trigger()
    assert window.findChild(TourBubble).isVisible()
    found = {f"tour: {problem}" for problem in problems(settled(window))}
    reasons = window.page.parts.verdicts.reasons
    window.commands["review.reject_reason"].trigger()
    assert reasons.isVisible()
    found |= {f"reasons: {problem}" for problem in problems(settled(reasons))}
    reasons.close()
    assert "\n".join(sorted(found)) == ""


def test_marks_explain_the_terms_of_fits_trainings_and_evaluations(
    qtbot: QtBot, window: MainWindow
) -> None:
    explained = set()
    for action in ("fitting.fit", "training.train", "training.page", "view.evaluation"):
        window.commands[action].trigger()
        explained |= {mark.accessibleName() for mark in window.findChildren(HelpMark)}
        for dialog in open_dialogs(window):
            dialog.reject()
    for word in ("Start", "Method", "Data", "Runs", "Against", "Metric"):
        assert f"What “{word}” means" in explained


def test_the_welcome_page_is_named_told_apart_and_whole(
    qtbot: QtBot, quick_drawing: None, theme: Theme
) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.resize(*SMALLEST_SCREEN)
    window.set_theme(theme)
    window.show()
    assert "\n".join(problems(settled(window))) == ""


def test_the_walk_notices_what_is_unnamed_faint_or_cut(qtbot: QtBot) -> None:
    root = QWidget()
    qtbot.addWidget(root)
    root.resize(300, 200)
    button, label, shortened = QPushButton(root), QLabel("A faint sentence", root), ElidedLabel()
    button.setIcon(root.style().standardIcon(QStyle.StandardPixmap.SP_DialogOkButton))
    palette = label.palette()
    palette.setColor(QPalette.ColorRole.WindowText, palette.color(QPalette.ColorRole.Midlight))
    label.setPalette(palette)
    label.setGeometry(0, 60, 40, 20)
    shortened.setParent(root)
    shortened.setText("A long value")
    shortened.setGeometry(0, 100, 20, 20)
    beyond = QLabel("Beyond the edge", root)
    beyond.setGeometry(250, 150, 120, 20)
    root.show()
    told = "\n".join(problems(root))
    assert "no accessible name" in told
    assert "contrast" in told
    assert "'A faint sentence': text of" in told
    assert "of it is shown" in told
    assert "reaches beyond QWidget" in told
