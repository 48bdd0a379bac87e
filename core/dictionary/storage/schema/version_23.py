"""Version 23: which bodies a project was on before, and how near its fits came to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

BODY_CHANGES_TABLE = """
CREATE TABLE body_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    author TEXT NOT NULL,
    from_body TEXT NOT NULL,
    to_body TEXT NOT NULL,
    conversion TEXT NOT NULL,
    bodies INTEGER NOT NULL,
    mean_mm REAL NOT NULL,
    p95_mm REAL NOT NULL,
    worst_mm REAL NOT NULL,
    limit_mm REAL NOT NULL,
    over_limit INTEGER NOT NULL
) STRICT"""

CONVERTED_FITS_TABLE = """
CREATE TABLE converted_fits (
    fit_id INTEGER NOT NULL REFERENCES fits (id) ON DELETE CASCADE,
    sample_id INTEGER NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
    change_id INTEGER NOT NULL REFERENCES body_changes (id),
    error_mm REAL NOT NULL,
    PRIMARY KEY (fit_id, change_id)
) STRICT"""

_INDEXES = ("CREATE INDEX converted_fits_by_sample ON converted_fits (sample_id)",)


def add_body_changes(database: Database) -> None:
    """Bring a file of schema 22 to schema 23; the caller holds the transaction."""
    for statement in (BODY_CHANGES_TABLE, CONVERTED_FITS_TABLE, *_INDEXES):
        database.execute(statement)
