"""What touches gain by the order in which people and keypoints are proposed.

Sets of 300 people rendered in recorded poses of clips that neither head, nor lifter, nor prior, nor
the models of touches have seen, as ``benchmarks.flagging.rendered_people`` has them; fitted as
``fit`` does by default. A touch puts one keypoint of one person where it truly is, but for the
error of the click, and the person is fitted again as the window does it. 30 touches of each set,
one a person, by four orders: the expected gain, the worst residuals, the worst residual of the most
suspicious people, and random keypoints of random people.

    python -m benchmarks.touches --work FOLDER [--sets 3] [--quick] [--json]

``touch_over_random``, ``touch_over_residual``: how many times as much the expected gain lowers the
mean 3D error (14 joints after Procrustes), clicks off by up to 0.1 of the box (uniform), mean of 20
draws and of the sets; at most 100, where the others lower nothing. What 30 touches of one set gain
is in part luck, hence several. Rendered people stay in the folder.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.common.people import MOCAP
from benchmarks.common.reporting import benchmark_arguments, report
from core.engine.body.load_body import load_body
from core.engine.failure_detection.assessor import FlagAssessor
from core.engine.failure_detection.head_alternative import head_alternative
from core.engine.failure_detection.inputs import FlagInputs
from core.engine.failure_detection.lifter_alternative import lifter_alternative
from core.engine.regression.head_checkpoints import load_detector_head
from core.engine.regression.lifter import Lifter
from core.engine.regression.seen_people import seen_people
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.reprojection_loss import comparison_loss
from core.geometry.row_selection import take_rows
from core.types.samples import Sample
from resources.flags.build.people import unbiased_prior
from resources.flags.build.rendered_people import (
    PEOPLE_PER_CHUNK,
    RenderedChunk,
    RenderedChunks,
)
from resources.flags.build.touched_people import Touch, TouchedPeople, drawn_clicks
from resources.flags.build.touches import ranker_of, touches_with_features
from resources.lifter.build.bodies import Recordings

PEOPLE, QUICK_PEOPLE = 300, 40
SETS = 3
DRAWS, QUICK_DRAWS = 20, 2
PEOPLE_A_TOUCH = 10
"""30 touches of 300 people."""
CLICKS = (0.0, 0.05, 0.1)
LARGEST_RATIO = 100.0
SHOWN = (1, 2, 5, 10, 15, 20, 25, 30)

Gains = NDArray[np.float64]
"""``(D, T)`` mm that the error of the touched person falls, by draw and touch."""


class _Orders:
    """Touches of some people in the four orders."""

    def __init__(self, people: TouchedPeople, sets: int) -> None:
        self._people, self._sets = people, sets
        ranker = ranker_of(people)
        self.touches, features = touches_with_features(people, ranker)
        self._ranker = ranker
        self.gain = ranker.expected_gain_mm(features).numpy()
        self.residual = features["residual_px"].numpy()

    def by(self, score: NDArray[np.floating]) -> list[Touch]:
        """The best touch of each person, the best people of each set, one set after the other."""
        chosen: dict[int, Touch] = {}
        for row in np.argsort(-score, kind="stable"):
            chosen.setdefault(self.touches[row].person, self.touches[row])
        return self._of_sets(list(chosen.values()))

    def _of_sets(self, touches: Sequence[Touch]) -> list[Touch]:
        size = len(self._people) // self._sets
        return [
            touch
            for number in range(self._sets)
            for touch in [each for each in touches if each.person // size == number][
                : size // PEOPLE_A_TOUCH
            ]
        ]

    def by_suspicion(self) -> list[Touch]:
        """The worst residual of each of the most suspicious people."""
        worst = {touch.person: touch for touch in reversed(self._all_by(self.residual))}
        people = np.argsort(-self._suspicion, kind="stable").tolist()
        return self._of_sets([worst[person] for person in people if person in worst])

    def random(self, rng: np.random.Generator) -> list[Touch]:
        """Random keypoints of random people."""
        return self.by(rng.random(len(self.touches)))

    def next_touches(
        self, samples: Sequence[Sample], fits: BodyEstimate, first: Sequence[Touch]
    ) -> list[Touch]:
        """The best touch that is left of each person, after the first of them was made."""
        people = self._people
        left_out, features = self._ranker.features(
            people.keypoints(samples), seen_people(people.seen(samples)), fits
        )
        gains = self._ranker.expected_gain_mm(features).numpy()
        best: dict[int, int] = {}
        for row in np.argsort(-gains, kind="stable").tolist():
            best.setdefault(int(left_out.person[row]), int(left_out.keypoint[row]))
        return [Touch(touch.person, best[row]) for row, touch in enumerate(first)]

    def _all_by(self, score: NDArray[np.floating]) -> list[Touch]:
        return [self.touches[row] for row in np.argsort(-score, kind="stable")]

    @cached_property
    def _suspicion(self) -> NDArray[np.floating]:
        people = self._people
        keypoints, body = people.keypoints(people.samples), people.body
        head, lifter, name = load_detector_head(), Lifter.load(), people.fitting.body_name
        alternatives = (
            lifter_alternative(lifter, body, keypoints, has_betas=lifter.body_name == name),
            head_alternative(
                head,
                body,
                seen_people(people.seen(people.samples)),
                keypoints,
                has_betas=head.body_name == name,
            ),
        )
        losses = comparison_loss(body, people.fits, keypoints)
        inputs = FlagInputs(keypoints, people.fits, losses, alternatives)
        scores = FlagAssessor(body, people.smplify.prior).assess(inputs)
        return scores.suspicion.numpy()


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--work", type=Path, required=True, help="folder that people stay in")
    parser.add_argument("--sets", type=int, default=None)
    options = parser.parse_args(arguments)
    if not MOCAP.is_dir():
        report({"skipped": "needs ../shared/mocap next to the checkout"}, as_json=options.json)
        return 0
    sets = options.sets or (1 if options.quick else SETS)
    draws = QUICK_DRAWS if options.quick else DRAWS
    people = _people(options.work, sets * (QUICK_PEOPLE if options.quick else PEOPLE))
    report(measured(people, sets, draws), as_json=options.json)
    return 0


def _people(work: Path, count: int) -> TouchedPeople:
    recordings, model = Recordings.load(MOCAP), load_body()
    chunks = RenderedChunks(model, recordings, work)
    # A few people have too few keypoints to be fitted.
    numbers = range(-(-(count + count // 20) // PEOPLE_PER_CHUNK))
    chunk = RenderedChunk.joined([chunks.chunk("report", number) for number in numbers])
    return TouchedPeople(model, unbiased_prior(recordings), chunk, seed=0, at_most=count)


def measured(people: TouchedPeople, sets: int, draws: int) -> dict[str, object]:
    """Everything that is reported."""
    orders = _Orders(people, sets)
    rng = np.random.default_rng(0)
    ways: Mapping[str, Callable[[], list[Touch]]] = {
        "expected gain": lambda: orders.by(orders.gain),
        "worst residuals": lambda: orders.by(orders.residual),
        "suspicion": orders.by_suspicion,
        "random": lambda: orders.random(rng),
    }
    results: dict[str, object] = {
        "people": len(people),
        "sets": sets,
        "touches of each set": len(people) // sets // PEOPLE_A_TOUCH,
        "mean 3D error before, mm": round(float(people.errors_mm.mean()), 2),
    }
    lowered: dict[str, float] = {}
    for largest in CLICKS:
        for name, order in ways.items():
            gains = _gains(people, order, draws, largest=largest)
            lowered[name] = gains.sum(1).mean() / len(people)
            results[f"{name}, clicks off by {largest:g}"] = _row(gains, people, sets)
            _tell(f"{name}, {largest:g}: {gains.mean():.2f} mm a touch")
    results["two touches a person, clicks off by 0.1"] = _two_touches(people, orders, draws)
    results["touch_over_random"] = _ratio(lowered["expected gain"], lowered["random"])
    results["touch_over_residual"] = _ratio(lowered["expected gain"], lowered["worst residuals"])
    return results


def _gains(
    people: TouchedPeople, order: Callable[[], list[Touch]], draws: int, *, largest: float
) -> Gains:
    """Every draw has clicks of its own, the same for every order."""
    found = []
    for draw in range(draws):
        touches = order()
        clicks = drawn_clicks(len(touches), np.random.default_rng(draw), largest=largest)
        found.append(people.gains(touches, clicks))
    return np.array(found)


def _row(gains: Gains, people: TouchedPeople, sets: int) -> dict[str, object]:
    before = float(people.errors_mm.mean())
    by_set = gains.reshape(len(gains), sets, -1)
    curve = before - by_set.mean((0, 1)).cumsum() / (len(people) // sets)
    return {
        "mm a touch": round(float(gains.mean()), 2),
        "mm a touch of each set": by_set.mean((0, 2)).round(2).tolist(),
        "standard error of draws": round(float(gains.mean(1).std() / len(gains) ** 0.5), 2),
        "mean 3D error lowered by, mm": round(float(before - curve[-1]), 3),
        "mm after touches": {
            str(number): round(float(curve[number - 1]), 3)
            for number in SHOWN
            if number <= len(curve)
        },
    }


def _two_touches(people: TouchedPeople, orders: _Orders, draws: int) -> dict[str, object]:
    """What the second touch adds, of the best keypoint that is left once the first was made."""
    first = orders.by(orders.gain)
    persons = [touch.person for touch in first]
    one, two = [], []
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        clicks = drawn_clicks(len(first), rng, largest=CLICKS[-1])
        samples = [
            people.touched(people.samples[touch.person], touch, click)
            for touch, click in zip(first, clicks, strict=True)
        ]
        fits = people.fitted(samples, take_rows(people.fits, torch.tensor(persons)))
        before = people.errors_mm[persons]
        one.append(float((before - people.errors_of(fits, persons)).mean()))
        left = orders.next_touches(samples, fits, first)
        again = drawn_clicks(len(first), rng, largest=CLICKS[-1])
        twice = [
            people.touched(sample, touch, click)
            for sample, touch, click in zip(samples, left, again, strict=True)
        ]
        last = people.fitted(twice, fits)
        two.append(float((before - people.errors_of(last, persons)).mean()))
    return {
        "people": len(first),
        "mm a person after one": round(float(np.mean(one)), 2),
        "mm a person after two": round(float(np.mean(two)), 2),
    }


def _ratio(ours: float, theirs: float) -> float:
    if theirs <= ours / LARGEST_RATIO:
        return LARGEST_RATIO if ours > 0 else 0.0
    return round(ours / theirs, 2)


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
