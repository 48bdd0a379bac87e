"""Filters as people type them: ``verdict:rejected loss:10..50 fitted:2026-11-01.. beach``.

Words of the form ``key:value`` filter; several values of one key widen it, as in
``verdict:rejected,none``. Ranges are ``low..high``, both included, and may be open at one end.
Every other word is searched for in names and datasets. Values with spaces go in quotes.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from core.dictionary.search.query import (
    ANY_GROUP,
    LEFT_OUT,
    NO_GROUP,
    DayRange,
    LikeRule,
    SampleQuery,
    SortKey,
    ValueRange,
)
from core.errors import StudioError, printable
from core.types.cameras import CameraSource
from core.types.fits import Origin, Verdict
from core.types.flags import FlagName

MEASURE_WORDS: Mapping[str, SortKey] = {
    "loss": SortKey.LOSS,
    "error2d": SortKey.ERROR_2D,
    "error3d": SortKey.ERROR_3D,
    "beta": SortKey.MAX_ABS_BETA,
    "depth": SortKey.DEPTH,
    "prior": SortKey.POSE_PRIOR,
    "disagreement": SortKey.DISAGREEMENT,
    "suspicion": SortKey.SUSPICION,
    "informativeness": SortKey.INFORMATIVENESS,
    "labels": SortKey.LABEL_DOUBT,
    "touch": SortKey.TOUCH_GAIN,
    "keypoints": SortKey.KEYPOINTS,
}
"""The key before the colon for each measure."""

_DOTS = ".."
_ANY, _NONE = "any", "none"
_MIRRORED = "mirrored"
_MAX_DIGITS = 18
"""More would not fit the integers of SQLite."""


def query_from_text(text: str) -> SampleQuery:
    """The query that a filter text means; an empty text lets everything through.

    Raises:
        StudioError: an unknown key or value, or a quote that is not closed.
    """
    words: list[str] = []
    values: dict[str, set[str]] = {key: set() for key in _VALUE_READERS}
    ranges: dict[str, str] = {}
    for word in _words(printable(text)):
        key, colon, given = word.partition(":")
        if not colon:
            words.append(word)
        elif key in MEASURE_WORDS or key == "fitted":
            ranges[key] = given
        elif key in _VALUE_READERS:
            values[key] |= {_VALUE_READERS[key](value) for value in given.split(",")}
        else:
            keys = (*_VALUE_READERS, *MEASURE_WORDS, "fitted")
            raise StudioError(
                f"There is no filter '{key}'.", remedy=f"Use one of: {', '.join(keys)}."
            )
    # One space between words, whatever other spaces and separators stood in quotes.
    text = " ".join(" ".join(words).split())
    return _with_ranges(_with_values(text, values), ranges)


def choice_from_text(text: str) -> SampleQuery:
    """As ``query_from_text``, for what is done to the samples that a filter chooses.

    Raises:
        StudioError: also for ``like:``, which puts samples in order and leaves none out: what is
            meant for a few would be done to all.
    """
    query = query_from_text(text)
    if query.like is not None and not query.like.near_copies:
        raise StudioError(
            f"'like:{query.like.sample_id}' puts all samples in order and chooses none of them.",
            remedy=f"Use same:{query.like.sample_id} for near copies, or choose by another filter.",
        )
    return query


def text_of_query(query: SampleQuery) -> str:
    """The filter text of a query, its order left out; ``query_from_text`` reads it back."""
    parts = [shlex.quote(word) for word in query.text.split()]
    any_or_none = [] if query.flagged is None else [_ANY if query.flagged else _NONE]
    rules: list[tuple[str, Sequence[str]]] = [
        ("verdict", sorted(query.verdicts)),
        ("origin", sorted(query.origins)),
        ("dataset", sorted(query.datasets)),
        ("flag", [*any_or_none, *sorted(query.flags)]),
        ("run", [str(run) for run in sorted(query.runs)]),
        ("group", sorted(query.groups)),
        ("moment", sorted(query.moments)),
        ("subject", sorted(query.subjects)),
        ("camera", sorted(query.cameras)),
        *like_values(query.like),
        ("assigned", sorted(query.assigned)),
        ("waiting", sorted(query.waiting_for)),
        ("reviewer", sorted(query.judged_by)),
        ("comment", sorted(query.comments)),
    ]
    for key, values in rules:
        if values:
            parts.append(shlex.quote(f"{key}:{','.join(values)}"))
    words = {measure: word for word, measure in MEASURE_WORDS.items()}
    parts += [f"{words[measure]}:{_range_text(one)}" for measure, one in query.ranges]
    if query.fitted:
        parts.append(f"fitted:{_days_text(query.fitted)}")
    if query.only_corrected:
        parts.append("with:corrections")
    if query.only_disagreed:
        parts.append("with:disagreement")
    if query.only_without_fit:
        parts.append("without:fit")
    return " ".join(parts)


def _with_values(text: str, values: Mapping[str, set[str]]) -> SampleQuery:
    any_or_none = values["flag"] & {_ANY, _NONE}
    if len(any_or_none) > 1:
        raise StudioError("'flag:any' and 'flag:none' leave nothing out.", remedy="Drop both.")
    return SampleQuery(
        text=text,
        verdicts=frozenset(Verdict(verdict) for verdict in values["verdict"]),
        origins=frozenset(Origin(origin) for origin in values["origin"]),
        datasets=frozenset(values["dataset"]),
        flags=frozenset(values["flag"] - {_ANY, _NONE}),
        flagged=_ANY in any_or_none if any_or_none else None,
        runs=frozenset(int(run) for run in values["run"]),
        only_corrected="corrections" in values["with"],
        only_disagreed="disagreement" in values["with"],
        only_without_fit=bool(values["without"]),
        groups=frozenset(values["group"]),
        moments=frozenset(values["moment"]),
        subjects=frozenset(values["subject"]),
        cameras=frozenset(CameraSource(source) for source in values["camera"]),
        like=_like_rule(values["like"], values["same"]),
        assigned=frozenset(values["assigned"]),
        waiting_for=frozenset(values["waiting"]),
        judged_by=frozenset(values["reviewer"]),
        comments=frozenset(values["comment"]),
    )


def like_values(rule: LikeRule | None) -> list[tuple[str, Sequence[str]]]:
    """The key and the values that mean a rule; none without a rule."""
    if rule is None:
        return []
    if rule.near_copies:
        return [("same", [str(rule.sample_id)])]
    return [("like", [str(rule.sample_id), *([_MIRRORED] if rule.mirrored else [])])]


def _like_rule(like: set[str], same: set[str]) -> LikeRule | None:
    numbers = (like | same) - {_MIRRORED}
    if not numbers and not like:
        return None
    if len(numbers) != 1 or (like and same):
        raise StudioError(
            "Samples are listed like one other sample.",
            remedy="Use like:12, like:12,mirrored or same:12, and only one of them.",
        )
    return LikeRule(int(*numbers), mirrored=_MIRRORED in like, near_copies=bool(same))


def _with_ranges(query: SampleQuery, ranges: Mapping[str, str]) -> SampleQuery:
    for key, given in ranges.items():
        low, high = _ends(key, given)
        if key == "fitted":
            query = replace(query, fitted=DayRange(_day(low), _day(high)))
        else:
            value_range = ValueRange(_number(key, low), _number(key, high))
            query = query.with_range(MEASURE_WORDS[key], value_range)
    return query


def _ends(key: str, given: str) -> tuple[str, str]:
    """The two ends of a range; a single value is both."""
    low, dots, high = given.partition(_DOTS)
    if not low and not high:
        raise StudioError(
            f"'{key}:{given}' is no range.", remedy=f"Use {key}:LOW..HIGH, one end may be left out."
        )
    return (low, high) if dots else (low, low)


def _number(key: str, text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise StudioError(f"'{key}:{text}': {text!r} is no number.", remedy=f"Use {key}:10..50.")
    return value


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise StudioError(
            f"'fitted:{text}': {text!r} is no day.", remedy="Write days as 2026-11-30."
        ) from error


def _range_text(one: ValueRange) -> str:
    low, high = ("" if end is None else _plain(end) for end in (one.low, one.high))
    return low if low == high else f"{low}{_DOTS}{high}"


def _plain(value: float) -> str:
    """The shortest text that is read as the same number: ``12`` rather than ``12.0``."""
    return repr(value).removesuffix(".0")


def _days_text(days: DayRange) -> str:
    first, last = ("" if day is None else day.isoformat() for day in (days.first, days.last))
    return first if first == last else f"{first}{_DOTS}{last}"


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise StudioError(
            f"The filter {text!r} cannot be read: {error}.", remedy="Close every quote."
        ) from error


def _one_of(key: str, names: Iterable[str]) -> Callable[[str], str]:
    allowed = list(names)

    def read(value: str) -> str:
        if value not in allowed:
            raise StudioError(
                f"'{key}:{value}' is no filter.", remedy=f"Use {key}: with {', '.join(allowed)}."
            )
        return value

    return read


def _number_of(key: str, what: str, *, words: frozenset[str] = frozenset()) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value in words:
            return value
        if not (value.isascii() and value.isdecimal() and len(value) <= _MAX_DIGITS):
            raise StudioError(f"'{key}:{value}' is no filter.", remedy=f"Use {key}: with {what}.")
        return str(int(value))

    return read


def _name(key: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not value:
            raise StudioError(f"'{key}:' is no filter.", remedy=f"Use {key}: with a name or word.")
        return value

    return read


def _group(key: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not value or (value == LEFT_OUT and key != "group"):
            raise StudioError(
                f"'{key}:{value}' is no filter.",
                remedy=f"Use {key}: with a name, {ANY_GROUP} or {NO_GROUP}; or group:{LEFT_OUT}.",
            )
        return value

    return read


_VALUE_READERS: dict[str, Callable[[str], str]] = {
    "verdict": _one_of("verdict", Verdict),
    "origin": _one_of("origin", Origin),
    "dataset": str,
    "flag": _one_of("flag", [*FlagName, _ANY, _NONE]),
    "run": _number_of("run", "a run's number"),
    "group": _group("group"),
    "moment": _group("moment"),
    "subject": _group("subject"),
    "camera": _one_of("camera", CameraSource),
    "like": _number_of("like", "a sample's number", words=frozenset({_MIRRORED})),
    "same": _number_of("same", "a sample's number"),
    "assigned": _name("assigned"),
    "waiting": _name("waiting"),
    "reviewer": _name("reviewer"),
    "comment": _name("comment"),
    "with": _one_of("with", ["corrections", "disagreement"]),
    "without": _one_of("without", ["fit"]),
}
