"""Two small charts, painted by hand: the terms of the objective, and the betas."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.types.arrays import NUM_BETAS, FloatArray
from core.types.fits import FitLosses
from core.types.limits import VALID_MAX_ABS_BETA
from spin_gui.session.wording import LossTerm, loss_terms, number

BEYOND_COLOR = QColor("#d64a3f")


class LossBars(QWidget):
    """One line a term: name, value, and its share of the sum as a bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Losses by part")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.terms: list[LossTerm] = []

    def show_losses(self, losses: FitLosses) -> None:
        """Show the parts of a fit's objective and their sum."""
        self.terms = loss_terms(losses)
        self.terms.append(LossTerm("Sum", losses.total, 0.0, "what the solver minimised"))
        self.setAccessibleDescription(
            ", ".join(f"{term.title} {number(term.value)}" for term in self.terms)
        )
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        return QSize(200, math.ceil(self._line_height() * max(len(self.terms), 1)) + 2)

    def event(self, event: QEvent) -> bool:
        """Explain the term under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            line = int(event.pos().y() // self._line_height())
            if 0 <= line < len(self.terms):
                QToolTip.showText(event.globalPos(), _explain(self.terms[line]), self)
                return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw all lines."""
        painter = QPainter(self)
        names = QFontMetricsF(self.font())
        name_width = max((names.horizontalAdvance(term.title) for term in self.terms), default=0)
        value_width = max(
            (names.horizontalAdvance(number(term.value)) for term in self.terms), default=0
        )
        for line, term in enumerate(self.terms):
            top = line * self._line_height()
            rect = QRectF(0, top, self.width(), self._line_height())
            is_sum = line == len(self.terms) - 1
            self._paint_line(painter, rect, term, name_width + 8, value_width + 8, is_sum=is_sum)

    def _paint_line(
        self,
        painter: QPainter,
        rect: QRectF,
        term: LossTerm,
        name_width: float,
        value_width: float,
        *,
        is_sum: bool,
    ) -> None:
        palette = self.palette()
        if is_sum:
            painter.setPen(palette.color(QPalette.ColorRole.Mid))
            painter.drawLine(rect.topLeft(), rect.topRight())
        quiet = QPalette.ColorRole.WindowText if is_sum else QPalette.ColorRole.PlaceholderText
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(palette.color(quiet))
        painter.drawText(rect, middle | Qt.AlignmentFlag.AlignLeft, term.title)
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        painter.drawText(rect, middle | Qt.AlignmentFlag.AlignRight, number(term.value))
        if is_sum:
            return
        room = QRectF(name_width, rect.center().y() - 4, rect.width() - name_width - value_width, 8)
        painter.fillRect(room, palette.color(QPalette.ColorRole.Midlight))
        share = QRectF(room)
        share.setWidth(room.width() * term.share)
        painter.fillRect(share, palette.color(QPalette.ColorRole.Highlight))

    def _line_height(self) -> float:
        return QFontMetricsF(self.font()).height() + 4


class BetaBars(QWidget):
    """Ten bars from −3 to 3; one that goes beyond ends in an arrow with its value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Betas")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.betas: FloatArray = np.zeros(NUM_BETAS, np.float32)

    def show_betas(self, betas: FloatArray) -> None:
        """Show the shape of a fit."""
        self.betas = betas
        self.setAccessibleDescription(
            ", ".join(f"β{index} {value:+.2f}" for index, value in enumerate(betas, start=1))
        )
        self.update()

    def beyond(self) -> list[int]:
        """Which betas, counted from 0, lie beyond the limit."""
        return [int(index) for index in np.flatnonzero(np.abs(self.betas) > VALID_MAX_ABS_BETA)]

    def sizeHint(self) -> QSize:
        """Wide as there is room, and not high."""
        return QSize(200, 118)

    def event(self, event: QEvent) -> bool:
        """Name and value of the bar under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = int((event.pos().x() - self._axis_width()) // self._step())
            if 0 <= index < len(self.betas):
                note = " – rare in people" if index in self.beyond() else ""
                text = f"β{index + 1} = {self.betas[index]:+.2f}{note}"
                QToolTip.showText(event.globalPos(), text, self)
                return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the grid, the bars and the names below."""
        painter = QPainter(self)
        painter.setFont(self._small_font())
        self._paint_grid(painter)
        for index, value in enumerate(self.betas):
            self._paint_bar(painter, index, float(value))

    def _paint_grid(self, painter: QPainter) -> None:
        palette = self.palette()
        metrics = QFontMetricsF(self._small_font())
        for value in (-VALID_MAX_ABS_BETA, 0.0, VALID_MAX_ABS_BETA):
            y = self._y(value)
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            text = QRectF(0, y - metrics.height() / 2, self._axis_width() - 4, metrics.height())
            label = f"{value:+.0f}".replace("-", "−") if value else "0"
            painter.drawText(text, Qt.AlignmentFlag.AlignRight, label)
            style = Qt.PenStyle.DashLine if value else Qt.PenStyle.SolidLine
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1, style))
            painter.drawLine(QPointF(self._axis_width(), y), QPointF(self.width(), y))

    def _paint_bar(self, painter: QPainter, index: int, value: float) -> None:
        palette = self.palette()
        left = self._axis_width() + index * self._step()
        beyond = not abs(value) <= VALID_MAX_ABS_BETA
        limit = VALID_MAX_ABS_BETA
        shown = max(-limit, min(limit, value)) if math.isfinite(value) else limit
        zero, end = self._y(0), self._y(shown)
        inset = self._step() * 0.18
        bar = QRectF(left + inset, min(zero, end), self._step() - 2 * inset, abs(end - zero))
        color = BEYOND_COLOR if beyond else palette.color(QPalette.ColorRole.Highlight)
        painter.fillRect(bar, color)
        name = QRectF(left, self.height() - self._text_height(), self._step(), self._text_height())
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(name, Qt.AlignmentFlag.AlignCenter, f"β{index + 1}")
        if beyond:
            self._paint_beyond(painter, left, end, value)

    def _paint_beyond(self, painter: QPainter, left: float, end: float, value: float) -> None:
        """An arrowhead past the limit and the number: shape and text, not only another colour."""
        sign = 1 if value < 0 else -1
        middle, half = left + self._step() / 2, self._step() * 0.4
        tip = [(middle - half, end), (middle + half, end), (middle, end + sign * 6)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(BEYOND_COLOR)
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in tip]))
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        top = end + 6 if sign > 0 else end - 6 - self._text_height()
        text = QRectF(left - 6, top, self._step() + 12, self._text_height())
        painter.drawText(text, Qt.AlignmentFlag.AlignCenter, f"{value:.1f}".replace("-", "−"))

    def _y(self, beta: float) -> float:
        """Room is kept above and below the limits for arrows with numbers, and for the names."""
        over = self._text_height() + 7
        height = self.height() - 2 * over - self._text_height()
        return over + height * (VALID_MAX_ABS_BETA - beta) / (2 * VALID_MAX_ABS_BETA)

    def _step(self) -> float:
        return (self.width() - self._axis_width()) / NUM_BETAS

    def _axis_width(self) -> float:
        return QFontMetricsF(self._small_font()).horizontalAdvance("+3") + 6

    def _text_height(self) -> float:
        return QFontMetricsF(self._small_font()).height()

    def _small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() - 2, 7.0))
        return font


def _explain(term: LossTerm) -> str:
    share = f", {100 * term.share:.0f} % of the sum" if term.share else ""
    return f"{term.title}: {number(term.value)}{share}\n{term.meaning}"
