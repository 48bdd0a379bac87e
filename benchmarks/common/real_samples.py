"""Real people as the samples of a project, with what a fit may know of them.

Cameras are the true ones or those that the program assumes of a picture of this size; keypoints are
the given ones or what the detector finds in the picture alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from benchmarks.common.real_people import RealPerson
from core.body.compared_keypoints.same_person import joint_distances
from core.engine.detection.people_finder import PeopleFinder
from core.engine.smplify.detected_directions import with_detections
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.formats.keypoints.person_boxes import box_around_visible
from core.pictures.decoding import load_picture
from core.types.cameras import CameraSource, PictureCamera, assumed_camera, long_lens_camera
from core.types.detected_landmarks import DetectedLandmarks
from core.types.detections import DetectedPerson
from core.types.keypoint_sources import KeypointSource, all_from
from core.types.samples import GroundTruth, Sample
from core.workflows.photos.finder import landmarks_of

_NOWHERE = Path("no picture")

Knowledge = Literal["given", "assumed", "long lens"]

SAME_PERSON = 0.2
"""Median distance of joints over the extent, up to which the person found is the one looked for."""


@dataclass(frozen=True, eq=False)
class RealSample:
    """One person as a project has them; row: their number among the people of the group."""

    row: int
    sample: Sample
    detection: DetectedLandmarks | None


def given_samples(
    people: Sequence[RealPerson], finder: PeopleFinder, *, camera: Knowledge
) -> list[RealSample]:
    """People with their given keypoints, and landmarks of those who have a picture."""
    samples = []
    for row, person in enumerate(people):
        detection = None
        if person.picture is not None:
            seen = finder.measure(load_picture(person.picture), keypoints_px=person.keypoints_px)
            detection = None if seen is None else landmarks_of(seen)
        samples.append(RealSample(row, _sample(row, person, camera), detection))
    return samples


def found_samples(people: Sequence[RealPerson], finder: PeopleFinder) -> list[RealSample]:
    """People by their pictures alone; those whom the detector does not find are left out."""
    samples = []
    for row, person in enumerate(people):
        if person.picture is None:
            continue
        found = finder.find(load_picture(person.picture))
        nearest = _nearest(person, found)
        if nearest is None:
            continue
        sample = replace(
            _sample(row, person, "assumed"),
            box=box_around_visible(nearest.keypoints_px),
            keypoints_px=np.asarray(nearest.keypoints_px, np.float32),
            keypoint_sources=all_from(KeypointSource.DETECTED),
        )
        samples.append(RealSample(row, sample, landmarks_of(nearest)))
    return samples


def _nearest(person: RealPerson, found: Sequence[DetectedPerson]) -> DetectedPerson | None:
    if not found:
        return None
    keypoints = np.stack([each.keypoints_px for each in found])
    apart = joint_distances(keypoints, person.keypoints_px[None]).ravel()
    best = int(np.nanargmin(apart)) if np.isfinite(apart).any() else 0
    return found[best] if apart[best] <= SAME_PERSON else None


def seen(samples: Sequence[RealSample], witness: HeadWitness | None = None) -> Keypoints2D:
    """Everything that a fit is given of samples; with a witness as in a project."""
    plain = [each.sample for each in samples]
    detections = {each.row: each.detection for each in samples if each.detection is not None}
    return with_detections(Keypoints2D.of_samples(plain), plain, detections, witness)


def under(
    samples: Sequence[RealSample], people: Sequence[RealPerson], camera: Knowledge
) -> list[RealSample]:
    """The same samples with other knowledge of the camera."""
    return [
        replace(each, sample=replace(each.sample, camera=_camera(people[each.row], camera)))
        for each in samples
    ]


def without_detections(samples: Sequence[RealSample]) -> list[RealSample]:
    """The same samples as keypoints alone tell of them."""
    return [replace(each, detection=None) for each in samples]


def _sample(row: int, person: RealPerson, camera: Knowledge) -> Sample:
    return Sample(
        id=row,
        name=person.name,
        picture_path=person.picture or _NOWHERE,
        picture_size_px=person.camera.picture_size_px,
        dataset="real",
        person_key=person.name,
        box=person.box,
        keypoints_px=person.keypoints_px,
        ground_truth=GroundTruth(),
        imported_at="",
        camera=_camera(person, camera),
    )


def _camera(person: RealPerson, known: Knowledge) -> PictureCamera:
    size_px = person.camera.picture_size_px
    if known == "assumed":
        return assumed_camera(size_px)
    if known == "long lens":
        return long_lens_camera(size_px)
    true = person.camera
    return PictureCamera(
        true.focal_length_px,
        true.principal_point_px,
        true.distortion,
        source=CameraSource.GIVEN,
        pose=true.pose,
    )
