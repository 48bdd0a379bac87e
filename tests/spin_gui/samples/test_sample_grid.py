"""Grid and list share one selection; both are driven by keys and clicks."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from core.dictionary.search.query import SampleQuery, SortKey
from core.types.fits import Verdict
from spin_gui.samples.grid_delegate import cell_size
from spin_gui.samples.list_panel import SampleListPanel
from spin_gui.session.session import ProjectSession
from spin_gui.session.verdict_edits import judge_samples, judge_selected
from tests.spin_gui.small_project import make_project

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier
Key = Qt.Key
PEOPLE = 14


@pytest.fixture
def session(tmp_path, qtbot):
    opened = ProjectSession(make_project(tmp_path, people=PEOPLE))
    yield opened
    opened.close()


@pytest.fixture
def panel(session, qtbot):
    panel = SampleListPanel(session)
    qtbot.addWidget(panel)
    panel.resize(cell_size(panel.fontMetrics()).width() * 4 + 60, 700)
    panel.show()
    qtbot.waitExposed(panel)
    panel.set_grid(shown=True)
    assert panel.grid.columns == 4
    return panel


def click(qtbot, panel, row: int, modifier=NONE, view=None) -> None:
    view = view or panel.grid
    place = view.visualRect(panel.model.index(row)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, modifier, place)


def press(qtbot, panel, *keys: Qt.Key, modifier=NONE) -> None:
    for key in keys:
        qtbot.keyClick(panel.grid, key, modifier)


def test_cells_stand_line_by_line_and_are_found_again(panel):
    for row in range(PEOPLE):
        index = panel.model.index(row)
        rect = panel.grid.visualRect(index)
        assert panel.grid.indexAt(rect.center()).row() == row
    assert not panel.grid.indexAt(QPoint(5, 10_000)).isValid()


def test_arrows_lead_along_and_across_the_lines(session, panel, qtbot):
    press(qtbot, panel, Key.Key_Down, Key.Key_Right)
    assert session.current_id == 6
    press(qtbot, panel, Key.Key_Up, Key.Key_Left)
    assert session.current_id == 1
    press(qtbot, panel, Key.Key_End)
    assert session.current_id == PEOPLE
    press(qtbot, panel, Key.Key_Down)
    assert session.current_id == PEOPLE
    press(qtbot, panel, Key.Key_Home)
    assert session.current_id == 1


def test_shift_selects_in_reading_order_across_lines(session, panel, qtbot):
    click(qtbot, panel, 2)
    click(qtbot, panel, 5, SHIFT)
    assert session.selected_ids.tolist() == [3, 4, 5, 6]
    assert session.current_id == 6
    press(qtbot, panel, Key.Key_Down, modifier=SHIFT)
    assert session.selected_ids.tolist() == list(range(3, 11))


def test_control_picks_single_samples_and_escape_lets_go(session, panel, qtbot):
    click(qtbot, panel, 1)
    for row in (4, 7):
        click(qtbot, panel, row, CONTROL)
    assert session.selected_ids.tolist() == [2, 5, 8]
    assert "3 selected" in panel.count_label.text().replace("\u00a0", " ")
    click(qtbot, panel, 4, CONTROL)
    assert session.selected_ids.tolist() == [2, 8]
    press(qtbot, panel, Key.Key_Escape)
    assert len(session.selected_ids) == 0
    assert session.current_id == 5


def test_the_list_shows_what_was_selected_in_the_grid(session, panel, qtbot):
    click(qtbot, panel, 2)
    click(qtbot, panel, 4, SHIFT)
    panel.set_grid(shown=False)
    assert panel.pages.currentWidget() is panel.view
    rows = {index.row() for index in panel.view.selectionModel().selectedIndexes()}
    assert rows == {2, 3, 4}
    click(qtbot, panel, 6, CONTROL, panel.view)
    assert session.selected_ids.tolist() == [3, 4, 5, 7]
    qtbot.keyClick(panel.view, Key.Key_Escape)
    assert len(session.selected_ids) == 0


def test_all_selected_and_judged_is_one_step(session, panel, qtbot):
    panel.grid.selectAll()
    assert len(session.selected_ids) == PEOPLE
    judge_selected(session, Verdict.REJECTED)
    assert len(session.selected_ids) == 0
    assert session.counts().left_to_review == 0
    session.undo_stack.undo()
    assert session.counts().left_to_review == PEOPLE
    assert len(panel.grid.selectionModel().selectedIndexes()) == PEOPLE


def test_a_key_that_shows_another_sample_lets_the_selection_go(session, panel, qtbot):
    click(qtbot, panel, 2)
    click(qtbot, panel, 4, SHIFT)
    session.go_next()
    assert len(session.selected_ids) == 0
    assert [
        selectedIndex.row() for selectedIndex in panel.grid.selectionModel().selectedIndexes()
    ] == [5]


def test_the_selection_stays_with_its_samples_under_another_order(session, panel, qtbot):
    click(qtbot, panel, 0)
    click(qtbot, panel, 2, SHIFT)
    session.set_query(SampleQuery(sort=SortKey.LOSS, descending=True))
    assert sorted(session.selected_ids.tolist()) == [1, 2, 3]
    rows = sorted(
        selectedIndex.row() for selectedIndex in panel.grid.selectionModel().selectedIndexes()
    )
    assert rows == [PEOPLE - 3, PEOPLE - 2, PEOPLE - 1]
    session.set_query(SampleQuery(text="person_0002"))
    assert len(session.selected_ids) == 0


def test_shift_with_the_arrows_works_from_elsewhere_too(session, panel):
    panel.set_grid(shown=False)
    panel.extend(Key.Key_Down)
    panel.extend(Key.Key_Down)
    assert session.selected_ids.tolist() == [1, 2, 3]
    panel.extend(Key.Key_Up)
    assert session.selected_ids.tolist() == [1, 2]


def test_extending_from_elsewhere_does_in_the_grid_what_shift_with_an_arrow_does(
    qtbot, session, panel
):
    press(qtbot, panel, Key.Key_Down, modifier=SHIFT)
    by_key = session.selected_ids.tolist()
    press(qtbot, panel, Key.Key_Up)
    assert len(session.selected_ids) == 0
    panel.extend(Key.Key_Down)
    assert session.selected_ids.tolist() == by_key == [1, 2, 3, 4, 5]


def test_only_cells_on_screen_are_read(tmp_path, qtbot, monkeypatch):
    session = ProjectSession(make_project(tmp_path, people=800, losses=[1.0], pictures=False))
    panel = SampleListPanel(session)
    qtbot.addWidget(panel)
    panel.resize(800, 600)
    panel.show()
    panel.set_grid(shown=True)
    read = []
    monkeypatch.setattr(
        session.dictionary.search,
        "rows_there",
        lambda ids, _rows=session.dictionary.search.rows_there: (read.extend(ids), _rows(ids))[1],
    )
    qtbot.wait(50)
    panel.grid.verticalScrollBar().setValue(panel.grid.verticalScrollBar().maximum())
    panel.grid.viewport().repaint()
    assert 0 < len(read) <= 128
    session.close()


def test_every_verdict_looks_different_in_the_grid(session, panel, qtbot):
    for row, verdict in enumerate(Verdict):
        session.select(row + 1)
        judge_samples(session, [row + 1], verdict)
    session.select(6)
    image = panel.grid.viewport().grab().toImage()
    cells = [image.copy(panel.grid.visualRect(panel.model.index(row))) for row in range(4)]
    bits = [np.frombuffer(cell.constBits(), np.uint8).tobytes() for cell in cells]
    assert len(set(bits)) == 4
