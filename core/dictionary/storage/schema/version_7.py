"""The seventh step of the schema: who works on what, so that a killed process is told from another.

Runs get the status ``interrupted`` and the name of who works on them; claims say which samples a
process has taken up, so that no two of them do the same work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

_RUNS_TABLE = """
CREATE TABLE wider_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    configuration TEXT NOT NULL,
    seed INTEGER,
    versions TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    status TEXT NOT NULL
        CHECK (status IN ('running', 'finished', 'cancelled', 'failed', 'interrupted')),
    worker TEXT
) STRICT"""

_WIDEN_RUNS = (
    # SQLite cannot change a CHECK in place.
    _RUNS_TABLE,
    (
        "INSERT INTO wider_runs "
        "SELECT id, kind, configuration, seed, versions, started_at, ended_at, status, NULL "
        "FROM runs"
    ),
    "DROP TABLE runs",
    "ALTER TABLE wider_runs RENAME TO runs",
)

CLAIMS_TABLE = """
CREATE TABLE claims (
    work TEXT NOT NULL,
    sample_id INTEGER NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
    worker TEXT NOT NULL,
    PRIMARY KEY (work, sample_id)
) STRICT, WITHOUT ROWID"""

_INDEXES = (
    "CREATE INDEX claims_by_worker ON claims (worker)",
    "CREATE INDEX claims_by_sample ON claims (sample_id)",
)


def add_workers(database: Database) -> None:
    """Bring a file of schema 6 to schema 7; the caller holds the transaction."""
    for statement in (*_WIDEN_RUNS, CLAIMS_TABLE, *_INDEXES):
        database.execute(statement)
