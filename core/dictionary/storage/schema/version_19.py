"""Version 19: who said what of a fit, what is asked of whom, and comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

_OF_SAMPLE = "INTEGER NOT NULL REFERENCES samples (id) ON DELETE CASCADE"
_KEYED_BY_SAMPLE = "INTEGER PRIMARY KEY REFERENCES samples (id) ON DELETE CASCADE"
_OF_FIT = "INTEGER NOT NULL REFERENCES fits (id) ON DELETE CASCADE"

OPINIONS_TABLE = f"""
CREATE TABLE opinions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sample_id {_OF_SAMPLE},
    fit_id {_OF_FIT},
    reviewer TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('none', 'accepted', 'rejected', 'unsure')),
    reject_reason TEXT,
    at TEXT NOT NULL,
    saw TEXT NOT NULL,
    withdrawn_at TEXT
) STRICT"""

ASSIGNMENTS_TABLE = f"""
CREATE TABLE assignments (
    sample_id {_KEYED_BY_SAMPLE},
    reviewer TEXT NOT NULL
) STRICT"""

SECOND_OPINIONS_TABLE = f"""
CREATE TABLE second_opinions (
    sample_id {_KEYED_BY_SAMPLE},
    fit_id {_OF_FIT},
    first_reviewer TEXT NOT NULL,
    reviewer TEXT,
    asked_at TEXT NOT NULL
) STRICT"""

KNOWN_CASES_TABLE = f"""
CREATE TABLE known_cases (
    sample_id {_KEYED_BY_SAMPLE},
    fit_id {_OF_FIT},
    kind TEXT NOT NULL,
    expected TEXT NOT NULL CHECK (expected IN ('accepted', 'rejected')),
    pose_axis_angle BLOB NOT NULL,
    betas BLOB NOT NULL,
    camera_translation BLOB NOT NULL,
    crop_camera BLOB,
    expert TEXT NOT NULL,
    made_at TEXT NOT NULL
) STRICT"""

CASE_ANSWERS_TABLE = f"""
CREATE TABLE case_answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sample_id {_OF_SAMPLE},
    reviewer TEXT NOT NULL,
    kind TEXT NOT NULL,
    expected TEXT NOT NULL CHECK (expected IN ('accepted', 'rejected')),
    verdict TEXT NOT NULL CHECK (verdict IN ('accepted', 'rejected', 'unsure')),
    at TEXT NOT NULL
) STRICT"""

COMMENTS_TABLE = f"""
CREATE TABLE comments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sample_id {_OF_SAMPLE},
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    text TEXT NOT NULL,
    removed_at TEXT
) STRICT"""

_TABLES = (
    OPINIONS_TABLE,
    ASSIGNMENTS_TABLE,
    SECOND_OPINIONS_TABLE,
    KNOWN_CASES_TABLE,
    CASE_ANSWERS_TABLE,
    COMMENTS_TABLE,
)

_INDEXES = (
    "CREATE UNIQUE INDEX opinions_by_fit ON opinions (fit_id, reviewer, at)",
    "CREATE INDEX opinions_by_sample ON opinions (sample_id)",
    "CREATE INDEX opinions_by_reviewer ON opinions (reviewer)",
    "CREATE INDEX assignments_by_reviewer ON assignments (reviewer)",
    "CREATE INDEX second_opinions_by_fit ON second_opinions (fit_id)",
    "CREATE INDEX known_cases_by_fit ON known_cases (fit_id)",
    "CREATE INDEX case_answers_by_sample ON case_answers (sample_id, reviewer)",
    "CREATE INDEX comments_by_sample ON comments (sample_id)",
)

# The window's copy of what lists are filtered by follows the log of changed samples.
_LOG = "CREATE TRIGGER {} AFTER {} BEGIN INSERT INTO changes (sample_id) VALUES ({}); END"

_TRIGGERS = tuple(
    _LOG.format(f"log_{word}_{table}", f"{event} ON {table}", f"{row}.sample_id")
    for table, changing in (
        ("opinions", "withdrawn_at"),
        ("assignments", "reviewer"),
        ("second_opinions", "fit_id"),
        ("known_cases", "fit_id"),
        ("case_answers", "verdict"),
        ("comments", "removed_at"),
    )
    for word, event, row in (
        ("new", "INSERT", "NEW"),
        ("changed", f"UPDATE OF {changing}", "NEW"),
        ("removed", "DELETE", "OLD"),
    )
)

_TAKE_OVER_VERDICTS = """
INSERT INTO opinions (sample_id, fit_id, reviewer, verdict, reject_reason, at, saw)
SELECT sample_id, id, coalesce(verdict_by, ''), verdict, reject_reason,
    coalesce(verdict_at, created_at), '[]'
FROM fits WHERE verdict <> 'none' ORDER BY id"""


def add_reviewers(database: Database) -> None:
    """Bring a file of schema 18 to schema 19; the caller holds the transaction.

    The verdicts that fits bear become opinions of those who gave them; what other people had said
    of the same fits before is known to the log of events alone.
    """
    for statement in (*_TABLES, *_INDEXES, *_TRIGGERS, _TAKE_OVER_VERDICTS):
        database.execute(statement)
