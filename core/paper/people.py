"""The benchmark's people: four sets from four seeds, drawn small, with the truth beside.

Every set is a project of its own, made once and shared by all trainings. People wear marked suits
and stand alone before random backgrounds, so that a network of half a million weights learns from
them in minutes. Bodies, poses and backgrounds of a set come from its own seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.pose_prior import PosePrior
from core.engine.synthetic.detector import annotate_coco_17, detect_body_25
from core.engine.synthetic.people import Person
from core.engine.synthetic.scenes import Scene, SceneMaker
from core.engine.synthetic.suits import MarkedSuits
from core.errors import NotAProjectError, PictureError
from core.geometry.boxes import BOX_SCALE_PX, Box
from core.paper.settings import ReproductionSettings
from core.pictures.decoding import crop_picture
from core.progress import CancelToken, ProgressMeter
from core.rendering.render_thread import RenderService
from core.types.cameras import long_lens_camera
from core.types.samples import GroundTruth, NewSample
from core.workflows.demo import draw_body_poses

DRAWN_SIZES_PX = ((160, 160), (140, 180), (180, 150))
STORED_BOX_PX = 80
"""Side of a person's box in the stored picture: a little more than the network sees."""
STORED_PX = 100
"""Side of the stored picture: a quarter more than the box, for turns and wider crops."""

_VISIBILITY_FILE = "visibility_{:06d}.npy"
_CHUNK = 100
_PELVIS = 39


class PeopleSet(StrEnum):
    """A part of the people; no two share a body, a pose or a background."""

    LAB = "lab"
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


_SEEDS = {
    PeopleSet.LAB: 510_001,
    PeopleSet.TRAIN: 520_001,
    PeopleSet.VALIDATION: 530_001,
    PeopleSet.TEST: 540_001,
}
"""Far from the demo project's small numbers and the demo regressor's thousands."""


def people_needed(settings: ReproductionSettings) -> dict[PeopleSet, int]:
    """How many people each set holds."""
    return {
        people_set: int(getattr(settings, f"{people_set.value}_people")) for people_set in PeopleSet
    }


def people_made(project: Path) -> int:
    """How many people of a set are there already."""
    try:
        with Dictionary.open(project) as dictionary:
            return dictionary.search.count()
    except NotAProjectError:
        return 0


@dataclass(frozen=True)
class PeopleMaker:
    """Makes sets of people of one body; poses are drawn from the prior."""

    body: BodyModel
    prior: PosePrior

    def make(
        self, project: Path, which: PeopleSet, count: int, meter: ProgressMeter, cancel: CancelToken
    ) -> None:
        """Make a set, or go on with one that was interrupted, a hundred people at a time.

        Raises:
            RenderingError: nothing can be drawn on this machine.
            PictureError, DictionaryError: the folder cannot be written.
            Cancelled: when asked to stop; finished hundreds stay.
        """
        done = people_made(project)
        if done >= count:
            return
        seed = _SEEDS[which]
        poses = draw_body_poses(self.body, self.prior, count, seed=seed)
        if not done:
            Dictionary.create(project).close()
        with Dictionary.open(project) as dictionary, RenderService(self.body.faces) as rendering:
            scenes = SceneMaker(
                self.body,
                rendering,
                picture_sizes_px=DRAWN_SIZES_PX,
                wardrobe=MarkedSuits(self.body.arrays),
                occluder_share=0.0,
            )
            for first in range(done, count, _CHUNK):
                samples, visible = [], []
                for number in range(first, min(first + _CHUNK, count)):
                    cancel.raise_if_cancelled()
                    rng = np.random.default_rng([seed, number])
                    scene = scenes.make([poses[number]], rng)
                    samples.append(_sample(scene, project / "pictures", which, number, rng))
                    visible.append(scene.seen[0])
                    meter.advance()
                np.save(project / _VISIBILITY_FILE.format(first), np.stack(visible))
                dictionary.samples.add(samples)


def visibility(project: Path) -> NDArray[np.int64]:
    """``(N, 49)`` of ``Seen``: how the joints of a set's people show, in the samples' order."""
    parts = [np.load(path, allow_pickle=False) for path in sorted(project.glob("visibility_*.npy"))]
    return np.concatenate(parts).astype(np.int64)


def _sample(
    scene: Scene, folder: Path, which: PeopleSet, number: int, rng: np.random.Generator
) -> NewSample:
    """Store a person's surroundings as a small picture, and say what is in it."""
    person, seen = scene.people[0], scene.seen[0]
    path = folder / f"{which.value}_{number:05d}.jpg"
    wider = STORED_PX / STORED_BOX_PX
    around = Box(person.box.center_x_px, person.box.center_y_px, person.box.side_px * wider)
    _write(path, crop_picture(scene.picture, around, size_px=STORED_PX))
    box = Box(STORED_PX / 2, STORED_PX / 2, STORED_BOX_PX)
    true_px = box.crop_to_picture(person.box.picture_to_crop(person.keypoints_px))
    detected = detect_body_25(true_px, seen, side_px=STORED_BOX_PX, rng=rng)
    annotated = annotate_coco_17(true_px, seen, side_px=STORED_BOX_PX, rng=rng)
    return NewSample(
        picture_path=path.resolve(),
        picture_size_px=(STORED_PX, STORED_PX),
        dataset=which.value,
        person_key="0",
        box_center_px=np.array([box.center_x_px, box.center_y_px], dtype=np.float32),
        box_scale=box.side_px / BOX_SCALE_PX,
        keypoints_px=annotated + detected,
        ground_truth=GroundTruth(parameters=person.parameters, joints_3d=_joints_3d(person)),
        camera=long_lens_camera((STORED_PX, STORED_PX)),
    )


def _write(path: Path, picture: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    encoded, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 92])
    if not encoded:
        raise PictureError("the picture could not be encoded as JPEG.", path=path)
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise PictureError(f"the picture could not be written ({error}).", path=path) from error


def _joints_3d(person: Person) -> NDArray[np.float32]:
    relative = person.keypoints - person.keypoints[_PELVIS]
    certain = np.ones((len(relative), 1), dtype=np.float32)
    return np.concatenate([relative, certain], axis=1).astype(np.float32)
