"""Tables of the evaluation: numbers side by side, and people from the worst on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from core.engine.evaluation.metrics import Metric, MetricSeries
from core.engine.evaluation.tables import Spread, Table
from spin_gui.evaluation.evaluation_plots import SeriesStyle
from spin_gui.session.wording import MISSING, number
from spin_gui.widgets.run_style import swatch_of
from spin_gui.widgets.table_items import heading_at, item_at

ROWS_SHOWN = 6
"""A table grows to this many rows; beyond them it is scrolled."""

WORST_SHOWN = 200

_COUNT_COLUMNS = 2
"""Name, and how many people."""
_LONG_NAME = 10

_SAMPLE_ROLE = Qt.ItemDataRole.UserRole
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class NumberTable(QTableWidget):
    """A ``core`` table: words on the left, numbers on the right, the best of a column bold."""

    kept_keys = frozenset({Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End})

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 7)
        header = self.horizontalHeader()
        header.setHighlightSections(False)

    def show_table(
        self,
        table: Table,
        styles: Mapping[str, SeriesStyle],
        titles: Mapping[str, str],
        *,
        compare: bool,
    ) -> None:
        """Show it.

        Args:
            table: a row a kind of bodies or a verdict.
            styles: by the word at the start of a row; ``titles`` in the same way.
            titles: what stands there instead.
            compare: whether the best number of a column means something.
        """
        # Every item would measure its column again.
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setRowCount(len(table.rows))
        self.setColumnCount(len(table.columns))
        self.setHorizontalHeaderLabels([_on_two_lines(name) for name in table.columns])
        self.setToolTip(table.note)
        best = [_best_rows(table, at) if compare else set() for at in range(len(table.columns))]
        for row, values in enumerate(table.rows):
            for column, value in enumerate(values):
                bold = row in best[column]
                self.setItem(row, column, _item(value, leading=column == 0, bold=bold))
            name = str(values[0])
            item = item_at(self, row, 0)
            item.setText(titles.get(name, name))
            if name in styles:
                item.setIcon(swatch_of(styles[name].color, styles[name].style))
        self._size_columns(table.columns)
        self.setFixedHeight(self.sizeHint().height())

    def sizeHint(self) -> QSize:
        """As high as its rows, within limits."""
        rows = min(max(self.rowCount(), 1), ROWS_SHOWN)
        height = self.horizontalHeader().height() + 2 * self.frameWidth()
        return QSize(400, height + rows * self.verticalHeader().defaultSectionSize())

    def _size_columns(self, columns: Sequence[str]) -> None:
        """Names, counts and long headings have the room they need; the others share the rest."""
        header = self.horizontalHeader()
        for at, name in enumerate(columns):
            needs_own = at < _COUNT_COLUMNS or len(name.rsplit(", ", 1)[0]) > _LONG_NAME
            modes = QHeaderView.ResizeMode
            heading_at(self, at).setTextAlignment(_LEFT if at == 0 else _RIGHT)
            header.setSectionResizeMode(at, modes.ResizeToContents if needs_own else modes.Stretch)
        header.setFixedHeight(2 * self.fontMetrics().height() + 8)


class WorstList(QTableWidget):
    """The people of one kind of bodies, the worst first; a click or Return opens one."""

    sample_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 2, parent)
        self.setAccessibleName("Worst samples")
        self.setToolTip("Click a row, or press Return, to see the sample")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        self.setHorizontalHeaderLabels(["Sample", ""])
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.clicked.connect(self._ask)
        self.activated.connect(self._ask)

    def show_people(
        self, series: MetricSeries, rows: list[int], names: Mapping[int, str], metric: Metric
    ) -> None:
        """Show these rows of a series; ``names`` by sample id."""
        header, modes = self.horizontalHeader(), QHeaderView.ResizeMode
        header.setSectionResizeMode(1, modes.Fixed)  # every item would measure it again
        self.setHorizontalHeaderLabels(["Sample", metric.heading])
        self.setRowCount(len(rows))
        for place, row in enumerate(rows):
            sample_id = int(series.sample_ids[row])
            name = QTableWidgetItem(names.get(sample_id, str(sample_id)))
            name.setData(_SAMPLE_ROLE, sample_id)
            name.setToolTip(name.text())
            self.setItem(place, 0, name)
            self.setItem(place, 1, _item(Spread((float(series.values[row]),))))
        header.setSectionResizeMode(1, modes.ResizeToContents)

    def walk(self, step: int) -> None:
        """Choose another row, counted from the current one; it stays within the list."""
        if self.rowCount():
            row = min(max(self.currentRow() + step, 0), self.rowCount() - 1)
            self.setCurrentCell(row, 0)

    def sample_ids(self) -> list[int]:
        """The samples, from top to bottom."""
        return [int(item_at(self, row, 0).data(_SAMPLE_ROLE)) for row in range(self.rowCount())]

    @Slot(QModelIndex)
    def _ask(self, index: QModelIndex) -> None:
        self.sample_asked.emit(int(item_at(self, index.row(), 0).data(_SAMPLE_ROLE)))


def _item(value: Spread | str, *, leading: bool = False, bold: bool = False) -> QTableWidgetItem:
    text = value if isinstance(value, str) else number(value.mean) if value.values else MISSING
    item = QTableWidgetItem(text)
    if not leading:
        item.setTextAlignment(_RIGHT)
    if bold:
        font = QFont(item.font())
        font.setBold(True)
        item.setFont(font)
    return item


def _on_two_lines(heading: str) -> str:
    """The unit below the name."""
    return "\n".join(heading.rsplit(", ", 1))


def _best_rows(table: Table, column: int) -> set[int]:
    """The rows whose number is best as it is written; none where there is nothing to compare."""
    known = {
        at: value.mean
        for at, row in enumerate(table.rows)
        if isinstance(value := row[column], Spread) and math.isfinite(value.mean)
    }
    if len(known) < 2:
        return set()
    higher = table.columns[column].startswith(HIGHER_IS_BETTER)
    best = number((max if higher else min)(known.values()))
    return {at for at, value in known.items() if number(value) == best}


HIGHER_IS_BETTER = ("PCK", "AUC")
