"""Version 18: which samples are one person in neighbouring frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

_TRACKS_TABLE = """
CREATE TABLE tracks (
    sample_id INTEGER PRIMARY KEY REFERENCES samples (id) ON DELETE CASCADE,
    track INTEGER NOT NULL,
    place INTEGER NOT NULL
) STRICT"""


def add_tracks(database: Database) -> None:
    """Bring a file of schema 17 to schema 18; the caller holds the transaction.

    People of videos that are there already are followed by ``main.py frames PROJECT``.
    """
    database.execute(_TRACKS_TABLE)
    database.execute("CREATE INDEX tracks_by_place ON tracks (track, place)")
