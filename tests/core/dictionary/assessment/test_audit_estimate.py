"""The interval of what is left, on made projects that are reviewed in different ways."""

from dataclasses import dataclass

import numpy as np
import pytest

from core.dictionary.assessment.audit_estimate import AuditedFits, estimated

REPEATS = 300
LEAST_COVERAGE = 0.93
"""Of intervals that should hold the truth in 95 of 100: three standard errors less."""


@dataclass
class Review:
    """Fits in the order of their draws; ``seen`` marks those that were given a verdict."""

    suspicion: np.ndarray
    wrong: np.ndarray
    seen: np.ndarray
    drawn: np.ndarray

    def draw(self) -> None:
        """The next fit of the order that is not reviewed."""
        waiting = np.flatnonzero(~self.seen)
        if len(waiting):
            self.drawn[waiting[0]] = self.seen[waiting[0]] = True

    def most_suspicious(self) -> None:
        waiting = np.flatnonzero(~self.seen)
        if len(waiting):
            self.seen[waiting[self.suspicion[waiting].argmax()]] = True

    @property
    def fits(self) -> AuditedFits:
        return AuditedFits(
            suspicion=self.suspicion,
            drawn=self.drawn,
            accepted=self.seen & ~self.wrong,
            rejected=self.seen & self.wrong,
            unsure=np.zeros_like(self.seen),
            waiting=~self.seen,
        )

    @property
    def wrong_left(self) -> int:
        return int((self.wrong & ~self.seen).sum())


def made(rng, *, count=600):
    """Suspicion that is right about as often as it says, in the random order of draws."""
    suspicion = rng.beta(0.6, 3.0, count).astype(np.float32)
    wrong = rng.random(count) < suspicion
    nothing = np.zeros(count, bool)
    return Review(suspicion, wrong, nothing.copy(), nothing.copy())


def by_suspicion(review, rng):
    for _ in range(25):
        for _ in range(9):
            review.most_suspicious()
        review.draw()


def accepted_in_bulk(review, rng):
    """Draws first; then all that look right are accepted at once, unseen but rightly."""
    for _ in range(40):
        review.draw()
    review.seen |= ~review.wrong & (rng.random(len(review.seen)) < 0.8)


def what_the_draws_found_is_searched(review, rng):
    """Where a draw was wrong, the like of it are looked at: a review that follows the audit."""
    kinds = rng.integers(0, 6, len(review.seen))
    for _ in range(40):
        review.draw()
        found = review.drawn & review.wrong
        review.seen |= np.isin(kinds, kinds[found]) & (rng.random(len(kinds)) < 0.3)


@pytest.mark.parametrize(
    "reviewed", [by_suspicion, accepted_in_bulk, what_the_draws_found_is_searched]
)
def test_the_interval_holds_what_is_left_however_the_rest_was_reviewed(reviewed):
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(REPEATS):
        review = made(rng)
        reviewed(review, rng)
        estimate = estimated(review.fits)
        covered += estimate.lowest <= review.wrong_left <= estimate.highest
    assert covered / REPEATS >= LEAST_COVERAGE


def test_the_estimate_of_a_queue_by_suspicion_is_about_right_and_the_queue_alone_is_not():
    rng = np.random.default_rng(4)
    errors, naive = [], []
    for _ in range(REPEATS):
        review = made(rng)
        by_suspicion(review, rng)
        estimate = estimated(review.fits)
        share = (review.seen & review.wrong).sum() / review.seen.sum()
        errors.append(estimate.wrong_left - review.wrong_left)
        naive.append(share * (~review.seen).sum() - review.wrong_left)
    left = np.mean([abs(error) for error in naive])
    assert abs(np.mean(errors)) < 0.15 * left
    assert np.mean(naive) == pytest.approx(left)


def test_more_draws_make_the_interval_narrower():
    widths = []
    for draws in (20, 200):
        review = made(np.random.default_rng(6))
        for _ in range(draws):
            review.draw()
        estimate = estimated(review.fits)
        widths.append(estimate.highest - estimate.lowest)
    assert widths[1] < 0.5 * widths[0]


def test_nothing_is_left_once_all_are_reviewed():
    review = made(np.random.default_rng(7), count=40)
    for _ in range(40):
        review.draw()
    estimate = estimated(review.fits)
    assert (estimate.lowest, estimate.wrong_left, estimate.highest) == (0, 0.0, 0)


def test_without_a_draw_everything_is_possible():
    review = made(np.random.default_rng(8), count=40)
    estimate = estimated(review.fits)
    assert estimate.wrong_left is None
    assert (estimate.lowest, estimate.highest) == (0, 40)


def test_unsure_ones_count_as_wrong_at_one_end_and_as_right_at_the_other():
    review = made(np.random.default_rng(9), count=200)
    for _ in range(50):
        review.draw()
    sure = review.fits
    doubted = np.arange(200) < 10
    unsure = AuditedFits(
        suspicion=sure.suspicion,
        drawn=sure.drawn,
        accepted=sure.accepted & ~doubted,
        rejected=sure.rejected & ~doubted,
        unsure=doubted,
        waiting=sure.waiting,
    )
    first, second = estimated(sure), estimated(unsure)
    assert second.unsure == 10
    assert second.checked == 40
    assert second.highest > first.highest


def test_the_one_on_screen_does_not_count_yet():
    review = made(np.random.default_rng(10), count=100)
    for _ in range(10):
        review.draw()
    before = estimated(review.fits)
    review.drawn[10] = True
    assert estimated(review.fits) == before


def test_fits_that_were_seen_by_suspicion_count_only_where_their_turn_came():
    review = made(np.random.default_rng(11), count=100)
    review.seen[50] = True
    assert estimated(review.fits).checked == 0
