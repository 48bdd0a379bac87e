"""The symbols of the window as they are drawn, each with what it means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QGridLayout, QVBoxLayout, QWidget

from core.rendering.colors import (
    CURRENT_FIT_COLOR,
    FIRST_FIT_COLOR,
    PREDICTION_COLOR,
    MeshColor,
)
from core.types.fits import Verdict
from core.types.flags import FlagName, flag_words
from spin_gui.session.wording import VERDICT_TITLES
from spin_gui.viewer.keypoint_painter import ERROR_LINE, OUTLINE, SIDE_COLORS
from spin_gui.widgets.flag_badge import paint_badge, paint_comment_mark
from spin_gui.widgets.layouts import (
    MARGIN,
    body_label,
    fill_with_sheet,
    headline,
    resize_within_screen,
)
from spin_gui.widgets.verdict_marks import paint_verdict

SIZE = QSize(640, 680)
SYMBOL_SIZE = QSize(44, 22)
DOT_RADIUS, RING_RADIUS = 5.0, 4.0

Paint = Callable[[QPainter, QRectF], None]


@dataclass(frozen=True)
class Symbol:
    """How it is drawn into a rectangle, and what it means."""

    paint: Paint
    meaning: str


class SymbolPicture(QWidget):
    """One symbol."""

    def __init__(self, symbol: Symbol) -> None:
        super().__init__()
        self._paint = symbol.paint
        self.setFixedSize(SYMBOL_SIZE)
        self.setAccessibleName(symbol.meaning)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """As the rest of the window draws it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter, QRectF(self.rect()))
        painter.end()


class LegendDialog(QDialog):
    """Verdicts, flags, keypoints and bodies."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Legend of symbols")
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(MARGIN, 16, MARGIN, 8)
        column.setSpacing(18)
        for title, symbols in legend():
            column.addLayout(_section(title, symbols))
        column.addStretch(1)
        fill_with_sheet(self, sheet)
        resize_within_screen(self, SIZE)


def legend() -> Sequence[tuple[str, Sequence[Symbol]]]:
    """All symbols under their headings."""
    verdicts = [Symbol(_verdict(verdict), title) for verdict, title in VERDICT_TITLES.items()]
    words = [flag_words(name) for name in FlagName]
    flags = [Symbol(_badge(flag.badge), f"{flag.title}: {flag.meaning}") for flag in words]
    keypoints = [
        Symbol(_dot(SIDE_COLORS["left"]), "a keypoint on the person's left"),
        Symbol(_dot(SIDE_COLORS["right"]), "a keypoint on the person's right"),
        Symbol(_dot(SIDE_COLORS["middle"]), "a keypoint in the middle of the body"),
        Symbol(_ring(SIDE_COLORS["left"]), "where the fit puts a keypoint"),
        Symbol(_error_line, "how far the fit is from a keypoint"),
    ]
    bodies = [
        Symbol(_swatch(CURRENT_FIT_COLOR), "the current fit"),
        Symbol(_swatch(PREDICTION_COLOR), "the prediction of the regressor"),
        Symbol(_swatch(FIRST_FIT_COLOR), "the first fit, or a changed body that waits"),
    ]
    comments = [Symbol(_comments, "comments on the person, by their number: Shift+C shows them")]
    return (
        ("Verdicts", verdicts),
        ("Comments", comments),
        ("Keypoints", keypoints),
        ("Bodies", bodies),
        ("Flags: what the program suspects", flags),
    )


def _comments(painter: QPainter, place: QRectF) -> None:
    middle = place.center()
    paint_comment_mark(painter, QRectF(middle.x() - 9, middle.y() - 9, 18, 18), 2)


def _section(title: str, symbols: Sequence[Symbol]) -> QVBoxLayout:
    group = QVBoxLayout()
    group.setSpacing(6)
    group.addWidget(headline(title, larger_by=1.05))
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(1, 1)
    for row, symbol in enumerate(symbols):
        text = f"{symbol.meaning[:1].upper()}{symbol.meaning[1:]}."
        grid.addWidget(SymbolPicture(symbol), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(body_label(text), row, 1)
    group.addLayout(grid)
    return group


def _verdict(verdict: Verdict) -> Paint:
    def paint(painter: QPainter, rect: QRectF) -> None:
        side = rect.height()
        square = QRectF(rect.center().x() - side / 2, rect.top(), side, side)
        paint_verdict(painter, square.adjusted(1, 1, -1, -1), verdict)

    return paint


def _badge(text: str) -> Paint:
    def paint(painter: QPainter, rect: QRectF) -> None:
        paint_badge(painter, rect.adjusted(6, 2, -6, -2), text)

    return paint


def _dot(color: QColor) -> Paint:
    def paint(painter: QPainter, rect: QRectF) -> None:
        painter.setPen(QPen(OUTLINE, 1))
        painter.setBrush(color)
        painter.drawEllipse(rect.center(), DOT_RADIUS, DOT_RADIUS)

    return paint


def _ring(color: QColor) -> Paint:
    def paint(painter: QPainter, rect: QRectF) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(OUTLINE, 4), QPen(color, 2)):
            painter.setPen(pen)
            painter.drawEllipse(rect.center(), RING_RADIUS, RING_RADIUS)

    return paint


def _error_line(painter: QPainter, rect: QRectF) -> None:
    left = QPointF(rect.left() + 6, rect.center().y())
    right = QPointF(rect.right() - 6, rect.center().y())
    for pen in (QPen(OUTLINE, 3), QPen(ERROR_LINE, 1)):
        painter.setPen(pen)
        painter.drawLine(QLineF(left, right))
    _dot(SIDE_COLORS["left"])(painter, QRectF(left.x() - 5, rect.top(), 10, rect.height()))
    _ring(SIDE_COLORS["left"])(painter, QRectF(right.x() - 5, rect.top(), 10, rect.height()))


def _swatch(color: MeshColor) -> Paint:
    def paint(painter: QPainter, rect: QRectF) -> None:
        painter.setPen(QPen(OUTLINE, 1))
        painter.setBrush(QColor.fromRgbF(*color))
        painter.drawRoundedRect(rect.adjusted(8, 3, -8, -3), 4, 4)

    return paint
