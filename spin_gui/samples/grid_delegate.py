"""How a sample looks in the grid: its picture with the fit, verdict and flags over it, its name."""

from __future__ import annotations

from dataclasses import dataclass

from cachetools import LRUCache
from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.types.fits import Verdict
from core.types.samples import SampleRow
from spin_gui.images.byte_cache import byte_cache, pixmap_bytes
from spin_gui.images.memory_budgets import GRID_CELLS
from spin_gui.samples.list_model import BIG_PICTURE_ROLE, ROW_ROLE
from spin_gui.samples.sample_delegate import after_error_mark, facts_of, paint_badges
from spin_gui.widgets.item_pixmap import painted_item
from spin_gui.widgets.verdict_marks import VERDICT_COLORS, paint_verdict

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


@dataclass(frozen=True, eq=False)
class _PaintedCell:
    """A cell as it was painted, and what it looked like that for."""

    row: SampleRow
    state: tuple[object, ...]
    pixmap: QPixmap


def screen_px(side: int) -> int:
    """The pixels that a side takes on the densest screen."""
    ratios = [screen.devicePixelRatio() for screen in QGuiApplication.screens()]
    return round(side * max(ratios, default=1.0))


class GridDelegate(QStyledItemDelegate):
    """Paints one cell; a frame in the colour of the verdict tells judged ones apart at a glance.

    A cell with its picture is kept as one pixmap: painting it again takes 2 ms, copying it hardly
    anything, and while one scrolls every cell in sight is painted sixty times a second.
    """

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self._painted: LRUCache[int, _PaintedCell] = byte_cache(
            GRID_CELLS, lambda kept: pixmap_bytes(kept.pixmap)
        )

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """The same for every cell."""
        return cell_size(option.fontMetrics)

    def is_painted(self, option: QStyleOptionViewItem, index: Index) -> bool:
        """Whether a cell is kept as it would be painted, and painting it costs nothing."""
        return self._kept(option, index.data(ROW_ROLE)) is not None

    def paint_blank(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        """A cell that nothing is known of yet, for the next turn of the event loop."""
        painter.fillRect(_picture_place(option.rect), _EMPTY)

    def _kept(self, option: QStyleOptionViewItem, row: object) -> _PaintedCell | None:
        if not isinstance(row, SampleRow):
            return None
        kept = self._painted.get(row.id)
        state = _look(option, self._view.devicePixelRatioF())
        return kept if kept is not None and kept.row is row and kept.state == state else None

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the cell; asks the model for the picture, which starts its making."""
        row = index.data(ROW_ROLE)
        if not isinstance(row, SampleRow):
            return
        kept = self._kept(option, row)
        if kept is None:
            picture = index.data(BIG_PICTURE_ROLE)
            if not isinstance(picture, QPixmap):
                _paint_cell(painter, option, row, None)
                return
            # Not asked of painter.device(), which crashed PySide6 6.11 after a paint event.
            ratio = self._view.devicePixelRatioF()
            pixmap = _cell_pixmap(option, row, picture, ratio=ratio)
            kept = _PaintedCell(row, _look(option, ratio), pixmap)
            self._painted[row.id] = kept
        painter.drawPixmap(option.rect.topLeft(), kept.pixmap)


def _look(option: QStyleOptionViewItem, ratio: float) -> tuple[object, ...]:
    """Everything besides the row itself that a cell's painting depends on."""
    flags = QStyle.StateFlag
    shown_as = option.state & (flags.State_Selected | flags.State_HasFocus)
    size = (option.rect.width(), option.rect.height())
    return (shown_as.value, size, ratio, option.palette.cacheKey(), option.font.key())


def _cell_pixmap(
    option: QStyleOptionViewItem, row: SampleRow, picture: QPixmap, *, ratio: float
) -> QPixmap:
    def paint(on_pixmap: QPainter, here: QStyleOptionViewItem) -> None:
        _paint_cell(on_pixmap, here, row, picture)

    return painted_item(option, paint, ratio=ratio)


def _paint_cell(
    painter: QPainter, option: QStyleOptionViewItem, row: SampleRow, shown: QPixmap | None
) -> None:
    painter.save()
    selected = bool(option.state & QStyle.StateFlag.State_Selected)
    inner = option.rect.adjusted(2, 2, -2, -2)
    if selected:
        painter.fillRect(inner, option.palette.color(QPalette.ColorRole.Highlight))
    picture = _picture_place(option.rect)
    _paint_picture(painter, picture, shown)
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


def _picture_place(cell: QRect) -> QRect:
    left = cell.left() + (cell.width() - PICTURE_SIDE) // 2
    return QRect(left, cell.top() + MARGIN, PICTURE_SIDE, PICTURE_SIDE)


def _paint_picture(painter: QPainter, rect: QRect, pixmap: QPixmap | None) -> None:
    if pixmap is None:
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
    on_highlight = option.palette.color(role) if selected else None
    place = after_error_mark(painter, place, row, on_highlight)
    facts = facts_of(row, painter.fontMetrics(), place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, facts)
