"""How a row of the failure gallery is painted: once, and kept as one pixmap.

Painting a row takes 5 ms of a free processor, copying it hardly anything. Until all of its images
are there it is painted again only when another one has come; and no turn of the event loop paints
more rows than a few milliseconds hold: the others are shown as they were, and follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from cachetools import LRUCache
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPalette,
    QPixmap,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from spin_gui.gallery.gallery_columns import FIT, LIFTER, PREDICTION
from spin_gui.gallery.gallery_row_layout import GalleryRowLayout
from spin_gui.gallery.gallery_rows import (
    GALLERY_ROW_ROLE,
    GalleryModel,
    GalleryRow,
    Index,
    facts,
    reasons,
)
from spin_gui.images.byte_cache import byte_cache, pixmap_bytes
from spin_gui.images.lifted_bodies import LiftedBodyCache, LiftKey
from spin_gui.images.memory_budgets import GALLERY_ROWS
from spin_gui.session.error_scale import grade_of
from spin_gui.session.removed_people import GONE
from spin_gui.viewer.cell_plan import CellSpec
from spin_gui.viewer.view_canvas import BACKDROP
from spin_gui.viewer.view_loader import ViewLoader
from spin_gui.widgets.flag_badge import paint_comment_mark
from spin_gui.widgets.item_pixmap import painted_item
from spin_gui.widgets.level_mark import paint_level_mark
from spin_gui.widgets.verdict_marks import paint_verdict

MARK_SIDE = 20

_QUIET = QPalette.ColorRole.PlaceholderText
_EMPTY = {FIT: "no fit", PREDICTION: "no prediction", LIFTER: "not lifted"}


class PaintedRows(Protocol):
    """What rows are painted from, and how many this turn of the event loop may paint."""

    gallery: GalleryModel
    loader: ViewLoader
    lifted: LiftedBodyCache
    places: GalleryRowLayout

    def plans(self, shown: GalleryRow, /) -> Sequence[CellSpec | None]:
        """The cells of a row."""
        ...

    def arrived(self, shown: GalleryRow, plans: Sequence[CellSpec | None], /) -> object:
        """Which of its images are there; equal values look the same."""
        ...

    def may_paint(self) -> bool:
        """Whether there is time for one more row."""
        ...

    def paint_later(self) -> None:
        """Paint what was left out in the next turn."""
        ...


@dataclass(frozen=True, eq=False)
class _PaintedRow:
    """A row as it was painted, and what it looked like that for.

    size: in the view's own pixels. A pixmap gives them back only rounded where a screen's scale is
    no whole number.
    """

    shown: GalleryRow
    state: tuple[object, ...]
    size: QSize
    pixmap: QPixmap


class GalleryDelegate(QStyledItemDelegate):
    """Paints a row from the images that are there."""

    def __init__(self, view: QWidget, rows: PaintedRows) -> None:
        super().__init__(view)
        self._view, self._rows = view, rows
        self._painted: LRUCache[int, _PaintedRow] = byte_cache(
            GALLERY_ROWS, lambda kept: pixmap_bytes(kept.pixmap)
        )

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Every row is alike."""
        return QSize(100, self._rows.places.row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Words on the left, then the cells; see the module's docstring."""
        shown = index.data(GALLERY_ROW_ROLE)
        if not isinstance(shown, GalleryRow):
            painter.fillRect(option.rect, option.palette.color(QPalette.ColorRole.Base))
            painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(option.rect, Qt.AlignmentFlag.AlignCenter, GONE)
            return
        plans = self._rows.plans(shown)
        state = (*self._look(option), self._rows.arrived(shown, plans))
        kept = self._painted.get(shown.sample.id)
        if kept is None or kept.shown is not shown or kept.state != state:
            if self._rows.may_paint():
                pixmap = self._pixmap(option, shown, plans)
                kept = _PaintedRow(shown, state, option.rect.size(), pixmap)
                self._painted[shown.sample.id] = kept
            else:
                self._rows.paint_later()
        if kept is not None and kept.size == option.rect.size():
            painter.drawPixmap(option.rect.topLeft(), kept.pixmap)
        else:
            painter.fillRect(option.rect, option.palette.color(QPalette.ColorRole.Base))

    def _look(self, option: QStyleOptionViewItem) -> tuple[object, ...]:
        """Everything besides the row itself that its painting depends on."""
        flags = QStyle.StateFlag
        shown_as = option.state & (flags.State_Selected | flags.State_Active | flags.State_HasFocus)
        size = (option.rect.width(), option.rect.height())
        palette, font = option.palette.cacheKey(), option.font.key()
        ratio = self._view.devicePixelRatioF()
        return (shown_as.value, size, ratio, palette, font, self._rows.gallery.kind)

    def _pixmap(
        self, option: QStyleOptionViewItem, shown: GalleryRow, plans: Sequence[CellSpec | None]
    ) -> QPixmap:
        def paint(painter: QPainter, here: QStyleOptionViewItem) -> None:
            self._paint_row(painter, here, shown, plans)

        return painted_item(option, paint, ratio=self._view.devicePixelRatioF())

    def _paint_row(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        shown: GalleryRow,
        plans: Sequence[CellSpec | None],
    ) -> None:
        panel = QStyle.PrimitiveElement.PE_PanelItemViewItem
        self._view.style().drawPrimitive(panel, option, painter, self._view)
        self._paint_words(painter, option, shown)
        cells = self._rows.places.cells(option.rect)
        for rect, plan, column in zip(cells, plans, self._rows.places.columns, strict=True):
            if plan is None:
                self._paint_nothing(painter, option, rect, self._why_empty(shown, column.group))
            else:
                self._paint_cell(painter, rect, plan)

    def _why_empty(self, shown: GalleryRow, group: str) -> str:
        waiting = group == LIFTER and not self._rows.lifted.is_done(LiftKey.of(shown.sample))
        return "…" if waiting else _EMPTY[group]

    def _paint_cell(self, painter: QPainter, rect: QRect, plan: CellSpec) -> None:
        loader = self._rows.loader
        painter.fillRect(rect, BACKDROP)
        for image in (loader.picture(plan.picture), loader.mesh(plan.mesh)):
            if image is not None:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(QRectF(rect), image, QRectF(image.rect()))
        problem = loader.problem(plan)
        if problem:
            painter.setPen(QColor("#f3f4f6"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(rect.adjusted(6, 6, -6, -6), flags, "cannot be shown")

    def _paint_nothing(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, why: str
    ) -> None:
        palette = option.palette
        painter.fillRect(rect, palette.color(QPalette.ColorRole.AlternateBase))
        painter.setPen(palette.color(_QUIET))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(rect.adjusted(6, 6, -6, -6), flags, why)

    def _paint_words(
        self, painter: QPainter, option: QStyleOptionViewItem, shown: GalleryRow
    ) -> None:
        place = self._rows.places.text(option.rect)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        ink = option.palette.color(role)
        quiet = ink if selected else option.palette.color(_QUIET)
        if shown.fit is not None:
            mark = QRectF(place.left(), place.top(), MARK_SIDE, MARK_SIDE)
            paint_verdict(painter, mark, shown.row.verdict, on_highlight=selected)
        name_font = QFont(option.font)
        name_font.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetrics(name_font)
        name = place.adjusted(MARK_SIDE + 6, 0, 0, 0)
        if shown.row.comments:
            paint_comment_mark(
                painter, QRectF(name.left(), place.top(), MARK_SIDE, MARK_SIDE), shown.row.comments
            )
            name.setLeft(name.left() + MARK_SIDE + 6)
        name.setHeight(max(MARK_SIDE, metrics.height()))
        painter.setFont(name_font)
        painter.setPen(ink)
        text = metrics.elidedText(shown.row.name, Qt.TextElideMode.ElideLeft, name.width())
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.setFont(option.font)
        top = name.bottom() + 4
        lines = [(reason, ink) for reason in reasons(shown, self._rows.gallery.kind)]
        for words, color in lines:
            painter.setPen(color)
            # The reasons leave a line to the numbers, however many there are.
            floor = place.bottom() - painter.fontMetrics().height() - 3
            room = QRect(place.left(), top, place.width(), floor - top)
            top = self._paint_paragraph(painter, words, room)
        room = QRect(place.left(), top, place.width(), place.bottom() - top)
        if room.height() >= painter.fontMetrics().height():
            room = _after_level(painter, room, shown, quiet if selected else None)
        painter.setPen(quiet)
        self._paint_paragraph(painter, facts(shown), room)

    def _paint_paragraph(self, painter: QPainter, text: str, room: QRect) -> int:
        """As many lines as there is room for, the last one cut; returns where the next begins."""
        metrics = painter.fontMetrics()
        top = room.top()
        lines = list(wrapped_lines(text, painter.font(), room.width()))
        for number, line in enumerate(lines):
            height = metrics.height()
            if top + height > room.bottom() + 2:
                return room.bottom() + 1
            last = top + 2 * height > room.bottom() + 2 and number + 1 < len(lines)
            shown = f"{line} {lines[number + 1]}" if last else line
            shown = metrics.elidedText(shown, Qt.TextElideMode.ElideRight, room.width())
            place = QRect(room.left(), top, room.width(), height)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft, shown)
            top += height
        return top + 3


def _after_level(
    painter: QPainter, room: QRect, shown: GalleryRow, on_highlight: QColor | None
) -> QRect:
    """Paint how large the error is, and return the room for the numbers."""
    grade = None if shown.fit is None else grade_of(shown.fit.losses.comparison)
    if grade is None:
        return room
    middle = room.top() + painter.fontMetrics().height() / 2
    color = on_highlight or QColor(grade.color)
    left = paint_level_mark(painter, room.left(), middle, full=grade.bars, color=color)
    return room.adjusted(round(left) - room.left(), 0, 0, 0)


def wrapped_lines(text: str, font: QFont, width: int) -> Iterator[str]:
    """The lines of a text broken between words to a width."""
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        yield text[line.textStart() : line.textStart() + line.textLength()].strip()
    layout.endLayout()
