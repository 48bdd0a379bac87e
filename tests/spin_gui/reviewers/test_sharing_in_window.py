"""Sharing the work by clicks: dividing it, second opinions, hidden cases; each a step of undo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.dictionary.reviewers.questions import QuestionCounts
from core.types.fits import Verdict
from core.types.reviewing.made_errors import ErrorKind
from spin_gui.reviewers.sharing_dialog import SharingDialog
from spin_gui.session.reviewer_edits import sign_as
from spin_gui.session.verdict_edits import FOUND
from spin_gui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def project(flagged_project: Path) -> Path:
    return flagged_project


@pytest.fixture
def dialog(qtbot: QtBot, window: MainWindow) -> SharingDialog:
    """Maria accepted persons 1 to 3 and rejected 4."""
    session = window.page.session
    verdicts = dict.fromkeys((1, 2, 3), Verdict.ACCEPTED) | {4: Verdict.REJECTED}
    session.dictionary.verdicts.set(verdicts, "maria")
    sign_as(session, "jan")
    session.take_in_changes()
    return opened(qtbot, window)


def opened(qtbot: QtBot, window: MainWindow) -> SharingDialog:
    window.commands["reviewers.share"].trigger()
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), SharingDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, SharingDialog)
    return dialog


def test_the_work_is_divided_as_it_was_said(qtbot: QtBot, window: MainWindow, dialog):
    shares = window.page.session.dictionary.shares
    names = dialog.divide.names
    names.selectAll()
    qtbot.keyClicks(names, "maria=2, jan")
    qtbot.waitUntil(
        lambda: dialog.result_line.text().startswith("maria gets 4 people, jan gets 2 people"),
        timeout=20_000,
    )
    qtbot.keyClicks(names, "=x")
    qtbot.waitUntil(lambda: "is no share" in dialog.result_line.text())
    assert not dialog.ok_button.isEnabled()
    for _ in "=x":
        qtbot.keyClick(names, Qt.Key.Key_Backspace)
    qtbot.waitUntil(dialog.ok_button.isEnabled)
    qtbot.mouseClick(dialog.ok_button, LEFT)
    assert shares.assigned_counts() == {"jan": 2, "maria": 4}
    assert "Divide 6 people: maria 4, jan 2 – saved" in window.status.saved.text()
    window.commands["edit.undo"].trigger()
    assert shares.assigned_counts() == {}
    window.commands["edit.redo"].trigger()
    assert shares.assigned_counts() == {"jan": 2, "maria": 4}


def test_second_opinions_are_asked_of_the_share_that_was_said(
    qtbot: QtBot, window: MainWindow, dialog
):
    questions = window.page.session.dictionary.questions
    dialog.tabs.setCurrentWidget(dialog.opinions)
    assert dialog.ok_button.text() == "Ask for second opinions"
    dialog.opinions.percent.setValue(50)
    qtbot.waitUntil(lambda: dialog.result_line.text().startswith("2 fits are judged again"))
    qtbot.mouseClick(dialog.ok_button, LEFT)
    assert questions.counts() == QuestionCounts(second_opinions=2)
    session = window.page.session
    assert len(session.dictionary.hidden.fit_ids) == 2, "jan is asked, and sees no first verdict"
    window.commands["edit.undo"].trigger()
    assert not questions.counts()
    assert session.dictionary.hidden.fit_ids == frozenset()
    window.commands["edit.redo"].trigger()
    assert questions.counts() == QuestionCounts(second_opinions=2)
    again = opened(qtbot, window)
    assert "2 second opinions" in again.asked_line.text()
    qtbot.mouseClick(again.end_button, LEFT)
    assert not questions.counts()
    window.commands["edit.undo"].trigger()
    assert questions.counts() == QuestionCounts(second_opinions=2)


def test_what_an_expert_judged_is_mixed_in(qtbot: QtBot, window: MainWindow, dialog):
    dialog.tabs.setCurrentWidget(dialog.cases)
    assert "3 of 3 accepted fits are copied" in dialog.result_line.text()
    dialog.cases.source.setCurrentIndex(1)
    assert not dialog.cases.everyone.isEnabled()
    qtbot.waitUntil(lambda: "as if not judged, of 4." in dialog.result_line.text())
    qtbot.mouseClick(dialog.ok_button, LEFT)
    counts = window.page.session.dictionary.questions.counts()
    assert counts == QuestionCounts(known_cases=4)


def test_made_errors_are_shown_like_any_fit_answered_and_undone(
    qtbot: QtBot, window: MainWindow, dialog
):
    session = window.page.session
    dictionary = session.dictionary
    true = dictionary.fits.current([1, 2, 3])
    dialog.tabs.setCurrentWidget(dialog.cases)
    for kind, box in dialog.cases.kinds.items():
        if kind is not ErrorKind.BODY_MOVED:
            qtbot.mouseClick(box, LEFT, pos=box.rect().center() - box.rect().center() / 1.2)
    qtbot.waitUntil(lambda: "gets an error and is shown to all but" in dialog.result_line.text())
    qtbot.mouseClick(dialog.ok_button, LEFT)
    qtbot.waitUntil(lambda: not window.job_controller.busy, timeout=180_000)
    qtbot.waitUntil(lambda: dictionary.hidden.errors == {1, 2, 3})
    window.commands["reviewers.mine"].trigger()
    assert session.sample_ids.tolist() == [1, 2, 3, 5, 6], "with the others, in the list's order"
    session.select(2)
    fit = session.records.current_fit(2)
    assert fit.verdict is Verdict.NONE
    moved = fit.parameters.camera_translation - true[2].parameters.camera_translation
    assert np.abs(moved[:2]).max() > 0
    assert session.counts().left_to_review == 5

    window.commands["review.reject"].trigger()
    assert session.dictionary.known_cases.scores()[0].right == 1
    assert 2 not in session.sample_ids
    assert session.current_id == 3
    window.commands["edit.undo"].trigger()
    assert session.dictionary.known_cases.scores() == []
    assert session.records.current_fit(2).id == fit.id
    window.commands["edit.redo"].trigger()
    assert dictionary.fits.current_of(2).verdict is Verdict.ACCEPTED

    noticed: list[str] = []
    session.noticed.connect(noticed.append)
    session.select(3)
    window.commands["correct.refit"].trigger()
    assert noticed[-1] == FOUND
    assert dictionary.fits.current_of(3).id == true[3].id, "nothing came of the correction"
    assert session.dictionary.known_cases.scores()[0].right == 2
    window.commands["reviewers.agreement"].trigger()
    report = QApplication.activeModalWidget()
    assert report.cases.item(0, 0).text() == "jan"
    assert report.cases.item(0, 1).text() == "2 of 2"
    report.reject()
    for _ in range(3):
        window.commands["edit.undo"].trigger()
    assert not dictionary.questions.counts(), "the errors are out again"
    assert dictionary.hidden.fit_ids == frozenset()
    for sample_id, was in true.items():
        assert dictionary.fits.current_of(sample_id).id == was.id
