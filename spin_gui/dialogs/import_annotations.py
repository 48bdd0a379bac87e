"""Asks what to import."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QVBoxLayout, QWidget

from spin_gui.dialogs.layouts import MARGIN, SPACING, body_label, ok_cancel
from spin_gui.dialogs.paths import PathField
from spin_gui.jobs.job import ImportChoice


@dataclass(frozen=True)
class _FormatWords:
    name: str
    title: str
    source: str
    images: str


FORMATS = (
    _FormatWords(
        "coco",
        "COCO keypoints (one JSON file)",
        "A file such as person_keypoints_val2017.json.",
        "The folder the file names in it start from; empty: the folder of the JSON file.",
    ),
    _FormatWords(
        "openpose",
        "OpenPose (a folder of JSON files)",
        "A folder of *_keypoints.json files, one for each picture.",
        "The folder of the pictures; empty: beside the JSON files.",
    ),
)


class ImportDialog(QDialog):
    """Format, source, pictures. The format is guessed from the source until it was chosen."""

    def __init__(self, parent: QWidget | None = None, *, source: Path | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import annotations")
        self.format = QComboBox()
        self.format.setAccessibleName("Format")
        self.format.addItems([words.title for words in FORMATS])
        self.source = PathField("Annotations", file_filter="JSON (*.json)", folder=True)
        self.images = PathField("Pictures", folder=True)
        self._source_help = body_label("", quiet=True)
        self._images_help = body_label("", quiet=True)
        self._state = body_label("")
        self._format_chosen = False
        self._build()
        self.format.activated.connect(self._on_format_chosen)
        self.source.line.textChanged.connect(self._on_source_changed)
        self.images.line.textChanged.connect(self._show_state)
        self.format.currentIndexChanged.connect(self._show_state)
        if source is not None:
            self.source.set_path(source)
        self._show_state()

    def choice(self) -> ImportChoice | None:
        """What was asked for; None while there is no source."""
        source = self.source.path
        if source is None:
            return None
        return ImportChoice(format=self._words().name, source=source, images=self.images.path)

    def _build(self) -> None:
        form = QFormLayout()
        form.setVerticalSpacing(6)
        form.addRow("&Annotations", self.source)
        form.addRow("", self._source_help)
        form.addRow("&Format", self.format)
        form.addRow("&Pictures", self.images)
        form.addRow("", self._images_help)
        box, self.import_button = ok_cancel("Import")
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        layout.addLayout(form)
        layout.addWidget(self._state)
        layout.addStretch(1)
        layout.addWidget(box)
        self.setMinimumWidth(620)

    def _words(self) -> _FormatWords:
        return FORMATS[self.format.currentIndex()]

    @Slot()
    def _on_format_chosen(self) -> None:
        self._format_chosen = True

    @Slot()
    def _on_source_changed(self) -> None:
        guess = guessed_format(self.source.path)
        if guess is not None and not self._format_chosen:
            self.format.setCurrentIndex([words.name for words in FORMATS].index(guess))
        self._show_state()

    @Slot()
    def _show_state(self) -> None:
        words = self._words()
        self._source_help.setText(words.source)
        self._images_help.setText(words.images)
        problem = problem_of(self.choice())
        self._state.setText(problem)
        self._state.setVisible(bool(problem))
        self.import_button.setEnabled(not problem)


def guessed_format(source: Path | None) -> str | None:
    """A folder is OpenPose's, a JSON file COCO's; None while nothing is there."""
    if source is None:
        return None
    if source.is_dir():
        return "openpose"
    return "coco" if source.suffix.lower() == ".json" else None


def problem_of(choice: ImportChoice | None) -> str:
    """Why nothing can be imported yet; empty when it can."""
    if choice is None:
        return "Choose the annotations to import."
    if not choice.source.exists():
        return f"There is no {choice.source}."
    if choice.format == "coco" and choice.source.is_dir():
        return "COCO keypoints are one JSON file, but this is a folder."
    if choice.format == "openpose" and not choice.source.is_dir():
        return "OpenPose's files stand in a folder, but this is a file."
    if choice.images is not None and not choice.images.is_dir():
        return f"There is no folder {choice.images}."
    return ""
