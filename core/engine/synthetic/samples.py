"""Synthetic pictures on disk, and the samples that go with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.engine.body.smpl_body import BodyModel
from core.engine.synthetic.detector import annotate_coco_17, detect_body_25
from core.engine.synthetic.people import MadePerson
from core.engine.synthetic.scenes import Scene, SceneMaker
from core.errors import PictureError, ShapeError
from core.geometry.boxes import BOX_SCALE_PX
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.rendering.render_thread import RenderService
from core.types.arrays import FloatArray
from core.types.cameras import long_lens_camera
from core.types.samples import GroundTruth, NewSample

DATASET_NAME = "synthetic"
TWO_PEOPLE_SHARE = 0.18
ANNOTATED_SHARE = 0.35
"""How many samples carry hand-marked COCO joints besides, or instead of, the detector's."""


@dataclass(frozen=True)
class PicturePlan:
    """Which of the poses one picture shows; the number is its name and part of its seed."""

    number: int
    first_pose: int
    people: int


def plan_pictures(people: int, rng: np.random.Generator) -> list[PicturePlan]:
    """Spread ``people`` over pictures of one or two."""
    plans: list[PicturePlan] = []
    placed = 0
    while placed < people:
        count = 2 if rng.random() < TWO_PEOPLE_SHARE and people - placed > 1 else 1
        plans.append(PicturePlan(len(plans), placed, count))
        placed += count
    return plans


def make_synthetic_samples(
    body: BodyModel,
    body_poses: NDArray[np.floating],
    folder: Path,
    *,
    seed: int,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> Iterator[NewSample]:
    """Make a picture for each pose or two, save it as JPEG, and yield its samples.

    The same seed and poses give the same pictures and keypoints.

    Args:
        body: whose people.
        body_poses: ``(N, 69)`` radians, without root.
        folder: where the pictures go; made where it is missing.
        seed: of everything random.
        progress: told of each finished person.
        cancel: asked before each picture.

    Raises:
        ShapeError: for poses of another shape.
        PictureError: when a picture cannot be written.
        RenderingError: when nothing can be drawn on this machine.
        Cancelled: when asked to stop.
    """
    if body_poses.ndim != 2 or body_poses.shape[1] != 69:
        raise ShapeError("body_poses", actual=body_poses.shape, expected="(N, 69)")
    folder.mkdir(parents=True, exist_ok=True)
    meter = ProgressMeter("Making pictures", len(body_poses), progress)
    with RenderService(body.faces) as rendering:
        maker = SceneMaker(body, rendering)
        for plan in plan_pictures(len(body_poses), np.random.default_rng(seed)):
            if cancel is not None:
                cancel.raise_if_cancelled()
            # Seeded one by one, so that a picture does not depend on those before it.
            rng = np.random.default_rng([seed, plan.number])
            poses = list(body_poses[plan.first_pose : plan.first_pose + plan.people])
            scene = maker.make(poses, rng)
            path = folder / f"person_{plan.number:03d}.jpg"
            save_jpeg(path, scene.picture, quality=int(rng.integers(82, 95)))
            yield from _samples_of(scene, path, rng)
            meter.advance(plan.people)


def save_jpeg(path: Path, picture: NDArray[np.uint8], *, quality: int) -> None:
    """Write a picture ``(H, W, 3)`` in RGB; raises ``PictureError`` where that fails."""
    encoded, data = cv2.imencode(
        ".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    if not encoded:
        raise PictureError("the picture could not be encoded as JPEG.", path=path)
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise PictureError(f"the picture could not be written ({error}).", path=path) from error


def _samples_of(scene: Scene, path: Path, rng: np.random.Generator) -> Iterator[NewSample]:
    height, width = scene.picture.shape[:2]
    for number, (person, seen) in enumerate(zip(scene.people, scene.seen, strict=True)):
        center = np.array([person.box.center_x_px, person.box.center_y_px], dtype=np.float32)
        yield NewSample(
            picture_path=path.resolve(),
            picture_size_px=(width, height),
            dataset=DATASET_NAME,
            person_key=str(number),
            box_center_px=center,
            box_scale=person.box.side_px / BOX_SCALE_PX,
            keypoints_px=_keypoints_of(person, seen, rng),
            ground_truth=GroundTruth(parameters=person.parameters, joints_3d=person.joints_3d),
            camera=long_lens_camera((width, height)),
        )


def _keypoints_of(
    person: MadePerson, seen: NDArray[np.int64], rng: np.random.Generator
) -> FloatArray:
    """A detector's keypoints; for some people a person's marks too, or alone."""
    side_px = person.box.side_px
    detected = detect_body_25(person.keypoints_px, seen, side_px=side_px, rng=rng)
    source = rng.random()
    if source >= ANNOTATED_SHARE:
        return detected
    annotated = annotate_coco_17(person.keypoints_px, seen, side_px=side_px, rng=rng)
    return annotated if source < ANNOTATED_SHARE / 3 else annotated + detected
