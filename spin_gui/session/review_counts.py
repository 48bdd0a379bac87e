"""How far the review of a project is."""

from __future__ import annotations

from dataclasses import dataclass

from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.types.fits import Verdict

_TO_REVIEW = SampleQuery(verdicts=frozenset({Verdict.NONE}))
_WITHOUT_FIT = SampleQuery(only_without_fit=True)


@dataclass(frozen=True)
class ReviewCounts:
    """How far the review is.

    listed: samples that the query lets through; total: of all. The rest is counted of all samples:
    left_to_review: current fits without verdict; without_fit: samples that cannot be judged yet.
    """

    listed: int
    total: int
    left_to_review: int
    without_fit: int


def count_review(dictionary: Dictionary, *, listed: int) -> ReviewCounts:
    """The counts as the dictionary has them now."""
    return ReviewCounts(
        listed=listed,
        total=dictionary.search.count(SampleQuery()),
        left_to_review=dictionary.search.count(_TO_REVIEW),
        without_fit=dictionary.search.count(_WITHOUT_FIT),
    )
