"""How a sample looks in the list: thumbnail, name, loss, flags, and the mark of its verdict."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from core.types.flags import FlagName, flag_words
from core.types.samples import SampleRow
from spin_gui.samples.list_model import ROW_ROLE
from spin_gui.session.error_scale import error_text, grade_of
from spin_gui.session.wording import VERDICT_TITLES, comment_words, flag_reason, origin_title
from spin_gui.widgets.flag_badge import comment_sign, paint_badge, paint_comment_mark
from spin_gui.widgets.level_mark import paint_level_mark
from spin_gui.widgets.verdict_marks import paint_verdict

THUMBNAIL_SIDE = 64
MARGIN = 6
MARK_SIDE = 20

_EMPTY_PICTURE = QColor("#7d858f")
_BADGE_PADDING = 5
_BADGE_GAP = 4

COMMENTS = "comments"
"""Stands where the name of a flag would, for the mark of comments; no flag is named so."""

Index = QModelIndex | QPersistentModelIndex


class SampleDelegate(QStyledItemDelegate):
    """Paints one row; all rows have the same height, so the list never measures them."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """The same for every row."""
        return QSize(180, row_height(option.fontMetrics))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the row; asks the model for the thumbnail, which starts its making."""
        row = index.data(ROW_ROLE)
        if not isinstance(row, SampleRow):
            return
        painter.save()
        style = option.widget.style()
        style.drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
        )
        places = RowLayout(option.rect)
        _paint_thumbnail(painter, places.thumbnail, index.data(Qt.ItemDataRole.DecorationRole))
        _paint_texts(painter, option, places, row)
        paint_badges(painter, option.font, places.badges, row)
        if row.has_fit:  # without one there is nothing to judge
            selected = bool(option.state & QStyle.StateFlag.State_Selected)
            paint_verdict(painter, QRectF(places.mark), row.verdict, on_highlight=selected)
        painter.restore()

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """Say what the badge or the mark under the mouse means; elsewhere describe the sample."""
        row = index.data(ROW_ROLE)
        if event.type() != QEvent.Type.ToolTip or not isinstance(row, SampleRow):
            return super().helpEvent(event, view, option, index)
        text = help_at(event.pos(), RowLayout(option.rect), row, option.font)
        if text is None:
            return super().helpEvent(event, view, option, index)
        QToolTip.showText(event.globalPos(), text, view)
        return True


def row_height(metrics: QFontMetrics) -> int:
    """Room for the thumbnail and for three lines of text."""
    return max(THUMBNAIL_SIDE, 3 * metrics.height()) + 2 * MARGIN


class RowLayout:
    """Where the parts of a row stand."""

    def __init__(self, row: QRect) -> None:
        inner = row.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        top = inner.top() + (inner.height() - THUMBNAIL_SIDE) // 2
        self.thumbnail = QRect(inner.left(), top, THUMBNAIL_SIDE, THUMBNAIL_SIDE)
        self.mark = QRect(inner.right() - MARK_SIDE + 1, inner.top() + 1, MARK_SIDE, MARK_SIDE)
        left = self.thumbnail.right() + 1 + MARGIN + 2
        width = inner.right() - left + 1
        line = inner.height() // 3
        self.name = QRect(left, inner.top(), width - MARK_SIDE - MARGIN, line)
        self.facts = QRect(left, inner.top() + line, width, line)
        self.badges = QRect(left, inner.top() + 2 * line, width, line)


def badge_rects(row: SampleRow, places: RowLayout, font: QFont) -> list[tuple[str, QRect]]:
    """Where the badge of each flag stands; those without room are left out."""
    return badges_within(row, places.badges, font)


def badges_within(row: SampleRow, area: QRect, font: QFont) -> list[tuple[str, QRect]]:
    """The badges of a sample from the left of an area on, as many as it has room for.

    The mark of comments stands first, where there are any.
    """
    metrics = QFontMetrics(_badge_font(font))
    height = min(metrics.height() + 2, area.height())
    top = area.center().y() - height // 2 + 1
    left, badges = area.left(), []
    for flag in (*((COMMENTS,) if row.comments else ()), *row.flags):
        sign = comment_sign(row.comments) if flag == COMMENTS else flag_words(flag).badge
        width = metrics.horizontalAdvance(sign) + 2 * _BADGE_PADDING
        rect = QRect(left, top, max(width, height), height)
        if rect.right() > area.right():
            break
        badges.append((flag, rect))
        left = rect.right() + 1 + _BADGE_GAP
    return badges


