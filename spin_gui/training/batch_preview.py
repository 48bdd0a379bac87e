"""The newest batch of a training as pictures: crop, prediction, and the fit that was offered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.body.display_body import DisplayBody
from core.errors import RenderingError
from core.rendering.colors import CURRENT_FIT_COLOR, PREDICTION_COLOR, MeshColor
from core.rendering.compositing import overlay
from core.rendering.render_thread import RenderService
from core.rendering.views import crop_view
from core.runs.observers import BatchPreview
from core.system.priority_executor import PriorityExecutor
from core.types.bodies import BodyParameters
from core.types.fits import error_px
from spin_gui.session.wording import number
from spin_gui.widgets.layouts import body_label

SMALLEST_TILE_PX, LARGEST_TILE_PX = 56, 136
MOST_SHOWN = 8
BEHIND_THE_VIEWS = -10
"""Previews are drawn when no view of a sample waits."""

ROWS = ("Picture", "Prediction", "Fit offered")

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class DrawnSample:
    """One person of the batch: three pictures (the last may be missing) and how it went."""

    sample_id: int
    pictures: tuple[QImage, QImage, QImage | None]
    caption: str
    kept: bool


class PreviewPainter:
    """Draws a preview on a worker's thread: each body laid over its picture."""

    def __init__(self, body: DisplayBody, rendering: RenderService) -> None:
        self._body, self._rendering = body, rendering

    def draw(self, preview: BatchPreview) -> list[DrawnSample]:
        """Draw the first few; raises ``RenderingError`` when the service was closed meanwhile."""
        count = min(len(preview.pictures), MOST_SHOWN)
        predicted = self._over_pictures(preview, preview.prediction, PREDICTION_COLOR, count)
        fitted: list[Pixels | None] = [None] * count
        if preview.fit is not None:
            fitted = list(self._over_pictures(preview, preview.fit, CURRENT_FIT_COLOR, count))
        return [
            DrawnSample(
                sample_id=int(preview.sample_ids[index]),
                pictures=(
                    _image(preview.pictures[index]),
                    _image(predicted[index]),
                    None if fit is None else _image(fit),
                ),
                caption=caption(preview, index),
                kept=bool(preview.kept[index]),
            )
            for index, fit in enumerate(fitted)
        ]

    def _over_pictures(
        self, preview: BatchPreview, bodies: Sequence[BodyParameters], color: MeshColor, count: int
    ) -> list[Pixels]:
        drawn = []
        for index, shown in enumerate(bodies[:count]):
            picture = np.ascontiguousarray(preview.pictures[index])
            try:
                view = crop_view(
                    self._body.vertices(shown),
                    shown.camera_translation,
                    camera=shown.camera,
                    size_px=picture.shape[0],
                )
                future = self._rendering.submit(view, color=color, priority=BEHIND_THE_VIEWS)
                layer = future.result()
            except CancelledError as error:
                raise RenderingError("The project was closed.") from error
            drawn.append(overlay(picture, layer))
        return drawn


