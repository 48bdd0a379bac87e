"""Both bodies and their difference from the camera, the top and the side; the views are linked."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QWidget

from core.body.display_body import DisplayBody
from core.rendering.render_thread import RenderService
from spin_gui.compare.compare_plan import ROW_KINDS, CompareCell, CompareColumn
from spin_gui.images.memory_budgets import PLACE_RENDERINGS
from spin_gui.viewer.cell_plan import CellSpec
from spin_gui.viewer.sample_scene import SampleScene, ShownBody
from spin_gui.viewer.view_canvas import ViewCanvas
from spin_gui.viewer.view_caption import ViewCaption
from spin_gui.viewer.view_frames import ViewPainter
from spin_gui.viewer.view_grid import plan_grid
from spin_gui.viewer.view_loader import ViewLoader
from spin_gui.viewer.view_state import ViewKind, ViewState

GAP = 6
SMALLEST_CELL = 100

_ROW_NAMES = ("from the camera", "from the top", "from the side")


class CompareViews(QWidget):
    """Nine cells under three titles; ``replan`` asks for plans when a view or the size changed."""

    replan = Signal()

    def __init__(self, body: DisplayBody, rendering: RenderService) -> None:
        super().__init__()
        self.setAccessibleName("Views of the comparison")
        self.loader = ViewLoader(body, rendering, mesh_cache_bytes=PLACE_RENDERINGS)
        self.view_state = ViewState(self._view_changed)
        self.turning: ViewKind | None = None
        self.canvases: dict[CompareCell, ViewCanvas] = {
            (row, column): ViewCanvas(f"{column.capitalize()} {name}", self)
            for row, name in enumerate(_ROW_NAMES)
            for column in CompareColumn
        }
        self._titles = dict.fromkeys(CompareColumn, "")
        self._title_places: dict[CompareColumn, QRect] = {}
        self.captions = {cell: ViewCaption(self) for cell in self.canvases}
        self._cell_side = 0
        self._scene: SampleScene | None = None
        self._plans: dict[CompareCell, CellSpec] = {}
        self._painted: dict[CompareCell, str] = {}
        self._settle = QTimer(self, singleShot=True, interval=0)
        self._settle.timeout.connect(self.replan)
        self._connect()

    @property
    def cell_size_px(self) -> int:
        """Side of a cell in pixels of the screen."""
        return max(1, round(self._cell_side * self.devicePixelRatioF()))

    def minimumSizeHint(self) -> QSize:
        """Cells that still show something."""
        side = 3 * SMALLEST_CELL + 2 * GAP
        return QSize(side, side + 3 * self._caption_height() + self._title_height())

    def set_titles(self, titles: Iterable[str]) -> None:
        """What stands over the columns."""
        self._titles = dict(zip(CompareColumn, titles, strict=True))
        self.update()

    def show_plans(self, scene: SampleScene | None, plans: dict[CompareCell, CellSpec]) -> None:
        """Get the images of these cells, and paint what is there already."""
        self._scene, self._plans = scene, plans
        self.loader.show(plans.values())
        self._paint_all()

    def is_drawn(self) -> bool:
        """Whether every image is there, or known to be impossible."""
        return all(self.loader.is_done(plan) for plan in self._plans.values())

    def reset_views(self) -> None:
        """Take back orbit, zoom and pan."""
        self.turning = None
        self.view_state.reset_all()

    def close_views(self) -> None:
        """End the threads."""
        self._settle.stop()
        self.loader.close()

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The titles; the cells paint themselves."""
        painter = QPainter(self)
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        for column, place in self._title_places.items():
            text = painter.fontMetrics().elidedText(
                self._titles[column], Qt.TextElideMode.ElideRight, place.width()
            )
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Equal squares, as large as fit."""
        grid = plan_grid(
            self.width(),
            self.height(),
            rows=len(ROW_KINDS),
            columns=len(CompareColumn),
            header_height=self._title_height(),
            gap=GAP,
            caption_height=self._caption_height(),
        )
        self._title_places = {
            column: QRect(place.x, place.y, place.width, place.height)
            for column, place in zip(CompareColumn, grid.headers, strict=True)
        }
        for row, places in enumerate(grid.cells):
            for column, place in zip(CompareColumn, places, strict=True):
                rect = QRect(place.x, place.y, place.width, place.height)
                self.canvases[row, column].setGeometry(rect)
                above = QRect(rect.left(), 0, rect.width(), self._caption_height())
                above.moveBottom(rect.top() - 1)
                self.captions[row, column].setGeometry(above)
        if grid.cell_side != self._cell_side:
            self._cell_side = grid.cell_side
            self._settle.start()

    def _caption_height(self) -> int:
        return next(iter(self.captions.values())).height_needed()

    def _title_height(self) -> int:
        return self.fontMetrics().height() + 6

    def _paint_all(self) -> None:
        for cell in self.canvases:
            self._paint_cell(cell)

    def _paint_cell(self, cell: CompareCell) -> None:
        canvas, plan = self.canvases[cell], self._plans.get(cell)
        if self._scene is None or plan is None:
            canvas.can_orbit = False
            canvas.set_frame(None)
            self.captions[cell].show_view("", "")
            return
        canvas.can_orbit = plan.mesh is not None
        # Until a new image is there the former one stands in, but never another body's.
        body = "" if plan.body is None else ShownBody(plan.body.parameters).digest
        former = canvas.frame if self._painted.get(cell) == body else None
        self._painted[cell] = body
        frames = ViewPainter(self._scene, self.loader, keypoints_shown=False)
        frame = frames.frame(plan, former=former)
        canvas.set_frame(frame)
        self.captions[cell].show_view(frame.caption, frame.label)

    def _on_image(self, key: object) -> None:
        for cell, plan in self._plans.items():
            if key in (plan.mesh, plan.picture):
                self._paint_cell(cell)
        if self.turning is not None and self.is_drawn():
            self.replan.emit()

    # The mouse

    def _connect(self) -> None:
        self.loader.mesh_done.connect(self._on_image)
        self.loader.picture_done.connect(self._on_image)
        for canvas in self.canvases.values():
            canvas.orbited.connect(self._on_orbited)
            canvas.panned.connect(self._on_panned)
            canvas.zoomed.connect(self._on_zoomed)
            canvas.reset_asked.connect(self._on_reset)
            canvas.drag_ended.connect(self._on_drag_ended)

    def _kind_of(self, canvas: QObject | None) -> ViewKind:
        return next(
            kind
            for row, kind in enumerate(ROW_KINDS)
            for column in CompareColumn
            if self.canvases[row, column] is canvas
        )

    def _on_orbited(self, dx: float, dy: float) -> None:
        self.turning = self._kind_of(self.sender())
        self.view_state.orbit(self.turning, dx, dy)

    def _on_panned(self, dx: float, dy: float) -> None:
        self.view_state.pan(self._kind_of(self.sender()), dx, dy)

    def _on_zoomed(self, factor: float, x: float, y: float) -> None:
        self.view_state.zoom(self._kind_of(self.sender()), factor, x=x, y=y)

    def _on_reset(self) -> None:
        self.turning = None
        self.view_state.reset(self._kind_of(self.sender()))

    def _on_drag_ended(self) -> None:
        if self.turning is not None:
            self.turning = None
            self.replan.emit()

    def _view_changed(self, _kind: ViewKind) -> None:
        """While a body is turned, newer images wait for the ones before, or none would be seen."""
        if self.turning is None:
            self._settle.start()
        elif self.is_drawn():
            self.replan.emit()
