"""The tenth step of the schema: features of the detector's trunk, next to its landmarks.

They have a table of their own because they are much larger, and only the regressor reads them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

TRUNK_FEATURES_TABLE = """
CREATE TABLE trunk_features (
    sample_id INTEGER PRIMARY KEY REFERENCES samples (id) ON DELETE CASCADE,
    features BLOB NOT NULL
) STRICT"""


def add_trunk_features(database: Database) -> None:
    """Make the table; the caller holds the transaction."""
    database.execute(TRUNK_FEATURES_TABLE)
