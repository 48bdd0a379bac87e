"""``python -m resources.flags.build.touches MOCAP_FOLDER --cache FOLDER``: what a touch gains.

Every keypoint of rendered people is corrected once, with a click that is off by up to a tenth of
the box, and the person fitted again as the window does. What each touch gained, and what was known
of it before, make the models of ``core.engine.failure_detection.touches``. People and touches stay
in the cache folder, so the build may be stopped and goes on with the next chunk.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.engine.body.load_body import load_body
from core.engine.failure_detection.logistic_models import LogisticModel
from core.engine.failure_detection.touches.expected_gains import TouchPairs, TouchRanker
from core.engine.failure_detection.touches.features import (
    MISSING,
    TOUCH_FEATURES,
    TRIAL_MOVE,
    log_distance,
)
from core.engine.failure_detection.touches.touch_model import WRONG_PX, TouchModel
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
TRIED_CHUNKS = (10, 11, 12)
"""Other people than those, twice each: with the keypoints of either source."""
TRIED_DRAWS = 2
LARGEST_TRIED_MM = 60.0

LARGEST_CLICK = 0.1
LARGEST_GAIN_MM = 40.0
"""Larger gains and losses count as this: few touches would decide everything otherwise."""

RIDGE_OF_MISSING = 1.0
RIDGE_OF_FEW = 0.05
"""One keypoint in ten is wrong, so what their gain follows from is learnt from few."""

_NO_BETTER = (
    "head_lifter_px", "landmark_px", "landmark_fit_px", "landmark_move_mm", "landmark_seen",
    "others_px", "others_fit_px", "others_move_mm", "critic_moved", "critic_mixed", "critic_pair",
    "critic_missing", "wrong_body", "wrong_limb", "other_body_mm", "margin_px", "known", MISSING,
)  # fmt: skip
"""With these, keypoints that are there were put into no better order, people left out in turn."""
_IF_THERE = tuple(name for name in TOUCH_FEATURES if name not in _NO_BETTER)
_IF_WRONG = (
    "nearer_move_mm", "head_move_mm", "lifter_move_mm", "followed", "residual_px", "weight",
    "leverage", "noise", "confidence", "force", "nearer_px", "nearer_fit_px", "without_move_mm",
    "worst_followed", "mean_followed", "mean_nearer_px", "names", "in_picture",
)  # fmt: skip
_IF_MISSING = (
    "head_fit_px", "lifter_fit_px", "head_move_mm", "lifter_move_mm", "others_move_mm",
    "landmark_fit_px", "landmark_move_mm", "landmark_seen", "head_lifter_px", "critic_missing",
    "wrong_body", "wrong_limb", "other_body_mm", "margin_px", "noise", "in_picture", "known",
    "mean_nearer_px",
)  # fmt: skip
_IF_RIGHT = ("noise", "names", "weight", "leverage", "in_picture")
"""Which keypoint it is tells no more than these: with all features, ankles of people who were never
seen would gain by being marked again."""

_UNKNOWN = TouchModel(*[LogisticModel((), (), (), (), 0.0)] * 5)


def main(arguments: list[str]) -> int:
    """Run the build; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mocap", type=Path, help="folder of recordings")
    parser.add_argument("--cache", type=Path, required=True, help="folder of rendered people")
    parser.add_argument(
        "--chunks", type=int, nargs="+", default=CHUNKS, help="which, of 200 people"
    )
    parser.add_argument(
        "--keep-untried", action="store_true", help="make the models of missing and tried ones only"
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args(arguments)
    recordings, model = Recordings.load(options.mocap), load_body()
    rendered = RenderedChunks(model, recordings, options.cache)
    prior = unbiased_prior(recordings)

    def kept(name: str, make: Callable[[TouchedPeople], Touched], number: int) -> Touched:
        path = options.cache / f"{name}_{number:04d}.npz"
        if not path.is_file():
            chunk, otherwise = rendered.chunk("calibration", number), "otherwise" in name
            people = TouchedPeople(model, prior, chunk, seed=number, otherwise=otherwise)
            np.savez(path, allow_pickle=False, **make(people))
        found = dict(np.load(path))
        sys.stderr.write(f"{path.stem}: {found['gain_mm'].mean():.2f} mm a touch\n")
        return found

    first = TouchModel.load() if options.keep_untried else _UNKNOWN
    if not options.keep_untried:
        first = untried_model(_joined([kept("touches", _touched, n) for n in options.chunks]))
    later = [
        kept(name, lambda people: _tried(people, first), number)
        for number in TRIED_CHUNKS
        for name in ("tried", "tried_otherwise")
    ]
    with_trials(first, _joined(later)).save(options.output)
    return 0


Touched = dict[str, np.ndarray]
"""``TOUCH_FEATURES``, gain_mm and off_px of touches, ``(R,)`` each; of tried ones also the move."""


def untried_model(touched: Touched) -> TouchModel:
    """The models of keypoints that are there, from every touch of some people."""
    features = {name: torch.from_numpy(touched[name]) for name in _IF_THERE}
    wrong = torch.from_numpy(touched["off_px"]) > WRONG_PX
    gain = torch.from_numpy(touched["gain_mm"]).clamp(-LARGEST_GAIN_MM, LARGEST_GAIN_MM)
    which = fit_logistic(features, _IF_THERE, wrong)

    def of(rows: Tensor, names: tuple[str, ...], ridge: float) -> LogisticModel:
        some = {name: features[name][rows] for name in names}
        return fit_linear(some, names, gain[rows], ridge=ridge)

    return replace(
        _UNKNOWN,
        wrong=which,
        gain_if_wrong=of(wrong, _IF_WRONG, RIDGE_OF_FEW),
        gain_if_right=of(~wrong, _IF_RIGHT, LINEAR_RIDGE),
    )


def with_trials(model: TouchModel, touched: Touched) -> TouchModel:
    """The model with those of missing joints and of tried touches, from what ``_tried`` made."""
    gain = torch.from_numpy(touched["gain_mm"]).clamp(-LARGEST_TRIED_MM, LARGEST_TRIED_MM)
    missing = torch.from_numpy(touched[MISSING]) > 0

    def of(rows: Tensor, names: tuple[str, ...], ridge: float) -> LogisticModel:
        some = {name: torch.from_numpy(touched[name])[rows] for name in names}
        return fit_linear(some, names, gain[rows], ridge=ridge)

    return replace(
        model,
        gain_if_missing=of(missing, _IF_MISSING, RIDGE_OF_MISSING),
        gain_if_tried=of(~missing, (TRIAL_MOVE,), 0.0),
    )


def _joined(parts: Sequence[Touched]) -> Touched:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _touched(people: TouchedPeople) -> Touched:
    """Every keypoint of some people touched once: what is known before, and what it gains."""
    ranker, found = ranker_of(people, _UNKNOWN), []
    for rows in torch.arange(len(people)).split(TOGETHER):
        pairs = ranker.pairs(people.inputs_of(rows))
        there = ~pairs.left_out.missing
        found.append(_with_gains(people, rows, pairs.rows(there), draws=1))
    return _joined(found)


def _tried(people: TouchedPeople, model: TouchModel) -> Touched:
    """Missing joints, and what is tried of the others, each touched more than once."""
    ranker, found = ranker_of(people, model), []
    for rows in torch.arange(len(people)).split(TOGETHER):
        inputs = people.inputs_of(rows)
        pairs = ranker.pairs(inputs)
        promising = pairs.promising(model.untried_gain_mm(pairs.features))
        moved = torch.full_like(pairs.head_px[:, 0], torch.nan)
        moved[promising] = ranker.trial_moves_mm(inputs, pairs.rows(promising))
        chosen = promising | pairs.left_out.missing
        touched = _with_gains(people, rows, pairs.rows(chosen), draws=TRIED_DRAWS)
        found.append(touched | {TRIAL_MOVE: log_distance(moved[chosen]).float().numpy()})
    return _joined(found)


def _with_gains(
    people: TouchedPeople, persons: Tensor, pairs: TouchPairs, *, draws: int
) -> Touched:
    """What is known of touches of ``persons``, rows of the people, and what they gain."""
    whose = persons[pairs.left_out.person].tolist()
    touches = [
        Touch(person, keypoint)
        for person, keypoint in zip(whose, pairs.left_out.keypoint.tolist(), strict=True)
    ]
    rng = np.random.default_rng(int(persons[0]))
    gains = [
        people.gains(touches, drawn_clicks(len(touches), rng, largest=LARGEST_CLICK))
        for _ in range(draws)
    ]
    return {
        **{name: value.float().numpy() for name, value in pairs.features.items()},
        "gain_mm": np.mean(gains, axis=0).astype(np.float32),
        "off_px": np.array([people.off_px(touch) for touch in touches], np.float32),
    }


def ranker_of(people: TouchedPeople, model: TouchModel | None = None) -> TouchRanker:
    """What ranks touches of these people, by the shipped model where none is given."""
    return TouchRanker(
        people.smplify,
        people.head,
        people.lifter,
        body_name=people.fitting.body_name,
        model=model,
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
