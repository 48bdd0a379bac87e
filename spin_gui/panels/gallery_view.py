"""The rows of the failure gallery: a list that draws pictures, and gets only those in sight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
    QResizeEvent,
    QShowEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from core.body.display_body import DisplayBody
from core.project_files import body_file
from core.rendering.service import RenderService
from spin_gui.models.byte_cache import ByteCache
from spin_gui.models.cell_plan import CellPlan
from spin_gui.models.gallery_plan import COLUMNS, FIT, LIFTER, PICTURE, PREDICTION, row_plans
from spin_gui.models.gallery_rows import (
    GALLERY_ROW_ROLE,
    GalleryModel,
    GalleryRow,
    Index,
    facts,
    reasons,
)
from spin_gui.models.lifted_bodies import LiftedBodies
from spin_gui.models.memory_budgets import GALLERY_ROWS, PLACE_RENDERINGS
from spin_gui.models.view_loader import ViewLoader
from spin_gui.panels.verdict_marks import paint_verdict
from spin_gui.panels.view_canvas import BACKDROP

MARGIN, GAP, GROUP_GAP = 8, 3, 10
TEXT_SHARE, SMALLEST_TEXT, LARGEST_TEXT = 0.17, 150, 300
SMALLEST_CELL, LARGEST_CELL = 56, 190
MARK_SIDE = 20
REPAINT_MS = 40
ROWS_AHEAD = 3
"""Rows below the last one in sight whose images are made ahead."""

_QUIET = QPalette.ColorRole.PlaceholderText
_EMPTY = {FIT: "no fit", PREDICTION: "no prediction", LIFTER: "not lifted"}


class RowPlaces:
    """Where text and cells stand in a row (or the header) of a certain width."""

    def __init__(self, width: int) -> None:
        breaks = sum(one.group != other.group for one, other in pairwise(COLUMNS))
        self.text_width = int(min(max(TEXT_SHARE * width, SMALLEST_TEXT), LARGEST_TEXT))
        gaps = GAP * (len(COLUMNS) - 1 - breaks) + GROUP_GAP * breaks
        room = width - 3 * MARGIN - self.text_width - gaps
        self.side = int(min(max(room / len(COLUMNS), SMALLEST_CELL), LARGEST_CELL))
        self.lefts = [2 * MARGIN + self.text_width]
        for one, other in pairwise(COLUMNS):
            gap = GAP if one.group == other.group else GROUP_GAP
            self.lefts.append(self.lefts[-1] + self.side + gap)

    @property
    def row_height(self) -> int:
        """Of a row."""
        return self.side + 2 * MARGIN

    def text(self, row: QRect) -> QRect:
        """The place of a row's words."""
        return QRect(row.left() + MARGIN, row.top() + MARGIN, self.text_width, self.side)

    def cells(self, row: QRect) -> list[QRect]:
        """The places of a row's pictures."""
        top = row.top() + MARGIN
        return [QRect(row.left() + left, top, self.side, self.side) for left in self.lefts]


