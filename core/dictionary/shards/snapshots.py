"""Snapshots: a project's database as one file that does not change, read from wherever it lies.

SQLite's write-ahead log needs memory that all readers share, so that a project's own database must
not be opened over a network file system. A snapshot has no log, and is opened as immutable: without
locks, by any number of processes on any number of machines.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import BUSY_TIMEOUT_S, Connection
from core.dictionary.storage.database_copy import copy_database
from core.dictionary.storage.migrations import (
    MIGRATIONS,
    newest_version,
    refuse_newer,
    stored_version,
)
from core.dictionary.storage.project_folder import HEADER_BYTES, bytes_by_header, open_project
from core.dictionary.storage.settings import Settings
from core.errors import UserFileError
from core.files.foreign_files import foreign_file
from core.system.installed_versions import installed_version

PROJECT_KEY = "project_key"
"""The setting that tells a project from every other; copies of a project share it."""

_FACTS = "snapshot"
_REMEDY = "Make one with: main.py snapshot PROJECT OUT."


@dataclass(frozen=True)
class SnapshotFacts:
    """What a snapshot is of.

    sha256: of the database that was copied, before these facts were written into it: snapshots of a
    project that has not changed in between have the same. project_key: which project it is; empty
    for one that could not be written. people: how many samples it holds.
    """

    sha256: str
    project_key: str
    schema_version: int
    program_version: str
    made_at: str
    people: int


def program_version() -> str:
    """The version of this program; ``unknown`` where it runs without being installed."""
    return installed_version("spin-studio") or "unknown"


def make_snapshot(project: Path, out: Path) -> SnapshotFacts:
    """Write the database of a project, with what others are writing, into one file.

    Args:
        project: its folder.
        out: the file, which is not there yet; its folder is.

    Raises:
        UserFileError: ``out`` exists already, or its folder does not.
        DictionaryError: the project cannot be read. DiskError: the file cannot be written.
    """
    _check_target(out)
    connection = open_project(project, MIGRATIONS, busy_timeout_s=BUSY_TIMEOUT_S)
    try:
        key = _key_of(connection)
        found: list[SnapshotFacts] = []
        copy_database(connection, out, check=lambda copy: found.append(_sealed(copy, key)))
    finally:
        connection.close()
    return found[0]


def open_snapshot(path: Path) -> tuple[Connection, SnapshotFacts]:
    """A connection that refuses to write, and what the snapshot is of.

    Raises:
        UserFileError: there is no such file, it is no snapshot, was cut short, or has the schema of
            another version of the program.
        SchemaTooNewError: a newer program made it.
    """
    if not path.is_file():
        raise UserFileError("there is no such snapshot.", path=path, remedy=_REMEDY)
    _refuse_cut_short(path)
    connection = Connection(path, read_only=True)
    try:
        _refuse_other_schema(connection, path)
        return connection, _facts_in(connection, path)
    except BaseException:
        connection.close()
        raise


def _check_target(out: Path) -> None:
    if not out.absolute().parent.is_dir():
        raise UserFileError(
            "its folder does not exist.", path=out, remedy=f"Make the folder {out.parent} first."
        )
    if out.exists():
        raise UserFileError(
            "exists already; nothing was written.", path=out, remedy="Choose another name."
        )


def _key_of(connection: Connection) -> str:
    """The project's key, which its first snapshot gives it."""
    settings = Settings(connection)
    key = settings.get(PROJECT_KEY)
    if key is None and not connection.read_only:
        key = uuid.uuid4().hex
        settings.set(PROJECT_KEY, key)
    return key or ""


def _sealed(copy: Path, key: str) -> SnapshotFacts:
    """Write into a copy what it is, and leave it without a log."""
    with copy.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    connection = Connection(copy)
    try:
        facts = SnapshotFacts(
            sha256=sha256,
            project_key=key,
            schema_version=stored_version(connection),
            program_version=program_version(),
            made_at=utc_now(),
            people=int(connection.scalar("SELECT count(*) FROM samples")),
        )
        Settings(connection).set(_FACTS, json.dumps(asdict(facts), sort_keys=True))
        connection.execute("PRAGMA journal_mode = DELETE")
    finally:
        connection.close()
    return facts


def _refuse_other_schema(connection: Connection, path: Path) -> None:
    found, known = stored_version(connection), newest_version(MIGRATIONS)
    refuse_newer(path, found=found, known=known)
    if found < known:
        raise UserFileError(
            f"the snapshot has schema {found}, expected {known}.",
            path=path,
            remedy="Make the snapshot again with this version of the program.",
        )


def _refuse_cut_short(path: Path) -> None:
    with foreign_file(path, expected="a snapshot of a project"), path.open("rb") as file:
        found, expected = path.stat().st_size, bytes_by_header(file.read(HEADER_BYTES))
    if found < expected:
        raise UserFileError(
            f"the snapshot was cut short: it has {found} bytes, expected {expected}.",
            path=path,
            remedy="Copy it again, or make it again.",
        )


def _facts_in(connection: Connection, path: Path) -> SnapshotFacts:
    text = Settings(connection).get(_FACTS)
    if text is None:
        raise UserFileError("is a project's database, but no snapshot.", path=path, remedy=_REMEDY)
    with foreign_file(path, expected="a snapshot of a project", remedy=_REMEDY):
        return SnapshotFacts(**json.loads(text))
