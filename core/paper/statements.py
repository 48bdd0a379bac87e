"""What the paper's tables state, and whether the benchmark's numbers bear it out.

The rules were fixed before the full run; see docs/reproduction/.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.engine.evaluation.tables import Spread
from core.paper.benchmark import ReproductionResults
from core.paper.cells import Cell, CellResult, Start
from core.paper.judging import DETECTED_JOINTS
from core.paper.settings import Method, Pairing

ABOUT_EQUAL_SHARE = 0.03
"""Table 4's "about the same": within three hundredths of the loop's error."""


class StatementResult(StrEnum):
    """Whether a statement was borne out."""

    HOLDS = "holds"
    """In every seed."""
    MOSTLY = "holds on average"
    """In the mean over seeds, but not in every one."""
    FAILS = "does not hold"


@dataclass(frozen=True)
class Statement:
    """One ordering of the paper.

    claim: what must be so. difference_mm: by how much, positive where the claim is right, a value a
    seed; for "about the same" the plain difference. verdict: by the rule of ``Verdict``.
    """

    table: int
    claim: str
    difference_mm: Spread
    verdict: StatementResult


def statements(results: ReproductionResults) -> list[Statement]:
    """All statements of the four tables, in their order."""
    return [
        statement(results, pairing, start)
        for statement in (
            _static_is_worse,
            _fitting_does_not_help,
            _dictionary_improves,
            _final_is_alike,
        )
        for pairing in Pairing
        for start in Start
    ]


def seeds_of(
    results: ReproductionResults, pairing: Pairing, start: Start, method: Method
) -> list[CellResult]:
    """The results of one kind, start and method, in the order of the seeds."""
    return [results.cells[Cell(pairing, start, method, seed)] for seed in results.settings.seeds]


def _static_is_worse(results: ReproductionResults, pairing: Pairing, start: Start) -> Statement:
    pairs = zip(
        seeds_of(results, pairing, start, Method.STATIC),
        seeds_of(results, pairing, start, Method.IN_LOOP),
        strict=True,
    )
    gains = [static.test.reconstruction_mm - loop.test.reconstruction_mm for static, loop in pairs]
    return _ordering(
        1, f"from {_named(pairing, start)}, static fits are worse than the loop", gains
    )


def _fitting_does_not_help(
    results: ReproductionResults, pairing: Pairing, start: Start
) -> Statement:
    gains = [
        loop.refitted[DETECTED_JOINTS].reconstruction_mm - loop.test.reconstruction_mm
        for loop in seeds_of(results, pairing, start, Method.IN_LOOP)
    ]
    return _ordering(
        2,
        f"from {_named(pairing, start)}, fitting afterwards to detected joints does not help",
        gains,
    )


def _dictionary_improves(results: ReproductionResults, pairing: Pairing, start: Start) -> Statement:
    before = results.initial[start].reconstruction_mm
    gains = [
        before - loop.dictionary.reconstruction_mm
        for loop in seeds_of(results, pairing, start, Method.IN_LOOP)
    ]
    return _ordering(
        3, f"from {_named(pairing, start)}, the final dictionary is better than the initial", gains
    )


def _final_is_alike(results: ReproductionResults, pairing: Pairing, start: Start) -> Statement:
    loops = seeds_of(results, pairing, start, Method.IN_LOOP)
    finals = seeds_of(results, pairing, start, Method.FINAL)
    apart = [
        final.test.reconstruction_mm - loop.test.reconstruction_mm
        for loop, final in zip(loops, finals, strict=True)
    ]
    limits = [ABOUT_EQUAL_SHARE * loop.test.reconstruction_mm for loop in loops]
    within = [abs(one) <= limit for one, limit in zip(apart, limits, strict=True)]
    mean_within = abs(Spread(tuple(apart)).mean) <= Spread(tuple(limits)).mean
    return Statement(
        4,
        f"from {_named(pairing, start)}, a second training on the final dictionary does as well as "
        "the loop",
        Spread(tuple(apart)),
        _verdict(every=all(within), on_average=mean_within),
    )


def _ordering(table: int, claim: str, gains_mm: list[float]) -> Statement:
    spread = Spread(tuple(gains_mm))
    every = all(gain > 0 for gain in gains_mm)
    return Statement(table, claim, spread, _verdict(every=every, on_average=spread.mean > 0))


def _verdict(*, every: bool, on_average: bool) -> StatementResult:
    if every:
        return StatementResult.HOLDS
    return StatementResult.MOSTLY if on_average else StatementResult.FAILS


def _named(pairing: Pairing, start: Start) -> str:
    fits = {Start.MEAN: "mean-pose fits", Start.LIFTER: "lifter fits"}[start]
    return f"{fits}, {pairing.value}"
