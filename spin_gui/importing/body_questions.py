"""What becomes of another method's bodies, and what their file does not say itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from core.formats.bodies.options import (
    BoxLayout,
    CameraKind,
    PredictionOptions,
    RootFrame,
    ScaleUnit,
)
from spin_gui.importing.choices import BodiesUse
from spin_gui.jobs.sheet_jobs import ImportPredictionsChoice

USES = {
    BodiesUse.PEOPLE: "People and their bodies: the bodies become fits to vet",
    BodiesUse.FITS: "Fits of people who are here: judged, corrected, exported",
    BodiesUse.PREDICTIONS: "Predictions to compare with: kept as a set",
}
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
BESIDE = "Leave the current fits: the bodies enter the histories"


class BodyQuestions(QWidget):
    """``changed``: another look is needed; ``use_changed``: the bodies become other things."""

    changed = Signal()
    use_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.uses = QButtonGroup(self)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the set")
        self.beside = QCheckBox(BESIDE)
        self.beside.setAccessibleName(BESIDE)
        self.frame = _choices("Frame of the roots", FRAMES)
        self.boxes = _choices("Boxes", LAYOUTS)
        self.scale = _choices("Scale", SCALES)
        self.camera = _choices("Cameras", CAMERAS)
        self.betas = _choices("Betas", BETAS)
        self._told: frozenset[str] = frozenset()
        self._asks_of_people = False
        """Whether people are made by the bodies' cameras, so that what is said of these counts."""
        self._use_chosen = False
        self._form = self._build()
        for box in self._fields().values():
            box.currentIndexChanged.connect(self.changed)
        self.name.textChanged.connect(self.use_changed)
        self.uses.idClicked.connect(self._on_use_chosen)

    @property
    def use(self) -> BodiesUse:
        """What the bodies become."""
        return list(BodiesUse)[self.uses.checkedId()]

    @property
    def options(self) -> PredictionOptions:
        """How the file is to be read; Qt hands words back as plain texts."""
        if self.use is BodiesUse.PEOPLE and not self._asks_of_people:
            return PredictionOptions()
        return PredictionOptions(
            frame=RootFrame(self.frame.currentData()),
            boxes=BoxLayout(self.boxes.currentData()),
            scale=ScaleUnit(self.scale.currentData()),
            camera=CameraKind(self.camera.currentData()),
        )

    def button(self, use: BodiesUse) -> QRadioButton:
        """The button of a use."""
        button = self.uses.button(list(BodiesUse).index(use))
        assert isinstance(button, QRadioButton)  # noqa: S101 - made here
        return button

    def forget(self) -> None:
        """Another source is looked at: nothing was said of it yet."""
        self._use_chosen = False
        self.button(BodiesUse.FITS).setChecked(True)
        self.name.setModified(False)
        for box in self._fields().values():
            with QSignalBlocker(box):
                box.setCurrentIndex(0)

    def show_for(
        self,
        source: Path,
        *,
        can_be_told: frozenset[str],
        have_people: bool,
        have_keypoints: bool,
        pictures_are_there: bool,
        can_match: bool,
        are_here: bool,
    ) -> None:
        """Offer what can become of a file's bodies.

        Args:
            source: the file, which gives its set the name.
            can_be_told: the ``PredictionOptions`` that mean something for it.
            have_people: people can be made, of 2D keypoints or where cameras place the bodies.
            have_keypoints: it has 2D keypoints.
            pictures_are_there: the picture of the first person was found.
            can_match: a project is open.
            are_here: it has the picture of the first of them.
        """
        self._told = can_be_told
        self._asks_of_people = not have_keypoints
        people, fits = self.button(BodiesUse.PEOPLE), self.button(BodiesUse.FITS)
        people.setVisible(have_people)
        for use in (BodiesUse.FITS, BodiesUse.PREDICTIONS):
            self.button(use).setEnabled(can_match)
        if not have_people and people.isChecked():
            fits.setChecked(True)
        seem_new = not (are_here or self._use_chosen) and (have_keypoints or pictures_are_there)
        if have_people and (not can_match or seem_new):
            people.setChecked(True)
        if not self.name.isModified():
            self.name.setText(source.stem)
        self._show_use()

    def choice(self, source: Path) -> ImportPredictionsChoice | None:
        """What was asked for; None without a name."""
        name = self.name.text().strip()
        if not name:
            return None
        return ImportPredictionsChoice(
            name=name, source=source, options=self.options, betas=self.betas.currentData()
        )

    def _fields(self) -> dict[str, QComboBox]:
        """By the names in ``PredictionOptions``."""
        return {
            "frame": self.frame,
            "boxes": self.boxes,
            "scale": self.scale,
            "camera": self.camera,
        }

    def _build(self) -> QFormLayout:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for number, use in enumerate(BodiesUse):
            button = QRadioButton(USES[use])
            button.setAccessibleName(USES[use])
            self.uses.addButton(button, number)
            layout.addWidget(button)
        self.button(BodiesUse.FITS).setChecked(True)
        form = QFormLayout()
        form.setVerticalSpacing(6)
        form.addRow("", self.beside)
        form.addRow("Na&me", self.name)
        form.addRow("&Betas", self.betas)
        form.addRow("F&rame of roots", self.frame)
        form.addRow("B&oxes", self.boxes)
        form.addRow("S&cale", self.scale)
        form.addRow("C&ameras", self.camera)
        layout.addSpacing(6)
        layout.addLayout(form)
        return form

    @Slot()
    def _on_use_chosen(self) -> None:
        self._use_chosen = True
        self._show_use()

    @Slot()
    def _show_use(self) -> None:
        use = self.use
        for field in (self.name, self.betas):
            self._form.setRowVisible(field, use is not BodiesUse.PEOPLE)
        for name, field in self._fields().items():
            is_asked = use is not BodiesUse.PEOPLE or self._asks_of_people
            can_be_told = name in self._told and is_asked
            self._form.setRowVisible(field, can_be_told)
        self._form.setRowVisible(self.beside, use is BodiesUse.FITS)
        self.use_changed.emit()


def _choices(what: str, titles: Mapping[Any, str]) -> QComboBox:
    """A box of titles with their values behind them; the first is how files usually are."""
    box = QComboBox()
    box.setAccessibleName(what)
    for value, title in titles.items():
        box.addItem(title, value)
    return box
