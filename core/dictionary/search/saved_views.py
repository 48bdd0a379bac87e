"""Filters and orders with a name. Rules are stored, never the samples that they match."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.search.query_json import query_from_rules, rules_of
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection
from core.errors import DictionaryError, NoSuchRecordError, StudioError
from core.files.foreign_files import foreign_content, reason_of
from core.types.fits import Verdict
from core.types.flags import LABEL_FLAGS

_TO_REVIEW = frozenset({Verdict.NONE})

MOST_LIKELY_WRONG = "Most likely wrong first"
MOST_INFORMATIVE = "Most informative first"
REJECTED = "Rejected"
WORTH_A_TOUCH = "Worth a touch"

BUILT_IN_VIEWS: Mapping[str, SampleQuery] = {
    MOST_LIKELY_WRONG: SampleQuery(verdicts=_TO_REVIEW, sort=SortKey.SUSPICION, descending=True),
    MOST_INFORMATIVE: SampleQuery(
        verdicts=_TO_REVIEW, sort=SortKey.INFORMATIVENESS, descending=True
    ),
    WORTH_A_TOUCH: SampleQuery(
        verdicts=frozenset({Verdict.NONE, Verdict.UNSURE, Verdict.REJECTED}),
        sort=SortKey.TOUCH_GAIN,
        descending=True,
    ),
    "Not reviewed": SampleQuery(verdicts=_TO_REVIEW),
    REJECTED: SampleQuery(verdicts=frozenset({Verdict.REJECTED})),
    "Flagged": SampleQuery(flagged=True, sort=SortKey.SUSPICION, descending=True),
    "Doubtful keypoints": SampleQuery(
        flags=frozenset(LABEL_FLAGS), sort=SortKey.LABEL_DOUBT, descending=True
    ),
    "Corrected": SampleQuery(only_corrected=True),
}
"""Views of every project, by name; they cannot be renamed or deleted."""

_TAKEN = frozenset(name.casefold() for name in BUILT_IN_VIEWS)


@dataclass(frozen=True)
class SavedView:
    """A stored view.

    query: what it lists; None where its rules are those of a newer program, and ``problem`` says
    which.
    """

    id: int
    name: str
    query: SampleQuery | None
    problem: str = ""


class SavedViews:
    """The views of one opened dictionary; reached as ``dictionary.saved_views``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[SavedView]:
        """Every stored view, by name."""
        rows = self._connection.execute("SELECT id, name, rules FROM saved_views ORDER BY name")
        return [_view_from(view_id, name, rules) for view_id, name, rules in rows]

    def save(self, name: str, query: SampleQuery) -> int:
        """Store a query under a new name; returns the id of the view.

        Raises:
            DictionaryError: the name is empty, or that of another view.
        """
        with self._connection.writing():
            name = self._free_name(name)
            rows = self._connection.execute(
                "INSERT INTO saved_views (name, rules, created_at) VALUES (?, ?, ?) RETURNING id",
                (name, json.dumps(rules_of(query)), utc_now()),
            )
        return int(rows[0][0])

    def change(self, view_id: int, query: SampleQuery) -> None:
        """Store another query under the name of a view; raises ``NoSuchRecordError``."""
        with self._connection.writing():
            self._check_there(view_id)
            self._connection.execute(
                "UPDATE saved_views SET rules = ? WHERE id = ?",
                (json.dumps(rules_of(query)), view_id),
            )

    def rename(self, view_id: int, name: str) -> None:
        """Give a view another name; raises ``DictionaryError`` as ``save`` does."""
        with self._connection.writing():
            self._check_there(view_id)
            self._connection.execute(
                "UPDATE saved_views SET name = ? WHERE id = ?",
                (self._free_name(name, besides=view_id), view_id),
            )

    def delete(self, view_id: int) -> None:
        """Forget a view; one that is gone already is no error."""
        with self._connection.writing():
            self._connection.execute("DELETE FROM saved_views WHERE id = ?", (view_id,))

    def _free_name(self, name: str, *, besides: int | None = None) -> str:
        name = " ".join(name.split())
        if not name:
            raise DictionaryError("A view needs a name.", remedy="Type one.")
        other = self._connection.scalar(
            "SELECT id FROM saved_views WHERE name = ? AND id IS NOT ?", (name, besides)
        )
        if other is not None or name.casefold() in _TAKEN:
            raise DictionaryError(
                f"There is a view named “{name}” already.", remedy="Choose another name."
            )
        return name

    def _check_there(self, view_id: int) -> None:
        found = self._connection.scalar("SELECT 1 FROM saved_views WHERE id = ?", (view_id,))
        if found is None:
            raise NoSuchRecordError(f"The view {view_id} was deleted meanwhile.")


def _view_from(view_id: int, name: str, rules: str) -> SavedView:
    try:
        with foreign_content(
            lambda error: DictionaryError(f"Its rules are no JSON ({reason_of(error)}).")
        ):
            return SavedView(view_id, name, query_from_rules(json.loads(rules)))
    except StudioError as error:
        return SavedView(view_id, name, None, str(error))
