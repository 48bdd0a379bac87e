"""Asks which file of predictions to import, and what to call the set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QWidget

from core.formats.bodies.options import (
    BoxLayout,
    CameraKind,
    PredictionOptions,
    RootFrame,
    ScaleUnit,
)
from core.formats.bodies.prediction_formats import FORMAT_HELP
from spin_gui.jobs.sheet_jobs import ImportPredictionsChoice
from spin_gui.widgets.layouts import body_label, fit_height, form_column, ok_cancel
from spin_gui.widgets.paths import PathField
from spin_gui.widgets.question import QuestionDialog

WIDTH = 560
FILE_FILTER = "Predictions (*.npz *.json *.pkl *.smpl);;All files (*)"
EXPLANATION = (
    f"{FORMAT_HELP[0].upper()}{FORMAT_HELP[1:]}. People are found by picture, key and box."
)

FRAMES = {
    RootFrame.CAMERA: "The camera's: y down",
    RootFrame.Y_UP: "y up: AMASS, OpenGL, a world",
}
LAYOUTS = {
    BoxLayout.CENTER_SIZE: "Centre, width, height",
    BoxLayout.CORNER_SIZE: "Left, top, width, height",
    BoxLayout.CORNERS: "x1, y1, x2, y2",
}
SCALES = {ScaleUnit.UNITS: "Units of 200 px", ScaleUnit.PIXELS: "Pixels"}
CAMERAS = {
    CameraKind.AUTO: "By names, values and focal lengths",
    CameraKind.WEAK: "Weak perspective (s, tx, ty)",
    CameraKind.CROP: "Translation, 5000 px on the crop",
    CameraKind.FULL: "Translation in the whole picture's camera",
}
BETAS = {
    "auto": "Where they belong to the project's body",
    "keep": "Always as they are",
    "mean": "The mean shape for everybody",
}


class ImportPredictionsDialog(QuestionDialog):
    """``chosen(ImportPredictionsChoice)``."""

    def __init__(self, parent: QWidget | None = None, *, source: Path | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import another method's predictions")
        self.file = PathField("File", file_filter=FILE_FILTER)
        self.name = QLineEdit(placeholderText="EFT")
        self.name.setAccessibleName("Name of the set")
        self.frame = _choices("Frame of the roots", FRAMES)
        self.boxes = _choices("Boxes", LAYOUTS)
        self.scale = _choices("Scale", SCALES)
        self.camera = _choices("Cameras", CAMERAS)
        self.betas = _choices("Betas", BETAS)
        self.state = body_label(EXPLANATION, quiet=True)
        buttons, self._ok = ok_cancel("Import")
        form = QFormLayout()
        form.addRow("File", self.file)
        form.addRow("Name", self.name)
        form.addRow("Betas", self.betas)
        form.addRow("Frame of roots", self.frame)
        form.addRow("Boxes", self.boxes)
        form.addRow("Scale", self.scale)
        form.addRow("Cameras", self.camera)
        form_column(self, form, self.state, buttons)
        self.file.line.textChanged.connect(self._suggest_name)
        self.file.line.textChanged.connect(self._show_state)
        self.name.textChanged.connect(self._show_state)
        if source is not None:
            self.file.set_path(source)
        self._show_state()
        fit_height(self, WIDTH)

    def choice(self) -> ImportPredictionsChoice | None:
        """None while the file or the name is missing."""
        path, name = self.file.path, self.name.text().strip()
        if path is None or not path.is_file() or not name:
            return None
        # Qt hands words back as plain texts.
        options = PredictionOptions(
            frame=RootFrame(self.frame.currentData()),
            boxes=BoxLayout(self.boxes.currentData()),
            scale=ScaleUnit(self.scale.currentData()),
            camera=CameraKind(self.camera.currentData()),
        )
        return ImportPredictionsChoice(
            name=name, source=path, options=options, betas=self.betas.currentData()
        )

    def _suggest_name(self) -> None:
        path = self.file.path
        if path is not None and path.is_file() and not self.name.isModified():
            self.name.setText(path.stem)

    def _show_state(self) -> None:
        self._ok.setEnabled(self.choice() is not None)


def _choices(what: str, titles: Mapping[Any, str]) -> QComboBox:
    """A box of titles with their values behind them; the first is how files usually are."""
    box = QComboBox()
    box.setAccessibleName(what)
    for value, title in titles.items():
        box.addItem(title, value)
    return box
