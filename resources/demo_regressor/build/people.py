"""The people to train on: pictures made as for the demo project, kept as crops on the disk.

Pictures come in chunks, each from its own seed, so that an interrupted build continues with the
next one and any number of processes may make different chunks at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.pose_prior import PosePrior
from core.engine.synthetic.people import MadePerson
from core.engine.synthetic.samples import plan_pictures
from core.engine.synthetic.scenes import Scene, SceneMaker
from core.geometry.boxes import Box
from core.pictures.decoding import crop_picture
from core.rendering.render_thread import RenderService
from core.workflows.demo import draw_body_poses

PEOPLE_PER_CHUNK = 500
CROP_SIDE_PX = 128
MARGIN = 1.25
"""Stored crops show this much more than the box, so that augmentation can turn and widen it."""
STORED_SIDE_PX = round(CROP_SIDE_PX * MARGIN)
FIRST_SEED = 1000
"""The demo project's seeds are small numbers: its people are none of these."""

PICTURE_SIZES_PX = ((240, 320), (320, 240), (270, 360), (300, 300), (360, 270))
"""Half the demo's: crops of 128 px have no use for more."""


@dataclass(frozen=True, eq=False)
class People:
    """N people: crops (N, 160, 160, 3) uint8, and the truth in the cameras of their boxes.

    pose_axis_angle: (N, 72) radians; betas: (N, 10); camera_translation: (N, 3) metres.
    """

    crops: NDArray[np.uint8]
    pose_axis_angle: NDArray[np.float32]
    betas: NDArray[np.float32]
    camera_translation: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.betas)


def make_people(body: BodyModel, prior: PosePrior, *, seed: int) -> People:
    """One chunk; the same seed makes the same people."""
    poses = draw_body_poses(body, prior, PEOPLE_PER_CHUNK, seed=seed)
    crops: list[NDArray[np.uint8]] = []
    people: list[MadePerson] = []
    with RenderService(body.faces) as rendering:
        maker = SceneMaker(body, rendering, picture_sizes_px=PICTURE_SIZES_PX)
        for plan in plan_pictures(PEOPLE_PER_CHUNK, np.random.default_rng(seed)):
            rng = np.random.default_rng([seed, plan.number])
            scene = maker.make(list(poses[plan.first_pose : plan.first_pose + plan.people]), rng)
            crops += [_stored_crop(scene, person) for person in scene.people]
            people += scene.people
    return People(
        crops=np.stack(crops),
        pose_axis_angle=np.stack([person.parameters.pose_axis_angle for person in people]),
        betas=np.stack([person.parameters.betas for person in people]),
        camera_translation=np.stack([person.parameters.camera_translation for person in people]),
    )


def _stored_crop(scene: Scene, person: MadePerson) -> NDArray[np.uint8]:
    box = person.box
    wider = Box(box.center_x_px, box.center_y_px, box.side_px * MARGIN)
    return crop_picture(scene.picture, wider, size_px=STORED_SIDE_PX)


def chunk_path(cache: Path, number: int) -> Path:
    """Where the labels of a chunk are; its crops lie beside them."""
    return cache / f"people_{number:04d}.npz"


def save_chunk(cache: Path, number: int, people: People) -> None:
    """Write the crops, then the labels under their final name: a chunk is whole or not there."""
    path = chunk_path(cache, number)
    np.save(path.with_suffix(".npy"), people.crops)
    half_written = path.with_suffix(".part.npz")
    np.savez(
        half_written,
        pose_axis_angle=people.pose_axis_angle,
        betas=people.betas,
        camera_translation=people.camera_translation,
    )
    half_written.replace(path)


def load_chunk(cache: Path, number: int) -> People:
    """A chunk; its crops stay on the disk until they are read."""
    path = chunk_path(cache, number)
    with np.load(path, allow_pickle=False) as labels:
        arrays = {name: labels[name] for name in labels.files}
    return People(crops=np.load(path.with_suffix(".npy"), mmap_mode="r"), **arrays)


def ready_chunks(cache: Path) -> list[int]:
    """The numbers of the chunks that are there, in order."""
    found = cache.glob("people_[0-9][0-9][0-9][0-9].npz")
    return sorted(int(path.stem.removeprefix("people_")) for path in found)
