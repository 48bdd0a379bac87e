"""The tables of ``dictionary.db``; docs/database.md explains each column.

Every table is STRICT, so that a NumPy scalar that slipped through raises instead of being stored
as bytes. The narrow table ``samples`` holds what lists are sorted and filtered by; arrays live in
``annotations``, so that a scan over 300 000 samples reads tens of megabytes, not hundreds.
"""

from __future__ import annotations

VERSION_TABLE = """
CREATE TABLE schema_version (
    version INTEGER PRIMARY KEY,
    description TEXT NOT NULL,
    applied_at TEXT NOT NULL
) STRICT"""

SETTINGS_TABLE = """
CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID"""

RUNS_TABLE = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    configuration TEXT NOT NULL,
    seed INTEGER,
    versions TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    status TEXT NOT NULL CHECK (status IN ('running', 'finished', 'cancelled', 'failed'))
) STRICT"""

SAMPLES_TABLE = """
CREATE TABLE samples (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL COLLATE NOCASE,
    picture_path TEXT NOT NULL,
    picture_width_px INTEGER NOT NULL,
    picture_height_px INTEGER NOT NULL,
    dataset TEXT NOT NULL,
    person_key TEXT NOT NULL,
    box_center_x_px REAL NOT NULL,
    box_center_y_px REAL NOT NULL,
    box_scale REAL NOT NULL,
    visible_keypoints INTEGER NOT NULL,
    usable_keypoints INTEGER NOT NULL,
    imported_at TEXT NOT NULL,
    current_fit_id INTEGER REFERENCES fits (id),
    current_loss REAL,
    current_verdict TEXT,
    current_origin TEXT,
    current_max_abs_beta REAL,
    current_depth_m REAL,
    UNIQUE (picture_path, dataset, person_key)
) STRICT"""

ANNOTATIONS_TABLE = """
CREATE TABLE annotations (
    sample_id INTEGER PRIMARY KEY REFERENCES samples (id) ON DELETE CASCADE,
    keypoints_px BLOB NOT NULL,
    true_pose_axis_angle BLOB,
    true_betas BLOB,
    true_camera_translation BLOB,
    true_joints_3d BLOB
) STRICT"""

FITS_TABLE = """
CREATE TABLE fits (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sample_id INTEGER NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
    pose_axis_angle BLOB NOT NULL,
    betas BLOB NOT NULL,
    camera_translation BLOB NOT NULL,
    reprojection_loss REAL NOT NULL,
    pose_prior_loss REAL NOT NULL,
    angle_prior_loss REAL NOT NULL,
    shape_prior_loss REAL NOT NULL,
    depth_loss REAL NOT NULL,
    pull_loss REAL NOT NULL,
    comparison_loss REAL NOT NULL,
    max_abs_beta REAL NOT NULL,
    depth_m REAL NOT NULL,
    origin TEXT NOT NULL,
    run_id INTEGER REFERENCES runs (id),
    iteration INTEGER,
    created_at TEXT NOT NULL,
    runner_up INTEGER NOT NULL CHECK (runner_up IN (0, 1)),
    pose_valid INTEGER NOT NULL CHECK (pose_valid IN (0, 1)),
    shape_valid INTEGER NOT NULL CHECK (shape_valid IN (0, 1)),
    verdict TEXT NOT NULL DEFAULT 'none'
        CHECK (verdict IN ('none', 'accepted', 'rejected', 'unsure')),
    verdict_at TEXT,
    verdict_by TEXT
) STRICT"""

PREDICTIONS_TABLE = """
CREATE TABLE predictions (
    sample_id INTEGER PRIMARY KEY REFERENCES samples (id) ON DELETE CASCADE,
    pose_axis_angle BLOB NOT NULL,
    betas BLOB NOT NULL,
    camera_translation BLOB NOT NULL,
    run_id INTEGER REFERENCES runs (id),
    iteration INTEGER,
    created_at TEXT NOT NULL
) STRICT"""

FLAGS_TABLE = """
CREATE TABLE flags (
    name TEXT NOT NULL,
    sample_id INTEGER NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
    score REAL NOT NULL,
    PRIMARY KEY (name, sample_id)
) STRICT, WITHOUT ROWID"""

EVENTS_TABLE = """
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    author TEXT NOT NULL,
    sample_id INTEGER NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
    fit_id INTEGER REFERENCES fits (id),
    what TEXT NOT NULL CHECK (what IN ('verdict', 'current fit')),
    before TEXT,
    after TEXT
) STRICT"""

TABLES = (
    VERSION_TABLE,
    SETTINGS_TABLE,
    RUNS_TABLE,
    SAMPLES_TABLE,
    ANNOTATIONS_TABLE,
    FITS_TABLE,
    PREDICTIONS_TABLE,
    FLAGS_TABLE,
    EVENTS_TABLE,
)

# An index of SQLite ends with the row's id, so "ORDER BY column, id" needs no sorting step.
INDEXES = (
    "CREATE INDEX samples_by_name ON samples (name)",
    "CREATE INDEX samples_by_dataset ON samples (dataset)",
    "CREATE INDEX samples_by_imported_at ON samples (imported_at)",
    "CREATE INDEX samples_by_current_fit_id ON samples (current_fit_id)",
    "CREATE INDEX samples_by_current_loss ON samples (current_loss)",
    "CREATE INDEX samples_by_current_verdict ON samples (current_verdict)",
    # What reviewing asks for: the fits without a verdict, worst first.
    "CREATE INDEX samples_by_verdict_and_loss ON samples (current_verdict, current_loss)",
    "CREATE INDEX samples_by_current_origin ON samples (current_origin)",
    "CREATE INDEX samples_by_current_max_abs_beta ON samples (current_max_abs_beta)",
    "CREATE INDEX samples_by_current_depth_m ON samples (current_depth_m)",
    "CREATE INDEX fits_by_sample ON fits (sample_id)",
    "CREATE INDEX fits_by_origin ON fits (origin, sample_id)",
    "CREATE INDEX fits_by_run ON fits (run_id)",
    # The trainer asks for the rejected fits of a batch with every offer; few fits are rejected.
    "CREATE INDEX rejected_fits ON fits (sample_id) WHERE verdict = 'rejected'",
    "CREATE INDEX predictions_by_run ON predictions (run_id)",
    "CREATE INDEX flags_by_sample ON flags (sample_id)",
    "CREATE INDEX events_by_sample ON events (sample_id)",
    "CREATE INDEX events_by_fit ON events (fit_id)",
)
