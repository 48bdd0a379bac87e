"""Several reviewers, by keys and clicks: names, comments, blind second opinions, merging."""

from __future__ import annotations

import shutil

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from spin_gui.reviewers.comments_dialog import CommentsDialog
from spin_gui.reviewers.name_dialog import ReviewerNameDialog
from spin_gui.reviewers.reviewers_dialog import ReviewersDialog
from spin_gui.samples.sample_delegate import COMMENTS, RowLayout, badge_rects, help_at
from spin_gui.session.wording import describe_row
from spin_gui.window.main_window import MainWindow

Key, LEFT = Qt.Key, Qt.MouseButton.LeftButton


def dialog_of(qtbot: QtBot, kind: type):
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), kind))
    return QApplication.activeModalWidget()


def sign_as(qtbot: QtBot, window: MainWindow, name: str) -> None:
    window.commands["reviewers.name"].trigger()
    dialog = dialog_of(qtbot, ReviewerNameDialog)
    dialog.name.lineEdit().selectAll()
    qtbot.keyClicks(dialog.name.lineEdit(), name)
    qtbot.keyClick(dialog.name.lineEdit(), Key.Key_Return)
    qtbot.waitUntil(lambda: window.page.session.dictionary.author == name)


def verdict_shown(window: MainWindow, sample_id: int) -> Verdict:
    return window.page.session.records.row(sample_id).verdict


def test_the_name_is_kept_for_verdicts_and_for_the_next_start(qtbot: QtBot, window: MainWindow):
    sign_as(qtbot, window, "maria")
    session = window.page.session
    judged = session.current_id
    window.commands["review.accept"].trigger()
    assert session.records.current_fit(judged).verdict_by == "maria"
    assert window.settings.choice("reviewer", default="") == "maria"
    project = session.project
    window.close_project()
    window.open_project(project)
    assert window.page.session.dictionary.author == "maria"


def test_a_second_opinion_is_given_without_a_look_at_the_first(qtbot: QtBot, window: MainWindow):
    session = window.page.session
    sample_id = session.current_id
    sign_as(qtbot, window, "maria")
    window.commands["review.accept"].trigger()
    session.dictionary.shares.ask_second_opinions([sample_id], 1.0)
    sign_as(qtbot, window, "jan")
    assert verdict_shown(window, sample_id) is Verdict.NONE
    window.commands["reviewers.mine"].trigger()
    assert sample_id in session.sample_ids
    session.select(sample_id)
    fit = session.records.current_fit(sample_id)
    assert (fit.verdict, fit.verdict_by) == (Verdict.NONE, None)
    events = session.dictionary.events.of(sample_id)
    assert "verdict" not in {event.what for event in events}
    window.commands["review.reject"].trigger()
    assert verdict_shown(window, sample_id) is Verdict.UNSURE, "they disagree, and it is shown now"
    assert sample_id not in session.sample_ids
    window.commands["edit.undo"].trigger()
    assert verdict_shown(window, sample_id) is Verdict.NONE
    sign_as(qtbot, window, "maria")
    assert verdict_shown(window, sample_id) is Verdict.ACCEPTED
    window.commands["edit.redo"].trigger()
    opinions = session.dictionary.opinions.of_sample(sample_id)
    assert opinions[-1].reviewer == "jan", "redone under the name of who did it"


def test_comments_are_written_removed_and_undone(qtbot: QtBot, window: MainWindow):
    session = window.page.session
    sample_id = session.current_id
    window.commands["reviewers.comment"].trigger()
    dialog = dialog_of(qtbot, CommentsDialog)
    assert not dialog.add_button.isEnabled()
    qtbot.keyClicks(dialog.line, "left arm is hidden")
    qtbot.mouseClick(dialog.add_button, LEFT)
    assert dialog.list.count() == 1
    dialog.list.setCurrentRow(0)
    qtbot.mouseClick(dialog.remove_button, LEFT)
    assert dialog.list.count() == 0
    dialog.reject()
    window.commands["edit.undo"].trigger()
    (comment,) = session.dictionary.comments.of_sample(sample_id)
    assert comment.text == "left arm is hidden"
    window.commands["edit.undo"].trigger()
    assert session.dictionary.comments.of_sample(sample_id) == []
    window.commands["edit.redo"].trigger()
    assert len(session.dictionary.comments.of_sample(sample_id)) == 1
    details = window.page.parts.details
    qtbot.waitUntil(lambda: "left arm is hidden" in details.comments.text())


