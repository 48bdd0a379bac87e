"""Asks in which format whom to export, and where to, and says who will be left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QFormLayout, QWidget

from core.dictionary.search.fit_fates import FitFates
from core.dictionary.search.query import SampleQuery
from core.types.counted_nouns import counted
from core.workflows.export_formats import EXPORT_FORMATS, ExportFormat, Written
from spin_gui.jobs.export_options import ExportOptionFields
from spin_gui.jobs.job import ExportChoice
from spin_gui.session.wording import samples_text
from spin_gui.widgets.layouts import body_label, fit_height, form_column, ok_cancel
from spin_gui.widgets.paths import SaveField
from spin_gui.widgets.question import QuestionDialog

WIDTH = 660
_EVERYTHING = SampleQuery()


@dataclass(frozen=True, kw_only=True)
class ExportScope:
    """Some people that an export can be of.

    title: what they are called in the list. query, sample_ids: as ``ExportRequest`` takes them.
    fates: counts their fits; asked for when the scope is chosen.
    """

    title: str
    fates: Callable[[], FitFates]
    query: SampleQuery = _EVERYTHING
    sample_ids: tuple[int, ...] | None = None


class ExportDialog(QuestionDialog):
    """``chosen(ExportChoice)``."""

    def __init__(
        self,
        scopes: tuple[ExportScope, ...],
        out: Path,
        *,
        chosen_scope: int = 0,
        has_foreign_bodies: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        """Ask.

        Args:
            scopes: at least one.
            out: the file that is proposed, without a suffix.
            chosen_scope: the proposed one.
            has_foreign_bodies: whether any fit of the project came from another method's file.
            parent: of the dialog.
        """
        super().__init__(parent)
        self.setWindowTitle("Export")
        self._scopes, self._proposed = scopes, out
        self._fates: dict[int, FitFates] = {}
        self.scope, self.format = QComboBox(), QComboBox()
        self.scope.setAccessibleName("People")
        self.scope.addItems([scope.title for scope in scopes])
        self.scope.setCurrentIndex(chosen_scope)
        self.format.setAccessibleName("Format")
        self.format.setMaxVisibleItems(len(EXPORT_FORMATS))
        self.format.addItems([export_format.title for export_format in EXPORT_FORMATS.values()])
        for row, each in enumerate(EXPORT_FORMATS.values()):
            if each.written is Written.IMPORTED and not has_foreign_bodies:
                self._disable(row, "No body of this project came from another method's file")
        self.options = ExportOptionFields()
        self.out = SaveField("Where to")
        self._help, self._state = body_label("", quiet=True), body_label("", quiet=True)
        self.counts = body_label("")
        box, self.export_button = ok_cancel("Export")
        self._form = form = QFormLayout()
        form.setVerticalSpacing(8)
        form.addRow("&Format", self.format)
        form.addRow("", self._help)
        form.addRow("&People", self.scope)
        form.addRow("", self.counts)
        self.options.add_to(form)
        form.addRow("&Where to", self.out)
        form_column(self, form, self._state, box)
        self.format.currentIndexChanged.connect(self._on_format)
        self.scope.currentIndexChanged.connect(self._on_scope)
        self.out.line.textChanged.connect(self._show_state)
        self.options.changed.connect(self._show_state)
        self._on_format()
        fit_height(self, WIDTH)

    def propose(self, format_name: str) -> None:
        """Choose a format; an unknown name changes nothing."""
        if format_name in EXPORT_FORMATS:
            self.format.setCurrentIndex(list(EXPORT_FORMATS).index(format_name))

    def choice(self) -> ExportChoice | None:
        """What was asked for; None while it cannot be written."""
        out = self.out.path
        if out is None or self._problem():
            return None
        chosen, scope = self._format(), self._scopes[self.scope.currentIndex()]
        everything = ExportChoice(format=chosen.name, out=out, where=_EVERYTHING)
        if not chosen.by_sample:
            return everything
        return ExportChoice(
            format=chosen.name,
            out=out,
            where=scope.query,
            sample_ids=scope.sample_ids,
            options=self.options.chosen(chosen.options),
        )

    def _disable(self, row: int, reason: str) -> None:
        """Grey a format and say why."""
        self.format.setItemData(row, reason, Qt.ItemDataRole.ToolTipRole)
        self.format.setItemText(row, f"{self.format.itemText(row)} (none here)")
        model = self.format.model()
        if isinstance(model, QStandardItemModel):
            model.item(row).setEnabled(False)

    def _format(self) -> ExportFormat:
        return list(EXPORT_FORMATS.values())[self.format.currentIndex()]

    @Slot()
    def _on_format(self) -> None:
        chosen = self._format()
        self._help.setText(f"{chosen.help[0].upper()}{chosen.help[1:]}.")
        self._form.setRowVisible(self.scope, chosen.by_sample)
        self._form.setRowVisible(self.counts, chosen.by_sample)
        self.options.show_in(self._form, chosen.options)
        folder = (self.out.path or self._proposed).parent
        name = self._proposed.name
        self.out.is_folder = chosen.folder
        # A folder of the project's own name beside it would be the project.
        self.out.set_path(
            folder / (f"{name}_{chosen.name}" if chosen.folder else name + chosen.suffix)
        )
        self._on_scope()
        fit_height(self, WIDTH)

    @Slot()
    def _on_scope(self) -> None:
        self.counts.setText(_counts_text(self._format(), self._chosen_fates()))
        self._show_state()

    def _chosen_fates(self) -> FitFates:
        """What becomes of the people who are chosen; counted once."""
        index = self.scope.currentIndex()
        if index not in self._fates:
            self._fates[index] = self._scopes[index].fates()
        return self._fates[index]

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
        if chosen.needs and find_spec(chosen.needs) is None:
            return f"This format needs the package {chosen.needs}: pip install {chosen.needs}"
        if out is None:
            return f"Choose a {'folder' if chosen.folder else 'file'} to write."
        if chosen.written is Written.IMPORTED and not self._chosen_fates().from_files:
            return "No body of these people came from another method's file."
        problem = _folder_problem(out) if chosen.folder else _file_problem(out, chosen.suffix)
        return problem or self.options.problem(chosen.options)


def _folder_problem(out: Path) -> str:
    if out.is_file():
        return f"{out} is a file."
    if (out / "dictionary.db").exists():
        return f"{out} is a project; choose a folder of its own."
    return "" if out.parent.is_dir() else f"There is no folder {out.parent}."


def _file_problem(out: Path, suffix: str) -> str:
    if out.suffix.lower() != suffix:
        return f"The name must end in {suffix}."
    if out.is_dir():
        return f"{out} is a folder."
    return "" if out.parent.is_dir() else f"There is no folder {out.parent}."


def _counts_text(chosen: ExportFormat, fates: FitFates) -> str:
    """What will be written, and who is left out and why."""
    if chosen.written is Written.EVERYBODY:
        return f"{samples_text(fates.people)} will be written."
    if chosen.written is Written.IMPORTED:
        return f"{samples_text(fates.from_files)} of {fates.people} came from such files."
    reasons = [(fates.without_fit, "without a fit")]
    number = fates.fits
    if chosen.written is Written.GOOD_FITS:
        number = fates.good
        reasons[:0] = [(fates.rejected, "rejected"), (fates.too_poor, "too poor to learn from")]
    left_out = ", ".join(f"{count} {reason}" for count, reason in reasons if count)
    bodies = f"{counted(number, 'body', 'bodies')} of {samples_text(fates.people)}"
    what = "zeros in the rows of those" if chosen.keeps_rows else "left out"
    return f"{bodies}; {what}: {left_out}." if left_out else f"{bodies}."
