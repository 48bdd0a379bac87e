"""Pictures in which the detector found no person, and a box around one whom it missed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QVBoxLayout, QWidget

from core.errors import PictureError
from core.geometry.boxes import Box
from core.pictures.decoding import picture_header
from core.types.arrays import NUM_KEYPOINTS
from spin_gui.correcting.canvas_drag import Tool
from spin_gui.correcting.editor_canvas import EditorCanvas, PictureImage
from spin_gui.correcting.editor_painter import EditorDrawing
from spin_gui.images.picture_cache import PictureImages, PictureKey
from spin_gui.images.produced_cache import URGENT
from spin_gui.widgets.layouts import MARGIN, SPACING, body_label, close_box
from spin_gui.widgets.question import QuestionDialog

_SIZE = (1100, 720)
_LIST_WIDTH = 260
_HINT = "Drag a box around a person"
_TOLD = (
    "No person was found in these pictures. Drag a box around one who was missed: the detector "
    "looks into it for the keypoints."
)

DrawnBox = tuple[Path, tuple[int, int], Box]
"""A picture, its upright width and height, and the box that was drawn in it."""


class PicturesWithoutPeopleDialog(QuestionDialog):
    """A list of pictures, the chosen one large; a box that is dragged in it is the choice."""

    def __init__(self, pictures: Sequence[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Pictures without people")
        self._pictures = list(pictures)
        self._drawn: DrawnBox | None = None
        self._images = PictureImages()
        self._requested: PictureKey | None = None
        self.list, self.canvas = QListWidget(), EditorCanvas()
        self._build()
        self._images.ready.connect(self._on_image)
        self._images.failed.connect(self._on_image)
        self.list.currentRowChanged.connect(self._show)
        self.canvas.view_changed.connect(self._request)
        self.canvas.person_boxed.connect(self._on_boxed)
        self.list.setCurrentRow(0)

    def choice(self) -> DrawnBox | None:
        """The picture and the box; None while none is drawn."""
        return self._drawn

    def done(self, result: int) -> None:
        """Close, and end the threads."""
        self._images.close()
        super().done(result)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the whole picture in the new size."""
        super().resizeEvent(event)
        self._show(self.list.currentRow())

    def _build(self) -> None:
        self.list.setAccessibleName("Pictures without people")
        self.list.setFixedWidth(_LIST_WIDTH)
        for picture in self._pictures:
            self.list.addItem(picture.name)
            self.list.item(self.list.count() - 1).setToolTip(str(picture))
        self.canvas.setAccessibleName("Picture to draw a person in")
        self.canvas.set_tool(Tool.PERSON)
        self.canvas.hint = _HINT
        row = QHBoxLayout()
        row.addWidget(self.list)
        row.addWidget(self.canvas, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        layout.addWidget(body_label(_TOLD))
        layout.addLayout(row, 1)
        layout.addWidget(close_box(self))
        self.resize(*_SIZE)

    @Slot(int)
    def _show(self, row: int) -> None:
        """Show a picture whole."""
        if not 0 <= row < len(self._pictures):
            return
        try:
            width, height = picture_header(self._pictures[row]).upright_size_px
        except PictureError as error:
            self._requested = None
            self.canvas.show_drawing(None)
            self.canvas.show_image(None, error.message)
            return
        whole = Box((width - 1) / 2, (height - 1) / 2, max(width, height))
        nothing = np.zeros((NUM_KEYPOINTS, 3), dtype=np.float32)
        self.canvas.show_drawing(EditorDrawing(nothing, whole, empty=True))
        self.canvas.show_image(None, "loading…")
        self.canvas.picture_size_px = (width, height)
        self.canvas.look_at_whole()

    @Slot()
    def _request(self) -> None:
        view, row = self.canvas.view, self.list.currentRow()
        if view is None or row < 0:
            return
        longest = max(self.canvas.width(), self.canvas.height()) * self.devicePixelRatioF()
        self._requested = PictureKey(self._pictures[row], view.square, max(1, round(longest)))
        self._images.request({self._requested: URGENT})
        self._on_image(self._requested)

    @Slot(object)
    def _on_image(self, key: PictureKey) -> None:
        if key != self._requested:
            return
        image, failure = self._images.get(key), self._images.failure(key)
        if image is not None:
            self.canvas.show_image(PictureImage(image, key.square))
        elif failure is not None:
            self.canvas.show_image(None, failure)

    @Slot(object)
    def _on_boxed(self, box: Box) -> None:
        self._drawn = self._pictures[self.list.currentRow()], self.canvas.picture_size_px, box
        self.accept()
