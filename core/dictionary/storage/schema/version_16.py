"""Version 16: random checks, and what was suspected of fits when people judged them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

AUDITS_TABLE = """
CREATE TABLE audits (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    seed INTEGER NOT NULL,
    share REAL NOT NULL CHECK (share > 0 AND share <= 0.5),
    started_at TEXT NOT NULL,
    started_by TEXT NOT NULL,
    ended_at TEXT,
    drawn_fit_ids BLOB NOT NULL,
    drawn_suspicions BLOB NOT NULL
) STRICT"""

AUDIT_DRAWS_TABLE = """
CREATE TABLE audit_draws (
    audit_id INTEGER NOT NULL REFERENCES audits (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    sample_id INTEGER NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
    before_sample_id INTEGER,
    drawn_at TEXT NOT NULL,
    drawn_by TEXT NOT NULL,
    PRIMARY KEY (audit_id, position)
) STRICT, WITHOUT ROWID"""

JUDGED_FITS_TABLE = """
CREATE TABLE judged_fits (
    fit_id INTEGER PRIMARY KEY REFERENCES fits (id) ON DELETE CASCADE,
    sample_id INTEGER NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
    suspicion REAL,
    flag_names TEXT
) STRICT"""

_INDEXES = (
    "CREATE INDEX audit_draws_by_sample ON audit_draws (sample_id)",
    "CREATE INDEX judged_fits_by_sample ON judged_fits (sample_id)",
)


def add_audits(database: Database) -> None:
    """Bring a file of schema 15 to schema 16; the caller holds the transaction.

    Of fits that were judged and replaced before, nothing is known.
    """
    for statement in (AUDITS_TABLE, AUDIT_DRAWS_TABLE, JUDGED_FITS_TABLE, *_INDEXES):
        database.execute(statement)