class BatchPreviewPanel(QWidget):
    """A column for each person, three pictures high; the button below opens the sample."""

    sample_asked = Signal(int)

    def __init__(
        self, body: DisplayBody, rendering: RenderService, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Newest batch")
        self._painting = _Painting(PreviewPainter(body, rendering), self)
        self._painting.drawn.connect(self._show)
        self.columns = [_Column(self) for _ in range(MOST_SHOWN)]
        self._names = [QLabel(text) for text in (*ROWS, "Error, px")]
        self._tile_px = 0
        self.empty = body_label("The newest batch is shown here while a training runs.", quiet=True)
        self._build()
        self.set_tile_px(LARGEST_TILE_PX)

    def show_preview(self, preview: BatchPreview) -> None:
        """Have a preview drawn; one that waits already is replaced."""
        self._painting.draw(preview)

    def set_tile_px(self, side_px: int) -> None:
        """How large the pictures are, within limits."""
        side_px = min(max(side_px, SMALLEST_TILE_PX), LARGEST_TILE_PX)
        if side_px == self._tile_px:
            return
        self._tile_px = side_px
        for name in self._names[: len(ROWS)]:
            name.setFixedHeight(side_px)
        for column in self.columns:
            column.set_tile_px(side_px)

    def close_painting(self) -> None:
        """End the thread."""
        self._painting.close()

    @Slot(object)
    def _show(self, drawn: list[DrawnSample]) -> None:
        self.empty.setVisible(not drawn)
        for name in self._names:
            name.setVisible(bool(drawn))
        for index, column in enumerate(self.columns):
            if index < len(drawn):
                column.show_sample(drawn[index])
            column.setVisible(index < len(drawn))

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        names = QGridLayout()
        names.setVerticalSpacing(2)
        for place, label in enumerate(self._names):
            label.setMinimumWidth(76)
            label.hide()
            names.addWidget(label, place, 0)
        self._names[-1].setToolTip(
            "Of the current fit before and of the new one, in px of the crop"
        )
        names.setRowStretch(len(self._names), 1)
        row.addLayout(names)
        for column in self.columns:
            column.button.clicked.connect(self._on_clicked)
            column.hide()
            row.addWidget(column)
        row.addWidget(self.empty, 1)
        row.addStretch(0)

    @Slot()
    def _on_clicked(self) -> None:
        for column in self.columns:
            if column.button is self.sender():
                self.sample_asked.emit(column.sample_id)


class _Painting(QObject):
    """The worker behind the panel; its results come back on the main thread."""

    drawn = Signal(object)
    _done = Signal(object)

    def __init__(self, painter: PreviewPainter, parent: QObject) -> None:
        super().__init__(parent)
        self._painter = painter
        self._done.connect(self.drawn, Qt.ConnectionType.QueuedConnection)
        self._executor = PriorityExecutor("previews")
        self._drawing: Future[list[DrawnSample]] | None = None

    def draw(self, preview: BatchPreview) -> None:
        if self._drawing is not None:
            self._drawing.cancel()
        self._drawing = self._executor.submit(partial(self._painter.draw, preview))
        self._drawing.add_done_callback(self._hand_on)

    def close(self) -> None:
        self._executor.close()

    def _hand_on(self, drawing: Future[list[DrawnSample]]) -> None:
        """Called on the drawing thread: nothing but a signal."""
        if not drawing.cancelled():
            # The next batch comes in two seconds; the views report a renderer that does not work.
            self._done.emit([] if drawing.exception() else drawing.result())


class _Column(QWidget):
    """One person."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.sample_id = -1
        self._images: tuple[QImage | None, ...] = (None,) * len(ROWS)
        self.tiles = [QLabel() for _ in ROWS]
        self.caption = QLabel()
        self.button = QPushButton()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for tile in self.tiles:
            tile.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(tile)
        self.caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self.caption)
        self.button.setFlat(True)
        self.button.setToolTip("Show this sample among its views")
        layout.addWidget(self.button)
        layout.addStretch(1)

    def show_sample(self, drawn: DrawnSample) -> None:
        self.sample_id = drawn.sample_id
        self._images = drawn.pictures
        for tile, name in zip(self.tiles, ROWS, strict=True):
            tile.setAccessibleName(f"{name} of sample {drawn.sample_id}")
        self._show_images()
        font = self.caption.font()
        font.setBold(drawn.kept)
        self.caption.setFont(font)
        self.caption.setText(drawn.caption)
        self.button.setText(f"Sample {drawn.sample_id}")
        self.button.setAccessibleName(f"Show sample {drawn.sample_id}")

    def set_tile_px(self, side_px: int) -> None:
        for tile in self.tiles:
            tile.setFixedSize(side_px, side_px)
        self.caption.setMinimumWidth(side_px)
        self._show_images()

    def _show_images(self) -> None:
        for tile, image in zip(self.tiles, self._images, strict=True):
            if image is None:
                tile.setText("not fitted" if self.sample_id >= 0 else "")
                continue
            ratio = self.devicePixelRatioF()
            side = round(tile.width() * ratio)
            pixmap = QPixmap.fromImage(image).scaled(
                side,
                side,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            pixmap.setDevicePixelRatio(ratio)
            tile.setPixmap(pixmap)


def caption(preview: BatchPreview, index: int) -> str:
    """How the offer of one person went: ``✓ kept, 9.23 → 3.51``, in px."""
    before, after = (
        error_px(float(losses[index])) for losses in (preview.loss_before, preview.loss_after)
    )
    if preview.fit is None or not math.isfinite(after):
        has_fit = preview.fit is not None and math.isfinite(before)
        return f"not tried now\ncurrent fit {number(before)}" if has_fit else "not fitted"
    errors = f"{number(before)} → {number(after)}" if math.isfinite(before) else number(after)
    return f"✓ kept\n{errors}" if preview.kept[index] else f"– not kept\n{errors}"


def _image(pixels: Pixels) -> QImage:
    """A QImage with pixels of its own."""
    pixels = np.ascontiguousarray(pixels)
    height, width, _ = pixels.shape
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
