"""How a sample looks in the grid: its picture with the fit, verdict and flags over it, its name."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from core.dictionary.records import SampleRow
from core.records import Verdict
from spin_gui.models.sample_list import BIG_PICTURE_ROLE, ROW_ROLE
from spin_gui.panels.sample_delegate import facts_of, paint_badges
from spin_gui.panels.verdict_marks import VERDICT_COLORS, paint_verdict

PICTURE_SIDE = 168
MARGIN = 6
MARK_SIDE = 24
FRAME = 3

_EMPTY = QColor(125, 133, 143, 60)
_BEHIND_MARK = QColor(20, 24, 28, 150)
"""Under a mark, so that it is seen on every picture."""

Index = QModelIndex | QPersistentModelIndex


def cell_size(metrics: QFontMetrics) -> QSize:
    """The least room of a cell: the picture, two lines of text, and a margin around."""
    side = PICTURE_SIDE + 2 * MARGIN
    return QSize(side, side + 2 * metrics.height() + 2)


class GridDelegate(QStyledItemDelegate):
    """Paints one cell; a frame in the colour of the verdict tells judged ones apart at a glance."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """The same for every cell."""
        return cell_size(option.fontMetrics)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the cell; asks the model for the picture, which starts its making."""
        row = index.data(ROW_ROLE)
        if not isinstance(row, SampleRow):
            return
        painter.save()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        inner = option.rect.adjusted(2, 2, -2, -2)
        if selected:
            painter.fillRect(inner, option.palette.color(QPalette.ColorRole.Highlight))
        left = option.rect.left() + (option.rect.width() - PICTURE_SIDE) // 2
        picture = QRect(left, option.rect.top() + MARGIN, PICTURE_SIDE, PICTURE_SIDE)
        _paint_picture(painter, picture, index.data(BIG_PICTURE_ROLE))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.has_fit:
            _paint_verdict(painter, picture, row.verdict)
        badges = QRect(picture.left() + 5, picture.bottom() - 22, PICTURE_SIDE - 10, 18)
        paint_badges(painter, option.font, badges, row)
        _paint_caption(painter, option, picture, row, selected=selected)
        if option.state & QStyle.StateFlag.State_HasFocus:
            role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Highlight
            painter.setPen(QPen(option.palette.color(role), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(inner.adjusted(1, 1, -2, -2))
        painter.restore()


def _paint_picture(painter: QPainter, rect: QRect, pixmap: object) -> None:
    if not isinstance(pixmap, QPixmap):
        painter.fillRect(rect, _EMPTY)
        return
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(rect, pixmap)


def _paint_verdict(painter: QPainter, picture: QRect, verdict: Verdict) -> None:
    if verdict is not Verdict.NONE:
        half = FRAME / 2
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(VERDICT_COLORS[verdict], FRAME))
        painter.drawRect(QRectF(picture).adjusted(half, half, -half, -half))
    mark = QRectF(picture.right() - MARK_SIDE - 4, picture.top() + 5, MARK_SIDE, MARK_SIDE)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_BEHIND_MARK)
    painter.drawEllipse(mark.adjusted(-2, -2, 2, 2))
    paint_verdict(painter, mark, verdict, on_highlight=True)


def _paint_caption(
    painter: QPainter,
    option: QStyleOptionViewItem,
    picture: QRect,
    row: SampleRow,
    *,
    selected: bool,
) -> None:
    line = option.fontMetrics.height()
    place = QRect(picture.left(), picture.bottom() + 3, picture.width(), line)
    role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
    name_font = QFont(option.font)
    name_font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(name_font)
    painter.setPen(option.palette.color(role))
    name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideLeft, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
    painter.setFont(option.font)
    if not selected:
        painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
    place.translate(0, line)
    facts = facts_of(row, painter.fontMetrics(), place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, facts)
