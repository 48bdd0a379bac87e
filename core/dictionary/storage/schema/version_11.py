"""A step of the schema: which samples show one moment or one person, and their fits.

A fit that was made of a whole group bears the group's number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.dictionary.storage.schema.version_2 import wider_events

if TYPE_CHECKING:
    from sqlite_utils import Database

VIEW_GROUPS_TABLE = """
CREATE TABLE view_groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('moment', 'subject')),
    name TEXT NOT NULL,
    UNIQUE (kind, name)
) STRICT"""

GROUP_MEMBERS_TABLE = """
CREATE TABLE group_members (
    sample_id INTEGER PRIMARY KEY REFERENCES samples (id) ON DELETE CASCADE,
    moment_id INTEGER REFERENCES view_groups (id),
    subject_id INTEGER REFERENCES view_groups (id),
    camera TEXT,
    left_out INTEGER NOT NULL CHECK (left_out IN (0, 1))
) STRICT"""

_INDEXES = (
    "CREATE INDEX group_members_by_moment ON group_members (moment_id)",
    "CREATE INDEX group_members_by_subject ON group_members (subject_id)",
)


def add_view_groups(database: Database) -> None:
    """Make the tables, and the column of fits; the caller holds the transaction."""
    for statement in (
        VIEW_GROUPS_TABLE,
        GROUP_MEMBERS_TABLE,
        *_INDEXES,
        *wider_events("verdict", "current fit", "keypoints", "box", "sample", "camera", "group"),
        "ALTER TABLE fits ADD COLUMN group_id INTEGER REFERENCES view_groups (id)",
    ):
        database.execute(statement)
