"""Filters as people type them: ``verdict:rejected flag:betas beach``.

Words of the form ``key:value`` filter; several values of one key widen it, as in
``verdict:rejected,none``. Every other word is searched for in names and datasets. Values with
spaces go in quotes.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable

from core.dictionary.records import FlagName, SampleQuery
from core.errors import StudioError
from core.records import Origin, Verdict

WHERE_HELP = (
    "only some samples: words of the name, verdict:rejected, origin:mean, flag:betas, "
    "dataset:NAME, without:fit; several values with commas, in quotes as one argument"
)


def query_from_text(text: str) -> SampleQuery:
    """The query that a filter text means; an empty text lets everything through.

    Raises:
        StudioError: an unknown key or value, or a quote that is not closed.
    """
    words: list[str] = []
    values: dict[str, set[str]] = {key: set() for key in _READERS}
    for word in _words(text):
        key, colon, given = word.partition(":")
        if not colon:
            words.append(word)
            continue
        if key not in _READERS:
            raise StudioError(
                f"There is no filter '{key}'.", remedy=f"Use one of: {', '.join(_READERS)}."
            )
        values[key] |= {_READERS[key](value) for value in given.split(",")}
    return SampleQuery(
        text=" ".join(words),
        verdicts=frozenset(Verdict(one) for one in values["verdict"]),
        origins=frozenset(Origin(one) for one in values["origin"]),
        datasets=frozenset(values["dataset"]),
        flags=frozenset(values["flag"]),
        only_without_fit=bool(values["without"]),
    )


def text_of_query(query: SampleQuery) -> str:
    """The filter text of a query, its order left out; ``query_from_text`` reads it back."""
    parts = [shlex.quote(word) for word in query.text.split()]
    for key, values in (
        ("verdict", query.verdicts),
        ("origin", query.origins),
        ("dataset", query.datasets),
        ("flag", query.flags),
    ):
        if values:
            parts.append(shlex.quote(f"{key}:{','.join(sorted(values))}"))
    if query.only_without_fit:
        parts.append("without:fit")
    return " ".join(parts)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise StudioError(
            f"The filter {text!r} cannot be read: {error}.", remedy="Close every quote."
        ) from error


def _one_of(key: str, names: Iterable[str]) -> Callable[[str], str]:
    known = list(names)

    def read(value: str) -> str:
        if value not in known:
            raise StudioError(
                f"'{key}:{value}' is no filter.", remedy=f"Use {key}: with {', '.join(known)}."
            )
        return value

    return read


_READERS: dict[str, Callable[[str], str]] = {
    "verdict": _one_of("verdict", Verdict),
    "origin": _one_of("origin", Origin),
    "dataset": str,
    "flag": _one_of("flag", FlagName),
    "without": _one_of("without", ["fit"]),
}
