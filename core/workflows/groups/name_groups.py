"""Moments and subjects from the names of pictures, by a pattern with named parts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.types.counted_nouns import counted
from core.types.samples import Sample
from core.types.view_groups import GroupNames

PARTS = ("moment", "subject", "camera")
PERSON_FOLLOWS = " · "
"""Between the path of a picture and the person's name, in what a pattern is matched with."""

_READ_TOGETHER = 1000
_EVERYTHING = SampleQuery()


@dataclass(frozen=True)
class NamedGroups:
    """What a pattern names.

    names: by sample, of those that it matches. unmatched: an example of what it does not match, as
    it is matched; None where it matches all.
    """

    names: dict[int, GroupNames]
    unmatched_count: int = 0
    unmatched: str | None = None

    def summary(self) -> str:
        """One sentence, for the command line."""
        moments = Counter(names.moment for names in self.names.values() if names.moment)
        subjects = {names.subject for names in self.names.values() if names.subject}
        text = counted(len(self.names), "person", "people")
        if moments:
            several = sum(count > 1 for count in moments.values())
            text += f", {counted(len(moments), 'moment', 'moments')}"
            text += f" ({several} seen by several cameras)"
        if subjects:
            text += f", {counted(len(subjects), 'subject', 'subjects')}"
        if self.unmatched_count:
            text += f"; {self.unmatched_count} not matched, such as '{self.unmatched}'"
        return f"{text}."


def groups_by_pattern(
    dictionary: Dictionary, pattern: str, where: SampleQuery = _EVERYTHING
) -> NamedGroups:
    """What the pattern names of each sample; nothing is stored.

    It is searched for in the path of the picture, as the project stores it, followed by `` · `` and
    the person's name. A moment belongs to its subject, where both are named: two people may have a
    moment of the same name.

    Args:
        dictionary: of the project.
        pattern: a regular expression with the named parts ``moment``, ``subject``, ``camera``.
        where: which samples.

    Raises:
        StudioError: the pattern cannot be read, or names neither moment nor subject, or other
            parts.
    """
    compiled = _compiled(pattern)
    names: dict[int, GroupNames] = {}
    unmatched: list[str] = []
    for sample in samples_of(dictionary, where):
        text = _matched_text(sample, dictionary.project)
        found = compiled.search(text)
        parts = {} if found is None else {k: v for k, v in found.groupdict().items() if v}
        if parts.get("moment") or parts.get("subject"):
            names[sample.id] = _names(parts)
        else:
            unmatched.append(text)
    return NamedGroups(names, len(unmatched), unmatched[0] if unmatched else None)


def samples_of(dictionary: Dictionary, where: SampleQuery) -> Iterable[Sample]:
    """The samples of a query, read in portions."""
    ids = dictionary.search.ids(where).tolist()
    for first in range(0, len(ids), _READ_TOGETHER):
        yield from dictionary.samples.get_many(ids[first : first + _READ_TOGETHER])


def _matched_text(sample: Sample, project: Path) -> str:
    path = sample.picture_path
    inside = path.relative_to(project) if path.is_relative_to(project) else path
    return f"{inside.as_posix()}{PERSON_FOLLOWS}{sample.person_key}"


def _names(parts: dict[str, str]) -> GroupNames:
    moment, subject = parts.get("moment"), parts.get("subject")
    if moment and subject:
        moment = f"{subject}{PERSON_FOLLOWS}{moment}"
    return GroupNames(moment=moment, subject=subject, camera=parts.get("camera"))


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise StudioError(
            f"The pattern {pattern!r} cannot be read: {error}.",
            remedy=r"Write a regular expression, such as cam(?P<camera>\d+)_(?P<moment>\d+).",
        ) from error
    found = set(compiled.groupindex)
    if found - set(PARTS) or not found & {"moment", "subject"}:
        named = ", ".join(sorted(found)) or "nothing"
        raise StudioError(
            f"The pattern {pattern!r} names {named}, expected moment or subject, or both, and "
            "camera if you like.",
            remedy=r"Name parts of it as in cam(?P<camera>\d+)_(?P<moment>\d+).",
        )
    return compiled
