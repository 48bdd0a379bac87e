"""The newest schema as it stands when all migrations ran, so that a new file gets it at once.

Migrations make tables, rebuild them and renew the triggers of all, one after the other: some ten
thousand statements, of which a new and empty file needs only what is left at the end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_IN_ORDER = ("table", "index", "view", "trigger")
"""Triggers last: none of them is to see the first rows."""


@dataclass(frozen=True)
class FinishedSchema:
    """statements: make all that a file has. counters: of each sequence, table and last number."""

    statements: tuple[str, ...]
    counters: tuple[tuple[str, int], ...]

    def make_in(self, execute: Callable[[str, Sequence[object]], object]) -> None:
        """Make it in an empty file; the caller holds the transaction."""
        for statement in self.statements:
            execute(statement, ())
        for counter in self.counters:
            execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", counter)


def schema_of(database: sqlite3.Connection) -> FinishedSchema:
    """The schema of a file without rows.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    stored = database.execute(
        "SELECT type, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' "
        "ORDER BY rowid"
    ).fetchall()
    statements = tuple(sql for kind in _IN_ORDER for each, sql in stored if each == kind)
    counters = database.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
    return FinishedSchema(statements, tuple(counters))
