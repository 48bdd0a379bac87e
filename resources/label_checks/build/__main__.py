"""``python -m resources.label_checks.build MOCAP_FOLDER --cache FOLDER``: critic and calibration.

The critic learns from recorded poses alone, in some twenty minutes on one core. The calibration is
made of people whom the detector sees, the chunks that the failure flags are made of; the cache
folder holds them, or gets them. ``benchmarks.keypoint_errors`` reports on clips that neither has
seen.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from core.body.label_checks.critic import LabelCritic
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from resources.flags.build.people import SPLIT_SEED
from resources.flags.build.rendered_people import RenderedChunks
from resources.label_checks.build.calibrate import calibrate, label_trials
from resources.label_checks.build.critic_training import critic_data, train_critic
from resources.label_checks.build.people import made_people
from resources.label_checks.build.seen_people import (
    LabelledSeenPeople,
    labelled_people,
    seen_joints,
)
from resources.lifter.build.bodies import Recordings
from resources.lifter.build.splits import held_out_clips

FOLDER = Path(__file__).resolve().parents[1]
PEOPLE, EPOCHS = 500_000, 16
CHUNKS = (*range(10), *range(24, 29))
DRAWS = 3
"""How often each seen person is labelled, by other conventions and with other errors."""


def main(arguments: list[str]) -> int:
    """Run the build; returns the exit status."""
    options = _parser().parse_args(arguments)
    recordings, model = Recordings.load(options.mocap), load_body()
    if not options.only_calibration:
        body = KeypointBody(model)
        poses = recordings.subset(~held_out_clips(recordings.poses, seed=SPLIT_SEED))
        people = made_people(body, poses, options.people, seed=1)
        weights = train_critic(critic_data(people, seed=2), epochs=EPOCHS, seed=3)
        halves = {name: array.astype(np.float16) for name, array in weights.items()}
        np.savez_compressed(options.output / "critic.npz", allow_pickle=False, **halves)
    critic = LabelCritic.load(options.output / "critic.npz")
    sets = list(seen_sets(model, recordings, options.cache, "calibration", CHUNKS, draws=DRAWS))
    seen, blind = (label_trials(critic, sets, seeing=seeing) for seeing in (True, False))
    calibrate(seen, blind).save(options.output / "calibration.json")
    sys.stderr.write(f"wrote critic and calibration to {options.output.name}\n")
    return 0


def seen_sets(
    model: BodyModel,
    recordings: Recordings,
    cache: Path,
    half: str,
    numbers: Sequence[int],
    *,
    draws: int = 1,
) -> Iterator[tuple[LabelledSeenPeople, int]]:
    """Labelled people of chunks, each with a seed for its errors."""
    chunks = RenderedChunks(model, recordings, cache)
    for number in numbers:
        chunk = chunks.chunk(half, number)
        joints = seen_joints(model, chunks, cache, half, number)
        for draw in range(draws):
            seed = 10 * number + draw
            yield labelled_people(chunk, joints, seed=seed), seed + 5


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mocap", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="folder of rendered people")
    parser.add_argument("--people", type=int, default=PEOPLE, help="that the critic learns from")
    parser.add_argument("--only-calibration", action="store_true", help="keep the shipped critic")
    parser.add_argument("--output", type=Path, default=FOLDER)
    return parser


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
