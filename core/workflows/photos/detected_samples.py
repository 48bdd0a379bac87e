"""People that the detector found, as new samples: without those that the project knows already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.body.compared_keypoints.same_person import joint_distances
from core.formats.keypoints.person_boxes import box_around_visible
from core.formats.reader_results import BrokenEntryError
from core.geometry.boxes import BOX_SCALE_PX
from core.types.arrays import FloatArray
from core.types.cameras import PictureCamera
from core.types.detected_landmarks import DetectedLandmarks
from core.types.detections import DetectedPerson
from core.types.keypoint_sources import KeypointSource
from core.types.samples import NewSample
from core.workflows.photos.finder import landmarks_of

SAME_PERSON = 0.2
"""Median distance of joints over the person's extent, up to which a found person is a known one."""

TWICE = 0.1
"""The same of two people that the detector found in one picture."""

Found = tuple[NewSample, DetectedLandmarks]


def detected_samples(
    people: Sequence[DetectedPerson],
    *,
    picture: Path,
    size_px: tuple[int, int],
    dataset: str,
    known_px: Sequence[FloatArray],
    camera: PictureCamera | None = None,
) -> list[Found]:
    """New samples of the people of a picture, those first whom the two networks agree on.

    Args:
        people: those found; one with fewer than two keypoints is left out, and so is one who was
            found twice.
        picture: full path.
        size_px: its width and height.
        dataset: name that the samples get.
        known_px: keypoints (49, 3) of the people that the project has in the picture already.
        camera: of the picture, where it is known.
    """
    new = [person for person in _each_once(people) if not _is_known(person, known_px)]
    samples = []
    for number, person in enumerate(new, start=1):
        sample = _new_sample(person, picture, size_px, dataset, f"person {number}")
        if sample is not None:
            samples.append((replace(sample, camera=camera), landmarks_of(person)))
    return samples


def _each_once(people: Sequence[DetectedPerson]) -> list[DetectedPerson]:
    """Without people who were found twice: of such two, the one that is agreed on more stays."""
    kept: list[DetectedPerson] = []
    for person in sorted(people, key=lambda person: -person.agreement):
        if not _lies_on(person, [other.keypoints_px for other in kept], TWICE):
            kept.append(person)
    return kept


def _lies_on(person: DetectedPerson, others_px: Sequence[FloatArray], limit: float) -> bool:
    if not others_px:
        return False
    apart = joint_distances(person.keypoints_px[None], np.stack(others_px))
    return bool(apart.min() <= limit)


def _is_known(person: DetectedPerson, known_px: Sequence[FloatArray]) -> bool:
    return _lies_on(person, known_px, SAME_PERSON)


def _new_sample(
    person: DetectedPerson, picture: Path, size_px: tuple[int, int], dataset: str, key: str
) -> NewSample | None:
    try:
        box = box_around_visible(person.keypoints_px)
    except BrokenEntryError:
        return None
    return NewSample(
        picture_path=picture,
        picture_size_px=size_px,
        dataset=dataset,
        person_key=key,
        box_center_px=np.array([box.center_x_px, box.center_y_px], np.float32),
        box_scale=box.side_px / BOX_SCALE_PX,
        keypoints_px=np.asarray(person.keypoints_px, np.float32),
        keypoint_source=KeypointSource.DETECTED,
    )
