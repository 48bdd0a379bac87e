"""What each reviewer of a project did, and how far they agree: the answer to ``reviewers``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from core.dictionary.fits.opinions import Opinions
from core.dictionary.reviewers.agreement import (
    GIVEN_VERDICTS,
    PairAgreement,
    pair_agreements,
)
from core.dictionary.reviewers.known_cases import CaseScore, KnownCases
from core.dictionary.storage.connection import Connection
from core.types.counted_nouns import counted
from core.types.fits import Verdict
from core.types.reviewing.opinions import (
    DISAGREEMENT_AUTHOR,
    UNNAMED_REVIEWER,
    Opinion,
    latest_opinions,
)

_DISAGREEMENTS = """
SELECT count(*) FROM samples JOIN fits ON fits.id = samples.current_fit_id
WHERE fits.verdict = 'unsure' AND fits.verdict_by = ?"""

UNNAMED_TITLE = "(no name)"
"""How the reviewer without a name is shown."""


@dataclass(frozen=True, kw_only=True)
class ReviewerActivity:
    """One reviewer: how many fits bear each of the verdicts given, and when the last was."""

    name: str
    verdicts: dict[Verdict, int]
    last_at: str

    @property
    def title(self) -> str:
        """The name, or what is shown for the reviewer without one."""
        return title_of(self.name)

    @property
    def total(self) -> int:
        """Fits judged."""
        return sum(self.verdicts.values())


@dataclass(frozen=True, kw_only=True)
class ReviewerReport:
    """Of a project. disagreements: people whose fit is unsure since reviewers differ."""

    reviewers: tuple[ReviewerActivity, ...]
    pairs: tuple[PairAgreement, ...]
    disagreements: int
    scores: tuple[CaseScore, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Ready for JSON."""
        return {
            "reviewers": [
                {
                    "name": each.name,
                    **{str(verdict): count for verdict, count in each.verdicts.items()},
                    "last_at": each.last_at,
                }
                for each in self.reviewers
            ],
            "pairs": [_pair_json(pair) for pair in self.pairs],
            "disagreements": self.disagreements,
            "known_cases": [_score_json(score) for score in self.scores],
        }


class Reviewers:
    """Of one opened dictionary; reached as ``dictionary.reviewers``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def names(self) -> list[str]:
        """Everyone who ever gave a verdict here, by name; the unnamed one is left out."""
        rows = self._connection.execute(
            "SELECT DISTINCT reviewer FROM main.opinions WHERE reviewer <> ? ORDER BY 1",
            (UNNAMED_REVIEWER,),
        )
        return [str(name) for (name,) in rows]

    def report(self) -> ReviewerReport:
        """Who judged how many fits, and how far they agree."""
        with self._connection.mask.lifted(), self._connection.reading():
            opinions = Opinions(self._connection).all()
            disagreements = self._connection.scalar(_DISAGREEMENTS, (DISAGREEMENT_AUTHOR,))
        return ReviewerReport(
            reviewers=_activities(opinions),
            pairs=tuple(pair_agreements(opinions)),
            disagreements=int(disagreements),
            scores=tuple(KnownCases(self._connection).scores()),
        )


def title_of(name: str) -> str:
    """A reviewer's name as people read it."""
    return name or UNNAMED_TITLE


def score_text(score: CaseScore) -> str:
    """``9 of 10 known cases right (60 to 98 %); found 4 of 5 made errors; accepted 1 …``."""
    text = f"{score.right} of {counted(score.total, 'known case', 'known cases')} right"
    text += f" ({share_text(score.interval)})"
    found, shown = score.errors_found
    if shown:
        kinds = ", ".join(f"{kind} {hit}/{of}" for kind, (hit, of) in sorted(score.errors.items()))
        text += f"; found {found} of {counted(shown, 'made error', 'made errors')} ({kinds})"
    for count, words in (
        (score.missed, "accepted {} that should be rejected"),
        (score.refused, "rejected {} that the expert had accepted"),
        (score.unsure, "{} unsure"),
    ):
        if count:
            text += f"; {words.format(count)}"
    return text


def share_text(interval: tuple[float, float]) -> str:
    """``60 to 98 %``, of the ends of an interval."""
    low, high = interval
    return f"{100 * low:.0f} to {100 * high:.0f} %"


def kappa_text(pair: PairAgreement) -> str:
    """``0.62 (0.41 to 0.78)``, or why there is no number."""
    if pair.kappa is None or pair.low is None or pair.high is None:
        return "not defined: both gave one verdict only"
    return f"{pair.kappa:.2f} ({pair.low:.2f} to {pair.high:.2f})"


def _activities(opinions: Sequence[Opinion]) -> tuple[ReviewerActivity, ...]:
    by_fit: dict[int, list[Opinion]] = {}
    for opinion in opinions:
        by_fit.setdefault(opinion.fit_id, []).append(opinion)
    counts: dict[str, dict[Verdict, int]] = {}
    last: dict[str, str] = {}
    for said in by_fit.values():
        for name, opinion in latest_opinions(said).items():
            given = counts.setdefault(name, dict.fromkeys(GIVEN_VERDICTS, 0))
            last[name] = max(last.get(name, ""), opinion.at)
            if opinion.verdict is not Verdict.NONE:
                given[opinion.verdict] += 1
    return tuple(
        ReviewerActivity(name=name, verdicts=counts[name], last_at=last[name])
        for name in sorted(counts)
    )


def _score_json(score: CaseScore) -> dict[str, object]:
    low, high = score.interval
    return {**asdict(score), "right_low": low, "right_high": high}


def _pair_json(pair: PairAgreement) -> dict[str, object]:
    return {
        "reviewers": [pair.first, pair.second],
        "fits": pair.count,
        "agreed": pair.agreed,
        "kappa": pair.kappa,
        "kappa_low": pair.low,
        "kappa_high": pair.high,
        "table": {
            str(first): {
                str(second): pair.table.get((first, second), 0) for second in GIVEN_VERDICTS
            }
            for first in GIVEN_VERDICTS
        },
    }
