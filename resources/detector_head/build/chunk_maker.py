"""Chunks of made people as the detector sees them, kept in a folder and made where missing."""

from __future__ import annotations

import sys
from pathlib import Path

from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.pose_prior import PosePrior
from core.workflows.demo import draw_body_poses
from resources.demo_regressor.build import people as demo_people
from resources.detector_head.build.people import Chunk
from resources.detector_head.build.rendering import (
    PEOPLE_PER_CHUNK,
    DetectedChunks,
    recorded_poses,
)
from resources.lifter.build.bodies import PoseSet

FIRST_RECORDED_SEED, FIRST_DEMO_SEED, FIRST_HELD_OUT_SEED = 500_000, 600_000, 700_000
UNSEEN_CHUNK = 16
"""The chunk that the demo regressor is judged on."""
UNSEEN_PEOPLE = demo_people.PEOPLE_PER_CHUNK


class ChunkMaker:
    """Chunks from the cache folder, made where they are missing."""

    def __init__(
        self, model: BodyModel, cache: Path, *, people_per_chunk: int = PEOPLE_PER_CHUNK
    ) -> None:
        """A folder holds chunks of one size: those of another are not made again."""
        self._model, self._cache, self._count = model, cache, people_per_chunk
        self._chunks: DetectedChunks | None = None
        self._prior = PosePrior.load()
        cache.mkdir(parents=True, exist_ok=True)

    def recorded(self, poses: PoseSet, name: str, number: int) -> Chunk:
        """People in recorded poses."""
        path = self._cache / f"{name}_{number:04d}.npz"
        if not path.is_file():
            first = FIRST_RECORDED_SEED if name == "recorded" else FIRST_HELD_OUT_SEED
            drawn = recorded_poses(poses, count=self._count, seed=first + number)
            self._detector(path).recorded(drawn, seed=first + number).save(path)
        return Chunk.load(path)

    def demo(self, number: int) -> Chunk:
        """People in the prior's poses, as in the demo project."""
        path = self._cache / f"demo_{number:04d}.npz"
        if not path.is_file():
            seed = FIRST_DEMO_SEED + number
            poses = draw_body_poses(self._model, self._prior, self._count, seed=seed)
            self._detector(path).demo(poses, seed=seed).save(path)
        return Chunk.load(path)

    def unseen(self, *, count: int = UNSEEN_PEOPLE) -> Chunk:
        """The 500 people that the demo regressor is judged on; fewer are others."""
        path = self._cache / "unseen.npz"
        if not path.is_file():
            seed = demo_people.FIRST_SEED + UNSEEN_CHUNK
            poses = draw_body_poses(self._model, self._prior, count, seed=seed)
            sizes_px = demo_people.PICTURE_SIZES_PX
            self._detector(path).demo(poses, seed=seed, sizes_px=sizes_px).save(path)
        return Chunk.load(path)

    def _detector(self, path: Path) -> DetectedChunks:
        sys.stderr.write(f"making {path.name}\n")
        if self._chunks is None:
            self._chunks = DetectedChunks(self._model)
        return self._chunks
