"""The marks of verdicts: told apart by shape as much as by colour, the same in light and dark."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from core.types.fits import Verdict

VERDICT_COLORS = {
    Verdict.ACCEPTED: QColor("#1f8a4c"),
    Verdict.REJECTED: QColor("#d64a3f"),
    Verdict.UNSURE: QColor("#b26a00"),
    Verdict.NONE: QColor("#808893"),
}
"""White signs on these have a contrast of 4 to 1 or more; grey is drawn as an outline only."""

_SIGN = QColor("#ffffff")


def paint_verdict(
    painter: QPainter, rect: QRectF, verdict: Verdict, *, on_highlight: bool = False
) -> None:
    """Draw a mark into a square; on a highlighted row the thin grey ring becomes white.

    Accepted: a tick in a disc. Rejected: a cross in a square. Unsure: a question mark in a
    diamond. Not reviewed: a dot in a thin ring.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 20, rect.height() / 20)
    painter.setPen(Qt.PenStyle.NoPen)
    color = _SIGN if on_highlight and verdict is Verdict.NONE else VERDICT_COLORS[verdict]
    painter.setBrush(color)
    _PAINTERS[verdict](painter)
    painter.restore()


@cache
def verdict_icon(verdict: Verdict, size_px: int = 20) -> QIcon:
    """The mark as an icon for combo boxes, menus, tables and buttons; painted once."""
    icon = QIcon()
    modes = ((QIcon.Mode.Normal, False), (QIcon.Mode.Selected, True))
    for scale in (1, 2):
        for mode, on_highlight in modes:
            pixmap = QPixmap(QSize(size_px, size_px) * scale)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            square = QRectF(0, 0, size_px * scale, size_px * scale)
            paint_verdict(painter, square, verdict, on_highlight=on_highlight)
            painter.end()
            pixmap.setDevicePixelRatio(scale)
            icon.addPixmap(pixmap, mode)
    return icon


def _paint_accepted(painter: QPainter) -> None:
    painter.drawEllipse(QRectF(1, 1, 18, 18))
    _stroke(painter, [(5.5, 10.5), (8.8, 13.8), (14.5, 6.8)])


def _paint_rejected(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(1.5, 1.5, 17, 17), 2.5, 2.5)
    _stroke(painter, [(6.2, 6.2), (13.8, 13.8)])
    _stroke(painter, [(13.8, 6.2), (6.2, 13.8)])


def _paint_unsure(painter: QPainter) -> None:
    diamond = QPolygonF([QPointF(10, 0), QPointF(20, 10), QPointF(10, 20), QPointF(0, 10)])
    painter.drawPolygon(diamond)
    hook = QPainterPath(QPointF(7.4, 7.8))
    hook.cubicTo(QPointF(7.4, 4.2), QPointF(12.8, 4.2), QPointF(12.8, 7.6))
    hook.cubicTo(QPointF(12.8, 9.8), QPointF(10.1, 9.6), QPointF(10.1, 12.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen())
    painter.drawPath(hook)
    painter.drawPoint(QPointF(10.1, 15.0))


def _paint_none(painter: QPainter) -> None:
    ring = QPen(painter.brush().color(), 1.4)
    painter.drawEllipse(QRectF(7.5, 7.5, 5, 5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(ring)
    painter.drawEllipse(QRectF(2.5, 2.5, 15, 15))


def _stroke(painter: QPainter, points: list[tuple[float, float]]) -> None:
    painter.setPen(_pen())
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


def _pen() -> QPen:
    pen = QPen(_SIGN, 2.2)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


_PAINTERS = {
    Verdict.ACCEPTED: _paint_accepted,
    Verdict.REJECTED: _paint_rejected,
    Verdict.UNSURE: _paint_unsure,
    Verdict.NONE: _paint_none,
}
