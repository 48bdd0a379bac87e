"""The prediction sets of a project: keep the latest, rename, delete, and the way to import one."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.dictionary.fits.prediction_sets import PredictionSet
from core.errors import StudioError
from spin_gui.session.session import ProjectSession
from spin_gui.session.wording import full_time
from spin_gui.widgets.layouts import MARGIN, SPACING, body_label, close_box
from spin_gui.widgets.question import ask_yes_no
from spin_gui.widgets.table_items import item_at

SIZE = (640, 380)
EXPLANATION = (
    "The latest prediction of a sample is replaced by the next. A set keeps predictions under a "
    "name, to compare two runs, or another method with ours. Double-click a name to change it."
)
_COLUMNS = ("Name", "People", "From", "Made")


class PredictionSetsDialog(QDialog):
    """Every change is in the dictionary at once; ``changed`` tells of each."""

    changed = Signal()
    import_asked = Signal()
    take_over_asked = Signal(str)

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Prediction sets")
        self.resize(*SIZE)
        self._sets = session.dictionary.prediction_sets
        self._shown: list[PredictionSet] = []
        self.state = body_label("", quiet=True)
        self.table = self._build_table()
        self.keep_button = _button("Keep the latest predictions", "A copy of what is shown now")
        self.import_button = _button("Import…", "Another method's predictions, from a file")
        self.take_over_button = _button(
            "Take over as fits…", "Make the bodies of the chosen set fits, to judge and export them"
        )
        self.delete_button = _button("Delete…", "Delete the chosen set")
        self._arrange()
        self.keep_button.clicked.connect(self.keep_latest)
        self.import_button.clicked.connect(self._ask_import)
        self.take_over_button.clicked.connect(self._ask_take_over)
        self.delete_button.clicked.connect(self.delete_chosen)
        self.table.itemChanged.connect(self._rename)
        self.table.itemSelectionChanged.connect(self._show_state)
        self._fill()

    @Slot()
    def keep_latest(self) -> None:
        """Copy the latest predictions into a new set, whose name can be typed at once."""
        try:
            self._sets.keep_latest(self._free_name("latest"))
        except StudioError as error:
            self.state.setText(str(error))
            return
        self._fill()
        self.changed.emit()
        row = self.table.rowCount() - 1
        self.table.setCurrentCell(row, 0)
        self.table.editItem(item_at(self.table, row, 0))

    @Slot()
    def delete_chosen(self) -> None:
        """Ask, then delete."""
        row = self.table.currentRow()
        if not 0 <= row < len(self._shown):
            return
        chosen = self._shown[row]
        if ask_yes_no(
            self,
            "Delete the prediction set?",
            f"“{chosen.name}” with its {chosen.size} predictions. This cannot be undone; what it "
            "came from stays.",
            yes="Delete",
            no="Keep",
        ):
            self._sets.delete(chosen.id)
            self._fill()
            self.changed.emit()

    def _fill(self) -> None:
        self._shown = self._sets.all()
        with QSignalBlocker(self.table):
            self.table.setRowCount(len(self._shown))
            for row, one in enumerate(self._shown):
                texts = (one.name, str(one.size), one.source, full_time(one.created_at))
                for column, text in enumerate(texts):
                    item = QTableWidgetItem(text)
                    item.setToolTip(text)
                    if column:
                        item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
                    self.table.setItem(row, column, item)
        self._show_state()

    @Slot()
    def _show_state(self) -> None:
        is_chosen = self.table.currentRow() >= 0 and bool(self._shown)
        self.take_over_button.setEnabled(is_chosen)
        self.delete_button.setEnabled(is_chosen)
        self.state.setText("" if self._shown else "There are none yet.")

    @Slot(QTableWidgetItem)
    def _rename(self, item: QTableWidgetItem) -> None:
        one = self._shown[item.row()]
        problem = ""
        if item.text().strip() != one.name:
            try:
                self._sets.rename(one.id, item.text())
            except StudioError as error:
                problem = str(error)
            else:
                self.changed.emit()
        # The item is in use by its editor: it is corrected, never replaced.
        self._shown = self._sets.all()
        with QSignalBlocker(self.table):
            item.setText(self._shown[item.row()].name)
        self.state.setText(problem)

    @Slot()
    def _ask_import(self) -> None:
        self.accept()
        self.import_asked.emit()

    @Slot()
    def _ask_take_over(self) -> None:
        name = self._shown[self.table.currentRow()].name
        self.accept()
        self.take_over_asked.emit(name)

    def _free_name(self, requested: str) -> str:
        taken = {prediction_set.name.casefold() for prediction_set in self._sets.all()}
        names = [requested, *(f"{requested} {number}" for number in range(2, len(taken) + 3))]
        return next(name for name in names if name.casefold() not in taken)

    def _build_table(self) -> QTableWidget:
        table = QTableWidget(0, len(_COLUMNS))
        table.setAccessibleName("Prediction sets")
        table.setHorizontalHeaderLabels(list(_COLUMNS))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        return table

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        for button in (
            self.keep_button,
            self.import_button,
            self.take_over_button,
            self.delete_button,
        ):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        layout.addWidget(body_label(EXPLANATION))
        layout.addWidget(self.table, 1)
        layout.addWidget(self.state)
        layout.addLayout(buttons)
        layout.addWidget(close_box(self))


def _button(title: str, tip: str) -> QPushButton:
    button = QPushButton(title)
    button.setAccessibleName(title)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button
