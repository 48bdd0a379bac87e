"""Which views of a sample are shown: one large with the others small next to it, or all in a grid.

Knows nothing of Qt. Views are numbered as their keys are: 1 to 3 look at one body from the camera,
the top and the side, 4 and 5 are the picture, 6 to 8 the other bodies from where one looks now.
"""

from __future__ import annotations

from dataclasses import dataclass

from spin_gui.viewer.cell_plan import ROWS, SUMMARY_CELL, Cell
from spin_gui.viewer.sample_scene import BODY_COLUMNS, Column, SampleScene

PICTURE_CELLS: tuple[Cell, Cell] = ((0, Column.PICTURE), (1, Column.PICTURE))
FIRST_PICTURE, FIRST_BODY = ROWS + 1, ROWS + 1 + len(PICTURE_CELLS)
"""The numbers from which pictures and bodies are counted."""

_WIPED_FIRST = (Column.CURRENT, Column.FIRST, Column.PREDICTION)
"""Against which body another one is compared, the likeliest first."""

NUMBERS = range(1, FIRST_BODY + len(BODY_COLUMNS))
MOST_SMALL = ROWS + len(PICTURE_CELLS) + len(BODY_COLUMNS) - 2
"""Of all numbers one is the large view, and one more shows the same body from the same place."""


@dataclass(frozen=True)
class Arrangement:
    """The views that are shown of one sample.

    large: None for a grid of equal cells. small: those next to it, in the order of their numbers.
    columns: of the grid.
    """

    large: Cell | None = None
    small: tuple[Cell, ...] = ()
    columns: tuple[Column, ...] = ()

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells that are shown, but that of the summary."""
        if self.large is not None:
            return (self.large, *self.small)
        grid = ((row, column) for row in range(ROWS) for column in self.columns)
        return tuple(cell for cell in grid if cell != SUMMARY_CELL)


def columns_of(scene: SampleScene) -> frozenset[Column]:
    """The columns that have something of their own to show of a sample."""
    own = {Column.PICTURE, Column.CURRENT}
    if Column.PREDICTION in scene.bodies:
        own.add(Column.PREDICTION)
    if Column.FIRST in scene.bodies and not scene.first_is_current:
        own.add(Column.FIRST)
    return frozenset(own)


class ViewChoice:
    """What the user chose to look at; it stays from sample to sample."""

    def __init__(self) -> None:
        self.one_large = False
        self.wiping = False
        """Whether the large view shows a second body on the other side of a line."""
        self.hidden: frozenset[Column] = frozenset()
        """Columns that the user does not want to see."""
        self._picture: Cell | None = None
        self._row, self._source = 0, Column.CURRENT
        self._proposal_waits = False
        self._met: frozenset[Column] = frozenset({Column.PICTURE, Column.CURRENT})

    def note(self, scene: SampleScene) -> None:
        """Take in what is shown now.

        From the first sample on that has something in a column, the grid keeps its room. A changed
        body that waits to be kept is what one wants to see until it is kept or let go.
        """
        self._met |= columns_of(scene)
        waits = scene.proposal_waits
        if waits and not self._proposal_waits and self._source is Column.CURRENT:
            self._source, self._picture = Column.FIRST, None
        elif self._proposal_waits and not waits and self._source is Column.FIRST:
            self._source = Column.CURRENT
        self._proposal_waits = waits

    def enlarge(self, cell: Cell) -> None:
        """Look at this view large."""
        row, column = cell
        self._picture = cell if column is Column.PICTURE else None
        if column is not Column.PICTURE:
            self._row, self._source = row, column

    def cell_of(self, number: int) -> Cell:
        """The view with a number, as one looks now."""
        if number < FIRST_PICTURE:
            return number - 1, self._source
        if number < FIRST_BODY:
            return PICTURE_CELLS[number - FIRST_PICTURE]
        return self._row, BODY_COLUMNS[number - FIRST_BODY]

    def number_of(self, cell: Cell, arrangement: Arrangement) -> int:
        """The number of a view, so that ``cell_of`` leads there."""
        row, column = cell
        if column is Column.PICTURE:
            return FIRST_PICTURE + PICTURE_CELLS.index(cell)
        if column is self._source_in(arrangement):
            return row + 1
        return FIRST_BODY + BODY_COLUMNS.index(column)

    def arrangement(self, scene: SampleScene | None) -> Arrangement:
        """What is shown of a sample; of none, what would be shown of one without fits."""
        own = frozenset({Column.PICTURE, Column.CURRENT}) if scene is None else columns_of(scene)
        if not self.one_large:
            wanted = (self._met | own) - self.hidden
            return Arrangement(columns=tuple(column for column in Column if column in wanted))
        shown = own - self.hidden
        source = self._source if self._source in shown else Column.CURRENT
        picture = self._picture if Column.PICTURE in shown else None
        large = picture or (self._row, source)
        cells = [(row, source) for row in range(ROWS)]
        cells += [cell for cell in PICTURE_CELLS if Column.PICTURE in shown]
        cells += [(self._row, column) for column in BODY_COLUMNS if column in shown]
        small = dict.fromkeys(cell for cell in cells if cell != large)
        return Arrangement(large=large, small=tuple(small))

    def wiped(self, scene: SampleScene, arrangement: Arrangement) -> Column | None:
        """Whose body is on the other side of a wipe; None without a wipe or a second body."""
        large = arrangement.large
        if not self.wiping or large is None or large[1] is Column.PICTURE:
            return None
        others = [column for column in _WIPED_FIRST if column in scene.bodies]
        shown = columns_of(scene) - self.hidden - {large[1]}
        return next((column for column in others if column in shown), None)

    def _source_in(self, arrangement: Arrangement) -> Column:
        """Whose body the first three numbers show; the current fit where there is no other."""
        shown = {column for _row, column in arrangement.cells}
        return self._source if self._source in shown else Column.CURRENT
