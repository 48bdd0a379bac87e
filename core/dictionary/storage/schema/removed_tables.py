"""Tables for rows that were removed and may be put back: one beside each that holds such rows.

``removed_fits`` has the columns of ``fits`` and no rules. Rows are moved there and back as they
are, their checksum with them, by statements over many rows. Which tables need one is read from the
schema: those whose rows go with their sample, and a few named here. After every migration they are
made, or brought to the columns of their table, so that no migration needs to know of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.dictionary.storage.checksums import REMOVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlite_utils import Database

SAMPLES = "samples"
BY_NUMBER = (
    SAMPLES,
    "cameras",
    "searched_pictures",
    "body_files",
    "source_documents",
    "source_pictures",
)
"""Tables whose removed rows are noted one by one, by their ``id``."""

_NOT_KEPT = frozenset({"claims"})
"""Who works on a sample at the moment: of no use once it is put back."""


@dataclass(frozen=True)
class KeptTable:
    """A table with removed rows, and the column that says whose they are.

    key: ``id``, or the column with the sample.
    """

    name: str
    key: str

    @property
    def removed(self) -> str:
        """The name of the table next to it."""
        return f"{REMOVED}{self.name}"


def owned_tables(execute: Callable[[str], Iterable[Any]]) -> list[KeptTable]:
    """The tables whose rows are deleted with their sample, by name.

    Args:
        execute: runs a statement on the database.
    """
    names = [
        name
        for (name,) in list(execute("SELECT name FROM sqlite_schema WHERE type = 'table'"))
        if name not in _NOT_KEPT and not name.startswith((REMOVED, "sqlite_"))
    ]
    return sorted(
        (
            KeptTable(name, column)
            for name in names
            for column in _columns_to_samples(execute, name)
        ),
        key=lambda table: table.name,
    )


def renew_removed_tables(database: Database) -> None:
    """Make the tables for removed rows, with the columns that their tables have now.

    The caller holds the transaction, and renews the checksums before and after it.
    """
    kept = [*(KeptTable(name, "id") for name in BY_NUMBER), *owned_tables(database.execute)]
    for table in kept:
        columns = _columns(database, table.name)
        there = _columns(database, table.removed)
        if list(columns) != list(there):
            _make_again(database, table, columns, there)


def _columns_to_samples(execute: Callable[[str], Iterable[Any]], table: str) -> list[str]:
    return [
        column
        for to, column, on_delete in list(
            execute(
                f'SELECT "table", "from", on_delete FROM pragma_foreign_key_list(\'{table}\')'  # noqa: S608
            )
        )
        if to == SAMPLES and on_delete == "CASCADE"
    ]


def _columns(database: Database, table: str) -> dict[str, tuple[str, str | None]]:
    """Type and default of each column, in their order; empty where there is no such table."""
    rows = database.execute(f"PRAGMA table_info({table})").fetchall()
    return {name: (kind, default) for _, name, kind, _, default, _ in rows}


def _make_again(
    database: Database,
    table: KeptTable,
    columns: dict[str, tuple[str, str | None]],
    there: dict[str, tuple[str, str | None]],
) -> None:
    listed = ", ".join(f'"{name}" {kind}' for name, (kind, _) in columns.items())
    former = f"former_{table.removed}"
    if there:
        for prefix in ("sum_changed_", "sum_new_"):
            database.execute(f"DROP TRIGGER IF EXISTS {prefix}{table.removed}")
        database.execute(f"DROP INDEX {table.removed}_by_{table.key}")
        database.execute(f"ALTER TABLE {table.removed} RENAME TO {former}")
    database.execute(f"CREATE TABLE {table.removed} ({listed}) STRICT")
    database.execute(
        f"CREATE INDEX {table.removed}_by_{table.key} ON {table.removed} ({table.key})"
    )
    if there:
        values = ", ".join(
            f'"{name}"' if name in there else (default or "NULL")
            for name, (_, default) in columns.items()
        )
        database.execute(f"INSERT INTO {table.removed} SELECT {values} FROM {former}")  # noqa: S608
        database.execute(f"DROP TABLE {former}")
