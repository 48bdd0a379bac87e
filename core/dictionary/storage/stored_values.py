"""The door through which stored values come in: each of its column's type, words among those known.

Tables are STRICT, and yet a damaged file hands out a number where bytes belong, NULL where there is
always a value, or a word that was never written. What is read is compared with what the schema
declares, by the column's name, so that the readers of rows need not expect any of that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from typing import Any, TypeVar

from core.errors import DictionaryError
from core.files.foreign_files import foreign_content, reason_of
from core.types.cameras import CameraSource
from core.types.fits import Origin, RejectReason, Verdict
from core.types.flags import FlagName
from core.types.runs import RunStatus

REMEDY_CHANGED = (
    "The file is damaged, or another program changed it. See what is wrong with: main.py check "
    "PROJECT. Go back to the newest sound backup with: main.py restore PROJECT."
)

COLUMNS_SQL = """
SELECT tables.name, columns.name, columns.type, columns."notnull"
FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
WHERE tables.type = 'table'"""

_TYPES: Mapping[str, type] = {"INTEGER": int, "REAL": float, "TEXT": str, "BLOB": bytes}
_SHOWN_AS = {int: "a whole number", float: "a number", str: "text", bytes: "bytes"}
_WORDS: Mapping[tuple[str, str], type[StrEnum]] = {
    ("fits", "verdict"): Verdict,
    ("fits", "reject_reason"): RejectReason,
    ("fits", "origin"): Origin,
    ("opinions", "verdict"): Verdict,
    ("opinions", "reject_reason"): RejectReason,
    ("known_cases", "expected"): Verdict,
    ("case_answers", "expected"): Verdict,
    ("case_answers", "verdict"): Verdict,
    ("samples", "current_verdict"): Verdict,
    ("samples", "current_origin"): Origin,
    ("runs", "status"): RunStatus,
    ("flags", "name"): FlagName,
    ("cameras", "source"): CameraSource,
}
_KEYS = ("id", "sample_id", "set_id", "key")
_TABLES = re.compile(r"\b(LEFT\s+JOIN|FROM|JOIN|INTO|UPDATE)\s+(\w+)", re.IGNORECASE)
_STATEMENTS_KEPT = 512

_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True)
class StoredColumn:
    """What is known of the columns of one name, whichever table they are of."""

    name: str
    tables: tuple[str, ...]
    types: frozenset[type]
    words: frozenset[str] | None

    def fault_of(self, value: object) -> str:
        """What is wrong with a value; empty where nothing is."""
        if type(value) not in self.types:
            expected = " or ".join(sorted(_SHOWN_AS.get(kind, "nothing") for kind in self.types))
            return f"holds {_shown(value)}, expected {expected}"
        if self.words is not None and value is not None and value not in self.words:
            return f"holds {_shown(value)}, expected one of: {', '.join(sorted(self.words))}"
        return ""


class StoredValues:
    """Checks rows by the names of their columns, in the tables that the statement names.

    Columns of other names, such as counts, are let through.

    Args:
        columns: rows of ``COLUMNS_SQL``.
    """

    def __init__(self, columns: Sequence[tuple[Any, ...]]) -> None:
        self._columns = columns
        self._columns_by_sql: dict[str, dict[str, StoredColumn]] = {}

    def check(self, sql: str, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Raise ``DictionaryError`` for the first value that its column cannot hold."""
        columns = self._columns_of(sql)
        for index, name in enumerate(names):
            column = columns.get(name)
            if column is None:
                continue
            is_known = set(map(type, map(itemgetter(index), rows))) <= column.types
            if is_known and column.words is not None:
                is_known = {row[index] for row in rows} - {None} <= column.words
            if not is_known:
                self._refuse(column, index, names, rows)

    def _columns_of(self, sql: str) -> dict[str, StoredColumn]:
        if sql not in self._columns_by_sql:
            if len(self._columns_by_sql) >= _STATEMENTS_KEPT:
                self._columns_by_sql.clear()
            self._columns_by_sql[sql] = self._find_columns(sql)
        return self._columns_by_sql[sql]

    def _find_columns(self, sql: str) -> dict[str, StoredColumn]:
        named = [(join.upper().startswith("LEFT"), table) for join, table in _TABLES.findall(sql)]
        may_lack = {table for is_left, table in named if is_left}
        tables = {table for _is_left, table in named}
        of_tables = [row for row in self._columns if row[0] in tables]
        return {
            name: _column([row for row in of_tables if row[1] == name], may_lack)
            for name in {row[1] for row in of_tables}
        }

    def _refuse(
        self,
        column: StoredColumn,
        index: int,
        names: Sequence[str],
        rows: Sequence[tuple[Any, ...]],
    ) -> None:
        row, fault = next((row, fault) for row in rows if (fault := column.fault_of(row[index])))
        keys = [f"{key} {row[names.index(key)]!a}" for key in _KEYS if key in names]
        where = f" in the row with {' and '.join(keys)}" if keys else ""
        tables = " or ".join(column.tables)
        raise DictionaryError(
            f"The column {column.name} of {tables} {fault}{where}.", remedy=REMEDY_CHANGED
        )


def _column(rows: Sequence[tuple[Any, ...]], may_lack: Collection[str]) -> StoredColumn:
    """The columns of one name as one: what any of them can hold."""
    types = {_TYPES.get(declared, object) for _table, _name, declared, _required in rows}
    if any(not required or table in may_lack for table, _name, _declared, required in rows):
        types.add(type(None))
    words = [_WORDS.get((table, name)) for table, name, _declared, _required in rows]
    allowed = frozenset(words[0]) if len(words) == 1 and words[0] is not None else None
    tables = tuple(sorted(row[0] for row in rows))
    return StoredColumn(rows[0][1], tables, frozenset(types), allowed)


def word_of(kind: type[_Word], value: str, *, column: str) -> _Word:
    """A stored word as a value of its kind; raises ``DictionaryError`` for an unknown one."""
    try:
        return kind(value)
    except ValueError as error:
        raise DictionaryError(
            f"The column {column} holds {_shown(value)}, expected one of: {', '.join(kind)}.",
            remedy=REMEDY_CHANGED,
        ) from error


def stored_json(text: str, *, column: str) -> dict[str, Any]:
    """A stored JSON object; raises ``DictionaryError`` for anything else."""

    def error_of(error: Exception) -> DictionaryError:
        held = f"The column {column} holds {_shown(text)}, expected a JSON object"
        return DictionaryError(f"{held} ({reason_of(error)}).", remedy=REMEDY_CHANGED)

    with foreign_content(error_of):
        return dict(json.loads(text))


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
