"""``python -m resources.flags.build.touches MOCAP_FOLDER --cache FOLDER``: what a touch gains.

Every keypoint of rendered people is corrected once, with a click that is off by up to a tenth of
the box, and the person fitted again as the window does. What each touch gained, and what was known
of it before, make the models of ``core.engine.failure_detection.touches``. People and touches stay
in the cache folder, so the build may be stopped and goes on with the next chunk.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.engine.body.load_body import load_body
from core.engine.failure_detection.logistic_models import LogisticModel
from core.engine.failure_detection.touches.expected_gains import TouchRanker
from core.engine.failure_detection.touches.features import TOUCH_FEATURES
from core.engine.failure_detection.touches.touch_model import WRONG_PX, TouchModel
from core.engine.regression.head_checkpoints import load_detector_head
from core.engine.regression.lifter import Lifter
from core.engine.regression.seen_people import seen_people
from core.geometry.row_selection import take_rows
from resources.flags.build.logistic import (
    LINEAR_RIDGE,
    fit_linear,
    fit_logistic,
)
from resources.flags.build.people import unbiased_prior
from resources.flags.build.rendered_people import RenderedChunks
from resources.flags.build.touched_people import TOGETHER, Touch, TouchedPeople, drawn_clicks
from resources.lifter.build.bodies import Recordings

OUTPUT = Path(__file__).resolve().parents[1] / "touches.json"
CHUNKS = tuple(range(9))
LARGEST_CLICK = 0.1
LARGEST_GAIN_MM = 40.0
"""Larger gains and losses count as this: few touches would decide everything otherwise."""

RIDGE_OF_FEW = 0.05
"""One keypoint in ten is wrong, so what their gain follows from is learnt from few."""

_IF_WRONG = (
    "nearer_move_mm", "head_move_mm", "lifter_move_mm", "followed", "residual_px", "weight",
    "leverage", "noise", "confidence", "force", "nearer_px", "nearer_fit_px", "without_move_mm",
    "worst_followed", "mean_followed", "mean_nearer_px", "names", "in_picture",
)  # fmt: skip
_IF_RIGHT = ("noise", "names", "weight", "leverage", "in_picture")
"""Which keypoint it is tells no more than these: with all features, ankles of people who were never
seen would gain by being marked again."""

_UNKNOWN = TouchModel(*[LogisticModel((), (), (), (), 0.0)] * 3)


def main(arguments: list[str]) -> int:
    """Run the build; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mocap", type=Path, help="folder of recordings")
    parser.add_argument("--cache", type=Path, required=True, help="folder of rendered people")
    parser.add_argument(
        "--chunks", type=int, nargs="+", default=CHUNKS, help="which, of 200 people"
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args(arguments)
    recordings, model = Recordings.load(options.mocap), load_body()
    people = RenderedChunks(model, recordings, options.cache)
    prior, found = unbiased_prior(recordings), []
    for number in options.chunks:
        path = options.cache / f"touches_{number:04d}.npz"
        if not path.is_file():
            chunk = people.chunk("calibration", number)
            made = _touched(TouchedPeople(model, prior, chunk, seed=number), number)
            np.savez(path, allow_pickle=False, **made)
        found.append(dict(np.load(path)))
        sys.stderr.write(f"chunk {number}: {found[-1]['gain_mm'].mean():.2f} mm a touch\n")
    joined = {name: np.concatenate([part[name] for part in found]) for name in found[0]}
    touch_model(joined).save(options.output)
    return 0


def touch_model(touched: Mapping[str, np.ndarray]) -> TouchModel:
    """The models, from ``TOUCH_FEATURES``, gain_mm and off_px of touches, ``(R,)`` each."""
    features = {name: torch.from_numpy(touched[name]) for name in TOUCH_FEATURES}
    wrong = torch.from_numpy(touched["off_px"]) > WRONG_PX
    gain = torch.from_numpy(touched["gain_mm"]).clamp(-LARGEST_GAIN_MM, LARGEST_GAIN_MM)
    which = fit_logistic(features, TOUCH_FEATURES, wrong)

    def of(rows: Tensor, names: tuple[str, ...], ridge: float) -> LogisticModel:
        some = {name: features[name][rows] for name in names}
        return fit_linear(some, names, gain[rows], ridge=ridge)

    return TouchModel(
        which, of(wrong, _IF_WRONG, RIDGE_OF_FEW), of(~wrong, _IF_RIGHT, LINEAR_RIDGE)
    )


def _touched(people: TouchedPeople, seed: int) -> dict[str, np.ndarray]:
    """Every touch of some people once: what is known before, and what it gains."""
    touches, features = touches_with_features(people, ranker_of(people, _UNKNOWN))
    rng = np.random.default_rng(seed)
    clicks = drawn_clicks(len(touches), rng, largest=LARGEST_CLICK)
    known = {name: value.float().numpy() for name, value in features.items()}
    return {
        **known,
        "gain_mm": people.gains(touches, clicks).astype(np.float32),
        "off_px": np.array([people.off_px(touch) for touch in touches], np.float32),
    }


def ranker_of(people: TouchedPeople, model: TouchModel | None = None) -> TouchRanker:
    """What ranks touches of these people, by the shipped model where none is given."""
    return TouchRanker(
        people.smplify,
        load_detector_head(),
        Lifter.load(),
        body_name=people.fitting.body_name,
        model=model,
    )


def touches_with_features(
    people: TouchedPeople, ranker: TouchRanker
) -> tuple[list[Touch], dict[str, Tensor]]:
    """Every touch of some people, with what is known of it."""
    touches: list[Touch] = []
    parts: list[dict[str, Tensor]] = []
    for rows in torch.arange(len(people)).split(TOGETHER):
        some = [people.samples[row] for row in rows.tolist()]
        left_out, features = ranker.features(
            people.keypoints(some),
            seen_people(people.seen(some)),
            take_rows(people.fits, rows),
        )
        persons = rows[left_out.person].tolist()
        touches += [
            Touch(person, keypoint)
            for person, keypoint in zip(persons, left_out.keypoint.tolist(), strict=True)
        ]
        parts.append(features)
    return touches, {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
