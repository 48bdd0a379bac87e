"""How far reviewers agree who judged the same fits without seeing each other's verdicts.

Source: Cohen, "A coefficient of agreement for nominal scales", 1960; docs/reviewers.md has the
formulas.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from core.proportions import wilson_interval
from core.types.fits import Verdict
from core.types.reviewing.opinions import Opinion

GIVEN_VERDICTS = (Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNSURE)
"""Rows and columns of a confusion table."""


@dataclass(frozen=True, kw_only=True)
class PairAgreement:
    """Two reviewers on the fits that both judged without seeing the other's verdict.

    table: how many fits by the verdicts of first and second. kappa: None where it has no value: no
    fit was judged by both, or both gave one and the same verdict to all, so that agreement was
    certain by chance. low, high: its 95 % interval, None with kappa.
    """

    first: str
    second: str
    table: Mapping[tuple[Verdict, Verdict], int]
    kappa: float | None
    low: float | None
    high: float | None

    @property
    def count(self) -> int:
        """Fits that both judged."""
        return sum(self.table.values())

    @property
    def agreed(self) -> int:
        """Fits to which both gave the same verdict."""
        return sum(count for (first, second), count in self.table.items() if first is second)


def cohens_kappa(
    table: Mapping[tuple[Verdict, Verdict], int],
) -> tuple[float | None, float | None, float | None]:
    """Cohen's kappa of a confusion table, and the ends of its 95 % interval.

    kappa = (p_o - p_e) / (1 - p_e): p_o the share of equal verdicts, p_e the share that two who
    draw from the same frequencies at random would have. Where p_e is 1 both gave one verdict
    always, and kappa has no value: 0 / 0. The interval is Wilson's for p_o, taken through the same
    formula at the p_e found; unlike kappa's standard error it does not shrink to nothing where all
    verdicts are equal.
    """
    count = sum(table.values())
    if not count:
        return None, None, None
    agreed = sum(number for (first, second), number in table.items() if first is second)
    rows, columns = Counter[Verdict](), Counter[Verdict]()
    for (first, second), number in table.items():
        rows[first] += number
        columns[second] += number
    expected = sum(rows[verdict] * columns[verdict] for verdict in GIVEN_VERDICTS) / count**2
    if expected >= 1.0:
        return None, None, None
    shares = (agreed / count, *wilson_interval(agreed, count))
    kappa, low, high = ((share - expected) / (1 - expected) for share in shares)
    return kappa, max(low, -1.0), high


def pair_agreements(opinions: Iterable[Opinion]) -> list[PairAgreement]:
    """Every two reviewers who judged fits in common, by name.

    An opinion counts against another reviewer's where neither was on screen when the other was
    given; of several by one reviewer the newest such one.
    """
    by_fit: dict[int, list[Opinion]] = {}
    for opinion in sorted(opinions, key=lambda each: each.at):
        if opinion.withdrawn_at is None:
            by_fit.setdefault(opinion.fit_id, []).append(opinion)
    tables: dict[tuple[str, str], Counter[tuple[Verdict, Verdict]]] = {}
    for said in by_fit.values():
        for pair in combinations(sorted({opinion.reviewer for opinion in said}), 2):
            first, second = (_verdict_without(said, pair[i], unseen=pair[1 - i]) for i in (0, 1))
            if Verdict.NONE not in (first, second):
                tables.setdefault(pair, Counter())[first, second] += 1
    return [_agreement(pair, table) for pair, table in sorted(tables.items())]


def _verdict_without(said: Sequence[Opinion], reviewer: str, *, unseen: str) -> Verdict:
    """The newest verdict of a reviewer given without a look at another's; none without one."""
    own = [
        opinion.verdict
        for opinion in said
        if opinion.reviewer == reviewer and unseen not in opinion.saw
    ]
    return own[-1] if own else Verdict.NONE


def _agreement(
    pair: tuple[str, str], table: Mapping[tuple[Verdict, Verdict], int]
) -> PairAgreement:
    kappa, low, high = cohens_kappa(table)
    return PairAgreement(
        first=pair[0], second=pair[1], table=dict(table), kappa=kappa, low=low, high=high
    )
