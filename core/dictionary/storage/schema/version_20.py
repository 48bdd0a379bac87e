"""Version 20: what correcting each keypoint of a person would gain."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

TOUCH_GAINS_TABLE = """
CREATE TABLE touch_gains (
    sample_id INTEGER PRIMARY KEY REFERENCES samples (id) ON DELETE CASCADE,
    gains_mm BLOB NOT NULL
) STRICT"""

_STATEMENTS = (
    "ALTER TABLE samples ADD COLUMN touch_gain_mm REAL",
    "ALTER TABLE samples ADD COLUMN touch_keypoint INTEGER",
    "CREATE INDEX samples_by_touch_gain ON samples (touch_gain_mm)",
)


def add_touch_gains(database: Database) -> None:
    """Bring a file of schema 19 to schema 20; the caller holds the transaction.

    Of fits that were assessed before, no gains are known until they are asked for.
    """
    for statement in (TOUCH_GAINS_TABLE, *_STATEMENTS):
        database.execute(statement)
