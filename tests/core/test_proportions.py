import numpy as np
import pytest
from scipy.stats import binom, hypergeom

from core.proportions import hypergeometric_interval, wilson_interval


def test_wilson_gives_the_published_interval():
    # Newcombe, Stat. Med. 17 (1998), table I: 81 of 263 and 15 of 148.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_without_a_trial_every_share_is_possible():
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert hypergeometric_interval(0, 0, 37) == (0, 37)


def test_all_or_none_reach_the_ends_exactly():
    assert wilson_interval(0, 7)[0] == 0.0
    assert wilson_interval(7, 7)[1] == 1.0


def test_a_population_that_was_seen_whole_leaves_no_doubt():
    assert hypergeometric_interval(3, 20, 20) == (3, 3)


def test_the_ends_of_the_exact_interval_are_the_last_totals_that_are_not_too_improbable():
    population, drawn, found = 400, 60, 7
    low, high = hypergeometric_interval(found, drawn, population)
    assert hypergeom.sf(found - 1, population, low, drawn) > 0.025
    assert hypergeom.sf(found - 1, population, low - 1, drawn) <= 0.025
    assert hypergeom.cdf(found, population, high, drawn) > 0.025
    assert hypergeom.cdf(found, population, high + 1, drawn) <= 0.025


def test_a_large_population_gives_the_interval_of_clopper_and_pearson():
    low, high = (end / 300_000 for end in hypergeometric_interval(12, 200, 300_000))
    assert binom.sf(11, 200, low) == pytest.approx(0.025, rel=0.01)
    assert binom.cdf(12, 200, high) == pytest.approx(0.025, rel=0.01)


def test_the_exact_interval_holds_the_truth_at_least_as_often_as_it_says():
    rng = np.random.default_rng(5)
    population, drawn = 250, 40
    for wrong in (0, 3, 25, 120, 250):
        counts = rng.hypergeometric(wrong, population - wrong, drawn, size=400)
        ends = {int(k): hypergeometric_interval(int(k), drawn, population) for k in set(counts)}
        covered = [ends[int(k)][0] <= wrong <= ends[int(k)][1] for k in counts]
        assert np.mean(covered) >= 0.94


@pytest.mark.parametrize(("successes", "drawn", "population"), [(3, 2, 9), (-1, 2, 9), (1, 9, 5)])
def test_what_is_no_sample_is_refused(successes, drawn, population):
    with pytest.raises(ValueError, match="no sample"):
        hypergeometric_interval(successes, drawn, population)
