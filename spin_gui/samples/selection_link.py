"""Holds the views' selection and the session's together; list and grid share one selection."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QObject,
    Slot,
)

from spin_gui.samples.list_model import SampleListModel
from spin_gui.session.session import ProjectSession

MOST_PARTS = 4000
"""A selection torn into more parts by another order is given up: Qt walks them one by one."""

_Flag = QItemSelectionModel.SelectionFlag
_SELECT = _Flag.ClearAndSelect


class SelectionLink(QObject):
    """Passes on what the user selects to the session, and what the session says to the views."""

    def __init__(
        self, session: ProjectSession, model: SampleListModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._model = session, model
        self._following = False
        self.selection = QItemSelectionModel(model, self)
        self.selection.currentChanged.connect(self._row_chosen)
        self.selection.selectionChanged.connect(self._rows_selected)
        session.ids_changed.connect(self.follow_list)
        session.current_changed.connect(self._follow_current)
        session.selection_changed.connect(self._follow_selection)

    @Slot()
    def follow_list(self) -> None:
        """The list changed: the highlight stays with its samples, wherever they stand now."""
        self._show_current(_Flag.NoUpdate if len(self._session.selected_ids) else _SELECT)
        if len(self._session.selected_ids):
            self._follow_selection()

    @Slot()
    def _follow_current(self) -> None:
        """Another sample is shown, by a key or a command: it alone is selected then."""
        row = self._session.current_row
        # A view that gets the focus makes its first row the current one without selecting it.
        marked = self.selection.currentIndex().row() == row and self.selection.hasSelection()
        if row < 0 or not marked:
            self._show_current(_SELECT)
            self._session.set_selected([])

    def extend_to(self, row: int) -> None:
        """Make a row current and select all between it and the other end of what is selected."""
        selected, current = self._selected_rows(), self.selection.currentIndex().row()
        if not 0 <= row < self._model.rowCount():
            return
        anchor = current if current >= 0 else row
        if len(selected) and selected[-1] - selected[0] == len(selected) - 1:
            ends = {int(selected[0]): int(selected[-1]), int(selected[-1]): int(selected[0])}
            anchor = ends.get(current, anchor)
        self.selection.setCurrentIndex(self._model.index(row), _Flag.NoUpdate)
        first, last = sorted((anchor, row))
        between = QItemSelection(self._model.index(first), self._model.index(last))
        self.selection.select(between, _SELECT)

    def _show_current(self, command: QItemSelectionModel.SelectionFlag) -> None:
        """Let the highlight follow the session, without answering back."""
        self._following = True
        row = self._session.current_row
        if row >= 0:
            self.selection.setCurrentIndex(self._model.index(row), command)
        else:
            # A sample that left the list keeps being shown; no other row may look chosen.
            self.selection.setCurrentIndex(QModelIndex(), _Flag.Clear)
        self._following = False

    @Slot()
    def _follow_selection(self) -> None:
        wanted = self._session.selected_ids
        if not len(wanted):
            self._select_current()
            return
        rows = np.flatnonzero(np.isin(self._model.ids, wanted))
        if np.array_equal(rows, self._selected_rows()):
            return
        selection = _selection_of(self._model, rows)
        if selection is None or len(rows) < 2:
            self._select_current()
            self._session.set_selected([])
            return
        self._following = True
        self.selection.select(selection, _Flag.ClearAndSelect)
        self._following = False

    def _select_current(self) -> None:
        index = self.selection.currentIndex()
        self._following = True
        if index.isValid():
            self.selection.select(index, _Flag.ClearAndSelect)
        else:
            self.selection.clearSelection()
        self._following = False

    @Slot(QModelIndex, QModelIndex)
    def _row_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if not (self._following or self._model.changing) and current.isValid():
            self._session.select_row(current.row())

    @Slot(QItemSelection, QItemSelection)
    def _rows_selected(self, _selected: QItemSelection, _deselected: QItemSelection) -> None:
        if not (self._following or self._model.changing):
            self._session.set_selected(self._model.ids[self._selected_rows()])

    def _selected_rows(self) -> NDArray[np.intp]:
        selection = self.selection.selection()
        ranges = [selection.at(index) for index in range(selection.count())]
        parts = [np.arange(part.top(), part.bottom() + 1) for part in ranges]
        return np.sort(np.concatenate(parts)) if parts else np.empty(0, np.intp)


def _selection_of(model: SampleListModel, rows: NDArray[np.intp]) -> QItemSelection | None:
    """Rows as Qt's ranges; None where they would be too many."""
    gaps = np.flatnonzero(np.diff(rows) > 1) + 1
    if len(gaps) >= MOST_PARTS:
        return None
    selection = QItemSelection()
    for first, end in pairwise([0, *gaps.tolist(), len(rows)]):
        if end > first:
            top, bottom = model.index(int(rows[first])), model.index(int(rows[end - 1]))
            selection.append(QItemSelectionRange(top, bottom))
    return selection
