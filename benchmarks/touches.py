"""What touches gain by the order in which people and keypoints are proposed.

Sets of 300 people rendered in recorded poses of clips that neither head, nor lifter, nor prior, nor
the models of touches have seen, as ``benchmarks.flagging.rendered_people`` has them; fitted as
``fit`` does by default. A touch puts one keypoint of one person where it truly is, but for the
error of the click, and the person is fitted again as the window does it; then every order looks at
that person again, and may ask for another keypoint of the same. 30 touches of each set, by four
orders: the expected gain, the worst residuals, the worst residual of the most suspicious person,
and random keypoints of random people. Worst residuals are also tried with one touch a person, and
what lowers more of the two is what the expected gain is compared with.

The expected gain may ask for a limb's joint that has no keypoint, and so may the random order. One
that something hides is guessed at, twice as far off as other clicks; one outside the picture cannot
be clicked at, and the touch is spent for nothing. *expected gain, no missing joints* is the same
order without them.

    python -m benchmarks.touches --work FOLDER [--sets 5] [--quick] [--json]

``touch_over_random``, ``touch_over_residual``: how many times as much the expected gain lowers the
mean 3D error (14 joints after Procrustes) of the first set, clicks off by up to 0.1 of the box
(uniform), mean of 20 draws; at most 100, where the others lower nothing. Draws are of clicks alone,
the people of a set stay the same, and a tenth of them decide what 30 touches gain: one set says
little. So there are more of them, of other people: ``_of_each_set`` has the same of each by itself,
``_pooled`` of all together, ``_pooled_interval`` the 5 and 95 % quantiles of that over draws of
people with replacement, and ``_of_300`` the 5, 50 and 95 % quantiles of what a set of 300 such
people would say. ``--sets 1`` is one set alone, ``--after 1`` leaves
the first one out. Rendered people stay in the folder.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.common.people import MOCAP
from benchmarks.common.reporting import benchmark_arguments, report
from core.engine.body.load_body import load_body
from core.engine.smplify.inputs import BodyEstimate
from core.geometry.row_selection import take_rows
from core.types.samples import Sample
from resources.flags.build.people import unbiased_prior
from resources.flags.build.rendered_people import (
    PEOPLE_PER_CHUNK,
    RenderedChunk,
    RenderedChunks,
)
from resources.flags.build.touched_people import TOGETHER, Touch, TouchedPeople, drawn_clicks
from resources.flags.build.touches import ranker_of
from resources.lifter.build.bodies import Recordings

PEOPLE, QUICK_PEOPLE = 300, 40
SETS = 5
DRAWS, QUICK_DRAWS = 20, 2
PEOPLE_DRAWS = 2000
PEOPLE_A_TOUCH = 10
"""30 touches of 300 people."""
LARGEST = 0.1
CLICKS = {0.0: 1, 0.05: 5, LARGEST: DRAWS}
"""By how much clicks may be off, and how many draws tell what comes of it at most."""
_FARTHEST_PX = 1e4
LARGEST_RATIO = 100.0
EXPECTED, RANDOM = "expected gain", "random"
RESIDUALS, RESIDUALS_ONCE = "worst residuals", "worst residuals, one a person"
SHOWN = (1, 2, 5, 10, 15, 20, 25, 30)

Gains = NDArray[np.float64]
"""mm that the error of the touched person falls."""
Scores = NDArray[np.floating]


class _Order(Protocol):
    """What says which touch comes next: the one of the highest score."""

    def first(self, draws: int) -> Scores:
        """Scores ``(D, N, U)`` of everybody's distinct keypoints, −∞ where none is asked for."""

    def again(self, samples: Sequence[Sample], fits: BodyEstimate, /) -> Scores | None:
        """Scores ``(R, U)`` of people who were touched; None where they are as before."""


