"""The filters that several reviewers need, as SQL over ``samples`` and the tables next to it."""

from __future__ import annotations

from collections.abc import Iterable

from core.dictionary.fits.case_answers import WAITING_CASES, WAITING_ERRORS
from core.dictionary.search.query import ANY_GROUP, NO_GROUP, SampleQuery

Conditions = list[tuple[str, list[object]]]

_ASSIGNED = "SELECT sample_id FROM assignments"
_COMMENTED = "SELECT sample_id FROM comments WHERE removed_at IS NULL"

# By the current fit: what was said of its forerunners is history.
_JUDGED = """SELECT opinions.sample_id FROM opinions JOIN samples AS judged
    ON judged.current_fit_id = opinions.fit_id
WHERE opinions.withdrawn_at IS NULL AND opinions.verdict <> 'none' AND opinions.reviewer = ?"""

_DISAGREED = """id IN (SELECT fits.sample_id FROM fits JOIN samples AS unsure
    ON unsure.current_fit_id = fits.id
WHERE fits.verdict = 'unsure' AND fits.verdict_by = 'program')"""

# What the tables themselves hold, whatever is hidden from the reviewer.
_ASKED = """SELECT second_opinions.sample_id FROM second_opinions JOIN main.samples AS asked
    ON asked.current_fit_id = second_opinions.fit_id
WHERE asked.current_verdict <> 'none' AND second_opinions.first_reviewer <> :name
    AND coalesce(second_opinions.reviewer, :name) = :name
    AND NOT EXISTS (SELECT 1 FROM main.opinions WHERE opinions.fit_id = second_opinions.fit_id
        AND opinions.reviewer = :name AND opinions.withdrawn_at IS NULL)"""

_KNOWN = f"""SELECT known_cases.sample_id {WAITING_CASES}
UNION ALL SELECT made_errors.sample_id {WAITING_ERRORS}"""

ASKED_OF = _ASKED
"""The samples of which a second opinion is wanted of ``:name``, by ``sample_id``."""

_NO_VERDICT = f"""(current_verdict = 'none' AND (id IN ({_ASSIGNED} WHERE reviewer = ?)
    OR NOT EXISTS ({_ASSIGNED})))"""


def conditions_of_reviewers(query: SampleQuery) -> tuple[list[str], list[object]]:
    """The filters by assignments, reviewers and comments, as ``conditions_of`` has the others."""
    found: Conditions = []
    if query.assigned:
        found.append(_either(map(_assigned, sorted(query.assigned))))
    if query.waiting_for:
        found.append(_either(map(_waiting, sorted(query.waiting_for))))
    if query.judged_by:
        found.append(_either((f"id IN ({_JUDGED})", [name]) for name in sorted(query.judged_by)))
    if query.comments:
        found.append(_either(map(_commented, sorted(query.comments))))
    if query.only_disagreed:
        found.append((_DISAGREED, []))
    conditions = [condition for condition, _parameters in found]
    return conditions, [parameter for _condition, more in found for parameter in more]


def _assigned(name: str) -> tuple[str, list[object]]:
    if name == ANY_GROUP:
        return f"id IN ({_ASSIGNED})", []
    if name == NO_GROUP:
        return f"id NOT IN ({_ASSIGNED})", []
    return f"id IN ({_ASSIGNED} WHERE reviewer = ?)", [name]


def _waiting(name: str) -> tuple[str, list[object]]:
    """Without a verdict and the reviewer's own, or where a second opinion is asked for."""
    asked, known = (text.replace(":name", "?") for text in (_ASKED, _KNOWN))
    names = 1 + _ASKED.count(":name") + _KNOWN.count(":name")
    return f"({_NO_VERDICT} OR id IN ({asked}) OR id IN ({known}))", [name] * names


def _commented(word: str) -> tuple[str, list[object]]:
    if word == ANY_GROUP:
        return f"id IN ({_COMMENTED})", []
    if word == NO_GROUP:
        return f"id NOT IN ({_COMMENTED})", []
    return f"id IN ({_COMMENTED} AND instr(lower(text), lower(?)))", [word]


def _either(parts: Iterable[tuple[str, list[object]]]) -> tuple[str, list[object]]:
    listed = list(parts)
    text = " OR ".join(condition for condition, _parameters in listed)
    return f"({text})", [parameter for _condition, more in listed for parameter in more]
