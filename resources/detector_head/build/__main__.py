"""``python -m resources.detector_head.build MOCAP_FOLDER --cache FOLDER``: make, train, judge.

People are rendered and looked at in chunks that stay in the cache folder, and training goes on
from the checkpoint there; so it can be stopped at any time, and ``--minutes`` ends a call early.
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
from core.engine.body.smpl_body import BodyModel
from core.engine.data.replayed_people import save_people
from core.engine.regression.detector_head import DetectorHead
from core.engine.regression.head_checkpoints import head_state
from core.engine.regression.weight_files import write_weight_file
from core.engine.smplify.pose_prior import PosePrior
from core.workflows.demo import draw_body_poses
from resources.demo_regressor.build import people as demo_people
from resources.detector_head.build.evaluation import (
    TABLE_HEAD,
    Score,
    bodies_of,
    score,
    seen_people,
    spread_scale,
)
from resources.detector_head.build.people import Chunk, DetectedPeople
from resources.detector_head.build.rendering import (
    PEOPLE_PER_CHUNK,
    DetectedChunks,
    recorded_poses,
)
from resources.detector_head.build.training import Settings, Training
from resources.lifter.build.bodies import PoseSet, Recordings
from resources.lifter.build.splits import held_out_clips
from resources.resumable_training import train

FOLDER = Path(__file__).resolve().parent.parent
OUTPUT, METRICS = FOLDER / "detector_head.pt", FOLDER / "metrics.json"
REPLAYED = FOLDER / "replayed_people.npz"
REPLAYED_PEOPLE = 320
"""Not of recorded poses: recordings are no part of this repository."""

HELD_OUT_CHUNKS = 2
FIRST_RECORDED_SEED, FIRST_DEMO_SEED, FIRST_HELD_OUT_SEED = 500_000, 600_000, 700_000
UNSEEN_CHUNK = 16
"""The chunk that the demo regressor is judged on."""


def main(arguments: list[str]) -> int:
    """Run the build; returns the exit status."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    model = load_body()
    body = KeypointBody(model)
    recordings = Recordings.load(options.mocap)
    hidden = held_out_clips(recordings.poses, seed=0)
    maker = _ChunkMaker(model, options.cache)
    known = recordings.subset(~hidden)
    seen = [maker.recorded(known, "recorded", number) for number in range(options.recorded)]
    seen += [maker.demo(number) for number in range(options.demo)]
    held_out = [
        maker.recorded(recordings.subset(hidden), "held_out", number)
        for number in range(HELD_OUT_CHUNKS)
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
    unseen = DetectedPeople.of(maker.unseen(), body)
    scores = {
        "unseen": score(bodies_of(head, unseen), unseen, body),
        "unseen, without the trunk": score(bodies_of(head, unseen, with_trunk=False), unseen, body),
        "clips held out": score(bodies_of(head, calibrated_on), calibrated_on, body),
    }
    sys.stdout.write("\n".join([TABLE_HEAD, *(scores[n].row(n) for n in scores)]) + "\n")
    if training.finished:
        _write(head, training, len(people), scores)
        _write_replayed([maker.demo(number) for number in range(options.demo)], body)
    return 0


class _ChunkMaker:
    """Chunks from the cache folder, made where they are missing."""

    def __init__(self, model: BodyModel, cache: Path) -> None:
        self._model, self._cache = model, cache
        self._chunks: DetectedChunks | None = None
        self._prior = PosePrior.load()
        cache.mkdir(parents=True, exist_ok=True)

    def recorded(self, poses: PoseSet, name: str, number: int) -> Chunk:
        """People in recorded poses."""
        path = self._cache / f"{name}_{number:04d}.npz"
        if not path.is_file():
            first = FIRST_RECORDED_SEED if name == "recorded" else FIRST_HELD_OUT_SEED
            drawn = recorded_poses(poses, seed=first + number)
            self._detector(path).recorded(drawn, seed=first + number).save(path)
        return Chunk.load(path)

    def demo(self, number: int) -> Chunk:
        """People in the prior's poses, as in the demo project."""
        path = self._cache / f"demo_{number:04d}.npz"
        if not path.is_file():
            seed = FIRST_DEMO_SEED + number
            poses = draw_body_poses(self._model, self._prior, PEOPLE_PER_CHUNK, seed=seed)
            self._detector(path).demo(poses, seed=seed).save(path)
        return Chunk.load(path)

    def unseen(self) -> Chunk:
        """The 500 people that the demo regressor is judged on."""
        path = self._cache / "unseen.npz"
        if not path.is_file():
            seed = demo_people.FIRST_SEED + UNSEEN_CHUNK
            count = demo_people.PEOPLE_PER_CHUNK
            poses = draw_body_poses(self._model, self._prior, count, seed=seed)
            sizes_px = demo_people.PICTURE_SIZES_PX
            self._detector(path).demo(poses, seed=seed, sizes_px=sizes_px).save(path)
        return Chunk.load(path)

    def _detector(self, path: Path) -> DetectedChunks:
        sys.stderr.write(f"making {path.name}\n")
        if self._chunks is None:
            self._chunks = DetectedChunks(self._model)
        return self._chunks


def _write(head: DetectorHead, training: Training, rendered: int, scores: dict[str, Score]) -> None:
    state = head_state(head)
    state["model"] = {name: value.half() for name, value in state["model"].items()}
    write_weight_file(OUTPUT, state)
    metrics = {
        "command": "python -m resources.detector_head.build MOCAP_FOLDER --cache FOLDER",
        "settings": asdict(training.settings),
        "rendered_people": rendered,
        "steps_done": training.step,
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "people": {name: _rounded(value) for name, value in scores.items()},
    }
    METRICS.write_text(json.dumps(metrics, indent=1) + "\n")
    sys.stderr.write(f"wrote {OUTPUT.name}, {OUTPUT.stat().st_size / 1e6:.2f} MB\n")


def _rounded(value: Score) -> dict[str, float]:
    return {name: round(number, 2) for name, number in asdict(value).items()}


def _write_replayed(chunks: list[Chunk], body: KeypointBody) -> None:
    """Some people in the prior's poses, which a run is trained on besides."""
    chunk = Chunk.joined(chunks)
    people = DetectedPeople.of(chunk, body).rows(torch.arange(REPLAYED_PEOPLE))
    save_people(
        REPLAYED,
        seen_people(people),
        chunk.pose_axis_angle[:REPLAYED_PEOPLE],
        chunk.betas[:REPLAYED_PEOPLE],
    )
    sys.stderr.write(f"wrote {REPLAYED.name}, {REPLAYED.stat().st_size / 1e6:.2f} MB\n")


def _parser() -> argparse.ArgumentParser:
    default = Settings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mocap", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="folder of people, checkpoint")
    parser.add_argument("--recorded", type=int, default=30, help="chunks in recorded poses")
    parser.add_argument("--demo", type=int, default=8, help="chunks in the prior's poses")
    parser.add_argument("--steps", type=int, default=default.steps)
    parser.add_argument("--minutes", type=float, default=1e6, help="stop early, go on next time")
    parser.add_argument("--threads", type=int, default=2)
    return parser


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