class _ExpectedGain:
    """The product's own order."""

    def __init__(self, people: TouchedPeople, *, missing: bool = True) -> None:
        self._people, self._missing = people, missing
        self._ranker = ranker_of(people)

    def first(self, draws: int) -> Scores:
        return _of_each(self._untouched, draws)

    @cached_property
    def _untouched(self) -> Scores:
        return self.again(self._people.samples, self._people.fits)

    def again(self, samples: Sequence[Sample], fits: BodyEstimate) -> Scores:
        parts = []
        for rows in torch.arange(len(samples)).split(TOGETHER):
            some = [samples[row] for row in rows.tolist()]
            inputs = self._people.inputs(some, take_rows(fits, rows))
            gains = self._ranker.gains_of_places(inputs).numpy()
            if not self._missing:
                gains = np.where(self._people.counting(some), gains, np.nan)
            parts.append(np.where(np.isnan(gains), -np.inf, gains))
        return np.concatenate(parts)


class _WorstResidual:
    """The keypoint farthest from the body; by suspicion: of the most suspicious person.

    once: everybody is touched once at most.
    """

    def __init__(
        self, people: TouchedPeople, *, by_suspicion: bool = False, once: bool = False
    ) -> None:
        self._people, self._by_suspicion, self._once = people, by_suspicion, once

    def first(self, draws: int) -> Scores:
        people = self._people
        return _of_each(self._scores(people.samples, people.fits), draws)

    def again(self, samples: Sequence[Sample], fits: BodyEstimate) -> Scores:
        scores = self._scores(samples, fits)
        return np.full_like(scores, -np.inf) if self._once else scores

    def _scores(self, samples: Sequence[Sample], fits: BodyEstimate) -> Scores:
        residual = self._people.residuals_px(samples, fits)
        if self._by_suspicion:
            suspicion = self._people.inputs(samples, fits).scores.suspicion.numpy()
            residual = residual / _FARTHEST_PX + _FARTHEST_PX * suspicion[:, None]
        return residual


class _Random:
    """Any keypoint that may be asked for, of anybody."""

    def __init__(self, people: TouchedPeople) -> None:
        self._people = people

    def first(self, draws: int) -> Scores:
        asked = np.full((len(self._people), self._people.body.num_distinct), -np.inf)
        for touch in self._people.touches():
            asked[touch.person, touch.keypoint] = 0.0
        return asked + np.random.default_rng(0).random((draws, *asked.shape))

    def again(self, _samples: Sequence[Sample], _fits: BodyEstimate) -> None:
        """Nothing changes."""


def _of_each(scores: Scores, draws: int) -> Scores:
    return np.repeat(scores[None], draws, axis=0)


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--work", type=Path, required=True, help="folder that people stay in")
    parser.add_argument("--sets", type=int, default=None, help="of 300 people")
    parser.add_argument("--after", type=int, default=0, help="leave this many sets out first")
    options = parser.parse_args(arguments)
    if not MOCAP.is_dir():
        report({"skipped": "needs ../shared/mocap next to the checkout"}, as_json=options.json)
        return 0
    sets = options.sets or (1 if options.quick else SETS)
    draws = QUICK_DRAWS if options.quick else DRAWS
    size = QUICK_PEOPLE if options.quick else PEOPLE
    people = _people(options.work, sets * size, after=options.after * size)
    report(measured(people, sets, draws, after=options.after), as_json=options.json)
    return 0


