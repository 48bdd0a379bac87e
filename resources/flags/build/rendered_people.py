"""People rendered in recorded poses and looked at by the detector: what flags are calibrated on.

Poses are of clips that neither head, nor lifter, nor prior has seen. Chunks of 200, each from its
own seed, so that an interrupted build goes on with the next one. Nothing of them is in the
repository.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.body.conventions import KEYPOINT_NAMES
from core.engine.body.smpl_body import BodyModel
from core.engine.detection.people_finder import PeopleFinder
from core.engine.synthetic.detector import annotate_coco_17, detect_body_25
from core.engine.synthetic.people import MadePerson, PersonPlacement
from core.engine.synthetic.samples import plan_pictures
from core.engine.synthetic.scenes import PICTURE_SIZES_PX, SceneMaker
from core.geometry.crop_camera import FOCAL_LENGTH_PX
from core.geometry.rotations import matrix_to_axis_angle
from core.rendering.render_thread import RenderService
from core.types.arrays import FloatArray
from core.types.detections import DetectedPerson
from core.types.trunk_features import TRUNK_SIZE
from resources.detector_head.build.rendering import (
    drawn_distance_m,
    place_as_recorded,
    seen_from,
)
from resources.flags.build.people import unseen_poses
from resources.lifter.build.bodies import Recordings, training_poses
from resources.stored_arrays import StoredArrays

PEOPLE_PER_CHUNK = 200
FIRST_SEEDS = {"calibration": 810_000, "report": 820_000}
_HAND_MARKED = 0.35
"""Share of people whose given keypoints are, in part or wholly, marked by hand."""


@dataclass(frozen=True, eq=False)
class RenderedChunk(StoredArrays):
    """N people as they are stored; pixels are those of their pictures.

    pose_axis_angle: (N, 72) radians, the root in the crop's frame; betas: (N, 10).
    camera_translation: (N, 3) metres, of the true camera, whose focal length is focal_length_px
        (N,) and whose axis meets the picture at principal_point_px (N, 2).
    box: (N, 3) centre and side. picture_size_px: (N, 2).
    seen: (N, 49) of ``Seen``, how each joint shows in the picture.
    given_px: (N, 49, 3) keypoints as another detector or a person marks them.
    found: (N,) whether the detector sees the person. found_px: (N, 49, 3), what it merges.
    landmarks_px, landmarks_m: (N, 33, 3), zeros where there are none; agreement, score: (N,).
    trunk: (N, 2, 2304), zeros where there is none.
    """

    pose_axis_angle: NDArray[np.float32]
    betas: NDArray[np.float32]
    camera_translation: NDArray[np.float32]
    focal_length_px: NDArray[np.float32]
    principal_point_px: NDArray[np.float32]
    box: NDArray[np.float32]
    picture_size_px: NDArray[np.int32]
    seen: NDArray[np.int8]
    given_px: NDArray[np.float32]
    found: NDArray[np.bool_]
    found_px: NDArray[np.float32]
    landmarks_px: NDArray[np.float32]
    landmarks_m: NDArray[np.float32]
    agreement: NDArray[np.float32]
    score: NDArray[np.float32]
    trunk: NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.betas)


@dataclass(frozen=True, eq=False)
class NearPerson(MadePerson):
    """A person who is seen from ``distance_m`` from their middle; infinite for the renderer's."""

    distance_m: float


def place_near_person(
    body: BodyModel,
    body_pose: NDArray[np.floating],
    placement: PersonPlacement,
    rng: np.random.Generator,
) -> NearPerson:
    """A person in a pose ``(72,)``, root first, upright or as recorded, seen from near or far."""
    person = place_as_recorded(body, body_pose, placement, rng)
    distance_m = drawn_distance_m(rng)
    person = seen_from(person, distance_m)
    return NearPerson(
        **{field.name: getattr(person, field.name) for field in fields(MadePerson)},
        distance_m=distance_m,
    )


