"""Asks what to import."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QWidget

from core.errors import StudioError
from core.formats.known_files import KnownFile
from core.formats.registry import options_for, recognise_source
from core.workflows.annotations.import_annotations import FORMATS, AnnotationFormat, guess_format
from spin_gui.jobs.job import ImportChoice
from spin_gui.jobs.read_options import ReadOptionFields
from spin_gui.widgets.layouts import body_label, fit_height, form_column, ok_cancel
from spin_gui.widgets.paths import PathField
from spin_gui.widgets.question import QuestionDialog

_IMAGES_HELP = "The folder that holds the pictures; empty: beside the annotations."
_UPDATE = "Update people who are there already, except those a person corrected"
_FILTER = "Annotations (*.json *.mat *.xml *.txt *.yaml *.yml);;All files (*)"
_WIDTH = 700


class ImportDialog(QuestionDialog):
    """Format, source, pictures, and what the source does not say itself.

    The format is guessed from the source until it was chosen; a file of another program is named
    as soon as it is.
    """

    def __init__(self, parent: QWidget | None = None, *, source: Path | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import annotations")
        self.format = QComboBox()
        self.format.setAccessibleName("Format")
        self.format.addItems([annotation_format.title for annotation_format in FORMATS.values()])
        self.format.setCurrentIndex(list(FORMATS).index("coco"))
        self.source = PathField("Annotations", file_filter=_FILTER, folder=True)
        self.images = PathField("Pictures", folder=True)
        self._source_help = body_label("", quiet=True)
        self._images_help = body_label(_IMAGES_HELP, quiet=True, wrapped=False)
        self.state = body_label("")
        self.update_there = QCheckBox(_UPDATE)
        self.update_there.setAccessibleName(_UPDATE)
        self._known: KnownFile | None = None
        self._format_chosen = False
        self._build()
        self.format.activated.connect(self._on_format_chosen)
        self.source.line.textChanged.connect(self._on_source_changed)
        self.images.line.textChanged.connect(self._show_state)
        self.format.currentIndexChanged.connect(self._show_state)
        self.fields.changed.connect(self._show_state)
        if source is not None:
            self.source.set_path(source)
        self._show_state()
        fit_height(self, _WIDTH)

    def choice(self) -> ImportChoice | None:
        """What was asked for; None while there is no source, or a field holds no value."""
        source = self.source.path
        if source is None:
            return None
        try:
            options = self.fields.options()
        except StudioError:
            return None
        return ImportChoice(
            format=self._format().name,
            source=source,
            images=self.images.path,
            options=options,
            update=self.update_there.isChecked(),
        )

    def _build(self) -> None:
        form = QFormLayout()
        form.setVerticalSpacing(6)
        form.addRow("&Annotations", self.source)
        form.addRow("", self._source_help)
        form.addRow("&Format", self.format)
        form.addRow("&Pictures", self.images)
        form.addRow("", self._images_help)
        self.fields = ReadOptionFields(form, self)
        form.addRow("", self.update_there)
        box, self.import_button = ok_cancel("Import")
        form_column(self, form, self.state, box)

    def _format(self) -> AnnotationFormat:
        return list(FORMATS.values())[self.format.currentIndex()]

    @Slot()
    def _on_format_chosen(self) -> None:
        self._format_chosen = True

    @Slot()
    def _on_source_changed(self) -> None:
        source = self.source.path
        guess = guess_format(source) if source is not None else None
        self._known = recognise_source(source) if source is not None else None
        if guess is not None and not self._format_chosen:
            self.format.setCurrentIndex(list(FORMATS).index(guess))
        self._show_state()

    @Slot()
    def _show_state(self) -> None:
        self._source_help.setText(f"Expects {self._format().expects}.")
        shown = options_for(self._format(), self.source.path) if self.source.path else frozenset()
        has_changed = self.fields.show_for(shown)
        problem = self._problem()
        self.state.setText(problem)
        self.state.setVisible(bool(problem))
        self.import_button.setEnabled(not problem)
        if has_changed:
            fit_height(self, _WIDTH)

    def _problem(self) -> str:
        """Why nothing can be imported yet; empty when it can."""
        if self._known is not None:
            return f"This is {self._known.what}. {self._known.remedy}"
        try:
            self.fields.options()
        except StudioError as error:
            return str(error)
        return problem_of(self.choice())


def problem_of(choice: ImportChoice | None) -> str:
    """Why nothing can be imported yet; empty when it can."""
    if choice is None:
        return "Choose the annotations to import."
    if not choice.source.exists():
        return f"There is no {choice.source}."
    if choice.images is not None and not choice.images.is_dir():
        return f"There is no folder {choice.images}."
    annotations = choice.options.annotations
    if annotations is not None and not annotations.is_file():
        return f"There is no file {annotations}."
    return ""
