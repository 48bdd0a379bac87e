"""``python -m resources.detector_head.build MOCAP_FOLDER --cache FOLDER``: make, train, judge.

People are rendered and looked at in chunks that stay in the cache folder, and training goes on
from the checkpoint there; so it can be stopped at any time, and ``--minutes`` ends a call early.
``--quick`` goes through all of it with a few people and steps, and writes what it makes to the
cache folder: it shows that the build works, not how good a head can be.
When all steps are done, the spreads are put right on people from clips that were held out, and the
head is judged on the 500 unseen people of the demo regressor.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from dataclasses import asdict
from pathlib import Path

import torch

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.load_body import load_body
from core.engine.data.replayed_people import save_people
from core.engine.regression.detector_head import DetectorHead
from core.engine.regression.head_checkpoints import head_state
from core.engine.regression.weight_files import write_weight_file
from resources.detector_head.build.chunk_maker import UNSEEN_PEOPLE, ChunkMaker
from resources.detector_head.build.evaluation import (
    TABLE_HEAD,
    Score,
    bodies_of,
    score,
    seen_people,
    spread_scale,
)
from resources.detector_head.build.people import Chunk, DetectedPeople
from resources.detector_head.build.rendering import PEOPLE_PER_CHUNK
from resources.detector_head.build.training import Settings, Training
from resources.lifter.build.bodies import Recordings
from resources.lifter.build.splits import held_out_clips
from resources.resumable_training import train

FOLDER = Path(__file__).resolve().parent.parent
HEAD_FILE, METRICS_FILE = "detector_head.pt", "metrics.json"
REPLAYED_FILE = "replayed_people.npz"
REPLAYED_PEOPLE = 320
"""Not of recorded poses: recordings are no part of this repository."""

QUICK = {
    "recorded": 1,
    "demo": 1,
    "held_out": 1,
    "people_per_chunk": 16,
    "unseen": 8,
    "steps": 20,
}
"""What a quick build has of everything."""


def main(arguments: list[str]) -> int:
    """Run the build; returns the exit status."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    model = load_body()
    body = KeypointBody(model)
    recordings = Recordings.load(options.mocap)
    hidden = held_out_clips(recordings.poses, seed=0)
    maker = ChunkMaker(model, options.cache, people_per_chunk=options.people_per_chunk)
    known = recordings.subset(~hidden)
    seen = [maker.recorded(known, "recorded", number) for number in range(options.recorded)]
    seen += [maker.demo(number) for number in range(options.demo)]
    held_out = [
        maker.recorded(recordings.subset(hidden), "held_out", number)
        for number in range(options.held_out)
    ]
    settings = Settings(steps=options.steps)
    people = DetectedPeople.of(Chunk.joined(seen), body)
    training = Training(settings, known, people, body)
    checkpoint = options.cache / "training.pt"
    if checkpoint.is_file():
        training.resume(checkpoint)
    train(training, checkpoint, seconds=60 * options.minutes, tell=sys.stderr.write)
    head = training.averaged_network()
    calibrated_on = DetectedPeople.of(Chunk.joined(held_out), body)
    head.joint_spread_scale.copy_(spread_scale(bodies_of(head, calibrated_on), calibrated_on))
    unseen = DetectedPeople.of(maker.unseen(count=options.unseen), body)
    scores = {
        "unseen": score(bodies_of(head, unseen), unseen, body),
        "unseen, without the trunk": score(bodies_of(head, unseen, with_trunk=False), unseen, body),
        "clips held out": score(bodies_of(head, calibrated_on), calibrated_on, body),
    }
    sys.stdout.write("\n".join([TABLE_HEAD, *(scores[n].row(n) for n in scores)]) + "\n")
    if training.finished:
        _write(options.output, head, training, len(people), scores)
        made = [maker.demo(number) for number in range(options.demo)]
        _write_replayed(options.output, made, body)
    return 0


def _write(
    folder: Path, head: DetectorHead, training: Training, rendered: int, scores: dict[str, Score]
) -> None:
    state = head_state(head)
    state["model"] = {name: value.half() for name, value in state["model"].items()}
    output = folder / HEAD_FILE
    write_weight_file(output, state)
    metrics = {
        "command": "python -m resources.detector_head.build MOCAP_FOLDER --cache FOLDER",
        "settings": asdict(training.settings),
        "rendered_people": rendered,
        "steps_done": training.step,
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "people": {name: _rounded(value) for name, value in scores.items()},
    }
    (folder / METRICS_FILE).write_text(json.dumps(metrics, indent=1) + "\n")
    sys.stderr.write(f"wrote {output}, {output.stat().st_size / 1e6:.2f} MB\n")


def _rounded(value: Score) -> dict[str, float]:
    return {name: round(number, 2) for name, number in asdict(value).items()}


def _write_replayed(folder: Path, chunks: list[Chunk], body: KeypointBody) -> None:
    """Some people in the prior's poses, which a run is trained on besides."""
    chunk = Chunk.joined(chunks)
    count = min(REPLAYED_PEOPLE, len(chunk.betas))
    people = DetectedPeople.of(chunk, body).rows(torch.arange(count))
    output = folder / REPLAYED_FILE
    save_people(output, seen_people(people), chunk.pose_axis_angle[:count], chunk.betas[:count])
    sys.stderr.write(f"wrote {output}, {output.stat().st_size / 1e6:.2f} MB\n")


def _options(arguments: list[str]) -> argparse.Namespace:
    options = _parser().parse_args(arguments)
    if options.quick:
        vars(options).update(QUICK, output=options.cache)
    return options


def _parser() -> argparse.ArgumentParser:
    default = Settings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mocap", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="folder of people, checkpoint")
    parser.add_argument("--recorded", type=int, default=30, help="chunks in recorded poses")
    parser.add_argument("--demo", type=int, default=8, help="chunks in the prior's poses")
    parser.add_argument("--held-out", type=int, default=2, help="chunks from clips held out")
    parser.add_argument("--people-per-chunk", type=int, default=PEOPLE_PER_CHUNK)
    parser.add_argument("--unseen", type=int, default=UNSEEN_PEOPLE, help="people to judge on")
    parser.add_argument("--steps", type=int, default=default.steps)
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder of what is made")
    parser.add_argument("--quick", action="store_true", help="a few people and steps, as a trial")
    parser.add_argument("--minutes", type=float, default=1e6, help="stop early, go on next time")
    parser.add_argument("--threads", type=int, default=2)
    return parser


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
