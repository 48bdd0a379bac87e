"""Renders people in recorded poses and lets the frozen detector look at them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.body.conventions import KEYPOINT_NAMES
from core.engine.body.smpl_body import BodyModel
from core.engine.detection.movenet import MoveNet
from core.engine.detection.people_finder import PeopleFinder
from core.engine.detection.trunk_features import trunk_features
from core.engine.synthetic.people import MadePerson, PersonPlacement, place_person
from core.engine.synthetic.samples import plan_pictures
from core.engine.synthetic.scenes import PICTURE_SIZES_PX, SceneMaker
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import matrix_to_axis_angle
from core.rendering.render_thread import RenderService
from core.types.arrays import FloatArray
from core.types.detections import DetectedPerson
from core.types.trunk_features import TRUNK_SIZE
from resources.detector_head.build.people import Chunk
from resources.lifter.build.bodies import PoseSet, training_poses

PEOPLE_PER_CHUNK = 200
SMALL_SIZES_PX = ((300, 400), (400, 300), (360, 480), (360, 360), (280, 280))
"""The detector looks at crops of 256 px and has no use for more."""

NEAR = 0.7
"""Share of people seen from a few metres, as most are; the renderer stands 40 m away."""
NEAREST_M, FARTHEST_NEAR_M = 2.2, 8.0
LEANING = 0.5
"""Share of people whose recorded tilt and turn in the world count; the others stand upright."""


def recorded_poses(poses: PoseSet, *, count: int, seed: int) -> FloatArray:
    """``(count, 72)`` radians, root first, made up of recordings as for the lifter."""
    generator = torch.Generator().manual_seed(seed)
    drawn = matrix_to_axis_angle(training_poses(poses, count, generator))
    return drawn.flatten(1).numpy().astype(np.float32)


def place_recorded(
    body: BodyModel,
    body_pose: NDArray[np.floating],
    placement: PersonPlacement,
    rng: np.random.Generator,
) -> MadePerson:
    """A person in a pose ``(72,)``, root first, seen from near or far."""
    person = place_as_recorded(body, body_pose, placement, rng)
    return seen_from(person, drawn_distance_m(rng))


def place_as_recorded(
    body: BodyModel,
    body_pose: NDArray[np.floating],
    placement: PersonPlacement,
    rng: np.random.Generator,
) -> MadePerson:
    """A person in a pose ``(72,)``, root first, upright or leaning as when recorded."""
    posture = body_pose[:3] if rng.random() < LEANING else None
    return place_person(body, body_pose[3:], placement, rng, posture=posture)


def drawn_distance_m(rng: np.random.Generator) -> float:
    """How far away a person is seen from; infinite for the renderer's own camera."""
    return float(rng.uniform(NEAREST_M, FARTHEST_NEAR_M)) if rng.random() < NEAR else math.inf


def seen_from(person: MadePerson, distance_m: float) -> MadePerson:
    """The person as a camera at this distance from their middle sees them.

    The renderer's own camera is so far away that it hardly knows depth. So what lies z metres
    behind the middle is drawn distance / (distance + z) times as large; from infinitely far away
    the person is as drawn already.
    """
    if math.isinf(distance_m):
        return person
    middle = (person.keypoints.min(axis=0) + person.keypoints.max(axis=0)) / 2

    def drawn(points: FloatArray) -> FloatArray:
        centered = points - middle
        larger = distance_m / (distance_m + centered[:, 2:])
        moved = np.concatenate([centered[:, :2] * larger, centered[:, 2:]], axis=1)
        return (middle + moved).astype(np.float32)

    translation = torch.from_numpy(person.parameters.camera_translation[None])
    keypoints = torch.from_numpy(drawn(person.keypoints)[None])
    crop_px = project_to_crop(keypoints, translation)[0].numpy()
    return replace(
        person,
        vertices=drawn(person.vertices),
        keypoints_px=person.box.crop_to_picture(crop_px),
    )


class DetectedChunks:
    """Makes chunks of rendered people with what the detector says of them."""

    def __init__(self, body: BodyModel) -> None:
        self._body = body
        self._movenet = MoveNet.load()
        self._finder = PeopleFinder.load()

    def recorded(self, poses: NDArray[np.floating], *, seed: int) -> Chunk:
        """People in poses ``(N, 72)``, in small pictures, from near and far."""
        with RenderService(self._body.faces) as rendering:
            maker = SceneMaker(
                self._body, rendering, picture_sizes_px=SMALL_SIZES_PX, place=place_recorded
            )
            return self._made(maker, poses, seed=seed)

    def demo(
        self,
        body_poses: NDArray[np.floating],
        *,
        seed: int,
        sizes_px: tuple[tuple[int, int], ...] = PICTURE_SIZES_PX,
    ) -> Chunk:
        """People in poses ``(N, 69)`` as in the demo project."""
        with RenderService(self._body.faces) as rendering:
            maker = SceneMaker(self._body, rendering, picture_sizes_px=sizes_px)
            return self._made(maker, body_poses, seed=seed)

    def _made(self, maker: SceneMaker, poses: NDArray[np.floating], *, seed: int) -> Chunk:
        parts = []
        for plan in plan_pictures(len(poses), np.random.default_rng(seed)):
            rng = np.random.default_rng([seed, plan.number])
            scene = maker.make(list(poses[plan.first_pose : plan.first_pose + plan.people]), rng)
            parts += [self._measured(scene.picture, person) for person in scene.people]
        return Chunk.joined(parts)

    def _measured(self, picture: NDArray[np.uint8], person: MadePerson) -> Chunk:
        """A chunk of one person."""
        certain = np.ones((len(KEYPOINT_NAMES), 1), np.float32)
        wanted = np.concatenate([person.keypoints_px, certain], axis=1)
        found = self._finder.measure(picture, keypoints_px=wanted, box=person.box)
        trunk = np.zeros((2, TRUNK_SIZE), np.float16)
        if found is not None:
            trunk = trunk_features(self._movenet.network, picture, found.coco_keypoints_px)
        return Chunk(
            pose_axis_angle=person.parameters.pose_axis_angle[None],
            betas=person.parameters.betas[None],
            true_keypoints_px=person.keypoints_px.astype(np.float32)[None],
            trunk=trunk[None],
            **_detected(found),
        )


def _detected(found: DetectedPerson | None) -> dict[str, NDArray[np.float32]]:
    """What the detector says; zeros where it saw nothing."""
    agreement = 0.0 if found is None or found.landmarks_m is None else found.agreement

    def array(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        value = None if found is None else getattr(found, name)
        return np.zeros((1, *shape), np.float32) if value is None else value[None]

    return {
        "coco_keypoints_px": array("coco_keypoints_px", (17, 3)),
        "landmarks_px": array("landmarks_px", (33, 3)),
        "landmarks_m": array("landmarks_m", (33, 3)),
        "agreement": np.array([agreement], np.float32),
    }
