"""Every fit a sample ever had, newest first, and the way to make another one current."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.types.fits import Fit
from core.types.foreign.imported_bodies import ImportedBody
from spin_gui.samples.correction_wording import made_by_text
from spin_gui.session.error_scale import ERROR_MEANING, error_text, graded_text
from spin_gui.session.wording import (
    VERDICT_TITLES,
    full_time,
    local_time,
    origin_meaning,
    origin_title,
)
from spin_gui.widgets.verdict_marks import verdict_icon

MARK, WHEN, ORIGIN, LOSS, VERDICT = range(5)
_TITLES = ("", "When", "Origin", "Error", "")
_TIPS = (
    "● the current fit, 2 a runner-up: another body nearly as good",
    "When the fit was made",
    "Where the fit comes from",
    ERROR_MEANING,
    "Verdict",
)
MAX_SHOWN_ROWS = 7

_NO_IMPORTS: Mapping[int, ImportedBody] = MappingProxyType({})

Index = QModelIndex | QPersistentModelIndex


class HistoryModel(QAbstractTableModel):
    """The fits of one sample as a table."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fits: list[Fit] = []
        self._came: Mapping[int, ImportedBody] = {}

    def show_fits(self, fits: list[Fit], came: Mapping[int, ImportedBody]) -> None:
        """Show other fits; nothing happens where they are the same ones."""
        self._came = came
        if fits != self._fits:
            self.beginResetModel()
            self._fits = list(fits)
            self.endResetModel()

    def current_fit(self) -> Fit | None:
        """The fit that is the sample's current one."""
        return next((fit for fit in self._fits if fit.is_current), None)

    def fit(self, row: int) -> Fit:
        """The fit of a row."""
        return self._fits[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """How many fits there are."""
        return 0 if parent.isValid() else len(self._fits)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Mark, when, origin, loss, verdict."""
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> object:
        """Titles on top, none at the side."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        return _TIPS[section] if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """Texts, icons and tooltips."""
        if not index.isValid():
            return None
        fit, column = self._fits[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(fit, column)
        if role in {Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole}:
            return describe_fit(fit, self._came.get(fit.id))
        if role == Qt.ItemDataRole.DecorationRole and column == VERDICT:
            return verdict_icon(fit.verdict)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in {LOSS, MARK}:
            side = Qt.AlignmentFlag.AlignRight if column == LOSS else Qt.AlignmentFlag.AlignHCenter
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.FontRole and fit.is_current:
            font = QFont()
            font.setBold(True)
            return font
        return None


class HistoryTable(QWidget):
    """The table with its button; double click, Enter and the button do the same."""

    make_current_asked = Signal(int)
    compare_asked = Signal(int, int)
    """Two fits: those selected, or the current one and the only one selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = HistoryModel(self)
        self.table = self._build_table()
        self.button = QPushButton("Make current")
        self.button.setAccessibleName("Make the chosen fit current")
        self.button.setToolTip("Use the chosen fit in place of the current one. Can be undone")
        self.button.clicked.connect(self.ask_current)
        self.compare_button = QPushButton("Compare")
        self.compare_button.setAccessibleName("Compare the chosen fits")
        self.compare_button.setToolTip(
            "Two chosen fits side by side (Ctrl+click chooses a second one), or the chosen one and "
            "the current one"
        )
        self.compare_button.clicked.connect(self.ask_compare)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.table)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.compare_button)
        buttons.addWidget(self.button)
        layout.addLayout(buttons)
        self._update_button()

    def show_fits(self, fits: list[Fit], came: Mapping[int, ImportedBody] = _NO_IMPORTS) -> None:
        """Show the fits of a sample and choose the current one; came: by fit, of other methods."""
        self.model.show_fits(fits, came)
        self._fit_height(len(fits))
        current = [row for row, fit in enumerate(fits) if fit.is_current]
        if current and not self.table.selectionModel().hasSelection():
            self.table.selectRow(current[0])
        self._update_button()

    def _build_table(self) -> QTableView:
        table = QTableView(self)
        table.setModel(self.model)
        table.setAccessibleName("History of fits")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 8)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(24)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in (MARK, WHEN, LOSS, VERDICT):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(ORIGIN, QHeaderView.ResizeMode.Stretch)
        table.activated.connect(self.ask_current)
        table.selectionModel().selectionChanged.connect(self._update_button)
        return table

    def _fit_height(self, count: int) -> None:
        """As high as its rows, up to seven; more scroll."""
        row = self.table.verticalHeader().defaultSectionSize()
        header = self.table.horizontalHeader().sizeHint().height()
        shown = min(max(count, 1), MAX_SHOWN_ROWS)
        self.table.setFixedHeight(header + shown * row + 2 * self.table.frameWidth())

    def _chosen(self) -> Fit | None:
        fits = self._all_chosen()
        return fits[0] if len(fits) == 1 else None

    def _all_chosen(self) -> list[Fit]:
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.fit(row) for row in rows]

    def _pair(self) -> tuple[int, int] | None:
        """The fits to compare: the older one, or the current one, on the left."""
        chosen = self._all_chosen()
        if len(chosen) == 2:
            return chosen[1].id, chosen[0].id
        current = self.model.current_fit()
        if len(chosen) == 1 and current is not None and chosen[0].id != current.id:
            return current.id, chosen[0].id
        return None

    def _update_button(self) -> None:
        chosen = self._chosen()
        self.button.setEnabled(chosen is not None and not chosen.is_current)
        self.compare_button.setEnabled(self._pair() is not None)

    def ask_compare(self) -> bool:
        """Ask to compare what is chosen; False where that is no pair."""
        pair = self._pair()
        if pair is not None:
            self.compare_asked.emit(*pair)
        return pair is not None

    def ask_current(self) -> bool:
        """Ask to make the chosen fit current; False where none is, or it is current already."""
        chosen = self._chosen()
        if chosen is None or chosen.is_current:
            return False
        self.make_current_asked.emit(chosen.id)
        return True


def describe_fit(fit: Fit, came: ImportedBody | None = None) -> str:
    """One fit of the history in words; of another method's, where it came from."""
    roles = [text for text, holds in _roles(fit) if holds]
    lines = [f"Fit {fit.id} – {', '.join(roles)}" if roles else f"Fit {fit.id}"]
    made = f"from {origin_title(fit.origin)}, {full_time(fit.created_at)}"
    lines.append(made + run_text(fit, before=", "))
    lines.append(origin_meaning(fit.origin))
    lines += [] if came is None else [came.provenance, came.conversion_text]
    lines += [text for text in (made_by_text(fit),) if text]
    lines.append(f"error {graded_text(fit.losses.comparison)}")
    lines.append(f"verdict: {VERDICT_TITLES[fit.verdict]}")
    return "\n".join(lines)


def run_text(fit: Fit, *, before: str = "") -> str:
    """Which run and iteration made the fit; empty for fits made outside of a run."""
    if fit.run_id is None:
        return ""
    iteration = "" if fit.iteration is None else f", iteration {fit.iteration}"
    return f"{before}run {fit.run_id}{iteration}"


def _roles(fit: Fit) -> tuple[tuple[str, bool], ...]:
    return (("current", fit.is_current), ("runner-up", fit.runner_up))


def _text(fit: Fit, column: int) -> str | None:
    if column == MARK:
        return "●" if fit.is_current else "2" if fit.runner_up else None
    if column == WHEN:
        return local_time(fit.created_at)
    if column == ORIGIN:
        return origin_title(fit.origin)
    return error_text(fit.losses.comparison) if column == LOSS else None
