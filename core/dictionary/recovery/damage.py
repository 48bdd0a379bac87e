"""Damage to a database's file: by SQLite's own check, by its schema, by its rows' checksums."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from core.dictionary.storage.checksums import SummedTable, row_sum
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.migrations import Migration, apply_migrations
from core.progress import CancelToken, ProgressMeter

_SCHEMA = (
    "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'"
)

_Schema = frozenset[tuple[str, str, str, str]]


def file_damage(connection: Connection) -> Iterator[str]:
    """What SQLite finds wrong with the structure of the file, its indexes and its links."""
    for (line,) in connection.each("PRAGMA integrity_check"):
        if line != "ok":
            yield f"SQLite finds damage: {' '.join(str(line).split())}"
    for table, _row, to, _key in connection.each("PRAGMA foreign_key_check"):
        yield f"A row of {table} points to no row of {to}."


def schema_damage(connection: Connection, migrations: Sequence[Migration]) -> Iterator[str]:
    """Tables, indexes and triggers that are not those that the migrations make."""
    with connection.any_text():
        found: _Schema = frozenset(connection.each(_SCHEMA))
    expected = _expected_schema(tuple(migrations))
    for kind, name, _table, _sql in sorted(expected - found):
        yield f"The {kind} {name} is missing or is not what the program made it."
    names = {name for _kind, name, _table, _sql in expected}
    for kind, name, _table, _sql in sorted(found - expected, key=repr):
        if name not in names:
            yield f"There is a {kind} {name!r} that the program did not make."


def wrong_rows(
    connection: Connection, table: SummedTable, *, meter: ProgressMeter, cancel: CancelToken
) -> Iterator[str]:
    """The rows of a table whose checksum is not that of their values."""
    first_value = 1 + len(table.keys)
    with connection.any_text():
        for row in connection.each(table.rows_sql):
            if row[0] != row_sum(*row[first_value:]):
                key = ", ".join(ascii(value) for value in row[1:first_value])
                yield f"The row {key} of {table.name} is not what was written (its checksum tells)."
            meter.advance()
            cancel.raise_if_cancelled()


@cache
def _expected_schema(migrations: tuple[Migration, ...]) -> _Schema:
    """As it is in a new project."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "expected.db"
        path.touch()
        connection = Connection(path)
        try:
            with connection.writing():
                apply_migrations(connection, migrations, after_version=0)
            return frozenset(connection.each(_SCHEMA))
        finally:
            connection.close()
