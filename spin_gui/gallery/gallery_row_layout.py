"""Where the words and the pictures of a gallery row stand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QRect

from spin_gui.gallery.gallery_columns import GalleryColumn

MARGIN, GAP, GROUP_GAP = 8, 3, 10
TEXT_SHARE, SMALLEST_TEXT, LARGEST_TEXT = 0.17, 150, 300
SMALLEST_CELL, LARGEST_CELL = 56, 190


class GalleryRowLayout:
    """Where text and cells stand in a row (or the header) of a certain width."""

    def __init__(self, width: int, columns: Sequence[GalleryColumn]) -> None:
        self.columns = tuple(columns)
        breaks = sum(one.group != other.group for one, other in pairwise(columns))
        self.text_width = int(min(max(TEXT_SHARE * width, SMALLEST_TEXT), LARGEST_TEXT))
        gaps = GAP * (len(columns) - 1 - breaks) + GROUP_GAP * breaks
        room = width - 3 * MARGIN - self.text_width - gaps
        self.side = int(min(max(room / len(columns), SMALLEST_CELL), LARGEST_CELL))
        self.lefts = [2 * MARGIN + self.text_width]
        for one, other in pairwise(columns):
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
