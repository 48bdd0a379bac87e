"""What reviewers are asked: all second opinions and hidden cases, taken back and put in again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import id_list

QUESTION_TABLES = ("second_opinions", "known_cases", "made_errors")

TakenOut = Mapping[str, Sequence[Row]]
"""Rows by table."""


@dataclass(frozen=True, kw_only=True)
class QuestionCounts:
    """How many samples reviewers are asked about."""

    second_opinions: int = 0
    known_cases: int = 0
    made_errors: int = 0

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.second_opinions or self.known_cases or self.made_errors)


class Questions:
    """Of one opened dictionary; reached as ``dictionary.questions``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def counts(self) -> QuestionCounts:
        """How many there are, answered or not."""
        return QuestionCounts(
            **{
                table: int(self._connection.scalar(f"SELECT count(*) FROM {table}"))  # noqa: S608
                for table in QUESTION_TABLES
            }
        )

    def take_out(
        self, sample_ids: Iterable[int] | None = None, tables: Sequence[str] = QUESTION_TABLES
    ) -> TakenOut:
        """Ask about none of these any more, in one transaction; answers stay.

        Args:
            sample_ids: which; None for all.
            tables: of which kinds of questions.

        Returns:
            What was taken out, for ``put_in_again``.
        """
        which = "" if sample_ids is None else _AMONG
        parameters = () if sample_ids is None else (id_list(sample_ids),)
        with self._connection.writing():
            return {
                table: [
                    {name: value for name, value in row.items() if name != "checksum"}
                    for row in self._connection.rows(
                        f"DELETE FROM {table} {which} RETURNING *",  # noqa: S608 - own words
                        parameters,
                    )
                ]
                for table in tables
            }

    def put_in_again(self, taken_out: TakenOut) -> None:
        """Undo ``take_out``, in one transaction; people who were removed since are left out."""
        with self._connection.writing():
            for table, rows in taken_out.items():
                ids = id_list(row["sample_id"] for row in rows)
                found = self._connection.execute(_FREE.format(table), (ids,))
                free = {sample_id for (sample_id,) in found}
                kept = [row for row in rows if row["sample_id"] in free]
                self._connection.insert_all(table, kept)


_AMONG = "WHERE sample_id IN (SELECT value FROM json_each(?))"
_FREE = """
SELECT id FROM samples WHERE id IN (SELECT value FROM json_each(?))
    AND id NOT IN (SELECT sample_id FROM {})"""
