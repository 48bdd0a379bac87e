"""The cell below the pictures: what the dots mean, how many there are, where the fit is worst."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from spin_gui.session.error_scale import graded_text
from spin_gui.session.wording import KEYPOINTS_MEANING
from spin_gui.viewer.keypoint_painter import (
    MAX_RADIUS,
    OUTLINE,
    SIDE_COLORS,
    KeypointDrawing,
    paint_ring,
    readable_name,
)
from spin_gui.widgets.fitting_text import fitting_text

MARGIN = 10
SHORT_WORDINGS = {"keypoints": ["points"], "confidence": ["conf."], "median error": ["median"]}
"""For small cells."""
MAX_WORST = 6
ERRORS_MEANING = (
    "Errors: how far each keypoint is from the current fit's, in pixels of the 224 px crop. The "
    "error of the whole fit is the root of a mean of squares, which large ones dominate."
)


@dataclass(frozen=True)
class KeypointFacts:
    """The numbers of one sample's keypoints.

    worst: names and errors (px of the crop), the largest first.
    """

    present: int
    total: int
    mean_confidence: float
    median_error_crop_px: float | None
    worst: tuple[tuple[str, float], ...] = ()


def keypoint_facts(drawing: KeypointDrawing) -> KeypointFacts:
    """Count the keypoints and rank their errors."""
    present = drawing.present
    if not present:
        return KeypointFacts(0, len(drawing.confidence), 0.0, None)
    mean = float(drawing.confidence[present].mean())
    if drawing.error_crop_px is None:
        return KeypointFacts(len(present), len(drawing.confidence), mean, None)
    errors = drawing.error_crop_px
    ranked = sorted(present, key=lambda index: -errors[index])[:MAX_WORST]
    return KeypointFacts(
        len(present),
        len(drawing.confidence),
        mean,
        float(np.median(errors[present])),
        tuple((readable_name(index), float(errors[index])) for index in ranked),
    )


class KeypointSummary(QWidget):
    """Legend, coverage and the largest errors of the current fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: KeypointFacts | None = None
        self._loss_px2: float | None = None
        self.setAccessibleName("Keypoints of the sample")
        self.setToolTip(f"{ERRORS_MEANING}\n\n{KEYPOINTS_MEANING}")

    @property
    def facts(self) -> KeypointFacts | None:
        """What is shown."""
        return self._facts

    def show_keypoints(
        self, drawing: KeypointDrawing | None, loss_px2: float | None = None
    ) -> None:
        """Show a sample's keypoints, with the errors of its current fit where they are known.

        loss_px2: the comparison loss of that fit, whose root is its error.
        """
        self._loss_px2 = loss_px2
        self._facts = None if drawing is None else keypoint_facts(drawing)
        rows, median = (
            self._rows(),
            None if self._facts is None else self._facts.median_error_crop_px,
        )
        rows += [] if median is None else [self._error_row(median)]
        self.setAccessibleDescription("\n".join(f"{name} {value}" for name, value in rows))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """See ``QWidget.paintEvent``."""
        painter = QPainter(self)
        palette = self.palette()
        painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.AlternateBase))
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1.0))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = painter.fontMetrics().lineSpacing() + 2.0
        top = self._paint_legend(painter, line)
        self._paint_facts(painter, top, line)
        painter.end()

    def _rows(self) -> list[tuple[str, str]]:
        """Names and values, from the top."""
        facts = self._facts
        if facts is None:
            return []
        if not facts.present:
            return [("No keypoints", "")]
        return [
            ("keypoints", f"{facts.present} of {facts.total}"),
            ("confidence", f"{facts.mean_confidence:.2f}"),
        ]

    def _paint_legend(self, painter: QPainter, line: float) -> float:
        text = self.palette().color(QPalette.ColorRole.WindowText)
        x, middle = float(MARGIN), MARGIN + line / 2
        for side in ("left", "right", "middle"):
            width = painter.fontMetrics().horizontalAdvance(side)
            if x + 2 * MAX_RADIUS + 4 + width > self.width() - 2:
                break
            painter.setPen(QPen(OUTLINE, 1.0))
            painter.setBrush(SIDE_COLORS[side])
            painter.drawEllipse(QPointF(x + MAX_RADIUS, middle), MAX_RADIUS, MAX_RADIUS)
            painter.setPen(text)
            place = QRectF(x + 2 * MAX_RADIUS + 4, MARGIN, width + 2, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, side)
            x += 2 * MAX_RADIUS + width + 9
        middle += line
        paint_ring(painter, QPointF(MARGIN + MAX_RADIUS, middle), SIDE_COLORS["middle"])
        painter.setPen(text)
        place = QRectF(
            MARGIN + 2 * MAX_RADIUS + 4,
            MARGIN + line,
            self.width() - 2 * (MARGIN + MAX_RADIUS) - 6,
            line,
        )
        wordings = ("of the current fit", "current fit")
        shown = fitting_text(painter.fontMetrics(), place.width(), wordings)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)
        return MARGIN + 2 * line + line / 3

    def _paint_facts(self, painter: QPainter, top: float, line: float) -> None:
        for text, value in self._rows():
            top = self._paint_row(painter, top, line, text, value)
        facts = self._facts
        if facts is None or facts.median_error_crop_px is None:
            return
        top += line / 3
        bold = QFont(self.font())
        bold.setBold(True)
        painter.setFont(bold)
        name, value = self._error_row(facts.median_error_crop_px)
        words_px = painter.fontMetrics().horizontalAdvance(f"{name}  {value}")
        if words_px > self.width() - 2 * MARGIN:
            value = value.partition(",")[0]
        top = self._paint_row(painter, top, line, name, value)
        painter.setFont(self.font())
        for name, error in facts.worst:
            if top + line > self.height() - MARGIN / 2:
                break
            top = self._paint_row(painter, top, line, name, f"{error:.1f} px")

    def _error_row(self, median_px: float) -> tuple[str, str]:
        """The error as it stands everywhere; the median where the fit has no loss."""
        if self._loss_px2 is None:
            return "median error", f"{median_px:.1f} px"
        return "error", graded_text(self._loss_px2)

    def _paint_row(
        self, painter: QPainter, top: float, line: float, text: str, value: str = ""
    ) -> float:
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        metrics = painter.fontMetrics()
        value_width = metrics.horizontalAdvance(value)
        room = self.width() - 2 * MARGIN
        left_px = room - value_width - (8 if value else 0)
        wordings = [text, *SHORT_WORDINGS.get(text, []), text.removesuffix(" (OpenPose)")]
        shown = fitting_text(metrics, left_px, wordings)
        place = QRectF(MARGIN, top, room, line)
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, value)
        return top + line
