"""What a table's columns are called and hold; the same for every kind of file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from core.errors import ShapeError

TablePage = Mapping[str, Sequence[Any]]
"""Some rows: the values of each column, in its kind. None stands for a value that is not there."""


class ColumnKind(Enum):
    """What a column holds."""

    TEXT = "text"
    TEXTS = "texts"
    WHOLE = "whole numbers"
    TRUTH = "yes or no"
    NUMBER = "number in double precision"
    NUMBERS = "numbers in single precision"


@dataclass(frozen=True)
class TableColumn:
    """One column. width: how many numbers an entry of ``NUMBERS`` has."""

    name: str
    kind: ColumnKind
    width: int = 0


def checked_page(columns: Sequence[TableColumn], page: TablePage) -> int:
    """How many rows a page has.

    Raises:
        ShapeError: its columns are of unlike length, or one is missing.
    """
    lengths = {column.name: len(page.get(column.name, ())) for column in columns}
    rows = max(lengths.values(), default=0)
    for name, length in lengths.items():
        if length != rows:
            raise ShapeError(name, actual=(length,), expected=f"({rows},)")
    return rows
