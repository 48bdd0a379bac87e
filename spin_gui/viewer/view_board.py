"""Views on the screen, one large or all in a grid; knows widgets, not what they show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from spin_gui.viewer.arrangement import MOST_SMALL, Arrangement
from spin_gui.viewer.cell_plan import ROWS, SUMMARY_CELL, Cell
from spin_gui.viewer.column_header import TITLES, ColumnHeader
from spin_gui.viewer.keypoint_summary import KeypointSummary
from spin_gui.viewer.large_layout import MIN_STRIP, LargePlan, plan_large
from spin_gui.viewer.sample_scene import Column
from spin_gui.viewer.view_canvas import ViewCanvas
from spin_gui.viewer.view_caption import ViewCaption
from spin_gui.viewer.view_grid import CellRectangle, GridPlan, plan_grid

GAP = 6
ROW_NAMES = ("from the camera", "from the top", "from the side")
CONTEXT_NAME = "Picture, the other extent"
SMALLEST_CELL = 110
SMALLEST_LARGE = 260
WORTH_USING = 60
"""Less height than this below the cells, in logical pixels, would only look out of line."""

_ALL_COLUMNS = Arrangement(columns=tuple(Column))


class ViewGrid(QWidget):
    """Holds a header a column, and a canvas with a caption a cell; lays out those that are shown.

    Iterating leads over the cells that are shown.
    """

    cell_side_changed = Signal()
    enlarge_asked = Signal(object)
    """The cell whose small view was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.headers = {column: ColumnHeader(column, self) for column in Column}
        self.canvases: dict[Cell, ViewCanvas] = {}
        self.captions: dict[Cell, ViewCaption] = {}
        for row in range(ROWS):
            for column in Column:
                if (row, column) != SUMMARY_CELL:
                    self._add_cell((row, column))
        self.summary = KeypointSummary(self)
        self.arrangement = _ALL_COLUMNS
        self._sides: tuple[int, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def _add_cell(self, cell: Cell) -> None:
        canvas = ViewCanvas(_cell_name(*cell), self)
        caption = ViewCaption(self)
        canvas.clicked.connect(lambda: self._ask_to_enlarge(cell))
        caption.clicked.connect(lambda: self._ask_to_enlarge(cell))
        self.canvases[cell], self.captions[cell] = canvas, caption

    def _ask_to_enlarge(self, cell: Cell) -> None:
        if cell in self.arrangement.small:
            self.enlarge_asked.emit(cell)

    def __iter__(self) -> Iterator[tuple[Cell, ViewCanvas]]:
        return ((cell, self.canvases[cell]) for cell in self.arrangement.cells)

    # Sizes

    def minimumSizeHint(self) -> QSize:
        """Cells that still show something."""
        if self.arrangement.large is not None:
            header = self._header_height(self.arrangement)
            return QSize(SMALLEST_LARGE + GAP + MIN_STRIP, SMALLEST_LARGE + header)
        return self._size_for(SMALLEST_CELL)

    def sizeHint(self) -> QSize:
        """Cells of the size of a crop."""
        return self._size_for(224)

    @property
    def cell_side(self) -> int:
        """Side of the large view, or of each cell of the grid, in logical pixels."""
        return self._sides[0] if self._sides else 0

    @property
    def cell_size_px(self) -> int:
        """The same in pixels of the screen."""
        return self._in_pixels(self.cell_side)

    def sizes_px(self, arrangement: Arrangement) -> Mapping[Cell, int]:
        """The side of each view, in pixels of the screen, if they were arranged like this."""
        if arrangement.large is None:
            side = self._in_pixels(self._grid_plan(arrangement).cell_side)
            return dict.fromkeys(arrangement.cells, side)
        plan = self._large_plan(arrangement)
        sizes = dict.fromkeys(arrangement.small, self._in_pixels(plan.small_side))
        return {arrangement.large: self._in_pixels(plan.large.width), **sizes}

    def _in_pixels(self, side: int) -> int:
        return max(1, round(side * self.devicePixelRatioF()))

    # Laying out

    def event(self, event: QEvent) -> bool:
        """On a screen of another density sharp views need other sizes."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.cell_side_changed.emit()
        return super().event(event)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """See ``QWidget.resizeEvent``."""
        self._lay_out()

    def arrange(self, arrangement: Arrangement) -> None:
        """Show other views, or the same elsewhere."""
        if arrangement != self.arrangement:
            self.arrangement = arrangement
            self._lay_out()
            self.updateGeometry()

    def _lay_out(self) -> None:
        arrangement = self.arrangement
        for cell, canvas in self.canvases.items():
            canvas.is_small = cell in arrangement.small
            canvas.setVisible(cell in arrangement.cells)
            self.captions[cell].setVisible(cell in arrangement.cells and cell != arrangement.large)
        if arrangement.large is None:
            sides = self._lay_out_grid(self._grid_plan(arrangement))
        else:
            sides = self._lay_out_large(self._large_plan(arrangement), arrangement.large)
        if sides != self._sides:
            self._sides = sides
            self.cell_side_changed.emit()

    def _lay_out_grid(self, plan: GridPlan) -> tuple[int, ...]:
        columns = self.arrangement.columns
        for column, header in self.headers.items():
            header.set_seen_from(None)
            header.setVisible(column in columns)
        for column, place in zip(columns, plan.headers, strict=True):
            _put(self.headers[column], place)
        caption_height = self._caption_height()
        for row, places in enumerate(plan.cells):
            for column, place in zip(columns, places, strict=True):
                if (row, column) != SUMMARY_CELL:
                    _put(self.canvases[row, column], place)
                    _put(self.captions[row, column], _above(place, caption_height))
                else:
                    _put(self.summary, place)
        self.summary.setVisible(Column.PICTURE in columns)
        self._give_summary_what_is_left()
        return (plan.cell_side,)

    def _lay_out_large(self, plan: LargePlan, large: Cell) -> tuple[int, ...]:
        for column, header in self.headers.items():
            header.setVisible(column is large[1])
        _put(self.headers[large[1]], plan.header)
        _put(self.canvases[large], plan.large)
        caption_height = self._caption_height()
        for cell, place in zip(self.arrangement.small, plan.small, strict=False):
            _put(self.captions[cell], _top_of(place, caption_height))
            _put(self.canvases[cell], _below_top_of(place, caption_height))
        self.summary.setVisible(plan.summary is not None)
        if plan.summary is not None:
            _put(self.summary, plan.summary)
        return plan.large.width, plan.small_side

    def _give_summary_what_is_left(self) -> None:
        """Where width limits the cells, the summary's text may use the height below them."""
        left_over = self.height() - self.summary.geometry().bottom() - 1
        if left_over >= WORTH_USING:
            self.summary.resize(self.summary.width(), self.summary.height() + left_over)

    def _grid_plan(self, arrangement: Arrangement) -> GridPlan:
        return plan_grid(
            self.width(),
            self.height(),
            rows=ROWS,
            columns=len(arrangement.columns),
            header_height=self._header_height(arrangement),
            gap=GAP,
            caption_height=self._caption_height(),
        )

    def _large_plan(self, arrangement: Arrangement) -> LargePlan:
        return plan_large(
            self.width(),
            self.height(),
            small=MOST_SMALL,
            header_height=self._header_height(arrangement),
            caption_height=self._caption_height(),
            gap=GAP,
        )

    def _header_height(self, arrangement: Arrangement) -> int:
        lines = 3 if arrangement.large is None else 1
        return max(header.height_needed(lines=lines) for header in self.headers.values())

    def _caption_height(self) -> int:
        return next(iter(self.captions.values())).height_needed()

    def _size_for(self, cell_side: int) -> QSize:
        columns = max(1, len(self.arrangement.columns))
        return QSize(
            columns * cell_side + (columns - 1) * GAP,
            self._header_height(self.arrangement)
            + ROWS * (cell_side + GAP + self._caption_height()),
        )


def _above(place: CellRectangle, height: int) -> CellRectangle:
    return CellRectangle(place.x, place.y - height, place.width, height)


def _top_of(place: CellRectangle, height: int) -> CellRectangle:
    return CellRectangle(place.x, place.y, place.width, height)


def _below_top_of(place: CellRectangle, height: int) -> CellRectangle:
    return CellRectangle(place.x, place.y + height, place.width, place.height - height)


def _put(widget: QWidget, place: CellRectangle) -> None:
    widget.setGeometry(place.x, place.y, place.width, place.height)


def _cell_name(row: int, column: Column) -> str:
    if column is Column.PICTURE:
        return "Picture with keypoints" if row == 0 else CONTEXT_NAME
    return f"{TITLES[column]} {ROW_NAMES[row]}"
