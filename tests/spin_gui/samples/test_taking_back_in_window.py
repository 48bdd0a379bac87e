"""Removing people, pictures and imports by keys and clicks, and putting them back."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.errors import NoSuchRecordError
from core.types.fits import Verdict
from core.types.imports import ImportSource
from spin_gui.safety import taking_back
from spin_gui.safety.imports_dialog import PUT_BACK, UNDO, ImportsDialog
from spin_gui.safety.removed_dialog import RemovedDialog
from spin_gui.samples.list_model import SampleListModel
from spin_gui.session.session import REMOVED_ELSEWHERE, ProjectSession
from spin_gui.session.verdict_edits import judge_current
from spin_gui.widgets.error_reports import report_of
from tests.spin_gui.small_project import make_project, new_sample

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


def press(window, key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, key, modifiers)


def dialog_of(window, kind, qtbot):
    qtbot.waitUntil(lambda: any(found.isVisible() for found in window.findChildren(kind)))
    return next(found for found in window.findChildren(kind) if found.isVisible())


def listed(session) -> list[int]:
    return session.sample_ids.tolist()


def test_the_person_shown_goes_by_a_key_and_the_neighbour_is_shown(window):
    session = window.page.session
    session.select(3)
    press(window, Qt.Key.Key_Delete, CONTROL)
    assert listed(session) == [1, 2, 4, 5, 6]
    assert session.current_id == 4
    assert "Remove 1 person with 1 fit – saved" in window.status.saved.text()
    press(window, Qt.Key.Key_Z, CONTROL)
    assert listed(session) == [1, 2, 3, 4, 5, 6]
    assert session.current_id == 3
    press(window, Qt.Key.Key_Y, CONTROL)
    assert session.current_id == 4
    session.select(6)
    press(window, Qt.Key.Key_Delete, CONTROL)
    assert session.current_id == 5
    assert session.dictionary.problems() == []


def test_everybody_who_is_selected_goes_in_one_step_and_the_last_leaves_an_empty_list(window):
    session = window.page.session
    session.select(1)
    for _ in range(3):
        press(window, Qt.Key.Key_Down, SHIFT)
    press(window, Qt.Key.Key_Delete, CONTROL)
    assert listed(session) == [5, 6]
    assert session.current_id == 5
    assert not len(session.selected_ids)
    press(window, Qt.Key.Key_A, CONTROL)
    press(window, Qt.Key.Key_Delete, CONTROL)
    assert listed(session) == []
    assert session.current_id is None
    press(window, Qt.Key.Key_Z, CONTROL)
    press(window, Qt.Key.Key_Z, CONTROL)
    assert listed(session) == [1, 2, 3, 4, 5, 6]


def test_select_all_takes_every_row_whatever_was_selected_before(window):
    session = window.page.session
    for first in (1, 4, 6):
        session.select(first)
        press(window, Qt.Key.Key_Down, SHIFT)
        press(window, Qt.Key.Key_A, CONTROL)
        assert sorted(session.selected_ids.tolist()) == [1, 2, 3, 4, 5, 6]


def test_a_picture_goes_with_everybody_in_it(window):
    session = window.page.session
    drawn = session.dictionary.manual_people.draw(2, session.records.sample(2).box)
    session.take_in_changes()
    session.select(2)
    press(window, Qt.Key.Key_Delete, CONTROL | SHIFT)
    assert listed(session) == [1, 3, 4, 5, 6]
    assert session.current_id == 3
    press(window, Qt.Key.Key_Z, CONTROL)
    assert listed(session) == [1, 2, 3, 4, 5, 6, drawn]


def test_going_back_passes_over_who_was_removed(window):
    session = window.page.session
    for sample_id in (1, 2, 3):
        session.select(sample_id)
    session.select(2)
    press(window, Qt.Key.Key_Delete, CONTROL)
    session.select(5)
    for _ in range(6):
        window.commands["go.back"].trigger()
    assert session.current_id == 1


@pytest.fixture
def second_import(window, tmp_path) -> ProjectSession:
    session = window.page.session
    source = ImportSource(format="coco", sources=[tmp_path / "val.json"], dataset="coco")
    with Dictionary.open(session.project) as other:
        other.samples.add([new_sample(tmp_path, 20), new_sample(tmp_path, 21)], source=source)
    session.take_in_changes()
    return session


def test_an_import_is_undone_from_the_list_of_imports_and_put_back_there(
    window, second_import, qtbot
):
    session = second_import
    before = listed(session)
    window.commands["file.imports"].trigger()
    dialog = dialog_of(window, ImportsDialog, qtbot)
    assert "coco: val.json  ·  2 people" in dialog.list.item(0).text()
    assert dialog.hanging.text() == "With it go 2 people, 2 whole pictures, 0 fits."
    QTest.mouseClick(dialog.undo_button, LEFT)
    assert listed(session) == before[:-2]
    assert session.undo_stack.undoText() == "Undo the import coco: val.json: 2 people"
    press(window, Qt.Key.Key_Z, CONTROL)
    assert listed(session) == before
    press(window, Qt.Key.Key_Y, CONTROL)
    assert listed(session) == before[:-2]
    window.commands["file.imports"].trigger()
    dialog = dialog_of(window, ImportsDialog, qtbot)
    assert dialog.undo_button.text() == PUT_BACK
    QTest.mouseClick(dialog.undo_button, LEFT)
    assert listed(session) == before
    press(window, Qt.Key.Key_Z, CONTROL)
    assert listed(session) == before[:-2]
    assert session.dictionary.problems() == []


def test_another_import_in_the_list_says_what_hangs_on_it(window, second_import, qtbot):
    window.commands["file.imports"].trigger()
    dialog = dialog_of(window, ImportsDialog, qtbot)
    dialog.list.setFocus()
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    assert dialog.undo_button.text() == UNDO
    assert "With it go 6 people" in dialog.hanging.text()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert listed(second_import) == [*range(1, 7), 7, 8]


def test_what_was_removed_in_an_earlier_session_is_put_back(window, qtbot):
    session = window.page.session
    with Dictionary.open(session.project) as other:
        other.removals.people([2, 3])
    session.take_in_changes()
    assert listed(session) == [1, 4, 5, 6]
    window.commands["edit.removed"].trigger()
    dialog = dialog_of(window, RemovedDialog, qtbot)
    assert "2 people" in dialog.list.item(0).text()
    names = [session.dictionary.removals.names_away(1, at_most=many) for many in (1, 9)]
    assert [len(found) for found in names] == [1, 2]
    assert dialog.state.text() == ", ".join(names[1])
    QTest.mouseClick(dialog.put_back_button, LEFT)
    assert listed(session) == [1, 2, 3, 4, 5, 6]
    press(window, Qt.Key.Key_Z, CONTROL)
    assert listed(session) == [1, 4, 5, 6]


def test_the_person_shown_who_is_removed_elsewhere_gives_way(window):
    session = window.page.session
    session.select(4)
    with Dictionary.open(session.project) as other:
        other.removals.people([4, 5])
    session.take_in_changes()
    assert session.current_id == 6
    with Dictionary.open(session.project) as other:
        other.removals.people([1, 2, 3, 6])
    session.take_in_changes()
    assert session.current_id is None


def test_a_verdict_on_who_was_removed_elsewhere_makes_the_list_follow(window, qtbot):
    """Before the window has looked for what others wrote, which it does once a second."""
    session = window.page.session
    session.select(4)
    assert session.records.current_fit(4) is not None
    with Dictionary.open(session.project) as other:
        other.removals.people([4, 5])
    with pytest.raises(NoSuchRecordError) as gone:
        judge_current(session, Verdict.ACCEPTED)
    window.show_error(report_of(gone.value))
    assert window.errors.dialog is None
    assert (listed(session), session.current_id) == ([1, 2, 3, 6], 6)
    assert window.status.saved.text() == REMOVED_ELSEWHERE
    judge_current(session, Verdict.ACCEPTED)
    assert session.dictionary.problems() == []


def test_many_people_are_moved_by_a_thread_behind_a_window_that_says_so(window, qtbot, monkeypatch):
    session = window.page.session
    monkeypatch.setattr(taking_back, "AT_ONCE", 3)
    monkeypatch.setattr("spin_gui.session.session._TOLD_ONE_BY_ONE", 2)
    session.set_selected([1, 2, 3, 4])
    press(window, Qt.Key.Key_Delete, CONTROL)
    assert listed(session) == [5, 6]
    assert session.current_id == 5
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    press(window, Qt.Key.Key_Z, CONTROL)
    assert listed(session) == [1, 2, 3, 4, 5, 6]


@pytest.fixture
def long_list(tmp_path, qtbot):
    session = ProjectSession(make_project(tmp_path, people=1500, pictures=False))
    session.set_query(SampleQuery(sort=SortKey.ID))
    yield session, SampleListModel(session)
    session.close()


@pytest.mark.parametrize(
    "gone", [np.arange(100, 1000), np.arange(5, 900, 3), np.array([1, 700, 1499])]
)
def test_rows_go_and_come_without_a_reset_and_keep_their_order(long_list, gone):
    session, model = long_list
    resets, rows = [], []
    model.modelReset.connect(lambda: resets.append(1))
    model.rowsRemoved.connect(lambda _parent, first, last: rows.append(last - first + 1))
    session.set_selected(gone.tolist())
    taking_back.remove_people(session)
    assert (resets, sum(rows)) == ([], len(gone))
    assert np.array_equal(model.ids, np.setdiff1d(np.arange(1, 1501), gone))
    session.undo_stack.undo()
    assert resets == []
    assert np.array_equal(model.ids, np.arange(1, 1501))
