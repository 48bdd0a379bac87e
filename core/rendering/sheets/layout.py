"""Where everything of a contact sheet stands on paper: plain millimetres, nothing is drawn.

A4 across. Heights run from the top of a page downwards. What belongs together stays together: a row
with its caption, a section's heading with its first row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from core.rendering.compositing import Picture
from core.rendering.sheets.sheet import Sheet, SheetColumn, SheetRow, SheetSection

PAGE_MM = (297.0, 210.0)
MARGIN_MM = 12.0
LARGEST_CELL_MM = 68.0
CELL_GAP_MM, GROUP_GAP_MM, SECTION_GAP_MM = 1.2, 4.0, 1.6
POINT_MM = 25.4 / 72

INK, QUIET_INK = "#1d2126", "#59616b"
RULE, EMPTY = "#c3c8cf", "#eceef1"


@dataclass(frozen=True)
class Style:
    """Size of a text in points, its colour, and how far its line is from the next in mm."""

    size_pt: float
    leading_mm: float
    color: str = INK
    bold: bool = False


TITLE = Style(15, 7.2, bold=True)
NOTE = Style(8.5, 4.4, QUIET_INK)
SECTION = Style(11, 5.6, bold=True)
GROUP = Style(8, 4.0, bold=True)
COLUMN = Style(7.5, 4.0, QUIET_INK)
NAME = Style(8, 3.9, bold=True)
LINE = Style(7.5, 3.6, QUIET_INK)
FOOTER = Style(7, 3.5, QUIET_INK)

MeasureMm = Callable[[str, Style], float]
"""Width of a text on paper."""


@dataclass(frozen=True)
class PlacedText:
    """A line of text; ``y_mm`` is its baseline. centered: about ``x_mm``, else it begins there."""

    x_mm: float
    y_mm: float
    text: str
    style: Style
    centered: bool = False
    right: bool = False


@dataclass(frozen=True, eq=False)
class PlacedPicture:
    """A square; without a picture an empty field with a few words in its middle."""

    x_mm: float
    y_mm: float
    side_mm: float
    picture: Picture | None


@dataclass(frozen=True)
class PlacedRule:
    """A thin line across."""

    x_mm: float
    y_mm: float
    width_mm: float


Placed = PlacedText | PlacedPicture | PlacedRule


@dataclass(frozen=True, eq=False)
class SheetPage:
    """One page and what stands on it."""

    width_mm: float
    height_mm: float
    items: Sequence[Placed] = field(default=())


def lay_out(sheet: Sheet, measure: MeasureMm, *, paged: bool) -> list[SheetPage]:
    """The pages of a sheet; not ``paged``: one page, as high as it must be."""
    return _Layout(sheet, measure, paged=paged).pages()


def cell_lefts(columns: Sequence[SheetColumn]) -> tuple[list[float], float]:
    """Left edges of the columns and the side of their cells, in mm, centred on the page."""
    gaps = [
        GROUP_GAP_MM if left.group != right.group else CELL_GAP_MM
        for left, right in pairwise(columns)
    ]
    room = PAGE_MM[0] - 2 * MARGIN_MM - sum(gaps)
    side = min(room / len(columns), LARGEST_CELL_MM)
    lefts = [MARGIN_MM]
    for gap in gaps:
        lefts.append(lefts[-1] + side + gap)
    return lefts, side


def shortened(text: str, style: Style, width_mm: float, measure: MeasureMm) -> str:
    """The text, cut with an ellipsis where it is wider than it may be."""
    if measure(text, style) <= width_mm:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle].rstrip() + "…", style) <= width_mm:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"


class _Layout:
    """Fills pages from the top down."""

    def __init__(self, sheet: Sheet, measure: MeasureMm, *, paged: bool) -> None:
        self._sheet, self._measure, self._paged = sheet, measure, paged
        self._lefts, self._side = cell_lefts(sheet.columns)
        self._right = self._lefts[-1] + self._side
        self._width = PAGE_MM[0] - 2 * MARGIN_MM
        self._bottom = PAGE_MM[1] - MARGIN_MM - FOOTER.leading_mm - 2
        self._pages: list[list[Placed]] = []
        self._items: list[Placed] = []
        self._y = MARGIN_MM

    def pages(self) -> list[SheetPage]:
        self._begin_page()
        self._text(TITLE, self._sheet.title)
        for line in self._wrapped(self._sheet.note, NOTE):
            self._text(NOTE, line)
        self._y += 2
        for section in self._sheet.sections:
            self._add_section(section)
        if not any(section.rows for section in self._sheet.sections):
            self._text(NOTE, "Nothing to show: no sample matches.")
        return list(self._finished())

    def _finished(self) -> Iterator[SheetPage]:
        total = len(self._pages)
        height = PAGE_MM[1] if self._paged else self._y + FOOTER.leading_mm + MARGIN_MM
        baseline = height - MARGIN_MM + 2
        for number, items in enumerate(self._pages, 1):
            footer: list[Placed] = [PlacedText(MARGIN_MM, baseline, self._sheet.footer, FOOTER)]
            if total > 1:
                count = f"{number} / {total}"
                right = MARGIN_MM + self._width
                footer.append(PlacedText(right, baseline, count, FOOTER, right=True))
            yield SheetPage(PAGE_MM[0], height, [*items, *footer])

    def _begin_page(self) -> None:
        self._items = []
        self._pages.append(self._items)
        self._y = MARGIN_MM

    def _room_for(self, height_mm: float) -> bool:
        return not self._paged or self._y + height_mm <= self._bottom

    # Sections and rows

    def _add_section(self, section: SheetSection) -> None:
        if not section.rows:
            return
        notes = list(self._wrapped(section.note, NOTE))
        heading = SECTION.leading_mm * bool(section.title) + NOTE.leading_mm * len(notes)
        heading += SECTION_GAP_MM
        needed = heading + self._header_height() + self._row_height(section.rows[0])
        if not self._room_for(needed):
            self._begin_page()
        if section.title:
            self._text(SECTION, section.title)
        for line in notes:
            self._text(NOTE, line)
        self._y += SECTION_GAP_MM
        self._add_header()
        for row in section.rows:
            if not self._room_for(self._row_height(row)):
                self._begin_page()
                if section.title:
                    continued = replace(SECTION, color=QUIET_INK)
                    self._text(continued, f"{section.title}, continued")
                self._add_header()
            self._add_row(row)
        self._y += 2

    def _header_height(self) -> float:
        grouped = any(column.group for column in self._sheet.columns)
        return COLUMN.leading_mm + GROUP.leading_mm * grouped + 0.8

    def _add_header(self) -> None:
        columns = self._sheet.columns
        if any(column.group for column in columns):
            self._add_groups(columns)
        baseline = self._y + 2.9
        for left, column in zip(self._lefts, columns, strict=True):
            middle = left + self._side / 2
            text = shortened(column.title, COLUMN, self._side, self._measure)
            self._items.append(PlacedText(middle, baseline, text, COLUMN, centered=True))
        self._y += COLUMN.leading_mm + 0.8

    def _add_groups(self, columns: Sequence[SheetColumn]) -> None:
        for first, last, group in _groups(columns):
            left, right = self._lefts[first], self._lefts[last] + self._side
            text = shortened(group, GROUP, right - left, self._measure)
            self._items.append(
                PlacedText((left + right) / 2, self._y + 2.8, text, GROUP, centered=True)
            )
            self._items.append(PlacedRule(left, self._y + GROUP.leading_mm, right - left))
        self._y += GROUP.leading_mm

    def _row_height(self, row: SheetRow) -> float:
        return self._side + 0.6 + NAME.leading_mm + LINE.leading_mm * len(row.lines) + 3.4

    def _add_row(self, row: SheetRow) -> None:
        for left, cell in zip(self._lefts, row.cells, strict=True):
            self._items.append(PlacedPicture(left, self._y, self._side, cell.picture))
            if cell.picture is None and cell.note:
                note = shortened(cell.note, LINE, self._side - 2, self._measure)
                middle = (left + self._side / 2, self._y + self._side / 2 + 1)
                self._items.append(PlacedText(*middle, note, LINE, centered=True))
        self._y += self._side + 0.6
        self._text(NAME, row.title)
        for line in row.lines:
            self._text(LINE, line)
        self._y += 3.4

    def _text(self, style: Style, text: str) -> None:
        """A line below what is there; too long a one is cut."""
        shown = shortened(text, style, self._width, self._measure)
        baseline = self._y + style.size_pt * POINT_MM * 0.95
        self._items.append(PlacedText(MARGIN_MM, baseline, shown, style))
        self._y += style.leading_mm

    def _wrapped(self, text: str, style: Style) -> Iterator[str]:
        line = ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if line and self._measure(longer, style) > self._width:
                yield line
                longer = word
            line = longer
        if line:
            yield line


def _groups(columns: Sequence[SheetColumn]) -> Iterator[tuple[int, int, str]]:
    """First column, last column and name of each group that has one."""
    first = 0
    for index in range(1, len(columns) + 1):
        if index == len(columns) or columns[index].group != columns[first].group:
            if columns[first].group:
                yield first, index - 1, columns[first].group
            first = index
