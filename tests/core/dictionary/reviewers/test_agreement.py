"""Cohen's kappa, its interval, and which verdicts it is taken from."""

from __future__ import annotations

import numpy as np
import pytest

from core.dictionary.reviewers.agreement import cohens_kappa, pair_agreements
from core.types.fits import Verdict
from core.types.reviewing.opinions import Opinion

A, R, U = Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNSURE


def opinion(fit_id: int, reviewer: str, verdict: Verdict, at: int, *saw: str) -> Opinion:
    return Opinion(
        fit_id=fit_id,
        sample_id=fit_id,
        reviewer=reviewer,
        verdict=verdict,
        at=f"{at:04d}",
        saw=frozenset(saw),
    )


def test_kappa_of_a_published_table():
    # Fleiss, Levin, Paik, "Statistical Methods for Rates and Proportions", 3rd ed., table 18.1.
    cells = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
    table = {
        (first, second): cells[i][j]
        for i, first in enumerate((A, R, U))
        for j, second in enumerate((A, R, U))
    }
    kappa, low, high = cohens_kappa(table)
    assert kappa == pytest.approx(0.68, abs=0.005)
    assert low < 0.68 < high


def test_kappa_has_no_value_where_both_gave_one_verdict_only():
    assert cohens_kappa({(A, A): 20}) == (None, None, None)
    assert cohens_kappa({}) == (None, None, None)


def test_kappa_has_one_where_they_agree_and_used_two_verdicts_and_its_interval_is_not_nothing():
    kappa, low, high = cohens_kappa({(A, A): 10, (R, R): 10})
    assert (kappa, high) == (1.0, 1.0)
    assert 0.5 < low < 0.9


def test_kappa_of_chance_is_zero():
    kappa, low, high = cohens_kappa({(A, A): 25, (A, R): 25, (R, A): 25, (R, R): 25})
    assert kappa == pytest.approx(0.0)
    assert low < 0 < high


@pytest.mark.parametrize("agreeing", [0.6, 0.8, 0.9])
def test_the_interval_holds_the_true_kappa_as_often_as_it_says(agreeing):
    """Two who draw fair verdicts and agree by a known share: kappa is 2 * share - 1."""
    draw, true, held, rounds = np.random.default_rng(2), 2 * agreeing - 1, 0, 1000
    for _ in range(rounds):
        first = draw.random(60) < 0.5
        second = np.where(draw.random(60) < agreeing, first, ~first)
        table = {
            (mine, theirs): int(((first == (mine is A)) & (second == (theirs is A))).sum())
            for mine in (A, R)
            for theirs in (A, R)
        }
        _kappa, low, high = cohens_kappa(table)
        held += low <= true <= high
    assert 0.92 <= held / rounds <= 0.98


def test_only_verdicts_given_without_a_look_at_the_other_are_compared():
    said = [
        opinion(1, "maria", A, 1),
        opinion(1, "jan", A, 2, "maria"),  # he saw hers
        opinion(2, "maria", A, 1),
        opinion(2, "jan", R, 2),
        opinion(2, "maria", R, 3, "jan"),  # she gave in: her first verdict is compared
        opinion(3, "eva", U, 1),
    ]
    (pair,) = pair_agreements(said)
    assert (pair.first, pair.second) == ("jan", "maria")
    assert pair.table == {(R, A): 1}
    assert (pair.count, pair.agreed) == (1, 0)
