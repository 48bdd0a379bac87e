"""Version 17: checks of keypoint labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

_STATEMENTS = (
    "ALTER TABLE samples ADD COLUMN labels_checked_at TEXT",
    "ALTER TABLE samples ADD COLUMN label_doubt REAL",
    "CREATE INDEX samples_by_label_doubt ON samples (label_doubt)",
    (
        "CREATE INDEX samples_to_check ON samples (id) "
        "WHERE labels_checked_at IS NULL AND visible_keypoints > 0"
    ),
)


def add_label_checks(database: Database) -> None:
    """Bring a file of schema 16 to schema 17; the caller holds the transaction.

    All labels wait to be checked.
    """
    for statement in _STATEMENTS:
        database.execute(statement)
