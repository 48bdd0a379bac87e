"""A table as CSV: UTF-8, commas, a line of names, one line a row.

What is several numbers takes several columns, ``betas_0`` to ``betas_9``; several texts stand in
one, between semicolons. Numbers have as many digits as bring back the same number; a value that is
not there is an empty field, and so is one that is not finite.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from core.files.atomic_write import atomic_write
from core.formats.tables.columns import ColumnKind, TableColumn, TablePage, checked_page

_BETWEEN_TEXTS = "; "


@contextmanager
def csv_table(
    path: Path, columns: Sequence[TableColumn], *, overwrite: bool
) -> Iterator[Callable[[TablePage], None]]:
    """A function that adds pages to a table, which is there once the block ends without an error.

    Raises:
        UserFileError: ``path`` exists and ``overwrite`` is off, or cannot be written.
    """
    with atomic_write(path, overwrite=overwrite) as stream:
        # Names of files need not be text; what is not is written as escapes.
        text = io.TextIOWrapper(stream, "utf-8", errors="backslashreplace", newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(chain.from_iterable(map(_headings, columns)))

        def add(page: TablePage) -> None:
            rows = checked_page(columns, page)
            fields = [_fields(column, page[column.name]) for column in columns]
            for row in range(rows):
                writer.writerow(chain.from_iterable(cells[row] for cells in fields))

        yield add
        text.flush()
        text.detach()


def _headings(column: TableColumn) -> list[str]:
    if column.kind is not ColumnKind.NUMBERS:
        return [column.name]
    return [f"{column.name}_{index}" for index in range(column.width)]


def _fields(column: TableColumn, values: Sequence[Any]) -> list[Sequence[str]]:
    """The texts of a column, row by row."""
    if column.kind is ColumnKind.NUMBERS:
        nothing = [""] * column.width
        return [nothing if row is None else [_single(number) for number in row] for row in values]
    as_text = _AS_TEXT[column.kind]
    return [("" if value is None else as_text(value),) for value in values]


def _single(number: Any) -> str:
    """The shortest text that gives the same number in single precision."""
    return str(np.float32(number)) if np.isfinite(number) else ""


def _double(number: Any) -> str:
    return repr(float(number)) if np.isfinite(number) else ""


def _truth(value: Any) -> str:
    return "true" if value else "false"


_AS_TEXT: dict[ColumnKind, Callable[[Any], str]] = {
    ColumnKind.TEXT: str,
    ColumnKind.TEXTS: _BETWEEN_TEXTS.join,
    ColumnKind.WHOLE: lambda value: str(int(value)),
    ColumnKind.TRUTH: _truth,
    ColumnKind.NUMBER: _double,
}
