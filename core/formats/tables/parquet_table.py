"""A table as Apache Parquet, which pandas, polars, DuckDB and Spark read, with types and lists.

Written by pyarrow, which is not among the program's own packages: its wheel is larger than all that
is needed without it (``pip install 'spin-studio[tables]'``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import SetupError, printable
from core.files.atomic_write import atomic_write
from core.formats.tables.columns import ColumnKind, TableColumn, TablePage, checked_page

INSTALL = "pip install 'pyarrow>=17'"


def check_parquet() -> None:
    """Find out whether Parquet can be written, without importing what writes it.

    Raises:
        SetupError: pyarrow is not installed.
    """
    if find_spec("pyarrow") is None:
        raise SetupError(
            "Parquet files are written with the package pyarrow, which is not installed.",
            remedy=f"Install it with: {INSTALL}. Or export the same table as csv.",
        )


@contextmanager
def parquet_table(
    path: Path,
    columns: Sequence[TableColumn],
    *,
    overwrite: bool,
    notes: Mapping[str, str] | None = None,
) -> Iterator[Callable[[TablePage], None]]:
    """A function that adds pages to a table, which is there once the block ends without an error.

    notes: texts that the file holds beside the table, in the metadata of its schema.

    Raises:
        SetupError: pyarrow is not installed.
        UserFileError: ``path`` exists and ``overwrite`` is off, or cannot be written.
    """
    check_parquet()
    import pyarrow as pa  # noqa: PLC0415 - it takes a second and is not always there
    import pyarrow.parquet as pq  # noqa: PLC0415

    types = {
        ColumnKind.TEXT: pa.string(),
        ColumnKind.TEXTS: pa.list_(pa.string()),
        ColumnKind.WHOLE: pa.int64(),
        ColumnKind.TRUTH: pa.bool_(),
        ColumnKind.NUMBER: pa.float64(),
        # Not of a fixed size: DuckDB takes those for plain lists, polars for arrays.
        ColumnKind.NUMBERS: pa.list_(pa.float32()),
    }
    fields = [pa.field(column.name, types[column.kind]) for column in columns]
    schema = pa.schema(fields, metadata=dict(notes or {}))
    with (
        atomic_write(path, overwrite=overwrite) as stream,
        pq.ParquetWriter(stream, schema, compression="zstd") as writer,
    ):

        def add(page: TablePage) -> None:
            if checked_page(columns, page):
                arrays = [
                    pa.array(_plain(column, page[column.name]), field.type)
                    for column, field in zip(columns, fields, strict=True)
                ]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))

        yield add


def _plain(column: TableColumn, values: Sequence[Any]) -> list[Any]:
    """Values as pyarrow takes them: what is not finite is not there, odd names become text."""
    if column.kind is ColumnKind.TEXT:
        return [None if value is None else printable(value) for value in values]
    if column.kind is ColumnKind.NUMBER:
        return [None if value is None or not np.isfinite(value) else value for value in values]
    if column.kind is ColumnKind.NUMBERS:
        return [None if row is None else np.asarray(row, np.float32) for row in values]
    return list(values)
