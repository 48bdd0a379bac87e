"""A checksum in every row that people rely on: damage that SQLite cannot see does not stay unseen.

SQLite knows its own structure, not what is in it: a flipped bit in a loss, a body or a name goes
unnoticed. Triggers keep the column ``checksum`` of every table, in whatever way a row is written;
they call a function of the program, so that a tool without it can read the file, but not write it.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


ROW_SUM = "row_sum"
CHECKSUM = "checksum"
REMOVED = "removed_"
"""Tables of this prefix hold rows that were removed from others, each with its checksum."""

NOT_SUMMED = frozenset({"changes", "claims", "sqlite_sequence", "sqlite_stat1", "sqlite_stat4"})
"""What can be lost without anyone seeing it: the log for copies in memory, claims, SQLite's own."""


def row_sum(*values: object) -> int:
    """CRC-32 of the values of a row, the same with every version of Python and on every machine."""
    return zlib.crc32(ascii(values).encode("ascii"))


def register_row_sum(connection: sqlite3.Connection) -> None:
    """Let the statements and triggers of a connection call ``row_sum``."""
    connection.create_function(ROW_SUM, -1, row_sum, deterministic=True)


@dataclass(frozen=True)
class SummedTable:
    """A table whose rows bear a checksum.

    columns: those that it is made of, in their order. keys: the columns of the primary key.
    """

    name: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def sum_sql(self) -> str:
        """The checksum that the row should bear, as an expression."""
        return f"{ROW_SUM}({_listed(self.columns)})"

    @property
    def rows_sql(self) -> str:
        """A statement that reads checksum, keys and columns of every row, in this order."""
        listed = _listed((CHECKSUM, *self.keys, *self.columns))
        return f"SELECT {listed} FROM {_quoted(self.name)}"  # noqa: S608 - own names

    def triggers(self) -> dict[str, str]:
        """The statements that make its triggers, by name.

        They read the stored row: what was handed in may differ from it, such as -0.0 from 0.0.
        """
        is_row = " AND ".join(f"{_quoted(key)} = NEW.{_quoted(key)}" for key in self.keys)
        update = f"UPDATE {_quoted(self.name)} SET {CHECKSUM} = {self.sum_sql} WHERE {is_row};"  # noqa: S608
        # Not of the checksum itself, or the trigger would call itself.
        events = {"changed": f"UPDATE OF {_listed(self.columns)}"}
        if not self.name.startswith(REMOVED):  # a removed row brings its checksum along
            events["new"] = "INSERT"
        return {
            f"sum_{which}_{self.name}": (
                f"CREATE TRIGGER sum_{which}_{self.name} AFTER {event} ON {_quoted(self.name)} "
                f"BEGIN {update} END"
            )
            for which, event in events.items()
        }


def renew_checksums(database: Database) -> None:
    """Give every table that is new or has other columns its checksums and triggers.

    It brings a file of schema 5 to schema 6, and every later migration ends with it. The caller
    holds the transaction.
    """
    _log_changes_of_samples(database)
    stored = {trigger.name: trigger.sql for trigger in database.triggers}
    for name in _table_names(database):
        if CHECKSUM not in _columns(database, name):
            database.execute(f"ALTER TABLE {_quoted(name)} ADD COLUMN {CHECKSUM} INTEGER")
        table = _summed_table(database, name)
        triggers = table.triggers()
        if any(stored.get(trigger) != sql for trigger, sql in triggers.items()):
            for trigger in triggers:
                database.execute(f"DROP TRIGGER IF EXISTS {_quoted(trigger)}")
            database.execute(f"UPDATE {_quoted(name)} SET {CHECKSUM} = {table.sum_sql}")  # noqa: S608
            for sql in triggers.values():
                database.execute(sql)


def summed_tables(database: Database) -> Iterator[SummedTable]:
    """Every table whose rows bear checksums."""
    for name in _table_names(database):
        if CHECKSUM in _columns(database, name):
            yield _summed_table(database, name)


def _log_changes_of_samples(database: Database) -> None:
    """Log a change of a sample once: writing its checksum is none."""
    columns = _listed(tuple(name for name in _columns(database, "samples") if name != CHECKSUM))
    database.execute("DROP TRIGGER IF EXISTS log_changed_sample")
    database.execute(
        f"CREATE TRIGGER log_changed_sample AFTER UPDATE OF {columns} ON samples "  # noqa: S608
        "BEGIN INSERT INTO changes (sample_id) VALUES (NEW.id); END"
    )


def _summed_table(database: Database, name: str) -> SummedTable:
    columns = _columns(database, name)
    keys = tuple(column for column, position in columns.items() if position) or ("rowid",)
    summed = tuple(column for column in columns if column != CHECKSUM)
    return SummedTable(name, summed, keys)


def _table_names(database: Database) -> list[str]:
    return sorted(set(database.table_names()) - NOT_SUMMED)


def _columns(database: Database, table: str) -> dict[str, int]:
    """The columns of a table, each with its place in the primary key, or 0."""
    return {column.name: column.is_pk for column in database[table].columns}


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(_quoted, names))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
