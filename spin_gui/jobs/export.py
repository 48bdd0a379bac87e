"""Asks in which format a project is exported, of which samples, and where to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QWidget

from core.dictionary.search.query import SampleQuery
from core.workflows.export_formats import EXPORT_FORMATS, ExportFormat
from spin_gui.jobs.job import ExportChoice
from spin_gui.session.wording import samples_text
from spin_gui.widgets.layouts import body_label, fit_height, form_column, ok_cancel
from spin_gui.widgets.paths import SaveField
from spin_gui.widgets.question import QuestionDialog

WIDTH = 620


class ExportDialog(QuestionDialog):
    """``chosen(ExportChoice)``."""

    def __init__(
        self,
        query: SampleQuery,
        out: Path,
        *,
        listed: int,
        total: int,
        parent: QWidget | None = None,
    ) -> None:
        """``out``: the file that is proposed, without a suffix; listed: what ``query`` shows."""
        super().__init__(parent)
        self.setWindowTitle("Export")
        self._query, self._listed, self._total = query, listed, total
        self.format = QComboBox()
        self.format.setAccessibleName("Format")
        self.format.addItems([export_format.title for export_format in EXPORT_FORMATS.values()])
        self.only_listed = QCheckBox(f"Only what the list shows ({samples_text(listed)})")
        self.only_listed.setAccessibleName("Only what the list shows")
        self.out = SaveField("File")
        self._help, self._state = body_label("", quiet=True), body_label("", quiet=True)
        box, self.export_button = ok_cancel("Export")
        self._form = form = QFormLayout()
        form.setVerticalSpacing(8)
        form.addRow("&Format", self.format)
        form.addRow("", self._help)
        form.addRow("", self.only_listed)
        form.addRow("F&ile", self.out)
        form_column(self, form, self._state, box)
        self.out.set_path(out)
        self.format.currentIndexChanged.connect(self._on_format)
        self.out.line.textChanged.connect(self._show_state)
        self._on_format()
        fit_height(self, WIDTH)

    def propose(self, format_name: str) -> None:
        """Choose a format; an unknown name changes nothing."""
        if format_name in EXPORT_FORMATS:
            self.format.setCurrentIndex(list(EXPORT_FORMATS).index(format_name))

    def choice(self) -> ExportChoice | None:
        """What was asked for; None while the file cannot be written."""
        out = self.out.path
        if out is None or self._problem():
            return None
        chosen = self._format()
        filtered = chosen.by_sample and self.only_listed.isChecked()
        query = self._query if filtered else SampleQuery()
        return ExportChoice(format=chosen.name, out=out, where=query)

    def _format(self) -> ExportFormat:
        return list(EXPORT_FORMATS.values())[self.format.currentIndex()]

    @Slot()
    def _on_format(self) -> None:
        chosen, out = self._format(), self.out.path
        self._help.setText(f"{chosen.help[0].upper()}{chosen.help[1:]}.")
        self._form.setRowVisible(self.only_listed, chosen.by_sample and self._listed != self._total)
        if out is not None:
            self.out.set_path(out.with_suffix("" if chosen.folder else chosen.suffix))
        self._show_state()

    @Slot()
    def _show_state(self) -> None:
        problem, out = self._problem(), self.out.path
        exists = not problem and out is not None and out.exists()
        replaced = (
            "The folder exists; files of the same names will be replaced."
            if self._format().folder
            else "The file exists and will be replaced."
        )
        self._state.setText(problem or (replaced if exists else ""))
        self.export_button.setEnabled(not problem)

    def _problem(self) -> str:
        out, chosen = self.out.path, self._format()
        if out is None:
            return f"Choose a {'folder' if chosen.folder else 'file'} to write."
        if chosen.folder and out.is_file():
            return f"{out} is a file."
        if not chosen.folder and out.suffix.lower() != chosen.suffix:
            return f"The name must end in {chosen.suffix}."
        if not chosen.folder and out.is_dir():
            return f"{out} is a folder."
        return "" if out.parent.is_dir() else f"There is no folder {out.parent}."