def test_a_person_with_comments_bears_a_mark_that_says_so(qtbot: QtBot, window: MainWindow):
    session = window.page.session
    sample_id = session.current_id
    assert session.records.row(sample_id).comments == 0
    view = window.page.samples.shown_view
    cell = view.visualRect(view.currentIndex())
    before = view.viewport().grab(cell).toImage()
    window.commands["reviewers.comment"].trigger()
    dialog = dialog_of(qtbot, CommentsDialog)
    for words in ("left arm is hidden", "no, it is not"):
        qtbot.keyClicks(dialog.line, words)
        qtbot.mouseClick(dialog.add_button, LEFT)
    dialog.reject()
    row = session.records.row(sample_id)
    assert row.comments == 2
    places = RowLayout(cell)
    ((mark, place),) = badge_rects(row, places, view.font())
    assert mark == COMMENTS
    assert help_at(place.center(), places, row, view.font()) == "2 comments – read with Shift+C"
    assert "2 comments" in describe_row(row)
    after = view.viewport().grab(cell).toImage()
    assert after != before, "it is painted"
    window.page.samples.search.setText("comment:any")
    qtbot.waitUntil(lambda: session.sample_ids.tolist() == [sample_id])


def test_a_copy_is_merged_in_one_step_of_undo_and_the_agreement_is_shown(
    qtbot: QtBot, window: MainWindow, tmp_path, monkeypatch: pytest.MonkeyPatch
):
    session = window.page.session
    sample_id = session.current_id
    copy = tmp_path / "copy"
    shutil.copytree(session.project, copy)
    with Dictionary.open(copy) as dictionary:
        dictionary.verdicts.set({sample_id: Verdict.REJECTED}, "jan")
        dictionary.comments.add(sample_id, "the arm is wrong", "jan")
    sign_as(qtbot, window, "maria")
    window.commands["review.accept"].trigger()
    answers = "spin_gui.commands.handlers.reviewers"
    monkeypatch.setattr(f"{answers}.ask_folder", lambda *_given: copy)
    asked: list[str] = []
    monkeypatch.setattr(
        f"{answers}.ask_yes_no", lambda _parent, _title, text, **_names: asked.append(text) or True
    )
    window.commands["reviewers.merge"].trigger()
    qtbot.waitUntil(lambda: len(asked) == 1, timeout=20_000)
    assert "Would take over 1 verdict" in asked[0]
    assert "1 comment was added." in asked[0]
    assert [each.author for each in session.dictionary.comments.of_sample(sample_id)] == ["jan"]
    assert "Reviewers disagree: " in asked[0]
    assert verdict_shown(window, sample_id) is Verdict.UNSURE
    window.commands["reviewers.agreement"].trigger()
    dialog = dialog_of(qtbot, ReviewersDialog)
    assert dialog.people.rowCount() == 2
    assert dialog.pairs.item(0, 1).text() == "0 of 1"
    assert dialog.disagreements.text().startswith("1 person is unsure")
    dialog.reject()
    window.commands["edit.undo"].trigger()
    assert verdict_shown(window, sample_id) is Verdict.ACCEPTED
    assert session.dictionary.comments.of_sample(sample_id) == []
    window.commands["edit.redo"].trigger()
    assert verdict_shown(window, sample_id) is Verdict.UNSURE
    assert len(session.dictionary.comments.of_sample(sample_id)) == 1
    window.commands["reviewers.merge"].trigger()
    qtbot.waitUntil(lambda: not window.job_controller.busy, timeout=20_000)
    assert len(asked) == 1, "there is nothing left to ask about"
