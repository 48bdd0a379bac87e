"""``python -m resources.lifter.build MOCAP_FOLDER --cache FOLDER``: train, judge, write.

Training goes on from the checkpoint in the cache folder, where there is one; so it can be stopped
at any time, and ``--minutes`` ends a call early. When all steps are done, the network is judged on
what was held out. ``--hold-out actions`` trains a second network that has not seen a quarter of the
actions: only a measurement, nothing of it is shipped.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.load_body import load_body
from core.engine.regression.lifter import Lifter
from resources.lifter.build.bodies import PoseSet, Recordings, mean_rotations
from resources.lifter.build.detection import LAYOUTS
from resources.lifter.build.evaluation import TABLE_HEAD, score, score_of_mean_pose
from resources.lifter.build.splits import held_out_actions, held_out_clips
from resources.lifter.build.training import Settings, Training
from resources.resumable_training import train

FOLDER = Path(__file__).resolve().parent
OUTPUT = FOLDER.parent / "lifter.npz"


def main(arguments: list[str]) -> int:
    """Run the build; returns the exit status."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    settings = Settings(
        steps=options.steps, width=options.width, blocks=options.blocks, hold_out=options.hold_out
    )
    recordings, model = Recordings.load(options.mocap), load_body()
    hidden = _hidden(recordings, settings)
    known = recordings.subset(~hidden)
    training = Training(settings, known, KeypointBody(model))
    options.cache.mkdir(parents=True, exist_ok=True)
    checkpoint = options.cache / f"lifter_{settings.hold_out}.pt"
    if checkpoint.is_file():
        training.resume(checkpoint)
    train(training, checkpoint, seconds=60 * options.minutes, tell=sys.stderr.write)
    network = training.averaged_network()
    unjudged = Lifter(network, joint_spread_rad=torch.ones(24), body_name=model.name)
    # Nearly all clips of the actions held out are of people walking: there, actions are weighed.
    judged_on = recordings.subset(hidden, by_clip=settings.hold_out == "clips")
    spread = _judge(unjudged, training, judged_on)
    if training.finished and settings.hold_out == "clips":
        Lifter(network, joint_spread_rad=spread, body_name=model.name).save(OUTPUT)
        sys.stderr.write(f"wrote {OUTPUT.name}, {OUTPUT.stat().st_size / 1e6:.2f} MB\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    default = Settings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mocap", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="folder of the checkpoints")
    parser.add_argument("--steps", type=int, default=default.steps)
    parser.add_argument("--width", type=int, default=default.width)
    parser.add_argument("--blocks", type=int, default=default.blocks)
    parser.add_argument("--hold-out", choices=("clips", "actions"), default=default.hold_out)
    parser.add_argument("--minutes", type=float, default=1e6, help="stop early, go on next time")
    parser.add_argument("--threads", type=int, default=2)
    return parser


def _hidden(recordings: Recordings, settings: Settings) -> NDArray[np.bool_]:
    split = held_out_clips if settings.hold_out == "clips" else held_out_actions
    return split(recordings.poses, seed=settings.seed)


def _judge(lifter: Lifter, training: Training, hidden: PoseSet) -> Tensor:
    """Print the table; returns the spread ``(24,)`` of the joints on people not seen."""
    known, body = training.poses, training.body
    overall = score(lifter, hidden, body, layout=None)
    out = [f"Settings: {json.dumps(asdict(training.settings))}, {training.step} steps done", ""]
    out += [TABLE_HEAD]
    out += [score_of_mean_pose(mean_rotations(known), hidden, body).row("(the mean pose)")]
    out += [score(lifter, hidden, body, layout=layout).row(layout) for layout in LAYOUTS]
    out += [overall.row("mixed as in training")]
    out += [score(lifter, known, body, layout=None).row("mixed, people of the training set")]
    sys.stdout.write("\n".join(out) + "\n")
    return overall.joint_spread_rad


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
