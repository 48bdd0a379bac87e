"""Brings a dictionary to the schema of this program, with a backup made first.

Migrations are numbered from 1 without gaps; the first makes the tables. All that are missing run
in one transaction: a file is at the old version or at the new one, never between.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.dictionary.storage.checksums import register_row_sum, renew_checksums
from core.dictionary.storage.clock import file_stamp, utc_now
from core.dictionary.storage.connection import Connection, sqlite_utils_database
from core.dictionary.storage.database_copy import copy_database
from core.dictionary.storage.folder_names import BACKUP_FOLDER
from core.dictionary.storage.picture_paths import make_relative
from core.dictionary.storage.schema.finished_schema import FinishedSchema, schema_of
from core.dictionary.storage.schema.removed_tables import renew_removed_tables
from core.dictionary.storage.schema.version_1 import INDEXES, TABLES
from core.dictionary.storage.schema.version_2 import add_review
from core.dictionary.storage.schema.version_3 import add_change_log
from core.dictionary.storage.schema.version_5 import add_sources
from core.dictionary.storage.schema.version_7 import add_workers
from core.dictionary.storage.schema.version_8 import add_detections
from core.dictionary.storage.schema.version_9 import add_cameras
from core.dictionary.storage.schema.version_10 import add_trunk_features
from core.dictionary.storage.schema.version_11 import add_view_groups
from core.dictionary.storage.schema.version_12 import add_bone_directions
from core.dictionary.storage.schema.version_13 import add_extrinsics
from core.dictionary.storage.schema.version_14 import add_reject_reasons
from core.dictionary.storage.schema.version_15 import add_imports
from core.dictionary.storage.schema.version_16 import add_audits
from core.dictionary.storage.schema.version_17 import add_label_checks
from core.dictionary.storage.schema.version_18 import add_tracks
from core.dictionary.storage.schema.version_19 import add_reviewers
from core.dictionary.storage.schema.version_20 import add_touch_gains
from core.dictionary.storage.schema.version_21 import add_imported_bodies
from core.dictionary.storage.schema.version_22 import add_made_errors
from core.dictionary.storage.schema.version_23 import add_body_changes
from core.dictionary.storage.schema.version_24 import add_unknown_losses
from core.errors import NotAProjectError, SchemaTooNewError

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True)
class Migration:
    """One step of the schema: the version it leads to, and what it does to the database.

    ``apply`` runs inside a transaction and must neither commit nor use ``executescript``.
    """

    version: int
    description: str
    apply: Callable[[Database], None]


CHECKSUMS_FROM = 6
"""From this version on every row bears a checksum."""

REMOVED_FROM = 15
"""From this version on, rows that are removed are kept."""


def _create_tables(database: Database) -> None:
    for statement in (*TABLES, *INDEXES):
        database.execute(statement)


MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "first tables", _create_tables),
    Migration(2, "assessments, saved views, prediction sets, corrections", add_review),
    Migration(3, "log of changed samples", add_change_log),
    Migration(4, "pictures in the project's folder by their place in it", make_relative),
    Migration(5, "what imported files held", add_sources),
    Migration(CHECKSUMS_FROM, "checksums over rows", renew_checksums),
    Migration(7, "who works on runs and samples", add_workers),
    Migration(8, "detections, and who placed a keypoint", add_detections),
    Migration(9, "cameras of pictures and bodies", add_cameras),
    Migration(10, "features of the detector's trunk", add_trunk_features),
    Migration(11, "moments and subjects, and the fits of groups", add_view_groups),
    Migration(12, "directions of bones in a fit's objective", add_bone_directions),
    Migration(13, "where cameras stood", add_extrinsics),
    Migration(14, "why fits were rejected", add_reject_reasons),
    Migration(REMOVED_FROM, "imports, and what was removed", add_imports),
    Migration(16, "random checks, and suspicions of judged fits", add_audits),
    Migration(17, "checks of keypoint labels", add_label_checks),
    Migration(18, "people followed through frames", add_tracks),
    Migration(19, "what each reviewer said, what is asked of whom, and comments", add_reviewers),
    Migration(20, "what correcting each keypoint would gain", add_touch_gains),
    Migration(21, "bodies of other methods as they came", add_imported_bodies),
    Migration(22, "errors made in accepted fits", add_made_errors),
    Migration(23, "bodies that a project was on before", add_body_changes),
    Migration(24, "projected keypoints, and losses that are not known", add_unknown_losses),
)


def newest_version(migrations: Sequence[Migration]) -> int:
    """The schema that a program with these migrations writes."""
    return migrations[-1].version


def stored_version(connection: Connection) -> int:
    """The schema version of a file; raises ``NotAProjectError`` where there is none."""
    has_table = connection.scalar(
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'"
    )
    version = connection.scalar("SELECT max(version) FROM schema_version") if has_table else None
    if not isinstance(version, int):  # SQLite lets any column hold text
        raise NotAProjectError(
            f"{connection.path} is a database, but not one of SPIN Studio: it has no "
            "schema version.",
            remedy="Open the folder of a project, or make a new project.",
        )
    return version


def apply_migrations(
    connection: Connection, migrations: Sequence[Migration], *, after_version: int
) -> None:
    """Run the migrations above ``after_version``; the caller holds the transaction."""
    for migration in migrations:
        if migration.version > after_version:
            with connection.translated_errors():
                _apply(connection.database, migration)
            _note(connection, migration)
    connection.forget_columns()


def make_schema(connection: Connection, migrations: Sequence[Migration]) -> None:
    """What ``apply_migrations`` makes of an empty file; the caller holds the transaction.

    The program's own migrations run once in a process, in memory; from then on every new file gets
    what they lead to.
    """
    if migrations is not MIGRATIONS:
        apply_migrations(connection, migrations, after_version=0)
        return
    with connection.translated_errors():
        finished = _finished_schema()
    finished.make_in(connection.execute)
    for migration in migrations:
        _note(connection, migration)
    connection.forget_columns()


@cache
def _finished_schema() -> FinishedSchema:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as raw:
        register_row_sum(raw)
        database = sqlite_utils_database(raw)
        for migration in MIGRATIONS:
            _apply(database, migration)
        return schema_of(raw)


def _apply(database: Database, migration: Migration) -> None:
    migration.apply(database)
    # At once, so that a file has the same tables whatever version it came from.
    if migration.version > CHECKSUMS_FROM:
        renew_checksums(database)
    if migration.version >= REMOVED_FROM:
        renew_removed_tables(database)
        renew_checksums(database)


def _note(connection: Connection, migration: Migration) -> None:
    connection.execute(
        "INSERT INTO schema_version (version, description, applied_at) VALUES (?, ?, ?)",
        (migration.version, migration.description, utc_now()),
    )


def migrate(connection: Connection, migrations: Sequence[Migration] = MIGRATIONS) -> Path | None:
    """Bring an opened dictionary to the newest version.

    Returns:
        The backup that was made, or None where nothing was to do.

    Raises:
        NotAProjectError: the database is no dictionary.
        SchemaTooNewError: a newer program wrote it; it is left untouched.
    """
    found, known = stored_version(connection), newest_version(migrations)
    refuse_newer(connection.path, found=found, known=known)
    if found == known:
        return None
    name = f"dictionary-schema{found}-{file_stamp()}.backup"
    backup = connection.path.parent / BACKUP_FOLDER / name
    copy_database(connection, backup)
    bring_up_to_date(connection, migrations)
    return backup


def bring_up_to_date(connection: Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Apply what is missing without a backup: for a file that holds no one's work."""
    # A migration that rebuilds a table drops the old one, which foreign keys would forbid; the
    # pragma has no effect inside a transaction.
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        with connection.writing():
            # Another process may have migrated while this one made its backup.
            found = stored_version(connection)
            refuse_newer(connection.path, found=found, known=newest_version(migrations))
            apply_migrations(connection, migrations, after_version=found)
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def refuse_newer(path: Path, *, found: int, known: int) -> None:
    """Raise ``SchemaTooNewError`` where a file has a newer schema than the program knows."""
    """Raise ``SchemaTooNewError`` where a file has a newer schema than the program knows."""
    if found > known:
        raise SchemaTooNewError(
            f"{path} has schema version {found}, but this program knows versions up to {known}.",
            remedy="Open the project with a newer version of SPIN Studio.",
        )
