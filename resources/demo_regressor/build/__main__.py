"""``python -m resources.demo_regressor.build --cache DIR``: make people, train, judge, write.

Everything goes on from where an interrupted call left it.
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
from core.engine.regression.checkpoints import regressor_state
from core.engine.regression.mean_parameters import MeanParameters
from core.engine.regression.weight_files import write_weight_file
from core.engine.smplify.pose_prior import PosePrior
from resources.demo_regressor.build.evaluation import judge
from resources.demo_regressor.build.people import (
    FIRST_SEED,
    PEOPLE_PER_CHUNK,
    chunk_path,
    load_chunk,
    make_people,
    save_chunk,
)
from resources.demo_regressor.build.training import PeopleSet, Settings, Training, train

FOLDER = Path(__file__).resolve().parent.parent
OUTPUT, METRICS = FOLDER / "demo_regressor.pt", FOLDER / "metrics.json"


def main(arguments: list[str]) -> int:
    """Run the build; returns the exit status."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    settings = Settings(
        backbone=options.backbone,
        batch=options.batch,
        steps=options.steps,
        people=options.people,
        bfloat16=options.bfloat16,
    )
    body, prior = load_body(), PosePrior.load()
    options.cache.mkdir(parents=True, exist_ok=True)
    chunks = settings.people // PEOPLE_PER_CHUNK
    # The last chunk is for judging alone.
    for number in range(chunks + 1):
        if not chunk_path(options.cache, number).is_file():
            sys.stderr.write(f"making people, chunk {number} of {chunks}\n")
            save_chunk(options.cache, number, make_people(body, prior, seed=FIRST_SEED + number))
    people = PeopleSet([load_chunk(options.cache, number) for number in range(chunks)])
    keypoint_body = KeypointBody(body)
    training = Training(
        settings,
        people,
        keypoint_body,
        MeanParameters.of_body_pose(prior.mean_pose),
        body_name=body.name,
    )
    checkpoint = options.cache / "training.pt"
    if checkpoint.is_file():
        training.resume(checkpoint)
    train(training, checkpoint, seconds=60 * options.minutes, tell=sys.stderr.write)
    hidden = PeopleSet([load_chunk(options.cache, chunks)])
    metrics = {
        "command": "python -m resources.demo_regressor.build --cache DIR",
        "settings": asdict(settings),
        "steps_done": training.step,
        "training_seconds": round(training.seconds),
        "threads": options.threads,
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "unseen_people": judge(training.result(), hidden, keypoint_body),
    }
    sys.stdout.write(json.dumps(metrics, indent=1) + "\n")
    if training.finished or options.write:
        _write(training, metrics)
    return 0


def _write(training: Training, metrics: dict[str, object]) -> None:
    state = regressor_state(training.result())
    state["model"] = {
        name: value.half() if value.is_floating_point() else value
        for name, value in state["model"].items()
    }
    write_weight_file(OUTPUT, state)
    METRICS.write_text(json.dumps(metrics, indent=1) + "\n")
    sys.stderr.write(f"wrote {OUTPUT.name}, {OUTPUT.stat().st_size / 1e6:.2f} MB\n")


def _parser() -> argparse.ArgumentParser:
    default = Settings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="folder of people, checkpoint")
    parser.add_argument("--people", type=int, default=default.people)
    parser.add_argument("--steps", type=int, default=default.steps)
    parser.add_argument("--backbone", default=default.backbone)
    parser.add_argument("--batch", type=int, default=default.batch)
    parser.add_argument("--bfloat16", action="store_true", help="for processors that have it")
    parser.add_argument("--minutes", type=float, default=1e6, help="stop early, go on next time")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="write an unfinished one, too")
    return parser


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
