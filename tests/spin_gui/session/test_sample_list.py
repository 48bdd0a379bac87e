"""The list model: rows read when shown, few changes told as few changes."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from spin_gui.samples.list_model import (
    PAGE_ROWS,
    ROW_ROLE,
    SAMPLE_ID_ROLE,
    SampleListModel,
    changed_span,
)
from spin_gui.session.session import ProjectSession
from spin_gui.session.verdict_edits import judge_selected
from tests.spin_gui.small_project import make_project, new_fit

TEXT_ROLE = int(Qt.ItemDataRole.DisplayRole)


@pytest.fixture
def model(session):
    return SampleListModel(session)


def names(model: SampleListModel) -> list[str]:
    return [model.index(row).data() for row in range(model.rowCount())]


def test_the_model_keeps_to_the_rules_of_qt(model, qtmodeltester):
    qtmodeltester.check(model)


def test_rows_come_in_the_order_of_the_session(session, model):
    assert names(model)[0].startswith("person_0001")
    session.set_query(SampleQuery(sort=SortKey.LOSS, descending=True))
    assert names(model)[0].startswith("person_0006")
    assert model.index(0).data(SAMPLE_ID_ROLE) == 6


def test_a_row_outside_the_list_has_no_data(model):
    assert model.index(99).data() is None
    assert model.data(QModelIndex()) is None


def test_one_page_is_read_for_its_rows_and_no_other(tmp_path, qtbot, monkeypatch):
    session = ProjectSession(make_project(tmp_path, people=3 * PAGE_ROWS, pictures=False))
    model = SampleListModel(session)
    read = []
    rows = session.dictionary.search.rows_there
    monkeypatch.setattr(
        session.dictionary.search, "rows_there", lambda ids: read.append(list(ids)) or rows(ids)
    )
    for row in range(PAGE_ROWS, PAGE_ROWS + 10):
        model.index(row).data()
    assert read == [list(range(PAGE_ROWS + 1, 2 * PAGE_ROWS + 1))]
    session.close()


def test_a_row_that_leaves_the_filter_is_removed_without_a_reset(session, model, qtbot):
    session.set_query(SampleQuery(verdicts=frozenset({Verdict.NONE})))
    session.select(3)
    with (
        qtbot.assertNotEmitted(model.modelReset),
        qtbot.waitSignal(model.rowsRemoved) as removed,
    ):
        judge_selected(session, Verdict.ACCEPTED)
    assert removed.args[1:] == [2, 2]
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.rowsInserted) as inserted:
        session.undo_stack.undo()
    assert inserted.args[1:] == [2, 2]
    assert [name[:11] for name in names(model)] == [f"person_000{k}" for k in range(1, 7)]


def test_a_verdict_is_seen_in_the_row_at_once(session, model, qtbot):
    assert model.index(0).data(ROW_ROLE).verdict is Verdict.NONE
    with qtbot.waitSignal(model.dataChanged) as changed:
        judge_selected(session, Verdict.UNSURE)
    assert changed.args[0].row() == changed.args[1].row() == 0
    assert model.index(0).data(ROW_ROLE).verdict is Verdict.UNSURE


def test_rows_are_read_again_after_another_process_wrote(session, model):
    assert model.index(1).data(ROW_ROLE).loss == 20.0
    with Dictionary.open(session.project) as other:
        other.fits.offer([new_fit(2, 7.0, turn_rad=1.0)])
    session.notice_external_changes()
    assert model.index(1).data(ROW_ROLE).loss == 7.0


def test_the_tooltip_says_how_the_sample_stands(tmp_path, qtbot):
    session = ProjectSession(make_project(tmp_path, people=2, losses=[400.0]))
    model = SampleListModel(session)
    text = model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert "not reviewed" in text
    assert "Far from the keypoints: the joints lie 20.0 px off" in text
    assert "no fit yet" in model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    session.close()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([1, 2, 3], [1, 2, 3], (3, 3, 3)),
        ([1, 2, 3], [1, 3], (1, 2, 1)),
        ([1, 3], [1, 2, 3], (1, 1, 2)),
        ([1, 1], [1], (1, 2, 1)),
        ([], [5, 6], (0, 0, 2)),
        ([5, 6], [], (0, 2, 0)),
        ([1, 2, 3, 4], [1, 3, 2, 4], (1, 3, 3)),
        ([1, 2], [3, 4], (0, 2, 2)),
    ],
)
def test_the_changed_span_is_the_smallest_one(old, new, expected):
    old, new = np.array(old, np.int64), np.array(new, np.int64)
    first, old_end, new_end = changed_span(old, new)
    assert (first, old_end, new_end) == expected
    assert np.array_equal(np.concatenate([old[:first], new[first:new_end], old[old_end:]]), new)
