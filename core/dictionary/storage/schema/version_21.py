"""Version 21: bodies of other methods as they came, beside what was made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

BODY_FILES_TABLE = """
CREATE TABLE body_files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    author TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    format TEXT NOT NULL,
    heading TEXT NOT NULL,
    options TEXT NOT NULL,
    digest TEXT NOT NULL,
    import_id INTEGER REFERENCES imports (id)
) STRICT"""

IMPORTED_BODIES_TABLE = """
CREATE TABLE imported_bodies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file_id INTEGER NOT NULL REFERENCES body_files (id),
    position INTEGER NOT NULL,
    sample_id INTEGER REFERENCES samples (id) ON DELETE CASCADE,
    entry BLOB NOT NULL,
    body_name TEXT NOT NULL,
    gender TEXT NOT NULL,
    betas BLOB,
    pose_axis_angle BLOB,
    camera_translation BLOB,
    conversion TEXT NOT NULL,
    conversion_error_mm REAL
) STRICT"""

_STATEMENTS = (
    "CREATE INDEX body_files_by_digest ON body_files (digest)",
    "CREATE INDEX imported_bodies_by_file ON imported_bodies (file_id, position)",
    "CREATE INDEX imported_bodies_by_sample ON imported_bodies (sample_id)",
    "ALTER TABLE fits ADD COLUMN imported_body_id INTEGER REFERENCES imported_bodies (id)",
    (
        "ALTER TABLE set_predictions ADD COLUMN imported_body_id "
        "INTEGER REFERENCES imported_bodies (id)"
    ),
    # Without them, every body that is deleted has all fits and predictions looked through.
    (
        "CREATE INDEX fits_by_imported_body ON fits (imported_body_id) "
        "WHERE imported_body_id IS NOT NULL"
    ),
    (
        "CREATE INDEX set_predictions_by_imported_body ON set_predictions (imported_body_id) "
        "WHERE imported_body_id IS NOT NULL"
    ),
)


def add_imported_bodies(database: Database) -> None:
    """Bring a file of schema 20 to schema 21; the caller holds the transaction.

    Of prediction sets that were imported before, the rows of their files are not known: importing
    the file again brings them.
    """
    for statement in (BODY_FILES_TABLE, IMPORTED_BODIES_TABLE, *_STATEMENTS):
        database.execute(statement)
