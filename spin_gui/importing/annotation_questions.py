"""What annotations may not say themselves: format, pictures, joint order, size, scores."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QWidget

from core.formats.registry import FORMATS
from spin_gui.importing.read_options import ReadOptionFields
from spin_gui.widgets.layouts import body_label
from spin_gui.widgets.paths import PathField

IMAGES_HELP = "The folder that holds the pictures; empty: beside the annotations."
UPDATE = "Update people who are there already, except those a person corrected"


class AnnotationQuestions(QWidget):
    """``changed`` says that another look is needed, ``typed`` that one is once typing pauses.

    The format is the file's until it was chosen.
    """

    changed = Signal()
    typed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.format = QComboBox()
        self.format.setAccessibleName("Format")
        self.format.setPlaceholderText("Choose the format")
        for each in FORMATS.values():
            self.format.addItem(each.title, each.name)
        self.images = PathField("Pictures", folder=True)
        self.update_there = QCheckBox(UPDATE)
        self.update_there.setAccessibleName(UPDATE)
        self._format_chosen = False
        self._images_chosen = False
        form = self._form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(6)
        form.addRow("&Format", self.format)
        form.addRow("Pict&ures", self.images)
        self._images_help = body_label(IMAGES_HELP, quiet=True, wrapped=False)
        form.addRow("", self._images_help)
        self.fields = ReadOptionFields(form, self)
        form.addRow("", self.update_there)
        self.format.activated.connect(self._on_format_chosen)
        self.images.line.textChanged.connect(self._on_images_changed)
        self.fields.changed.connect(self.typed)

    @property
    def format_name(self) -> str | None:
        """The format that the user chose; None where the file says it."""
        return self.format.currentData() if self._format_chosen else None

    @property
    def images_named(self) -> Path | None:
        """The folder that the user named; None where it was found or is not needed."""
        return self.images.path if self._images_chosen else None

    def forget(self) -> None:
        """Another source is looked at: nothing was said of it yet."""
        self._format_chosen = self._images_chosen = False
        with QSignalBlocker(self.images.line):
            self.images.line.clear()

    def show_format(self, name: str, options: frozenset[str]) -> None:
        """Show what a file is, nothing where that is unknown, and the options that it has."""
        self.format.setCurrentIndex(self.format.findData(name))
        self.fields.show_for(options)

    def set_format_shown(self, shown: bool) -> None:  # noqa: FBT001 - as setVisible
        """Ask for a format, as of annotations; bodies say theirs."""
        self._form.setRowVisible(self.format, shown)

    def show_images(self, folder: Path | None, *, are_there: bool) -> None:
        """Show where pictures were found; a name is asked for where they were not."""
        if folder is not None and not self._images_chosen:
            with QSignalBlocker(self.images.line):
                self.images.set_path(folder)
        self._images_help.setText(
            IMAGES_HELP if are_there else "Where are the pictures? The first one is not there."
        )

    @Slot()
    def _on_format_chosen(self) -> None:
        self._format_chosen = True
        self.changed.emit()

    @Slot()
    def _on_images_changed(self) -> None:
        self._images_chosen = bool(self.images.line.text().strip())
        (self.typed if self.images.line.isModified() else self.changed).emit()