class RenderedChunks:
    """Makes chunks, or reads those that a folder has already."""

    def __init__(self, body: BodyModel, recordings: Recordings, folder: Path) -> None:
        self._body, self._recordings, self._folder = body, recordings, folder
        self._finder: PeopleFinder | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def chunk(self, half: str, number: int) -> RenderedChunk:
        """One chunk of a ``half`` of the clips, ``calibration`` or ``report``."""
        path = self._folder / f"{half}_{number:04d}.npz"
        if not RenderedChunk.stored_in(path):
            self._made(half, FIRST_SEEDS[half] + number).save(path)
        return RenderedChunk.load(path)

    def _made(self, half: str, seed: int) -> RenderedChunk:
        poses = self.poses(half, seed)
        parts: list[RenderedChunk] = []
        with RenderService(self._body.faces) as rendering:
            maker = SceneMaker(
                self._body, rendering, picture_sizes_px=PICTURE_SIZES_PX, place=place_near_person
            )
            for plan in plan_pictures(len(poses), np.random.default_rng(seed)):
                rng = np.random.default_rng([seed, plan.number])
                scene = maker.make(poses[plan.first_pose : plan.first_pose + plan.people], rng)
                parts += [
                    self._row(scene.picture, person, seen, rng)
                    for person, seen in zip(scene.people, scene.seen, strict=True)
                ]
        return RenderedChunk.joined(parts)

    def poses(self, half: str, seed: int) -> list[NDArray[np.float32]]:
        """Poses ``(72,)`` of a chunk by its seed, in the order of its people."""
        generator = torch.Generator().manual_seed(seed)
        chosen = self._recordings.subset(unseen_poses(self._recordings, half), by_clip=True)
        drawn = matrix_to_axis_angle(training_poses(chosen, PEOPLE_PER_CHUNK, generator))
        return list(drawn.flatten(1).numpy().astype(np.float32))

    def _row(
        self,
        picture: NDArray[np.uint8],
        person: MadePerson,
        seen: NDArray[np.int64],
        rng: np.random.Generator,
    ) -> RenderedChunk:
        if self._finder is None:
            self._finder = PeopleFinder.load()
        certain = np.ones((len(KEYPOINT_NAMES), 1), np.float32)
        wanted = np.concatenate([person.keypoints_px, certain], axis=1)
        found = self._finder.measure(picture, keypoints_px=wanted, box=person.box)
        height, width = picture.shape[:2]
        box = person.box
        rows = {
            "pose_axis_angle": person.parameters.pose_axis_angle,
            "betas": person.parameters.betas,
            "box": np.array([box.center_x_px, box.center_y_px, box.side_px], np.float32),
            "picture_size_px": np.array([width, height], np.int32),
            "seen": seen.astype(np.int8),
            "given_px": _given(person, seen, rng),
            **_true_camera(person),
            **_detected(found),
        }
        return RenderedChunk(**{name: np.asarray(value)[None] for name, value in rows.items()})


def _given(
    person: MadePerson, seen: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Keypoints of another detector; for some people a person's marks too, or alone."""
    side_px, truth = person.box.side_px, person.keypoints_px
    detected = detect_body_25(truth, seen, side_px=side_px, rng=rng)
    source = rng.random()
    if source >= _HAND_MARKED:
        return detected
    marked = annotate_coco_17(truth, seen, side_px=side_px, rng=rng)
    return marked if source < _HAND_MARKED / 3 else marked + detected


def _true_camera(person: MadePerson) -> dict[str, FloatArray | np.float32]:
    """The camera that sees the person as drawn: its axis goes through the person's middle.

    The renderer's lens is f px long and the middle z metres away. Drawn as from d metres, the
    picture is that of a lens of f d / z px.
    """
    distance_m = person.distance_m if isinstance(person, NearPerson) else np.inf
    middle = (person.keypoints.min(axis=0) + person.keypoints.max(axis=0)) / 2
    seen_m = middle + person.parameters.camera_translation
    box = person.box
    long_px = FOCAL_LENGTH_PX / box.crop_px_per_picture_px
    if np.isinf(distance_m):
        center = [box.center_x_px, box.center_y_px]
        return {
            "focal_length_px": np.float32(long_px),
            "principal_point_px": np.array(center, np.float32),
            "camera_translation": person.parameters.camera_translation.astype(np.float32),
        }
    principal = np.array([box.center_x_px, box.center_y_px]) + long_px * seen_m[:2] / seen_m[2]
    return {
        "focal_length_px": np.float32(long_px * distance_m / seen_m[2]),
        "principal_point_px": principal.astype(np.float32),
        "camera_translation": (np.array([0, 0, distance_m]) - middle).astype(np.float32),
    }


def _detected(found: DetectedPerson | None) -> dict[str, NDArray[np.generic] | np.generic]:
    """What the detector says; zeros where it saw nothing."""

    def array(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        value = None if found is None else getattr(found, name)
        return np.zeros(shape, np.float32) if value is None else np.asarray(value, np.float32)

    return {
        "found": np.bool_(found is not None),
        "found_px": array("keypoints_px", (49, 3)),
        "landmarks_px": array("landmarks_px", (33, 3)),
        "landmarks_m": array("landmarks_m", (33, 3)),
        "agreement": np.float32(0 if found is None else found.agreement),
        "score": np.float32(0 if found is None else found.score),
        "trunk": array("trunk_features", (2, TRUNK_SIZE)).astype(np.float16),
    }
