"""What each reviewer said of a fit, and the verdict that counts where there are several.

Every verdict that a person gives is kept as an opinion. Which verdict a fit bears follows from its
opinions alone, so that two copies of a project that hold the same opinions agree on all verdicts,
in whatever order the opinions came together (docs/reviewers.md, "Which verdict counts").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.types.fits import RejectReason, Verdict

UNNAMED_REVIEWER = ""
"""Whose verdicts bear no name, such as those of a program that kept none."""

DISAGREEMENT_AUTHOR = "program"
"""Who marks a fit unsure of which reviewers said different things."""


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """One verdict of one reviewer on one fit.

    at: UTC in ISO 8601. saw: the reviewers whose opinions on the fit were on screen when this one
    was given; none for a blind one. withdrawn_at: when it was taken back, None while it stands.
    """

    fit_id: int
    sample_id: int
    reviewer: str
    verdict: Verdict
    at: str
    reason: RejectReason | None = None
    saw: frozenset[str] = field(default_factory=frozenset)
    withdrawn_at: str | None = None


@dataclass(frozen=True)
class EffectiveVerdict:
    """The verdict that a fit bears: who gave it, and when. Without one, by and at are None."""

    verdict: Verdict = Verdict.NONE
    reason: RejectReason | None = None
    by: str | None = None
    at: str | None = None


def _order(opinion: Opinion) -> tuple[str, str, str]:
    """Total, and the same in every copy of a project."""
    return opinion.at, str(opinion.verdict), str(opinion.reason or "")


def latest_opinions(opinions: Iterable[Opinion]) -> dict[str, Opinion]:
    """Each reviewer's newest opinion on one fit that was not taken back, by reviewer."""
    latest: dict[str, Opinion] = {}
    for opinion in sorted(opinions, key=_order):
        if opinion.withdrawn_at is None:
            latest[opinion.reviewer] = opinion
    return latest


def standing_opinions(opinions: Iterable[Opinion]) -> tuple[Opinion, ...]:
    """The newest opinions on one fit that no other reviewer overruled, oldest first.

    A reviewer overrules those who were on screen and had said something else before. A verdict
    that was cleared is no opinion any more, but what it overruled stays overruled.
    """
    latest = latest_opinions(opinions)

    def is_overruled(opinion: Opinion) -> bool:
        return any(
            opinion.reviewer in later.saw
            and later.at > opinion.at
            and later.verdict is not opinion.verdict
            for later in latest.values()
            if later.reviewer != opinion.reviewer
        )

    standing = (
        opinion
        for opinion in latest.values()
        if opinion.verdict is not Verdict.NONE and not is_overruled(opinion)
    )
    return tuple(sorted(standing, key=_order))


def effective_verdict(opinions: Sequence[Opinion]) -> EffectiveVerdict:
    """The verdict that a fit bears by all opinions on it.

    Where all that stand agree it is the first of them; where they differ the fit is unsure, and so
    is not locked.
    """
    standing = standing_opinions(opinions)
    if not standing:
        return EffectiveVerdict()
    first = standing[0]
    if any(opinion.verdict is not first.verdict for opinion in standing):
        return EffectiveVerdict(Verdict.UNSURE, None, DISAGREEMENT_AUTHOR, standing[-1].at)
    return EffectiveVerdict(first.verdict, first.reason, first.reviewer, first.at)
