"""Where headers and cells lie: equal square cells, as large as fit; empty columns are narrow.

Plain numbers in logical pixels; knows nothing of Qt.
"""

from __future__ import annotations

from dataclasses import dataclass

MIN_CELL = 60
NARROW_SHARE = 0.42
"""Width of a column that only says why it is empty, in shares of a cell's side."""

MIN_NARROW = 96
"""A narrow column still holds its title."""


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
    narrow: frozenset[int] = frozenset(),
) -> GridPlan:
    """Divide ``width`` x ``height`` into a row of headers over square cells, centred in width.

    The columns ``narrow`` get less than a square's width, which makes the others larger.
    """
    room = width - gap * (columns - 1)
    across = room / (columns - len(narrow) * (1 - NARROW_SHARE))
    if narrow and NARROW_SHARE * across < MIN_NARROW:
        across = (room - len(narrow) * MIN_NARROW) / (columns - len(narrow))
    down = (height - header_height - gap * rows) / rows
    side = max(MIN_CELL, int(min(across, down)))
    narrow_width = max(MIN_NARROW, int(NARROW_SHARE * side))
    widths = [narrow_width if column in narrow else side for column in range(columns)]
    left = max(0, (width - sum(widths) - (columns - 1) * gap) // 2)
    xs = [left + sum(widths[:column]) + column * gap for column in range(columns)]
    ys = [header_height + gap + row * (side + gap) for row in range(rows)]
    columns_at = list(zip(xs, widths, strict=True))
    headers = tuple(CellRectangle(x, 0, wide, header_height) for x, wide in columns_at)
    cells = tuple(tuple(CellRectangle(x, y, wide, side) for x, wide in columns_at) for y in ys)
    return GridPlan(headers, cells, side)
