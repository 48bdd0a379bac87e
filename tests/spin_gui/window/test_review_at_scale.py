"""Filters, views, queues, jumps, many verdicts: by the keys of the real window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QInputDialog

from core.dictionary.assessment.assessments import Assessment
from core.dictionary.search.query import SampleQuery, SortKey, ValueRange
from core.dictionary.search.saved_views import BUILT_IN_VIEWS
from core.dictionary.store import Dictionary
from core.types.cameras import CameraSource
from core.types.fits import Verdict
from spin_gui.samples.filter import FilterDialog
from spin_gui.samples.jump import JumpDialog
from spin_gui.samples.progress import ProgressDialog, duration_text, pace_text
from spin_gui.samples.views import ViewsDialog
from spin_gui.session.review_speed import LONGEST_LOOK_S, ReviewSpeed
from spin_gui.session.verdict_edits import judge_selected
from spin_gui.window.main_window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
NONE = Qt.KeyboardModifier.NoModifier
Key = Qt.Key


def press(qtbot, window: MainWindow, key: Qt.Key, modifier=NONE) -> None:
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    qtbot.keyClick(window.focusWidget() or window, key, modifier)


def dialog_of(qtbot, window: MainWindow, kind: type[QDialog]) -> QDialog:
    qtbot.waitUntil(lambda: any(widget.isVisible() for widget in window.findChildren(kind)))
    return next(widget for widget in window.findChildren(kind) if widget.isVisible())


@pytest.fixture
def session(window):
    return window.page.session


@pytest.fixture
def suspicions(project):
    """Sample 4 is the most suspicious; about sample 2 a verdict tells most."""
    with Dictionary.open(project) as dictionary:
        dictionary.assessments.store(
            [
                Assessment(
                    basis=basis,
                    suspicion={4: 0.9, 2: 0.5}.get(one, 0.1),
                    informativeness={2: 0.8}.get(one, 0.2),
                )
                for one, basis in dictionary.assessments.inputs(range(1, 7)).items()
            ]
        )


def test_filters_are_set_by_keys_in_a_dialog_that_counts(qtbot, window, session):
    press(qtbot, window, Key.Key_F)
    dialog = dialog_of(qtbot, window, FilterDialog)
    low, high = dialog.ranges[SortKey.LOSS]
    # The dialog asks for the error in px; what is typed filters by the loss, its square.
    qtbot.keyClicks(low, "4")
    qtbot.keyClicks(high, "7")
    assert dialog.state.text().startswith("3 samples. Typed: loss:16..49")
    dialog.verdicts[Verdict.NONE].setFocus()
    qtbot.keyClick(dialog.verdicts[Verdict.NONE], Key.Key_Space)
    qtbot.keyClick(dialog, Key.Key_Return)
    assert session.sample_ids.tolist() == [2, 3, 4]
    assert window.page.samples.search.text() == "verdict:none loss:16..49"
    press(qtbot, window, Key.Key_BracketLeft, CONTROL)
    assert session.query == SampleQuery()
    press(qtbot, window, Key.Key_BracketRight, CONTROL)
    assert len(session.sample_ids) == 3
    press(qtbot, window, Key.Key_F, SHIFT)
    assert len(session.sample_ids) == 7


def test_a_field_that_cannot_be_read_is_said_and_not_taken(qtbot, window, session):
    press(qtbot, window, Key.Key_F)
    dialog = dialog_of(qtbot, window, FilterDialog)
    qtbot.keyClicks(dialog.first_day, "yesterday")
    assert "yesterday" in dialog.state.text()
    assert not dialog.ok.isEnabled()
    dialog.reject()
    assert session.query == SampleQuery()


def test_the_dialog_shows_every_filter_that_is_set(qtbot, window, session):
    query = SampleQuery(
        text="person",
        flagged=False,
        runs=frozenset({3}),
        datasets=frozenset({"trial"}),
        only_corrected=True,
        groups=frozenset({"left-out"}),
        moments=frozenset({"take 3", "any"}),
        subjects=frozenset({"none"}),
        cameras=frozenset({CameraSource.FOUND, CameraSource.LONG_LENS}),
    ).with_range(SortKey.SUSPICION, ValueRange(0.25, None))
    dialog = FilterDialog(query, lambda _query: 0, window)
    assert dialog.choice() == query
    dialog.deleteLater()


def test_rules_are_typed_into_the_search_box_and_faults_are_said(qtbot, window, session):
    samples = window.page.samples
    press(qtbot, window, Key.Key_F, CONTROL)
    qtbot.keyClicks(samples.search, "loss:30.. flag:nonsense")
    qtbot.keyClick(samples.search, Key.Key_Return)
    assert "flag:nonsense" in samples.header.problem.text()
    assert not samples.header.problem.isHidden()
    assert session.query == SampleQuery()
    press(qtbot, window, Key.Key_F, CONTROL)
    qtbot.keyClicks(samples.search, "loss:30..")
    qtbot.keyClick(samples.search, Key.Key_Return)
    assert session.sample_ids.tolist() == [3, 4, 5, 6]
    assert samples.header.problem.isHidden()


def answer_name(name: str) -> None:
    """Type a name into the dialog that is about to ask for one."""

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QInputDialog)
        dialog.setTextValue(name)
        dialog.accept()

    QTimer.singleShot(50, answer)


def test_views_are_saved_shown_renamed_and_deleted(qtbot, window, session):
    wanted = SampleQuery(sort=SortKey.LOSS, descending=True).with_range(
        SortKey.LOSS, ValueRange(25, None)
    )
    session.set_query(wanted)
    answer_name("Far off")
    press(qtbot, window, Key.Key_V, CONTROL | SHIFT)
    dialog = dialog_of(qtbot, window, ViewsDialog)
    assert dialog.list.currentItem().text() == "Far off"
    answer_name("Flagged")
    qtbot.mouseClick(dialog.rename_button, Qt.MouseButton.LeftButton)
    assert "already" in dialog.rules.text()
    answer_name("Very far off")
    qtbot.mouseClick(dialog.rename_button, Qt.MouseButton.LeftButton)
    dialog.reject()
    session.set_query(SampleQuery())

    press(qtbot, window, Key.Key_V, SHIFT)
    dialog = dialog_of(qtbot, window, ViewsDialog)
    dialog.list.setCurrentRow(dialog.list.count() - 1)
    qtbot.keyClick(dialog.list, Key.Key_Return)
    assert session.query == wanted
    assert session.current_id == 6

    press(qtbot, window, Key.Key_V, SHIFT)
    dialog = dialog_of(qtbot, window, ViewsDialog)
    dialog.list.setCurrentRow(dialog.list.count() - 1)
    qtbot.mouseClick(dialog.delete_button, Qt.MouseButton.LeftButton)
    assert dialog.list.count() == len(BUILT_IN_VIEWS)
    assert not dialog.delete_button.isEnabled()
    dialog.reject()
    assert session.dictionary.saved_views.all() == []


def test_a_view_of_a_newer_program_is_refused_politely(qtbot, window, session):
    session.dictionary.saved_views.save("theirs", SampleQuery())
    connection = session.dictionary._connection
    with connection.writing():
        connection.execute("UPDATE saved_views SET rules = '{\"colour\": 1}'")
    press(qtbot, window, Key.Key_V, SHIFT)
    dialog = dialog_of(qtbot, window, ViewsDialog)
    dialog.list.setCurrentRow(dialog.list.count() - 1)
    assert "colour" in dialog.rules.text()
    assert not dialog.show_button.isEnabled()
    dialog.reject()


def test_queues_begin_with_the_worst_and_go_on_where_one_was(qtbot, suspicions, window, session):
    press(qtbot, window, Key.Key_Q)
    assert session.current_id == 4
    press(qtbot, window, Key.Key_X)
    assert session.current_id == 2
    press(qtbot, window, Key.Key_I)
    assert session.current_id == 2
    press(qtbot, window, Key.Key_Right)
    there = session.current_id
    press(qtbot, window, Key.Key_Q)
    assert session.current_id == 2
    press(qtbot, window, Key.Key_I)
    assert session.current_id == there


def test_ten_selected_are_rejected_and_taken_back_in_one_step(qtbot, window, session):
    press(qtbot, window, Key.Key_Down, SHIFT)
    press(qtbot, window, Key.Key_Down, SHIFT)
    press(qtbot, window, Key.Key_X)
    assert session.counts().left_to_review == 3
    assert session.current_id == 4
    press(qtbot, window, Key.Key_Z, CONTROL)
    assert session.counts().left_to_review == 6
    assert session.selected_ids.tolist() == [1, 2, 3]


def test_a_great_many_verdicts_are_asked_for_twice(qtbot, window, session, monkeypatch):
    monkeypatch.setattr("spin_gui.commands.handlers.review.ASK_FROM", 5)
    press(qtbot, window, Key.Key_A, CONTROL)
    assert len(session.selected_ids) == 7
    QTimer.singleShot(50, lambda: QApplication.activeModalWidget().reject())
    press(qtbot, window, Key.Key_X)
    assert session.counts().left_to_review == 6


def test_jumping_by_row_number_and_name(qtbot, window, session):
    session.set_query(SampleQuery(sort=SortKey.LOSS, descending=True))
    for typed, expected in (("2", 5), ("#2", 2), ("person_0003", 3)):
        press(qtbot, window, Key.Key_G, CONTROL)
        dialog = dialog_of(qtbot, window, JumpDialog)
        qtbot.keyClicks(dialog.line, typed)
        qtbot.keyClick(dialog.line, Key.Key_Return)
        assert session.current_id == expected
        qtbot.waitUntil(lambda one=dialog: not window.findChildren(JumpDialog))
    for expected in (2, 5):
        press(qtbot, window, Key.Key_Left, ALT)
        assert session.current_id == expected
    press(qtbot, window, Key.Key_Right, ALT)
    assert session.current_id == 2


def test_the_grid_is_switched_by_a_key_and_return_opens_a_sample(qtbot, window, session):
    page = window.page
    width = page.samples_page.splitter.sizes()[0]
    press(qtbot, window, Key.Key_G)
    assert page.samples.pages.currentWidget() is page.samples.grid
    assert page.views.isHidden() or not page.views.isVisible()
    press(qtbot, window, Key.Key_Right)
    press(qtbot, window, Key.Key_A)
    assert session.records.row(2).verdict is Verdict.ACCEPTED
    press(qtbot, window, Key.Key_Return)
    assert page.samples.pages.currentWidget() is page.samples.view
    assert page.views.isVisible()
    assert abs(page.samples_page.splitter.sizes()[0] - width) <= 2


@pytest.mark.parametrize("wanted", [290, 420])
def test_the_list_is_as_wide_after_the_grid_as_before_it(qtbot, window, wanted):
    # The grid's header stands in one line; the list came back as wide as that line must be.
    window.resize(1600, 1000)
    panel, splitter = window.page.samples, window.page.samples_page.splitter
    splitter.setSizes([wanted, splitter.width() - wanted - 320, 320])
    press(qtbot, window, Key.Key_G)
    qtbot.waitUntil(lambda: panel.width() > 2 * wanted)
    press(qtbot, window, Key.Key_G)
    qtbot.waitUntil(lambda: not panel.grid.isVisible())
    qtbot.wait(50)
    assert panel.width() == wanted


def test_histograms_are_shown_by_a_key_and_remembered(qtbot, window, project):
    press(qtbot, window, Key.Key_H, CONTROL | SHIFT)
    strip = window.page.parts.histograms
    assert strip.isVisible()
    qtbot.waitUntil(lambda: strip.cells[SortKey.LOSS].plot.histogram is not None)
    window.close_project()
    assert window.open_project(project)
    assert window.page.parts.histograms.isVisible()


def test_progress_counts_what_is_left_and_how_flags_do(qtbot, suspicions, window, session):
    press(qtbot, window, Key.Key_P, CONTROL)
    dialog = dialog_of(qtbot, window, ProgressDialog)
    assert dialog.left.text() == "6 of 7 listed, 6 of 6 in the whole project"
    assert "after two verdicts" in dialog.pace.text()
    session.select(4)
    judge_selected(session, Verdict.REJECTED)
    judge_selected(session, Verdict.ACCEPTED)
    assert dialog.left.text().startswith("4 of 7 listed")
    assert "2 verdicts in this sitting" in dialog.pace.text()
    qtbot.waitUntil(lambda: "Of 1 decided" in dialog.precision.text(), timeout=5000)
    assert "100 % were rejected" in dialog.precision.text()
    dialog.reject()


def test_a_pause_does_not_slow_the_pace():
    now = [0.0]
    pace = ReviewSpeed(clock=lambda: now[0])
    for step in (10.0, 10.0, 5000.0, 10.0):
        now[0] += step
        pace.note(1)
    assert pace.busy_s == 30 + LONGEST_LOOK_S
    assert pace.per_minute == pytest.approx(60 * 4 / 150)
    assert "1.6 a minute" in pace_text(pace, listed=8, left=80)
    assert duration_text(pace.seconds_for(8)) == "5 min"
    assert duration_text(3 * 3600) == "3.0 h"
