"""Version 22: errors that were made in accepted fits, to see whether reviewers find them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

# Beside the body all that lists and panels show of a fit, under the names that it has there.
MADE_ERRORS_TABLE = """
CREATE TABLE made_errors (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sample_id INTEGER NOT NULL UNIQUE REFERENCES samples (id) ON DELETE CASCADE,
    fit_id INTEGER NOT NULL REFERENCES fits (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    expert TEXT NOT NULL,
    made_at TEXT NOT NULL,
    pose_axis_angle BLOB NOT NULL,
    betas BLOB NOT NULL,
    camera_translation BLOB NOT NULL,
    crop_camera BLOB,
    reprojection_loss REAL NOT NULL,
    pose_prior_loss REAL NOT NULL,
    angle_prior_loss REAL NOT NULL,
    shape_prior_loss REAL NOT NULL,
    bone_direction_loss REAL NOT NULL,
    depth_loss REAL NOT NULL,
    pull_loss REAL NOT NULL,
    comparison_loss REAL NOT NULL,
    max_abs_beta REAL NOT NULL,
    depth_m REAL NOT NULL,
    pose_valid INTEGER NOT NULL CHECK (pose_valid IN (0, 1)),
    shape_valid INTEGER NOT NULL CHECK (shape_valid IN (0, 1)),
    suspicion REAL NOT NULL,
    informativeness REAL NOT NULL,
    disagreement_deg REAL,
    error_2d_px REAL,
    error_3d_mm REAL,
    touch_gain_mm REAL,
    touch_keypoint INTEGER,
    flags TEXT NOT NULL
) STRICT"""

_LOG = "CREATE TRIGGER {} AFTER {} ON made_errors BEGIN {}; END"
_CHANGE = "INSERT INTO changes (sample_id) VALUES ({}.sample_id)"

_STATEMENTS = (
    "CREATE INDEX made_errors_by_fit ON made_errors (fit_id)",
    _LOG.format("log_new_made_errors", "INSERT", _CHANGE.format("NEW")),
    _LOG.format("log_changed_made_errors", "UPDATE OF fit_id", _CHANGE.format("NEW")),
    _LOG.format("log_removed_made_errors", "DELETE", _CHANGE.format("OLD")),
)


def add_made_errors(database: Database) -> None:
    """Bring a file of schema 21 to schema 22; the caller holds the transaction."""
    for statement in (MADE_ERRORS_TABLE, *_STATEMENTS):
        database.execute(statement)
