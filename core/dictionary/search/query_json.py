"""Queries as JSON's values, for saved views and for the configurations of trainings.

Only what differs from the query that lets everything through is written, so that an older program
can read what a newer one wrote, as long as no rule is used that it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from core.dictionary.search.query import (
    MEASURES,
    DayRange,
    LikeRule,
    SampleQuery,
    SortKey,
    ValueRange,
)
from core.errors import StudioError, printable
from core.files.foreign_files import foreign_content, reason_of
from core.types.cameras import CameraSource
from core.types.fits import Origin, Verdict

Rules = dict[str, object]


def rules_of(query: SampleQuery) -> Rules:
    """The rules of a query, order included; ``query_from_rules`` reads them back."""
    rules: Rules = {}
    for name in _READERS:
        value = getattr(query, name)
        if value != getattr(_EVERYTHING, name):
            rules[name] = _as_json(value)
    return rules


def query_from_rules(rules: object) -> SampleQuery:
    """The query that stored rules mean; missing rules let everything through.

    Raises:
        StudioError: a rule that this program does not know, or a value of the wrong kind.
    """
    if not isinstance(rules, Mapping):
        raise StudioError(f"The rules of a query are an object, got {type(rules).__name__}.")
    unknown = sorted(str(name) for name in rules if name not in _READERS)
    if unknown:
        raise StudioError(
            f"This program knows no rule named {', '.join(unknown)}.",
            remedy="A newer program stored it: use that one, or make the rules again.",
        )
    taken: dict[str, Any] = {name: _read(str(name), value) for name, value in rules.items()}
    return SampleQuery(**taken)


def _read(name: str, value: object) -> object:
    def not_understood(error: Exception) -> StudioError:
        return StudioError(
            f"The rule {name} is {value!r:.200}, which this program does not understand "
            f"({reason_of(error)}).",
            remedy="A newer program stored it, or the file was edited: make the rules again.",
        )

    try:
        with foreign_content(not_understood):
            return _READERS[name](value)
    except StudioError as error:
        raise not_understood(error) from error


def _as_json(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, DayRange):
        return [None if day is None else day.isoformat() for day in (value.first, value.last)]
    if isinstance(value, LikeRule):
        return asdict(value)
    if isinstance(value, tuple):
        return {measure.value: [one.low, one.high] for measure, one in value}
    return value


def _of(kind: type) -> Callable[[object], Any]:
    def read(value: object) -> object:
        # True is an int for Python, but no number of a run.
        if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
            raise TypeError(f"expected {kind.__name__}")
        return printable(value) if isinstance(value, str) else value

    return read


def _set_of(read_one: Callable[[Any], Any]) -> Callable[[object], object]:
    def read(value: object) -> object:
        return frozenset(read_one(item) for item in _of(list)(value))

    return read


def _days(value: object) -> DayRange:
    first, last = _of(list)(value)
    return DayRange(*(None if day is None else date.fromisoformat(day) for day in (first, last)))


def _ranges(value: object) -> tuple[tuple[SortKey, ValueRange], ...]:
    query = SampleQuery()
    for name, (low, high) in _of(dict)(value).items():
        measure = SortKey(name)
        if measure not in MEASURES:
            raise StudioError(f"'{name}' has no ranges")
        ends = (None if end is None else float(end) for end in (low, high))
        query = query.with_range(measure, ValueRange(*ends))
    return query.ranges


def _like(value: object) -> LikeRule:
    given = _of(dict)(value)
    sample_id = _of(int)(given["sample_id"])
    flags = {name: _of(bool)(given[name]) for name in ("mirrored", "near_copies")}
    return LikeRule(sample_id, **flags)


_EVERYTHING = SampleQuery()

_READERS: dict[str, Callable[[Any], object]] = {
    "text": _of(str),
    "verdicts": _set_of(Verdict),
    "origins": _set_of(Origin),
    "datasets": _set_of(_of(str)),
    "flags": _set_of(_of(str)),
    "flagged": _of(bool),
    "runs": _set_of(_of(int)),
    "ranges": _ranges,
    "fitted": _days,
    "only_corrected": _of(bool),
    "only_without_fit": _of(bool),
    "groups": _set_of(_of(str)),
    "moments": _set_of(_of(str)),
    "subjects": _set_of(_of(str)),
    "cameras": _set_of(CameraSource),
    "like": _like,
    "assigned": _set_of(_of(str)),
    "waiting_for": _set_of(_of(str)),
    "judged_by": _set_of(_of(str)),
    "comments": _set_of(_of(str)),
    "only_disagreed": _of(bool),
    "sort": SortKey,
    "descending": _of(bool),
}
