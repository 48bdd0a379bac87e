"""The second step of the schema: assessments, saved views, prediction sets, corrections.

The first step, ``schema.py``, stays as it was: an older file goes through both in turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

_SAMPLE_COLUMNS = (
    # These repeat the current fit's, in the same transaction.
    "ALTER TABLE samples ADD COLUMN current_pose_prior REAL",
    "ALTER TABLE samples ADD COLUMN current_created_at TEXT",
    "ALTER TABLE samples ADD COLUMN current_run_id INTEGER",
    # These are the assessment of the current fit; all NULL until it is made.
    "ALTER TABLE samples ADD COLUMN assessed_at TEXT",
    "ALTER TABLE samples ADD COLUMN suspicion REAL",
    "ALTER TABLE samples ADD COLUMN informativeness REAL",
    "ALTER TABLE samples ADD COLUMN disagreement_deg REAL",
    "ALTER TABLE samples ADD COLUMN error_2d_px REAL",
    "ALTER TABLE samples ADD COLUMN error_3d_mm REAL",
    # Counts the edits of keypoints and box that still stand; who drew a person by hand.
    "ALTER TABLE samples ADD COLUMN corrections INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE samples ADD COLUMN drawn_by TEXT",
)

_FILL_SAMPLE_COLUMNS = """
UPDATE samples SET current_pose_prior = fits.pose_prior_loss,
    current_created_at = fits.created_at, current_run_id = fits.run_id
FROM fits WHERE fits.id = samples.current_fit_id"""

_OTHER_COLUMNS = (
    "ALTER TABLE flags ADD COLUMN reason TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE fits ADD COLUMN made_by TEXT",
    "ALTER TABLE fits ADD COLUMN made_from_fit_id INTEGER REFERENCES fits (id)",
    "ALTER TABLE annotations ADD COLUMN imported_keypoints_px BLOB",
)

SAVED_VIEWS_TABLE = """
CREATE TABLE saved_views (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    rules TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT"""

PREDICTION_SETS_TABLE = """
CREATE TABLE prediction_sets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    kind TEXT NOT NULL CHECK (kind IN ('run', 'imported')),
    run_id INTEGER REFERENCES runs (id),
    source TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT"""

SET_PREDICTIONS_TABLE = """
CREATE TABLE set_predictions (
    set_id INTEGER NOT NULL REFERENCES prediction_sets (id) ON DELETE CASCADE,
    sample_id INTEGER NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
    pose_axis_angle BLOB NOT NULL,
    betas BLOB NOT NULL,
    camera_translation BLOB NOT NULL,
    PRIMARY KEY (set_id, sample_id)
) STRICT, WITHOUT ROWID"""

_EVENTS_TABLE = """
CREATE TABLE wider_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    author TEXT NOT NULL,
    sample_id INTEGER NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
    fit_id INTEGER REFERENCES fits (id),
    what TEXT NOT NULL CHECK (what IN ({kinds})),
    before TEXT,
    after TEXT
) STRICT"""


def wider_events(*kinds: str) -> tuple[str, ...]:
    """The statements that let the log hold events of these kinds, and of no other."""
    return (
        # SQLite cannot change a CHECK in place.
        _EVENTS_TABLE.format(kinds=", ".join(f"'{kind}'" for kind in kinds)),
        (
            "INSERT INTO wider_events SELECT id, at, author, sample_id, fit_id, what, before, "
            "after FROM events"
        ),
        "DROP TABLE events",
        "ALTER TABLE wider_events RENAME TO events",
        "CREATE INDEX events_by_sample ON events (sample_id)",
        "CREATE INDEX events_by_fit ON events (fit_id)",
        "CREATE INDEX events_by_what ON events (what, id)",
    )


_INDEXES = (
    "CREATE INDEX samples_by_current_pose_prior ON samples (current_pose_prior)",
    "CREATE INDEX samples_by_current_created_at ON samples (current_created_at)",
    "CREATE INDEX samples_by_current_run_id ON samples (current_run_id)",
    "CREATE INDEX samples_by_suspicion ON samples (suspicion)",
    "CREATE INDEX samples_by_informativeness ON samples (informativeness)",
    "CREATE INDEX samples_by_disagreement ON samples (disagreement_deg)",
    "CREATE INDEX samples_by_error_2d ON samples (error_2d_px)",
    "CREATE INDEX samples_by_error_3d ON samples (error_3d_mm)",
    "CREATE INDEX samples_by_visible_keypoints ON samples (visible_keypoints)",
    # What reviewing by suspicion asks for: fits without a verdict, most suspicious first.
    "CREATE INDEX samples_by_verdict_and_suspicion ON samples (current_verdict, suspicion)",
    # The assessor asks again and again for what is left; usually nothing is.
    (
        "CREATE INDEX samples_to_assess ON samples (id) "
        "WHERE assessed_at IS NULL AND current_fit_id IS NOT NULL"
    ),
    "CREATE INDEX corrected_samples ON samples (id) WHERE corrections > 0",
    # The gallery asks for the worst of one kind.
    "CREATE INDEX flags_by_score ON flags (name, score)",
    "CREATE INDEX set_predictions_by_sample ON set_predictions (sample_id)",
)


def add_review(database: Database) -> None:
    """Bring a file of schema 1 to schema 2; the caller holds the transaction."""
    for statement in (
        *_SAMPLE_COLUMNS,
        _FILL_SAMPLE_COLUMNS,
        *_OTHER_COLUMNS,
        SAVED_VIEWS_TABLE,
        PREDICTION_SETS_TABLE,
        SET_PREDICTIONS_TABLE,
        *wider_events("verdict", "current fit", "keypoints", "box", "sample"),
        *_INDEXES,
    ):
        database.execute(statement)
