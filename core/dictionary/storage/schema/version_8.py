"""The eighth step of the schema: what the program's own detector saw, and who placed a keypoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

DETECTIONS_TABLE = """
CREATE TABLE detections (
    sample_id INTEGER PRIMARY KEY REFERENCES samples (id) ON DELETE CASCADE,
    landmarks_px BLOB,
    landmarks_m BLOB,
    agreement REAL NOT NULL,
    score REAL NOT NULL,
    networks TEXT NOT NULL
) STRICT"""

SEARCHED_PICTURES_TABLE = """
CREATE TABLE searched_pictures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    picture_path TEXT NOT NULL UNIQUE,
    people INTEGER NOT NULL,
    networks TEXT NOT NULL,
    searched_at TEXT NOT NULL,
    video TEXT,
    frame INTEGER,
    time_s REAL
) STRICT"""

_MARK_WHAT_PEOPLE_CHANGED = """
UPDATE annotations SET keypoint_sources =
    changed_keypoints(keypoints_px, imported_keypoints_px)
WHERE imported_keypoints_px IS NOT NULL"""

_BYTES_OF_A_KEYPOINT = 12
_IMPORTED, _MARKED = b"\x00", b"\x02"


def add_detections(database: Database) -> None:
    """Make the tables, and mark the keypoints that people changed.

    NULL in ``keypoint_sources`` says that all keypoints are imported ones, as of nearly all people.
    The caller holds the transaction.
    """
    for statement in (
        DETECTIONS_TABLE,
        SEARCHED_PICTURES_TABLE,
        "ALTER TABLE annotations ADD COLUMN keypoint_sources BLOB",
    ):
        database.execute(statement)
    database.conn.create_function("changed_keypoints", 2, _changed_keypoints, deterministic=True)
    database.execute(_MARK_WHAT_PEOPLE_CHANGED)


def _changed_keypoints(now: bytes, imported: bytes) -> bytes:
    starts = range(0, len(now), _BYTES_OF_A_KEYPOINT)
    return b"".join(
        _IMPORTED if _at(now, start) == _at(imported, start) else _MARKED for start in starts
    )


def _at(keypoints: bytes, start: int) -> bytes:
    return keypoints[start : start + _BYTES_OF_A_KEYPOINT]
