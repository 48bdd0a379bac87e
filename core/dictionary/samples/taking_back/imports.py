"""Which import brought which people: noted when they come in, listed for taking one back."""

from __future__ import annotations

import json

from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.stored_values import REMEDY_CHANGED
from core.errors import DictionaryError, NoSuchRecordError
from core.files.foreign_files import foreign_content, reason_of
from core.types.imports import ImportRecord, ImportSource

_BEGIN = """
INSERT INTO imports (at, author, format, sources, dataset, people, pictures, updated)
VALUES (?, ?, ?, ?, ?, 0, 0, 0) RETURNING id"""

_COUNT = """
UPDATE imports SET people = people + ?, pictures = pictures + ?, updated = updated + ?
WHERE id = ?"""

_ALL = """
SELECT imports.*,
    (SELECT count(*) FROM samples WHERE samples.import_id = imports.id) AS people_now,
    (SELECT max(id) FROM removals WHERE removals.import_id = imports.id AND put_back_at IS NULL)
        AS removal_id
FROM imports WHERE (people > 0 OR pictures > 0 OR updated > 0) {} ORDER BY id DESC"""


class Imports:
    """The imports of one opened dictionary; reached as ``dictionary.imports``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[ImportRecord]:
        """Every import that brought something, newest first; those taken back included."""
        return [_record(row) for row in self._connection.rows(_ALL.format(""))]

    def get(self, import_id: int) -> ImportRecord:
        """One import; raises ``NoSuchRecordError``."""
        rows = self._connection.rows(_ALL.format("AND id = ?"), (import_id,))
        if not rows:
            raise NoSuchRecordError(f"The project has no import {import_id}.")
        return _record(rows[0])

    def begin(self, source: ImportSource) -> int:
        """Note an import that goes on over several transactions; returns its number.

        It is listed from the first thing on that it brings.
        """
        with self._connection.writing():
            return begin_import(self._connection, source)


def begin_import(connection: Connection, source: ImportSource) -> int:
    """Note an import; the caller holds the transaction."""
    sources = json.dumps([str(path.absolute()) for path in source.sources])
    values = (utc_now(), connection.author, source.format, sources, source.dataset)
    return int(connection.scalar(_BEGIN, values))


def count_import(
    connection: Connection, import_id: int, *, people: int = 0, pictures: int = 0, updated: int = 0
) -> None:
    """Add to what an import brought; the caller holds the transaction."""
    connection.execute(_COUNT, (people, pictures, updated, import_id))


def _record(row: Row) -> ImportRecord:
    fields = {name: value for name, value in row.items() if name != "checksum"}
    return ImportRecord(**{**fields, "sources": _paths(row["sources"])})


def _paths(text: str) -> tuple[str, ...]:
    def error_of(error: Exception) -> DictionaryError:
        held = "The column sources of imports holds something else than a list of paths"
        return DictionaryError(f"{held} ({reason_of(error)}).", remedy=REMEDY_CHANGED)

    with foreign_content(error_of):
        return tuple(str(path) for path in json.loads(text))
