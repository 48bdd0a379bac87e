"""What a contact sheet holds; nothing of how it is laid out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.errors import ShapeError
from core.rendering.compositing import Picture


@dataclass(frozen=True)
class SheetColumn:
    """One column: what is seen, and the group of neighbours it belongs to ("Prediction")."""

    title: str
    group: str = ""


@dataclass(frozen=True, eq=False)
class SheetCell:
    """A square picture ``(S, S, 3)``, RGB, or None with a few words in its place.

    description: what a reader who does not see it is told.
    """

    description: str
    picture: Picture | None = None
    note: str = ""


@dataclass(frozen=True, eq=False)
class SheetRow:
    """One sample: a cell for each column, its name, and what is said of it, line by line."""

    title: str
    cells: Sequence[SheetCell]
    lines: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class SheetSection:
    """Rows under a heading of their own; ``note`` explains it in a sentence."""

    title: str
    rows: Sequence[SheetRow]
    note: str = ""


@dataclass(frozen=True, eq=False)
class Sheet:
    """A whole sheet. note: one line on what was chosen and how; footer: on every page."""

    title: str
    columns: Sequence[SheetColumn]
    sections: Sequence[SheetSection] = field(default=())
    note: str = ""
    footer: str = ""

    def __post_init__(self) -> None:
        for section in self.sections:
            for row in section.rows:
                if len(row.cells) != len(self.columns):
                    raise ShapeError(
                        f"row '{row.title}'",
                        actual=(len(row.cells),),
                        expected=f"({len(self.columns)},), a cell for each column",
                    )
