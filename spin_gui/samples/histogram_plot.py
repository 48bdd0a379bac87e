"""One histogram to brush: drag over it to keep a range, double-click to let everything through.

Painted by hand, as the charts of the details are: forty bars need no plotting library, whose import
would cost more than all else the strip does.
"""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.dictionary.search.histograms import BINS, Histogram
from core.dictionary.search.query import ValueRange
from spin_gui.session.wording import number, samples_text

LOG_COUNTS_FROM = 30.0
"""Where the highest bar is this many times the middle one, counts are drawn by their logarithm."""

GRAB_PX = 6
AWAY_PX = 40
AXIS_HEIGHT = 16
SMALLEST_HEIGHT, BARE_HEIGHT = 64, 14
"""With the axis, and with the bars alone."""
_MARGIN = 4


class HistogramPlot(QWidget):
    """Bars, the brushed range over them, and the ends of the axis."""

    brushed = Signal(object, bool)
    """A ``ValueRange``, and whether the mouse is still down."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(f"Histogram of {title}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(SMALLEST_HEIGHT)
        self._bare = False
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.histogram: Histogram | None = None
        self.range = ValueRange()
        self._fixed_end: float | None = None
        self._pressed_at: QPointF | None = None

    def show_histogram(self, histogram: Histogram | None, wanted: ValueRange) -> None:
        """Show counts and the range that is filtered by."""
        self.histogram, self.range = histogram, wanted
        self.setAccessibleDescription(self._in_words())
        self.update()

    def set_bare(self, *, bare: bool) -> None:
        """Paint the bars alone, or the ends of the axis below them, too."""
        self._bare = bare
        self.setMinimumHeight(BARE_HEIGHT if bare else SMALLEST_HEIGHT)
        self.update()

    @property
    def counts_are_logarithmic(self) -> bool:
        """Whether bars show the logarithm of their counts."""
        if self.histogram is None:
            return False
        counts = self.histogram.counts[self.histogram.counts > 0]
        return bool(len(counts)) and counts.max() > LOG_COUNTS_FROM * max(np.median(counts), 1)

    def x_of(self, value: float) -> float:
        """Where a value stands, in pixels; beyond the axis: at its ends."""
        left, right = _MARGIN, self.width() - _MARGIN
        share = self._share_of(value)
        return left + min(max(share, 0.0), 1.0) * (right - left)

    def value_at(self, x: float) -> float:
        """The value at a place in pixels, with as many digits as pixels can tell apart."""
        histogram = self.histogram
        if histogram is None:
            return 0.0
        share = (x - _MARGIN) / max(self.width() - 2 * _MARGIN, 1)
        low, high = float(histogram.edges[0]), float(histogram.edges[-1])
        if histogram.logarithmic and low > 0:
            return _rounded(low * (high / low) ** share, 3)
        step = (high - low) / max(self.width() - 2 * _MARGIN, 1)
        digits = max(0, -math.floor(math.log10(step))) if step > 0 else 3
        return round(low + share * (high - low), digits)

    def sizeHint(self) -> QSize:
        """See ``QWidget.sizeHint``."""
        return QSize(170, 84)

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a new range, or take hold of an end of the present one."""
        if event.button() != Qt.MouseButton.LeftButton or self.histogram is None:
            return
        x = event.position().x()
        self._pressed_at = event.position()
        self._fixed_end = self._end_opposite_of(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Filter while dragging; away from the bars, above or below, lets everything through."""
        if self._pressed_at is None:
            self._show_cursor(event.position().x())
            return
        moved = abs(event.position().x() - self._pressed_at.x())
        if self._fixed_end is None and moved >= 3:
            self._fixed_end = self.value_at(self._pressed_at.x())
        if self._fixed_end is not None:
            self.brushed.emit(self._range_to(event.position()), True)  # noqa: FBT003 - a signal

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The range stays."""
        if self._pressed_at is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if self._fixed_end is not None:
            self.brushed.emit(self._range_to(event.position()), False)  # noqa: FBT003
        self._pressed_at = self._fixed_end = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Let everything through again."""
        self._pressed_at = self._fixed_end = None
        self.brushed.emit(ValueRange(), False)  # noqa: FBT003

    def event(self, event: QEvent) -> bool:
        """Say what the bar under the mouse holds."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._help_at(event.pos().x()), self)
            return True
        return super().event(event)

    def _range_to(self, position: QPointF) -> ValueRange:
        away = position.y() < -AWAY_PX or position.y() > self.height() + AWAY_PX
        if away or self._fixed_end is None:
            return ValueRange()
        low, high = sorted([self._fixed_end, self.value_at(position.x())])
        # The outer bars hold what lies beyond them: a range up to the end of the axis is open.
        return ValueRange(
            None if self._share_of(low) <= 0.004 else low,
            None if self._share_of(high) >= 0.996 else high,
        )

    def _end_opposite_of(self, x: float) -> float | None:
        """The other end of the range, where ``x`` takes hold of one."""
        low, high = self._ends()
        if not self.range:
            return None
        if abs(x - self.x_of(low)) <= GRAB_PX:
            return high
        return low if abs(x - self.x_of(high)) <= GRAB_PX else None

    def _show_cursor(self, x: float) -> None:
        shape = Qt.CursorShape
        grabs = self._end_opposite_of(x) is not None if self.histogram else False
        self.setCursor(shape.SizeHorCursor if grabs else shape.IBeamCursor)

    def _ends(self) -> tuple[float, float]:
        """The ends of the range, those of the axis where it is open."""
        if self.histogram is None:
            return 0.0, 1.0
        edges = self.histogram.edges
        low, high = self.range.low, self.range.high
        return (
            float(edges[0]) if low is None else low,
            float(edges[-1]) if high is None else high,
        )

    def _share_of(self, value: float) -> float:
        histogram = self.histogram
        if histogram is None:
            return 0.0
        low, high = float(histogram.edges[0]), float(histogram.edges[-1])
        if histogram.logarithmic and low > 0:
            return math.log(max(value, 1e-300) / low) / math.log(high / low)
        return (value - low) / (high - low)

    # Words

    def _in_words(self) -> str:
        if self.histogram is None:
            return "no sample has this number"
        low, high = self._ends()
        kept = f"; filtered from {number(low)} to {number(high)}" if self.range else ""
        return f"{samples_text(self.histogram.known)}{kept}"

    def _help_at(self, x: float) -> str:
        histogram = self.histogram
        if histogram is None:
            return "No listed sample has this number."
        share = (x - _MARGIN) / max(self.width() - 2 * _MARGIN, 1)
        bar = min(max(int(share * BINS), 0), BINS - 1)
        low, high = number(float(histogram.edges[bar])), number(float(histogram.edges[bar + 1]))
        place = f"below {high}" if bar == 0 else f"from {low} on" if bar == BINS - 1 else ""
        count = samples_text(int(histogram.counts[bar]))
        scale = " Bars show logarithms." if self.counts_are_logarithmic else ""
        return f"{place or f'{low} to {high}'}: {count}.{scale} Drag to filter."

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Bars, range and axis."""
        painter, palette = QPainter(self), self.palette()
        painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Base))
        quiet = palette.color(QPalette.ColorRole.PlaceholderText)
        floor = self.height() - (1 if self._bare else AXIS_HEIGHT)
        if self.histogram is None:
            painter.setPen(quiet)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "not known")
            return
        self._paint_bars(painter, floor)
        if self.range:
            self._paint_range(painter, floor)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
        painter.drawLine(QPointF(_MARGIN, floor), QPointF(self.width() - _MARGIN, floor))
        if not self._bare:
            self._paint_ends(painter, self.histogram, floor)
        painter.end()

    def _paint_ends(self, painter: QPainter, histogram: Histogram, floor: float) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        font = painter.font()
        font.setPointSizeF(max(font.pointSizeF() - 2, 7))
        painter.setFont(font)
        axis = QRectF(_MARGIN, floor, self.width() - 2 * _MARGIN, AXIS_HEIGHT)
        flags = Qt.AlignmentFlag
        edges = histogram.edges
        painter.drawText(axis, flags.AlignLeft | flags.AlignVCenter, number(float(edges[0])))
        painter.drawText(axis, flags.AlignRight | flags.AlignVCenter, number(float(edges[-1])))

    def _paint_bars(self, painter: QPainter, floor: float) -> None:
        histogram = self.histogram
        if histogram is None:
            return
        counts = histogram.counts.astype(np.float64)
        heights = np.log1p(counts) if self.counts_are_logarithmic else counts
        scale = (floor - 4) / max(heights.max(), 1e-9)
        inside, outside = self.palette().color(QPalette.ColorRole.Accent), QColor("#808893")
        outside.setAlpha(110)
        left, width = _MARGIN, (self.width() - 2 * _MARGIN) / BINS
        middles = (histogram.edges[:-1] + histogram.edges[1:]) / 2
        low, high = self._ends()
        painter.setPen(Qt.PenStyle.NoPen)
        for bar, height in enumerate(heights):
            if height > 0:
                kept = not self.range or low <= middles[bar] <= high
                painter.setBrush(inside if kept else outside)
                tall = max(height * scale, 1.0)
                painter.drawRect(QRectF(left + bar * width, floor - tall, width - 0.6, tall))

    def _paint_range(self, painter: QPainter, floor: float) -> None:
        low, high = self._ends()
        color = QColor(self.palette().color(QPalette.ColorRole.Accent))
        painter.setPen(QPen(color, 1.5))
        for x in (self.x_of(low), self.x_of(high)):
            painter.drawLine(QPointF(x, 1), QPointF(x, floor))
        color.setAlpha(36)
        painter.fillRect(QRectF(QPointF(self.x_of(low), 1), QPointF(self.x_of(high), floor)), color)


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")
