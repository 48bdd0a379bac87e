"""A step of the schema: the camera of every picture, and of every stored body.

Bodies made before belong to SPIN's long lens, which NULL stands for; so their pictures have it, and
nothing about them changes until a person gives them another camera. Of the program's own synthetic
people it is the true one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.dictionary.storage.schema.version_2 import wider_events

if TYPE_CHECKING:
    from sqlite_utils import Database

CAMERAS_TABLE = """
CREATE TABLE cameras (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    picture_path TEXT NOT NULL UNIQUE,
    focal_length_px REAL,
    principal_x_px REAL NOT NULL,
    principal_y_px REAL NOT NULL,
    distortion TEXT NOT NULL,
    source TEXT NOT NULL
        CHECK (source IN ('given', 'typed', 'exif', 'found', 'long lens')),
    note TEXT NOT NULL
) STRICT"""

_LONG_LENS_FOR_PICTURES_BEFORE = """
INSERT INTO cameras (
    picture_path, focal_length_px, principal_x_px, principal_y_px, distortion, source, note
)
SELECT picture_path, NULL, (max(picture_width_px) - 1) / 2.0, (max(picture_height_px) - 1) / 2.0,
    '[]', 'long lens',
    CASE max(dataset) WHEN 'synthetic' THEN '' ELSE 'imported before cameras were kept' END
FROM samples GROUP BY picture_path ORDER BY min(id)"""

_CROP_CAMERAS = (
    "ALTER TABLE fits ADD COLUMN crop_camera BLOB",
    "ALTER TABLE predictions ADD COLUMN crop_camera BLOB",
    "ALTER TABLE set_predictions ADD COLUMN crop_camera BLOB",
    "ALTER TABLE annotations ADD COLUMN true_crop_camera BLOB",
)

_INDEX = "CREATE INDEX cameras_by_source ON cameras (source)"


def add_cameras(database: Database) -> None:
    """Bring a file of schema 8 to schema 9; the caller holds the transaction."""
    for statement in (
        CAMERAS_TABLE,
        _LONG_LENS_FOR_PICTURES_BEFORE,
        *_CROP_CAMERAS,
        *wider_events("verdict", "current fit", "keypoints", "box", "sample", "camera"),
        _INDEX,
    ):
        database.execute(statement)