class GalleryHeader(QWidget):
    """Titles over the columns, in line with the cells below."""

    def __init__(self, view: GalleryView) -> None:
        super().__init__()
        self._view = view
        self.setAccessibleName("Columns of the gallery")
        titles = ", ".join(f"{column.group} {column.kind}" for column in COLUMNS[1:])
        self.setAccessibleDescription(f"Picture, {titles}")
        self.setFixedHeight(2 * self.fontMetrics().height() + 6)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Group titles above, directions below."""
        painter = QPainter(self)
        metrics, places = self.fontMetrics(), self._view.places
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        line = metrics.height()
        for group in (PICTURE, FIT, PREDICTION, LIFTER):
            columns = [index for index, one in enumerate(COLUMNS) if one.group == group]
            left, right = places.lefts[columns[0]], places.lefts[columns[-1]] + places.side
            painter.setFont(bold)
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            flags = Qt.AlignmentFlag.AlignCenter
            painter.drawText(QRect(left, 2, right - left, line), flags, group)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(_QUIET))
        for left, column in zip(places.lefts[1:], COLUMNS[1:], strict=True):
            place = QRect(left, line + 2, places.side, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, column.kind)


class GalleryView(QTableView):
    """Virtual: whatever its length, it reads and draws what is in sight and a few rows ahead."""

    def __init__(self, model: GalleryModel, body: DisplayBody, rendering: RenderService) -> None:
        super().__init__()
        self.gallery = model
        self.loader = ViewLoader(body, rendering, mesh_cache_bytes=PLACE_RENDERINGS)
        self.lifted = LiftedBodies(body_file(model.session.dictionary))
        self.places = RowPlaces(1000)
        self._set_up(model)
        self._ask_soon = QTimer(self, singleShot=True, interval=0)
        self._ask_soon.timeout.connect(self._ask)
        # Images come by the dozen; one painting shows all that came meanwhile.
        self._repaint_soon = QTimer(self, singleShot=True, interval=REPAINT_MS)
        self._repaint_soon.timeout.connect(self.viewport().update)
        for signal in (self.loader.mesh_settled, self.loader.picture_settled):
            signal.connect(self._repaint)
        self.lifted.ready.connect(self._on_lifted)
        model.modelReset.connect(self.ask_soon)
        self.verticalScrollBar().valueChanged.connect(self.ask_soon)

    def _set_up(self, model: GalleryModel) -> None:
        self.setAccessibleName("Failures")
        self.setModel(model)
        self.setItemDelegate(GalleryDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    @property
    def cell_px(self) -> int:
        """Side of a cell in pixels of the screen."""
        return max(1, round(self.places.side * self.devicePixelRatioF()))

    def plans(self, shown: GalleryRow) -> list[CellPlan | None]:
        """The cells of a row, with its lifted body where it is known."""
        return row_plans(shown, self.lifted.get(shown.sample), size_px=self.cell_px)

    def ask_soon(self) -> None:
        """Get the images of what is in sight, once for all that happened meanwhile."""
        self._ask_soon.start()

    def close_view(self) -> None:
        """End its threads."""
        self._ask_soon.stop()
        self._repaint_soon.stop()
        self.loader.close()
        self.lifted.close()

    def rows_in_sight(self) -> range:
        """Rows of which at least a part is seen."""
        count = self.gallery.rowCount()
        first = self.rowAt(0)
        if first < 0 or not count:
            return range(0)
        last = self.rowAt(self.viewport().height() - 1)
        return range(first, (count if last < 0 else last + 1))

    # Qt's events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cells grow with the width."""
        super().resizeEvent(event)
        self.places = RowPlaces(self.viewport().width())
        self.verticalHeader().setDefaultSectionSize(self.places.row_height)
        self.ask_soon()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for what is in sight."""
        super().showEvent(event)
        self.ask_soon()

    def hideEvent(self, event: QHideEvent) -> None:
        """Out of sight nothing is drawn."""
        super().hideEvent(event)
        self._ask_soon.stop()
        self.loader.show([])
        self.loader.prepare([])
        self.lifted.want([])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space goes to the next row and Shift+Space back, as everywhere in the window."""
        if event.key() == Qt.Key.Key_Space:
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.go_to_row(self.currentIndex().row() + (-1 if back else 1))
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Not here: single letters are commands."""

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs other rows."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.viewport().update()

    def is_settled(self) -> bool:
        """Whether every row in sight has all its images."""
        rows = [self.gallery.gallery_row(row) for row in self.rows_in_sight()]
        return all(self.is_complete(row, self.plans(row)) for row in rows)

    def is_complete(self, shown: GalleryRow, plans: Sequence[CellPlan | None]) -> bool:
        """Whether all images of a row are there, or known to be impossible."""
        settled = all(plan is None or self.loader.is_settled(plan) for plan in plans)
        return settled and self.lifted.is_settled(shown.sample)

    def go_to_row(self, row: int) -> None:
        """Select a row alone, where there is one.

        The view's own ``setCurrentIndex`` would look at the keys that are held just now.
        """
        if 0 <= row < self.gallery.rowCount():
            index, flags = self.gallery.index(row, 0), QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
            self.scrollTo(index)

    # Asking for images

    def _ask(self) -> None:
        if not self.isVisible():
            return
        seen = self.rows_in_sight()
        ahead = range(seen.stop, min(seen.stop + ROWS_AHEAD, self.gallery.rowCount()))
        rows = [self.gallery.gallery_row(row) for row in (*seen, *ahead)]
        plans = [[plan for plan in self.plans(row) if plan is not None] for row in rows]
        self.loader.show([plan for one in plans[: len(seen)] for plan in one])
        self.loader.prepare(plans[len(seen) :])
        self.lifted.want([row.sample for row in rows])

    def _repaint(self) -> None:
        if not self._repaint_soon.isActive():
            self._repaint_soon.start()

    def _on_lifted(self, _sample_id: int) -> None:
        self.ask_soon()
        self.viewport().update()


@dataclass(frozen=True, eq=False)
class _PaintedRow:
    """A complete row as it was painted, and what it looked like that for."""

    shown: GalleryRow
    state: tuple[object, ...]
    pixmap: QPixmap


class GalleryDelegate(QStyledItemDelegate):
    """Paints a row from the images that are there.

    A row of which everything is there is kept as one pixmap: scrolling past it then costs one copy
    in place of eight images and half a dozen lines of text.
    """

    def __init__(self, view: GalleryView) -> None:
        super().__init__(view)
        self._view = view
        self._painted: ByteCache[int, _PaintedRow] = ByteCache(GALLERY_ROWS)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Every row is alike."""
        return QSize(100, self._view.places.row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Words on the left, then the cells."""
        shown = index.data(GALLERY_ROW_ROLE)
        if not isinstance(shown, GalleryRow):
            return
        state = self._look(option)
        kept = self._painted.get(shown.sample.id)
        if kept is not None and kept.shown is shown and kept.state == state:
            painter.drawPixmap(option.rect.topLeft(), kept.pixmap)
            return
        plans = self._view.plans(shown)
        if not self._view.is_complete(shown, plans):
            painter.save()
            self._paint_row(painter, option, shown, plans)
            painter.restore()
            return
        pixmap = self._pixmap(option, shown, plans)
        self._painted.put(
            shown.sample.id, _PaintedRow(shown, state, pixmap), 4 * pixmap.width() * pixmap.height()
        )
        painter.drawPixmap(option.rect.topLeft(), pixmap)

    def _look(self, option: QStyleOptionViewItem) -> tuple[object, ...]:
        """Everything besides the row itself that its painting depends on."""
        flags = QStyle.StateFlag
        shown_as = option.state & (flags.State_Selected | flags.State_Active | flags.State_HasFocus)
        size = (option.rect.width(), option.rect.height())
        palette, font = option.palette.cacheKey(), option.font.key()
        return (shown_as.value, size, palette, font, self._view.gallery.kind)

    def _pixmap(
        self, option: QStyleOptionViewItem, shown: GalleryRow, plans: Sequence[CellPlan | None]
    ) -> QPixmap:
        ratio = self._view.devicePixelRatioF()
        pixmap = QPixmap(option.rect.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(option.palette.color(QPalette.ColorRole.Base))
        here = QStyleOptionViewItem(option)
        here.rect = QRect(QPoint(0, 0), option.rect.size())
        painter = QPainter(pixmap)
        painter.setFont(option.font)
        self._paint_row(painter, here, shown, plans)
        painter.end()
        return pixmap

    def _paint_row(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        shown: GalleryRow,
        plans: Sequence[CellPlan | None],
    ) -> None:
        panel = QStyle.PrimitiveElement.PE_PanelItemViewItem
        self._view.style().drawPrimitive(panel, option, painter, self._view)
        self._paint_words(painter, option, shown)
        cells = self._view.places.cells(option.rect)
        for rect, plan, column in zip(cells, plans, COLUMNS, strict=True):
            if plan is None:
                self._paint_nothing(painter, option, rect, self._why_empty(shown, column.group))
            else:
                self._paint_cell(painter, rect, plan)

    def _why_empty(self, shown: GalleryRow, group: str) -> str:
        waiting = group == LIFTER and not self._view.lifted.is_settled(shown.sample)
        return "…" if waiting else _EMPTY[group]

    def _paint_cell(self, painter: QPainter, rect: QRect, plan: CellPlan) -> None:
        loader = self._view.loader
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
        place = self._view.places.text(option.rect)
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
        name.setHeight(max(MARK_SIDE, metrics.height()))
        painter.setFont(name_font)
        painter.setPen(ink)
        text = metrics.elidedText(shown.row.name, Qt.TextElideMode.ElideLeft, name.width())
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.setFont(option.font)
        top = name.bottom() + 4
        said = [(reason, ink) for reason in reasons(shown, self._view.gallery.kind)]
        for words, color in (*said, (facts(shown), quiet)):
            painter.setPen(color)
            top = self._paint_paragraph(
                painter, words, QRect(place.left(), top, place.width(), place.bottom() - top)
            )

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
