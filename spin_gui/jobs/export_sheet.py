"""Asks how many rows a contact sheet is to have, and where it goes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QSpinBox,
    QWidget,
)

from core.rendering.sheets.write import SHEET_SUFFIXES
from spin_gui.jobs.sheet_jobs import SheetChoice, SheetRequest
from spin_gui.widgets.layouts import body_label, fit_height, form_column, ok_cancel
from spin_gui.widgets.paths import SaveField
from spin_gui.widgets.question import QuestionDialog

WIDTH = 520
MOST_ROWS = 500
FIRST_ROWS = 24

_FORMATS = {
    ".pdf": "PDF, for printing",
    ".html": "HTML, one page for the browser",
    ".png": "PNG, one picture",
}


class ExportSheetDialog(QuestionDialog):
    """``chosen(SheetRequest)``."""

    def __init__(
        self, choice: SheetChoice, folder: Path, *, available: int, parent: QWidget | None = None
    ) -> None:
        """``available``: how many rows there are at most."""
        super().__init__(parent)
        self.setWindowTitle("Export a contact sheet")
        self._choice = choice
        self.rows = QSpinBox()
        self.rows.setRange(1, max(1, min(available, MOST_ROWS)))
        self.rows.setValue(min(available, FIRST_ROWS))
        self.rows.setAccessibleName("Rows")
        self.format = QComboBox()
        self.format.setAccessibleName("Format")
        for suffix in SHEET_SUFFIXES:
            self.format.addItem(_FORMATS[suffix], suffix)
        self.out = SaveField("File")
        self.out.set_path(folder / f"{choice.suggested_name}.pdf")
        self.line = self.out.line
        self.state = body_label("", quiet=True)
        buttons, self._ok = ok_cancel("Export")
        form = QFormLayout()
        form.addRow("Rows", self.rows)
        form.addRow("Format", self.format)
        form.addRow("File", self.out)
        form_column(self, form, self.state, buttons)
        self.format.currentIndexChanged.connect(self._follow_format)
        self.line.textChanged.connect(self._show_state)
        self._show_state()
        fit_height(self, WIDTH)

    @property
    def path(self) -> Path:
        """The file as it is typed."""
        return self.out.path or Path()

    def choice(self) -> SheetRequest | None:
        """None while the file's name ends in no known format or its folder does not exist."""
        if self._problem():
            return None
        return SheetRequest(choice=self._choice, rows=self.rows.value(), out=self.path)

    def _follow_format(self) -> None:
        self.line.setText(str(self.path.with_suffix(self.format.currentData())))

    def _problem(self) -> str:
        path = self.path
        if path.suffix.lower() not in SHEET_SUFFIXES:
            return f"The name must end in {', '.join(SHEET_SUFFIXES)}."
        if not path.parent.is_dir():
            return f"The folder {path.parent} does not exist."
        return "It is a folder." if path.is_dir() else ""

    def _show_state(self) -> None:
        problem = self._problem()
        exists = not problem and self.path.exists()
        note = "The file exists and will be replaced." if exists else "Drawn in the background."
        self.state.setText(problem or note)
        self._ok.setEnabled(not problem)
        index = self.format.findData(self.path.suffix.lower())
        if index >= 0:
            self.format.blockSignals(True)  # noqa: FBT003 - Qt's own signature
            self.format.setCurrentIndex(index)
            self.format.blockSignals(False)  # noqa: FBT003
