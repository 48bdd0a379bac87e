"""Asks which camera took some pictures, and says what the answer means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QWidget

from core.dictionary.samples.cameras import PictureWithCamera
from core.types.cameras import SOURCE_MEANINGS, CameraSource
from core.workflows.cameras.give_cameras import CameraOf, assumed, long_lens, looked_up, typed
from core.workflows.cameras.picture_cameras import (
    FILM_FOCAL_LENGTHS_MM,
    FOCAL_LENGTHS_PX,
    NARROWEST_DEG,
    WIDEST_DEG,
    TypedLens,
)
from spin_gui.session.camera_wording import camera_explained, camera_text
from spin_gui.session.wording import count_text
from spin_gui.widgets.layouts import body_label, fit_height, form_column, ok_cancel
from spin_gui.widgets.question import QuestionDialog

WIDTH = 520
EXPLANATION = (
    "A body keeps the camera that it was fitted under, and stays where it is. Its loss is measured "
    "again under the new one; refit (F5) to have its distance and its limbs follow."
)
LOOKED_UP = "The EXIF data of each picture is read; where it tells nothing, the camera is assumed."


@dataclass(frozen=True)
class LensFact:
    """One way to say which camera it was.

    unit: of the number that it asks for; empty where it asks for none. range: of that number.
    """

    title: str
    unit: str = ""
    range: tuple[float, float, float] = (0.0, 0.0, 0.0)


FILM = LensFact("Focal length on 35 mm film", " mm", (*FILM_FOCAL_LENGTHS_MM, 26.0))
PIXELS = LensFact("Focal length in pixels", " px", (*FOCAL_LENGTHS_PX, 1000.0))
ANGLE = LensFact("Angle across the picture", "°", (NARROWEST_DEG, WIDEST_DEG, 65.0))
EXIF = LensFact("As the picture's EXIF data says")
ASSUMED = LensFact("Nothing is known: assume one")
LONG = LensFact("SPIN's long lens")
KINDS = (FILM, PIXELS, ANGLE, EXIF, ASSUMED, LONG)


@dataclass(frozen=True, eq=False)
class CameraChoice:
    """What the pictures are to have, and the words for the step of undo."""

    camera_of: CameraOf
    text: str


class CameraDialog(QuestionDialog):
    """``chosen(CameraChoice)``.

    pictures: those that are to take the camera; at least one.
    """

    def __init__(
        self, pictures: Sequence[PictureWithCamera], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Camera")
        self._pictures = pictures
        self.kind = QComboBox()
        self.kind.setAccessibleName("What is known of the camera")
        for kind in KINDS:
            self.kind.addItem(kind.title)
        self.value = QDoubleSpinBox(decimals=1)
        self.value.setAccessibleName("Its number")
        self.now = body_label(now_text(pictures))
        self.preview = body_label("")
        self.preview.setAccessibleName("What this means")
        buttons, self.use_button = ok_cancel("Use this camera")
        form = QFormLayout()
        form.addRow("Now", self.now)
        form.addRow("&Known is", self.kind)
        form.addRow("&Number", self.value)
        form.addRow("Means", self.preview)
        form_column(self, form, body_label(EXPLANATION, quiet=True), buttons)
        self.kind.currentIndexChanged.connect(self._show_kind)
        self.value.valueChanged.connect(self._show_preview)
        self._show_kind()
        fit_height(self, WIDTH)

    @property
    def chosen_kind(self) -> LensFact:
        """What is known, as it is chosen."""
        return KINDS[self.kind.currentIndex()]

    def choice(self) -> CameraChoice:
        """The camera as it is typed."""
        kind, count = self.chosen_kind, len(self._pictures)
        pictures = "one picture" if count == 1 else f"{count_text(count)} pictures"
        number = f": {self.value.text()}" if kind.unit else ""
        return CameraChoice(self._camera_of(), f"Camera of {pictures}{number}")

    def _camera_of(self) -> CameraOf:
        kind, number = self.chosen_kind, self.value.value()
        if kind is FILM:
            return typed(TypedLens(equivalent_mm=number))
        if kind is PIXELS:
            return typed(TypedLens(focal_length_px=number))
        if kind is ANGLE:
            return typed(TypedLens(field_of_view_deg=number))
        return {EXIF: looked_up, ASSUMED: assumed, LONG: long_lens}[kind]

    @Slot()
    def _show_kind(self) -> None:
        kind = self.chosen_kind
        self.value.setEnabled(bool(kind.unit))
        self.value.setSuffix(kind.unit)
        if kind.unit:
            least, most, usual = kind.range
            self.value.setRange(least, most)
            self.value.setValue(usual)
        self._show_preview()

    @Slot()
    def _show_preview(self) -> None:
        self.preview.setText(
            LOOKED_UP if self.chosen_kind is EXIF else means_text(self._pictures, self._camera_of())
        )


def now_text(pictures: Sequence[PictureWithCamera]) -> str:
    """How many pictures and people, and what their cameras are now."""
    people = sum(len(picture.sample_ids) for picture in pictures)
    if len(pictures) == 1:
        picture = pictures[0]
        who = "one person" if people == 1 else f"{count_text(people)} people"
        return f"{picture.path.name}, {who}: {camera_text(picture.camera)}"
    sources = Counter(picture.camera.source for picture in pictures)
    kinds = ", ".join(f"{count_text(count)} {source}" for source, count in sources.most_common())
    return f"{count_text(len(pictures))} pictures of {count_text(people)} people ({kinds})"


def means_text(pictures: Sequence[PictureWithCamera], camera_of: CameraOf) -> str:
    """What a camera means for the first picture, and how far others differ."""
    first = pictures[0]
    camera = camera_of(first)
    if camera is None:
        return f"The focal length is {SOURCE_MEANINGS[CameraSource.ASSUMED]}."
    text = camera_explained(camera, first.size_px)
    sizes = len({picture.size_px for picture in pictures})
    if sizes > 1 and camera.source is not CameraSource.LONG_LENS:
        width, height = first.size_px
        text = f"For {width} × {height} px, one of {sizes} sizes:\n{text}"
    return text
