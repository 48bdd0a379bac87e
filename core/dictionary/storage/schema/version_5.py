"""A step of the schema: what imported annotation files held, so that an export writes it back.

A sample keeps what the program works with: joints, box, confidence. A file holds more: areas,
masks, crowds, pictures without people, licences. All of it is kept as the JSON it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

SOURCE_DOCUMENTS_TABLE = """
CREATE TABLE source_documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dataset TEXT NOT NULL,
    heading TEXT NOT NULL,
    UNIQUE (dataset, heading)
) STRICT"""

SOURCE_PICTURES_TABLE = """
CREATE TABLE source_pictures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES source_documents (id),
    picture_path TEXT NOT NULL,
    image_id TEXT NOT NULL,
    file_name TEXT NOT NULL,
    entry TEXT NOT NULL,
    UNIQUE (picture_path, document_id, image_id)
) STRICT"""

SOURCE_ENTRIES_TABLE = """
CREATE TABLE source_entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES source_documents (id),
    picture_id INTEGER NOT NULL REFERENCES source_pictures (id),
    sample_id INTEGER UNIQUE REFERENCES samples (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    refused INTEGER NOT NULL CHECK (refused IN (0, 1)),
    entry TEXT NOT NULL,
    box_center_x_px REAL,
    box_center_y_px REAL,
    box_scale REAL
) STRICT"""

_INDEXES = (
    "CREATE INDEX source_entries_by_picture ON source_entries (picture_id)",
    "CREATE INDEX source_pictures_by_document ON source_pictures (document_id)",
)


def add_sources(database: Database) -> None:
    """Make the tables; the caller holds the transaction."""
    for statement in (
        SOURCE_DOCUMENTS_TABLE,
        SOURCE_PICTURES_TABLE,
        SOURCE_ENTRIES_TABLE,
        *_INDEXES,
    ):
        database.execute(statement)
