"""How far the review of a project is."""

from __future__ import annotations

from dataclasses import dataclass

from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.types.fits import Verdict

_WITHOUT_FIT = SampleQuery(only_without_fit=True)


@dataclass(frozen=True)
class ReviewCounts:
    """How far the review is.

    listed: samples that the query lets through; total: of all. The rest is counted of all samples:
    left_to_review: current fits without verdict; without_fit: samples that cannot be judged yet;
    accepted, rejected: current fits with that verdict.
    """

    listed: int
    total: int
    left_to_review: int
    without_fit: int
    accepted: int = 0
    rejected: int = 0


def count_review(dictionary: Dictionary, *, listed: int) -> ReviewCounts:
    """The counts as the dictionary has them now."""
    verdicts = dictionary.search.verdict_counts()
    return ReviewCounts(
        listed=listed,
        total=dictionary.search.count(),
        left_to_review=verdicts[Verdict.NONE],
        without_fit=dictionary.search.count(_WITHOUT_FIT),
        accepted=verdicts[Verdict.ACCEPTED],
        rejected=verdicts[Verdict.REJECTED],
    )