def help_at(position: QPoint, places: RowLayout, row: SampleRow, font: QFont) -> str | None:
    """The explanation of the badge or mark at a point of the row."""
    if row.has_fit and places.mark.contains(position):
        return f"Verdict: {VERDICT_TITLES[row.verdict]}"
    for flag, rect in badge_rects(row, places, font):
        if rect.contains(position) and flag == COMMENTS:
            return comment_words(row.comments)
        if rect.contains(position):
            return f"{flag_words(flag).title}: {flag_reason(flag, row)}"
    return None


def facts_of(row: SampleRow, metrics: QFontMetrics, width: int) -> str:
    """The second line of a row: error, origin and group, the last ones where there is room."""
    if not row.has_fit:
        text = "no keypoints to fit" if FlagName.NO_KEYPOINTS in row.flags else "no fit yet"
        parts = [text]
    else:
        error = "error unknown" if row.loss is None else error_text(row.loss)
        parts = [error, origin_title(row.origin)]
    if row.group is not None:
        parts.append(row.group)
    while len(parts) > 1 and metrics.horizontalAdvance(" · ".join(parts)) > width:
        parts.pop()
    return " · ".join(parts)


def _paint_thumbnail(painter: QPainter, rect: QRect, thumbnail: QPixmap | None) -> None:
    if thumbnail is None:
        faint = QColor(_EMPTY_PICTURE)
        faint.setAlpha(60)
        painter.fillRect(rect, faint)
        return
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(rect, thumbnail)


def _paint_texts(
    painter: QPainter, option: QStyleOptionViewItem, places: RowLayout, row: SampleRow
) -> None:
    selected = bool(option.state & QStyle.StateFlag.State_Selected)
    role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
    color = option.palette.color(role)
    name_font = QFont(option.font)
    name_font.setWeight(QFont.Weight.DemiBold)
    # Names of one data set begin alike: their ends tell them apart.
    painter.setFont(name_font)
    _draw_elided(painter, places.name, row.name, color, Qt.TextElideMode.ElideLeft)
    if not selected:
        color = option.palette.color(QPalette.ColorRole.PlaceholderText)
    painter.setFont(option.font)
    place = after_error_mark(painter, places.facts, row, color if selected else None)
    facts = facts_of(row, painter.fontMetrics(), place.width())
    _draw_elided(painter, place, facts, color, Qt.TextElideMode.ElideRight)


def after_error_mark(
    painter: QPainter, place: QRect, row: SampleRow, on_highlight: QColor | None
) -> QRect:
    """Paint how large the error is, and return what is left of the place for the number.

    on_highlight: the colour of the mark on a selected row; None for that of its step of the scale.
    """
    grade = grade_of(row.loss) if row.has_fit else None
    if grade is None:
        return place
    color = on_highlight or QColor(grade.color)
    middle = QRectF(place).center().y()
    left = paint_level_mark(painter, place.left(), middle, full=grade.bars, color=color)
    return place.adjusted(round(left) - place.left(), 0, 0, 0)


def _draw_elided(
    painter: QPainter, rect: QRect, text: str, color: QColor, mode: Qt.TextElideMode
) -> None:
    painter.setPen(color)
    shown = painter.fontMetrics().elidedText(text, mode, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def paint_badges(painter: QPainter, font: QFont, area: QRect, row: SampleRow) -> None:
    """Draw the badges of a sample into an area."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(_badge_font(font))
    for flag, rect in badges_within(row, area, font):
        if flag == COMMENTS:
            paint_comment_mark(painter, rect, row.comments)
        else:
            paint_badge(painter, rect, flag_words(flag).badge)


def _badge_font(font: QFont) -> QFont:
    smaller = QFont(font)
    smaller.setPointSizeF(max(font.pointSizeF() - 1.5, 7.5))
    smaller.setWeight(QFont.Weight.DemiBold)
    return smaller
