"""The rows of the failure gallery: a list that draws pictures, and gets only those in sight."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from cachetools import LRUCache
from PySide6.QtCore import QEvent, QItemSelectionModel, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QFont,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QWidget,
)

from core.body.display_body import DisplayBody
from core.rendering.render_thread import RenderService
from spin_gui.gallery.gallery_columns import FIT, LIFTER, PICTURE, PREDICTION
from spin_gui.gallery.gallery_delegate import GalleryDelegate
from spin_gui.gallery.gallery_plan import row_plans
from spin_gui.gallery.gallery_row_layout import GalleryRowLayout
from spin_gui.gallery.gallery_rows import GalleryModel, GalleryRow
from spin_gui.images.lifted_bodies import LiftedBodyCache, LiftingEngine, LiftKey
from spin_gui.images.memory_budgets import PLACE_RENDERINGS
from spin_gui.viewer.cell_plan import CellSpec
from spin_gui.viewer.view_loader import ViewLoader
from spin_gui.widgets.row_table import RowTable

REPAINT_MS = 40
PAINT_S = 0.010
"""Of each turn of the event loop; one row is always painted, however busy the machine is."""

REMEMBERED_PLANS = 200

ROWS_AHEAD = 3
"""Rows below the last one in sight whose images are made ahead."""

_QUIET = QPalette.ColorRole.PlaceholderText


LIFTED_MEANING = (
    f"{LIFTER}: the body that a small network estimates from the 2D keypoints alone, without the "
    "picture"
)


class GalleryHeader(QWidget):
    """Titles over the columns, in line with the cells below."""

    def __init__(self, view: GalleryView) -> None:
        super().__init__()
        self._view = view
        self.setAccessibleName("Columns of the gallery")
        view.columns_changed.connect(self._describe)
        self.setToolTip(LIFTED_MEANING)
        self.setFixedHeight(2 * self.fontMetrics().height() + 6)
        self._describe()

    @Slot()
    def _describe(self) -> None:
        columns = self._view.places.columns[1:]
        titles = ", ".join(f"{column.group} {column.kind}" for column in columns)
        self.setAccessibleDescription(f"Picture, {titles}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Group titles above, directions below."""
        painter = QPainter(self)
        metrics, places = self.fontMetrics(), self._view.places
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        line = metrics.height()
        for group in (PICTURE, FIT, PREDICTION, LIFTER):
            columns = [index for index, one in enumerate(places.columns) if one.group == group]
            if not columns:
                continue
            left, right = places.lefts[columns[0]], places.lefts[columns[-1]] + places.side
            painter.setFont(bold)
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            flags = Qt.AlignmentFlag.AlignCenter
            painter.drawText(QRect(left, 2, right - left, line), flags, group)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(_QUIET))
        for left, column in zip(places.lefts[1:], places.columns[1:], strict=True):
            place = QRect(left, line + 2, places.side, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, column.kind)


@dataclass(frozen=True, eq=False)
class _Plans:
    """The plans of a row: its cells are named by digests, which take a while to make."""

    made_of: tuple[object, ...]
    plans: list[CellSpec | None]