def _people(work: Path, count: int, *, after: int) -> TouchedPeople:
    recordings, model = Recordings.load(MOCAP), load_body()
    chunks = RenderedChunks(model, recordings, work)
    # A few people have too few keypoints to be fitted.
    drawn = 21 * (after + count) // 20
    numbers = range(-(-drawn // PEOPLE_PER_CHUNK))
    chunk = RenderedChunk.joined([chunks.chunk("report", number) for number in numbers])
    prior = unbiased_prior(recordings)
    return TouchedPeople(model, prior, chunk, seed=0, at_most=count, after=after)


def measured(people: TouchedPeople, sets: int, draws: int, *, after: int = 0) -> dict[str, object]:
    """Everything that is reported, of the sets that follow the first ``after``."""
    orders: dict[str, _Order] = {
        EXPECTED: _ExpectedGain(people),
        RESIDUALS: _WorstResidual(people),
        RESIDUALS_ONCE: _WorstResidual(people, once=True),
        "suspicion": _WorstResidual(people, by_suspicion=True),
        RANDOM: _Random(people),
    }
    results: dict[str, object] = {
        "people": len(people),
        "sets": sets,
        "touches of each set": len(people) // sets // PEOPLE_A_TOUCH,
        "mean 3D error before, mm": round(float(people.errors_mm.mean()), 2),
    }
    numbers = range(after, after + sets)
    by_person: dict[str, NDArray[np.float64]] = {}
    for largest, most in CLICKS.items():
        if largest == LARGEST:
            orders["expected gain, no missing joints"] = _ExpectedGain(people, missing=False)
        for name, order in orders.items():
            made = _made(people, order, min(draws, most), numbers, largest=largest)
            by_person[name] = made.by_person(len(people))
            results[f"{name}, clicks off by {largest:g}"] = _row(made, people, sets)
            _tell(f"{name}, {largest:g}: {made.gains.mean():.2f} mm a touch")
    better = max(RESIDUALS, RESIDUALS_ONCE, key=lambda name: float(by_person[name].sum()))
    for name, other in (("touch_over_random", RANDOM), ("touch_over_residual", better)):
        results |= ratios(name, by_person[EXPECTED], by_person[other], sets)
    return results


@dataclass(frozen=True, eq=False)
class _Made:
    """Touches that were made, of D draws and S sets T each: whose, and what each gained in mm.

    people, gains: (D, S, T). missing: (D, S, T) whether a keypoint was placed that was not there.
    """

    people: NDArray[np.int64]
    gains: Gains
    missing: NDArray[np.bool_]

    def by_person(self, count: int) -> NDArray[np.float64]:
        """What each person gained ``(N,)``, mean of the draws."""
        gained = np.zeros(count)
        np.add.at(gained, self.people, self.gains / len(self.gains))
        return gained


def ratios(
    name: str, ours: NDArray[np.float64], theirs: NDArray[np.float64], sets: int
) -> dict[str, object]:
    """How many times as much ``ours`` lowers than ``theirs``, gains ``(N,)`` of people."""
    each = [
        _ratio(one.sum(), other.sum())
        for one, other in zip(np.split(ours, sets), np.split(theirs, sets), strict=True)
    ]
    rng = np.random.default_rng(0)

    def drawn(size: int, quantiles: Sequence[float]) -> list[float]:
        rows = rng.integers(len(ours), size=(PEOPLE_DRAWS, size))
        ratios = [
            _ratio(one, other)
            for one, other in zip(ours[rows].sum(1), theirs[rows].sum(1), strict=True)
        ]
        return [round(float(value), 2) for value in np.quantile(ratios, quantiles)]

    return {
        name: each[0],
        f"{name}_of_each_set": each,
        f"{name}_pooled": _ratio(ours.sum(), theirs.sum()),
        f"{name}_pooled_interval": drawn(len(ours), (0.05, 0.95)),
        f"{name}_of_300": drawn(PEOPLE, (0.05, 0.5, 0.95)),
    }


class _Desk:
    """A person who touches keypoint after keypoint, in D draws of clicks and S sets at once."""

    def __init__(self, people: TouchedPeople, order: _Order, draws: int, sets: int) -> None:
        self._people, self._order = people, order
        self._scores, self._size = order.first(draws), len(people) // sets
        self._where = [(draw, number) for draw in range(draws) for number in range(sets)]
        self._done = np.zeros(self._scores.shape, bool)
        self._samples: dict[tuple[int, int], Sample] = {}
        self._fits: dict[tuple[int, int], BodyEstimate] = {}

    def touch(self, clicks: NDArray[np.float64]) -> tuple[list[Touch], Gains]:
        """The next touch of each draw and set, clicks ``(D·S, 2)`` off, and its gain."""
        people = self._people
        touches = [self._best(draw, number) for draw, number in self._where]
        keys = [(draw, touch.person) for (draw, _), touch in zip(self._where, touches, strict=True)]
        former = [self._samples.get(key, people.samples[key[1]]) for key in keys]
        fits = BodyEstimate.joined(
            [self._fits.get(key, take_rows(people.fits, torch.tensor([key[1]]))) for key in keys]
        )
        samples = [
            people.touched(sample, touch, click) if people.can_place(touch) else sample
            for sample, touch, click in zip(former, touches, clicks, strict=True)
        ]
        again = people.fitted(samples, fits)
        persons = [touch.person for touch in touches]
        placed = np.array([people.can_place(touch) for touch in touches])
        gained = (people.errors_of(fits, persons) - people.errors_of(again, persons)).numpy()
        scores = self._order.again(samples, again)
        for row, (key, touch) in enumerate(zip(keys, touches, strict=True)):
            self._done[(*key, touch.keypoint)] = True
            if placed[row]:
                self._samples[key] = samples[row]
                self._fits[key] = take_rows(again, torch.tensor([row]))
                if scores is not None:
                    self._scores[key] = scores[row]
            self._scores[key][self._done[key]] = -np.inf
        return touches, np.where(placed, gained, 0.0)

    def _best(self, draw: int, number: int) -> Touch:
        """The touch of the highest score among the people of a set."""
        first = number * self._size
        scores = self._scores[draw, first : first + self._size]
        person, keypoint = np.unravel_index(int(scores.argmax()), scores.shape)
        return Touch(first + int(person), int(keypoint))


def _made(
    people: TouchedPeople, order: _Order, draws: int, sets: range, *, largest: float
) -> _Made:
    """Every draw of every set, by its number, has clicks of its own, the same for every order."""
    count = len(people) // len(sets) // PEOPLE_A_TOUCH
    desk = _Desk(people, order, draws, len(sets))
    clicks = np.stack(
        [
            drawn_clicks(count, np.random.default_rng([draw, number]), largest=largest)
            for draw in range(draws)
            for number in sets
        ]
    )
    touched, gains = zip(*(desk.touch(clicks[:, number]) for number in range(count)), strict=True)
    shape = (draws, len(sets), count)
    persons = np.array([[touch.person for touch in each] for each in touched]).T
    missing = np.array([[people.is_missing(touch) for touch in each] for each in touched]).T
    return _Made(persons.reshape(shape), np.array(gains).T.reshape(shape), missing.reshape(shape))


def _row(made: _Made, people: TouchedPeople, sets: int) -> dict[str, object]:
    before, gains = float(people.errors_mm.mean()), made.gains
    curve = before - gains.mean((0, 1)).cumsum() / (len(people) // sets)
    return {
        "mm a touch": round(float(gains.mean()), 2),
        "mm a touch of each set": gains.mean((0, 2)).round(2).tolist(),
        "standard error of draws": round(float(gains.mean((1, 2)).std() / len(gains) ** 0.5), 2),
        "people touched of each set": round(
            float(np.mean([len(set(each.tolist())) for draw in made.people for each in draw])), 1
        ),
        "share of missing joints": round(float(made.missing.mean()), 3),
        "mean 3D error lowered by, mm": round(float(before - curve[-1]), 3),
        "mm after touches": {
            str(number): round(float(curve[number - 1]), 3)
            for number in SHOWN
            if number <= len(curve)
        },
    }


def _ratio(ours: float, theirs: float) -> float:
    if theirs <= ours / LARGEST_RATIO:
        return LARGEST_RATIO if ours > 0 else 0.0
    return round(ours / theirs, 2)


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
