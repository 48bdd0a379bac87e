"""Where headers and cells lie: equal square cells, as large as fit.

Plain numbers in logical pixels; knows nothing of Qt.
"""

from __future__ import annotations

from dataclasses import dataclass

MIN_CELL = 60


@dataclass(frozen=True)
class CellRectangle:
    """A rectangle in logical pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class GridPlan:
    """The rectangles of ``columns`` headers and of ``rows`` x ``columns`` cells."""

    headers: tuple[CellRectangle, ...]
    cells: tuple[tuple[CellRectangle, ...], ...]
    cell_side: int


def plan_grid(
    width: int,
    height: int,
    *,
    rows: int,
    columns: int,
    header_height: int,
    gap: int,
    caption_height: int = 0,
) -> GridPlan:
    """Divide ``width`` x ``height`` into a row of headers over square cells, centred in width.

    caption_height: room above each cell for a line of text.
    """
    across = (width - gap * (columns - 1)) / columns
    down = (height - header_height - gap * rows) / rows - caption_height
    side = max(MIN_CELL, int(min(across, down)))
    left = max(0, (width - columns * side - (columns - 1) * gap) // 2)
    xs = [left + column * (side + gap) for column in range(columns)]
    first_y = header_height + gap + caption_height
    ys = [first_y + row * (side + gap + caption_height) for row in range(rows)]
    headers = tuple(CellRectangle(x, 0, side, header_height) for x in xs)
    cells = tuple(tuple(CellRectangle(x, y, side, side) for x in xs) for y in ys)
    return GridPlan(headers, cells, side)