class GalleryView(RowTable):
    """Virtual: whatever its length, it reads and draws what is in sight and a few rows ahead."""

    columns_changed = Signal()
    """There are other columns than before."""

    def __init__(
        self,
        model: GalleryModel,
        body: DisplayBody,
        rendering: RenderService,
        engine: LiftingEngine,
    ) -> None:
        super().__init__("Failures")
        self.gallery = model
        self.loader = ViewLoader(body, rendering, mesh_cache_bytes=PLACE_RENDERINGS)
        self.lifted = LiftedBodyCache(engine)
        self.places = GalleryRowLayout(1000, model.columns)
        self._plans: LRUCache[int, _Plans] = LRUCache(REMEMBERED_PLANS)
        self._fresh, self._until = 0, 0.0
        self._paint_rest = QTimer(self, singleShot=True, interval=0)
        self._paint_rest.timeout.connect(self.viewport().update)
        self.setModel(model)
        self.setItemDelegate(GalleryDelegate(self, self))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalHeader().setMinimumSectionSize(1)
        self._ask_soon = QTimer(self, singleShot=True, interval=0)
        self._ask_soon.timeout.connect(self._ask)
        # Images come by the dozen; one painting shows all that came meanwhile.
        self._repaint_soon = QTimer(self, singleShot=True, interval=REPAINT_MS)
        self._repaint_soon.timeout.connect(self.viewport().update)
        for signal in (self.loader.mesh_done, self.loader.picture_done):
            signal.connect(self._repaint)
        self.lifted.ready.connect(self._on_lifted)
        model.modelReset.connect(self.ask_soon)
        model.columns_changed.connect(self._lay_out)
        self.verticalScrollBar().valueChanged.connect(self.ask_soon)

    @property
    def cell_px(self) -> int:
        """Side of a cell in pixels of the screen."""
        return max(1, round(self.places.side * self.devicePixelRatioF()))

    def plans(self, shown: GalleryRow) -> list[CellSpec | None]:
        """The cells of a row, with its lifted body where it is known."""
        lifted, size_px = self.lifted.get(LiftKey.of(shown.sample)), self.cell_px
        columns = self.places.columns
        known = self._plans.get(shown.sample.id)
        if known is not None and known.made_of == (shown, lifted, columns, size_px):
            return known.plans
        plans = row_plans(shown, lifted, columns, size_px=size_px)
        made = _Plans((shown, lifted, columns, size_px), plans)
        self._plans[shown.sample.id] = made
        return made.plans

    def arrived(self, shown: GalleryRow, plans: Sequence[CellSpec | None]) -> tuple[bool, ...]:
        """Which images of a row are there or known to be impossible, and whether it was lifted."""
        there = (plan is None or self.loader.is_done(plan) for plan in plans)
        pictured = (
            plan is not None and self.loader.picture(plan.picture) is not None for plan in plans
        )
        return (*there, *pictured, self.lifted.is_done(LiftKey.of(shown.sample)))

    def may_paint(self) -> bool:
        """Whether this turn of the event loop has time for one more row; counts it."""
        self._fresh += 1
        return self._fresh == 1 or time.perf_counter() < self._until

    def paint_later(self) -> None:
        """A row was left for the next turn."""
        self._paint_rest.start()

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

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint for a few milliseconds; what is left then follows in the next turn."""
        self._fresh, self._until = 0, time.perf_counter() + PAINT_S
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cells grow with the width."""
        super().resizeEvent(event)
        self._lay_out()

    @Slot()
    def _lay_out(self) -> None:
        columns, known = self.gallery.columns, self.places.columns
        self.places = GalleryRowLayout(self.viewport().width(), columns)
        self.verticalHeader().setDefaultSectionSize(self.places.row_height)
        if columns != known:
            self.columns_changed.emit()
        self.viewport().update()
        self.ask_soon()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for what is in sight."""
        super().showEvent(event)
        self.ask_soon()

    def hideEvent(self, event: QHideEvent) -> None:
        """Out of sight nothing is drawn, and no image kept (``memory_budgets``)."""
        super().hideEvent(event)
        self._ask_soon.stop()
        self.loader.forget()
        self.lifted.request_samples([])

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

    def is_drawn(self) -> bool:
        """Whether every row in sight has all its images."""
        rows = self.gallery.gallery_rows(self.rows_in_sight())
        return all(self.is_row_drawn(row, self.plans(row)) for row in rows)

    def is_row_drawn(self, shown: GalleryRow, plans: Sequence[CellSpec | None]) -> bool:
        """Whether all images of a row are there, or known to be impossible."""
        done = all(plan is None or self.loader.is_done(plan) for plan in plans)
        return done and self.lifted.is_done(LiftKey.of(shown.sample))

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
        rows, later = (self.gallery.gallery_rows(part) for part in (seen, ahead))
        self.loader.show([plan for row in rows for plan in self.plans(row) if plan is not None])
        self.loader.prepare(
            [[plan for plan in self.plans(row) if plan is not None] for row in later]
        )
        self.lifted.request_samples([row.sample for row in (*rows, *later)])

    def _repaint(self) -> None:
        if not self._repaint_soon.isActive():
            self._repaint_soon.start()

    def _on_lifted(self, _key: LiftKey) -> None:
        self.ask_soon()
        self.viewport().update()
