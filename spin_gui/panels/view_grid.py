"""Where headers and cells lie: equal square cells, as large as fit, the rest left and right.

Plain numbers in logical pixels; knows nothing of Qt.
"""

from __future__ import annotations

from dataclasses import dataclass

MIN_CELL = 60


@dataclass(frozen=True)
class Place:
    """A rectangle in logical pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class GridPlan:
    """The rectangles of ``columns`` headers and of ``rows`` x ``columns`` cells."""

    headers: tuple[Place, ...]
    cells: tuple[tuple[Place, ...], ...]
    cell_side: int


def plan_grid(
    width: int, height: int, *, rows: int, columns: int, header_height: int, gap: int
) -> GridPlan:
    """Divide ``width`` x ``height`` into a row of headers over square cells, centred in width."""
    across = (width - gap * (columns - 1)) // columns
    down = (height - header_height - gap * rows) // rows
    side = max(MIN_CELL, min(across, down))
    left = max(0, (width - columns * side - (columns - 1) * gap) // 2)
    xs = [left + column * (side + gap) for column in range(columns)]
    ys = [header_height + gap + row * (side + gap) for row in range(rows)]
    headers = tuple(Place(x, 0, side, header_height) for x in xs)
    cells = tuple(tuple(Place(x, y, side, side) for x in xs) for y in ys)
    return GridPlan(headers, cells, side)
