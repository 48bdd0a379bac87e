"""The menus under the pointer, opened by real right clicks and by their key."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.types.fits import NewFit, Origin, Verdict
from core.types.runs import TRAINING_KIND, RunStatus
from spin_gui.commands.records import RECORDS
from spin_gui.commands.records.context import (
    FIT_MENU,
    GALLERY_MENU,
    RUN_MENU,
    SAMPLE_MENU,
    VIEW_MENU,
)
from spin_gui.widgets.page import Page
from tests.spin_gui.flagged_project import make_flagged_project
from tests.spin_gui.small_project import new_fit

Key = Qt.Key
RIGHT, PLAIN = Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier


def right_click(qtbot, window, widget, point) -> QMenu:
    QTest.mouseClick(window.windowHandle(), RIGHT, PLAIN, widget.mapTo(window, point))
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    return QApplication.activePopupWidget()


def run(menu: QMenu, action_id: str) -> None:
    """As a click on the entry does it."""
    (action,) = [found for found in menu.actions() if found.objectName() == action_id]
    assert action.isEnabled()
    menu.setActiveAction(action)
    QTest.keyClick(menu, Key.Key_Return)
    assert not menu.isVisible()


def entries(menu: QMenu) -> list[str]:
    return [action.objectName() for action in menu.actions() if not action.isSeparator()]


@pytest.mark.parametrize("sections", [SAMPLE_MENU, GALLERY_MENU, VIEW_MENU, FIT_MENU, RUN_MENU])
def test_menus_hold_commands_of_the_menu_bar_and_none_twice(sections):
    ids = [action_id for section in sections for action_id in section]
    assert set(ids) <= set(RECORDS)
    assert len(set(ids)) == len(ids)


def verdict_of(window, sample_id: int) -> Verdict:
    return window.page.session.records.current_fit(sample_id).verdict


@pytest.mark.parametrize("grid", [False, True])
def test_a_sample_is_judged_where_it_is_right_clicked(qtbot, window, grid):
    window.commands["view.grid"].setChecked(grid)
    view = window.page.samples.shown_view
    third = view.visualRect(view.model().index(2, 0)).center()
    menu = right_click(qtbot, window, view.viewport(), third)
    assert entries(menu) == [action_id for section in SAMPLE_MENU for action_id in section]
    sample_id = int(window.page.session.sample_ids[2])
    assert window.page.session.current_id == sample_id
    run(menu, "review.reject")
    assert verdict_of(window, sample_id) is Verdict.REJECTED


def test_a_right_click_keeps_several_selected(qtbot, window):
    view = window.page.samples.view
    window.commands["edit.extend_next"].trigger()
    menu = right_click(
        qtbot, window, view.viewport(), view.visualRect(view.model().index(0, 0)).center()
    )
    run(menu, "review.accept")
    first_two = [int(sample_id) for sample_id in window.page.session.sample_ids[:2]]
    assert {verdict_of(window, sample_id) for sample_id in first_two} == {Verdict.ACCEPTED}


def test_below_the_last_sample_there_is_no_menu(qtbot, window):
    view = window.page.samples.view
    bottom = view.viewport().rect().center()
    bottom.setY(view.viewport().height() - 3)
    window.page.session.set_query(SampleQuery(text="0001"))
    assert not view.indexAt(bottom).isValid()
    QTest.mouseClick(window.windowHandle(), RIGHT, PLAIN, view.viewport().mapTo(window, bottom))
    assert QApplication.activePopupWidget() is None


def test_a_right_click_on_a_view_opens_its_menu_and_a_right_drag_moves_it(qtbot, window):
    board = window.page.views.board
    qtbot.waitUntil(lambda: any(canvas.isVisible() for canvas in board.canvases.values()))
    canvas = max(
        (canvas for canvas in board.canvases.values() if canvas.isVisible()),
        key=lambda canvas: canvas.width(),
    )
    middle = canvas.rect().center()
    menu = right_click(qtbot, window, canvas, middle)
    assert entries(menu) == [action_id for section in VIEW_MENU for action_id in section]
    run(menu, "view.keypoints")
    assert not window.page.views.keypoints_shown
    place = canvas.mapTo(window, middle)
    handle = window.windowHandle()
    with qtbot.waitSignal(canvas.panned):
        QTest.mousePress(handle, RIGHT, PLAIN, place)
        QTest.mouseMove(handle, place + QPoint(40, 10))
        QTest.mouseRelease(handle, RIGHT, PLAIN, place + QPoint(40, 10))
    assert QApplication.activePopupWidget() is None


def test_a_former_fit_is_made_current_from_its_menu(qtbot, window, project):
    with Dictionary.open(project) as dictionary:
        dictionary.fits.offer([new_fit(1, 500.0, beta=2.5, turn_rad=1.0)])
    session = window.page.session
    session.notice_external_changes()
    table = window.page.parts.details.history.table
    qtbot.waitUntil(lambda: table.model().rowCount() == 2)
    (former,) = [row for row in range(2) if not table.model().fit(row).is_current]
    point = table.visualRect(table.model().index(former, 2)).center()
    window.page.parts.details.scroll_area.ensureWidgetVisible(table)
    menu = right_click(qtbot, window, table.viewport(), point)
    assert entries(menu) == [action_id for section in FIT_MENU for action_id in section]
    before = session.records.current_fit(1).id
    run(menu, "fits.make_current")
    assert session.records.current_fit(1).id != before
    window.commands["edit.undo"].trigger()
    assert session.records.current_fit(1).id == before


def test_without_a_fit_to_choose_the_commands_say_what_is_missing(window):
    window.commands["fits.make_current"].trigger()
    assert "one that is not the current one" in window.status.saved.text()
    window.commands["fits.compare"].trigger()
    assert "two, or one besides" in window.status.saved.text()


def test_a_run_is_listed_from_its_menu(qtbot, window, project):
    with Dictionary.open(project) as dictionary:
        run_id = dictionary.runs.start(TRAINING_KIND, configuration={}, versions={})
        dictionary.fits.offer([_fit_of_run(run_id)])
        dictionary.runs.end(run_id, RunStatus.FINISHED)
    window.page.session.notice_external_changes()
    assert not window.commands["training.list_run"].isEnabled()
    window.commands["training.page"].setChecked(True)
    runs = window.page.shown_panel.runs.list
    qtbot.waitUntil(lambda: runs.count() == 1)
    menu = right_click(qtbot, window, runs.viewport(), runs.visualItemRect(runs.item(0)).center())
    assert entries(menu) == [action_id for section in RUN_MENU for action_id in section]
    run(menu, "training.continue_run")
    assert "nothing to go on with" in window.status.saved.text()
    window.commands["training.list_run"].trigger()
    assert window.page.shown_page is Page.SAMPLES
    assert window.page.session.query.runs == {run_id}
    assert not window.commands["training.list_run"].isEnabled()


def _fit_of_run(run_id: int) -> NewFit:
    return replace(new_fit(2, 1.0, origin=Origin.IN_LOOP), run_id=run_id)


@pytest.fixture
def flagged_window(qtbot, window, tmp_path):
    folder = tmp_path / "flagged"
    folder.mkdir()
    window.open_project(make_flagged_project(folder))
    return window


def test_a_row_of_the_gallery_is_the_current_sample_of_its_menu(qtbot, flagged_window):
    window = flagged_window
    window.commands["view.gallery"].setChecked(True)
    panel = window.page.shown_panel
    qtbot.waitUntil(lambda: panel.model.rowCount() > 1)
    point = panel.view.visualRect(panel.model.index(1, 0)).center()
    menu = right_click(qtbot, window, panel.view.viewport(), point)
    assert window.page.session.current_id == int(panel.model.ids[1])
    assert window.page.shown_page is Page.GALLERY
    run(menu, "go.review")
    assert window.page.shown_page is Page.SAMPLES


def test_the_key_for_menus_opens_that_of_the_current_sample(qtbot, window):
    view = window.page.samples.view
    # As Qt sends it for the key; which key that is, the platform says.
    place = view.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle).center()
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Keyboard, place, view.mapToGlobal(place), PLAIN
    )
    QApplication.sendEvent(view, event)
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert entries(menu) == [action_id for section in SAMPLE_MENU for action_id in section]
    QTest.keyClick(menu, Key.Key_Escape)
    assert not menu.isVisible()
