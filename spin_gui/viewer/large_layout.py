"""Where one large view lies, and the small ones next to it.

Plain numbers in logical pixels; knows nothing of Qt. The places depend on how many small views
there may be and not on how many there are: nothing jumps from sample to sample.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from spin_gui.viewer.view_grid import MIN_CELL, CellRectangle

MIN_STRIP = 112
"""Room for the small views, next to the large one or below it."""

MAX_SMALL_SHARE = 0.45
"""Of the large view's side: small views of more would compete with it."""

WORTH_USING = 84
"""Less height than this below the small views holds no summary."""


@dataclass(frozen=True)
class LargePlan:
    """header, large: one below the other. small: each with room for its caption on top.

    summary: what is left; None where it is too little.
    """

    header: CellRectangle
    large: CellRectangle
    small: tuple[CellRectangle, ...]
    summary: CellRectangle | None

    @property
    def small_side(self) -> int:
        """Side of the small views, without their captions."""
        return self.small[0].width


def plan_large(
    width: int, height: int, *, small: int, header_height: int, caption_height: int, gap: int
) -> LargePlan:
    """Divide ``width`` x ``height``: the large view is a square, as large as there is room.

    Args:
        width: of the whole panel.
        height: of the whole panel.
        small: how many small views there may be, 1 or more.
        header_height: above the large view.
        caption_height: above each small one.
        gap: between all of them.
    """
    strip = MIN_STRIP + caption_height
    side_by_side = min(width - MIN_STRIP - gap, height - header_height)
    stacked = min(width, height - header_height - strip - gap)
    side = max(MIN_CELL, side_by_side, stacked)
    header = CellRectangle(0, 0, side, header_height)
    large = CellRectangle(0, header_height, side, side)
    if side_by_side >= stacked:
        room = CellRectangle(side + gap, 0, max(MIN_CELL, width - side - gap), height)
    else:
        top = header_height + side + gap
        room = CellRectangle(0, top, width, max(strip, height - top))
    largest = int(MAX_SMALL_SHARE * side)
    places = _small_places(room, small, caption_height, gap, largest)
    return LargePlan(header, large, places, _rest(room, places, gap))


def _small_places(
    room: CellRectangle, count: int, caption_height: int, gap: int, largest: int
) -> tuple[CellRectangle, ...]:
    """Equal squares with a caption on top, in as many columns as make them largest."""

    def side_in(columns: int) -> int:
        rows = math.ceil(count / columns)
        across = (room.width - gap * (columns - 1)) // columns
        down = (room.height - gap * (rows - 1)) // rows - caption_height
        return min(across, down, largest)

    columns = max(range(1, count + 1), key=side_in)
    side = max(MIN_CELL // 2, side_in(columns))
    return tuple(
        CellRectangle(
            room.x + place % columns * (side + gap),
            room.y + place // columns * (side + caption_height + gap),
            side,
            side + caption_height,
        )
        for place in range(count)
    )


def _rest(room: CellRectangle, places: tuple[CellRectangle, ...], gap: int) -> CellRectangle | None:
    top = places[-1].y + places[-1].height + gap
    height = room.y + room.height - top
    return CellRectangle(room.x, top, room.width, height) if height >= WORTH_USING else None
