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

_TO_REVIEW = frozenset({Verdict.NONE})

MOST_LIKELY_WRONG = "Most likely wrong first"
MOST_INFORMATIVE = "Most informative first"

BUILT_IN_VIEWS: Mapping[str, SampleQuery] = {
    MOST_LIKELY_WRONG: SampleQuery(verdicts=_TO_REVIEW, sort=SortKey.SUSPICION, descending=True),
    MOST_INFORMATIVE: SampleQuery(
        verdicts=_TO_REVIEW, sort=SortKey.INFORMATIVENESS, descending=True
    ),
    "Not reviewed": SampleQuery(verdicts=_TO_REVIEW),
    "Rejected": SampleQuery(verdicts=frozenset({Verdict.REJECTED})),
    "Flagged": SampleQuery(flagged=True, sort=SortKey.SUSPICION, descending=True),
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


def saved_views(connection: Connection) -> list[SavedView]:
    """Every stored view, by name."""
    rows = connection.execute("SELECT id, name, rules FROM saved_views ORDER BY name")
    return [_view_from(view_id, name, rules) for view_id, name, rules in rows]


def save_view(connection: Connection, name: str, query: SampleQuery) -> int:
    """Store a view under a new name; returns its id.

    Raises:
        DictionaryError: the name is empty, or that of another view.
    """
    with connection.writing():
        name = _free_name(connection, name)
        rows = connection.execute(
            "INSERT INTO saved_views (name, rules, created_at) VALUES (?, ?, ?) RETURNING id",
            (name, json.dumps(rules_of(query)), utc_now()),
        )
    return int(rows[0][0])


def change_view(connection: Connection, view_id: int, query: SampleQuery) -> None:
    """Store other rules under the name of a view; raises ``NoSuchRecordError``."""
    with connection.writing():
        _check_there(connection, view_id)
        connection.execute(
            "UPDATE saved_views SET rules = ? WHERE id = ?",
            (json.dumps(rules_of(query)), view_id),
        )


def rename_view(connection: Connection, view_id: int, name: str) -> None:
    """Give a view another name; raises ``DictionaryError`` as ``save_view`` does."""
    with connection.writing():
        _check_there(connection, view_id)
        connection.execute(
            "UPDATE saved_views SET name = ? WHERE id = ?",
            (_free_name(connection, name, besides=view_id), view_id),
        )


def delete_view(connection: Connection, view_id: int) -> None:
    """Forget a view; one that is gone already is no error."""
    with connection.writing():
        connection.execute("DELETE FROM saved_views WHERE id = ?", (view_id,))


def _view_from(view_id: int, name: str, rules: str) -> SavedView:
    try:
        with foreign_content(
            lambda error: DictionaryError(f"Its rules are no JSON ({reason_of(error)}).")
        ):
            return SavedView(view_id, name, query_from_rules(json.loads(rules)))
    except StudioError as error:
        return SavedView(view_id, name, None, str(error))


def _free_name(connection: Connection, name: str, *, besides: int | None = None) -> str:
    name = " ".join(name.split())
    if not name:
        raise DictionaryError("A view needs a name.", remedy="Type one.")
    other = connection.scalar(
        "SELECT id FROM saved_views WHERE name = ? AND id IS NOT ?", (name, besides)
    )
    if other is not None or name.casefold() in _TAKEN:
        raise DictionaryError(
            f"There is a view named “{name}” already.", remedy="Choose another name."
        )
    return name


def _check_there(connection: Connection, view_id: int) -> None:
    if connection.scalar("SELECT 1 FROM saved_views WHERE id = ?", (view_id,)) is None:
        raise NoSuchRecordError(f"The view {view_id} was deleted meanwhile.")
