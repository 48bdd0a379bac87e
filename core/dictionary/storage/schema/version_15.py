"""Version 15: imports are told apart, and what was removed is kept until it is put back.

Rows that are removed move to tables named ``removed_…``, which ``removed_tables`` makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

IMPORTS_TABLE = """
CREATE TABLE imports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    author TEXT NOT NULL,
    format TEXT NOT NULL,
    sources TEXT NOT NULL,
    dataset TEXT NOT NULL,
    people INTEGER NOT NULL,
    pictures INTEGER NOT NULL,
    updated INTEGER NOT NULL
) STRICT"""

REMOVALS_TABLE = """
CREATE TABLE removals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    author TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('people', 'pictures', 'import')),
    import_id INTEGER REFERENCES imports (id),
    people INTEGER NOT NULL,
    pictures INTEGER NOT NULL,
    put_back_at TEXT,
    forgotten_at TEXT
) STRICT"""

REMOVAL_ROWS_TABLE = """
CREATE TABLE removal_rows (
    removal_id INTEGER NOT NULL REFERENCES removals (id),
    table_name TEXT NOT NULL,
    row_id INTEGER NOT NULL,
    PRIMARY KEY (removal_id, table_name, row_id)
) STRICT, WITHOUT ROWID"""

WITH_IMPORT = ("samples", "searched_pictures", "source_pictures", "source_entries")
"""The tables whose rows say which import brought them."""

_INDEXES = (
    "CREATE INDEX samples_by_import ON samples (import_id)",
    # Without it, every fit that is removed has all others looked through.
    (
        "CREATE INDEX fits_by_made_from ON fits (made_from_fit_id) "
        "WHERE made_from_fit_id IS NOT NULL"
    ),
)

_EARLIER_IMPORT = """
INSERT INTO imports (at, author, format, sources, dataset, people, pictures, updated)
SELECT coalesce(min(imported_at), strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', 'now')), '', '', '[]',
    '', count(*), count(DISTINCT picture_path), 0
FROM samples WHERE drawn_by IS NULL"""

_IS_USED = """
SELECT EXISTS (SELECT 1 FROM samples WHERE drawn_by IS NULL)
    OR EXISTS (SELECT 1 FROM searched_pictures) OR EXISTS (SELECT 1 FROM source_pictures)"""


def add_imports(database: Database) -> None:
    """Make the tables; what was imported before is one unnamed import.

    The caller holds the transaction.
    """
    for statement in (IMPORTS_TABLE, REMOVALS_TABLE, REMOVAL_ROWS_TABLE):
        database.execute(statement)
    for table in WITH_IMPORT:
        database.execute(
            f"ALTER TABLE {table} ADD COLUMN import_id INTEGER REFERENCES imports (id)"
        )
    for statement in _INDEXES:
        database.execute(statement)
    ((is_used,),) = database.execute(_IS_USED)
    if is_used:
        database.execute(_EARLIER_IMPORT)
        for table in WITH_IMPORT:
            imported = "WHERE drawn_by IS NULL" if table == "samples" else ""
            database.execute(f"UPDATE {table} SET import_id = 1 {imported}")  # noqa: S608 - own
