"""Rendered people as the samples of a project: different knowledge of camera and keypoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from core.engine.regression.seen_people import SeenSample
from core.engine.smplify.detected_directions import with_detections
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D, camera_tensors
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.formats.keypoints.person_boxes import box_around_visible
from core.geometry.boxes import Box
from core.geometry.row_selection import take_rows
from core.types.bodies import BodyParameters
from core.types.cameras import PictureCamera, assumed_camera
from core.types.detected_landmarks import DetectedLandmarks
from core.types.detections import DETECTOR_NETWORKS
from core.types.keypoint_sources import KeypointSource, all_from
from core.types.samples import GroundTruth, Sample
from resources.flags.build.rendered_people import RenderedChunk

_NOWHERE = Path("no picture")
_FEWEST_KEYPOINTS = 8
FOUND_IN_PICTURE, CAMERA_KNOWN = 0.5, 0.4
"""Shares of people whose keypoints are the detector's own, and whose camera is known."""


@dataclass(frozen=True, eq=False)
class RenderedSamples:
    """N people as a project has them; ``truth`` is under the cameras of the samples."""

    samples: list[Sample]
    detections: Mapping[int, DetectedLandmarks]
    truth: BodyEstimate

    def __len__(self) -> int:
        return len(self.samples)

    def first(self, count: int, *, after: int = 0) -> RenderedSamples:
        """The first ``count`` of those that follow the first ``after``."""
        last = min(after + count, len(self))
        truth = take_rows(self.truth, torch.arange(after, last))
        return RenderedSamples(self.samples[after:last], self.detections, truth)

    def keypoints(self, witness: HeadWitness) -> Keypoints2D:
        """What a fit is given."""
        known = Keypoints2D.of_samples(self.samples)
        return with_detections(known, self.samples, self.detections, witness)

    @property
    def seen(self) -> list[SeenSample]:
        """What the head is given."""
        return [
            SeenSample(
                keypoints_crop_px=sample.fitted_keypoints_crop_px,
                landmarks=self.detections.get(sample.id),
                trunk_features=self.detections[sample.id].trunk_features
                if sample.id in self.detections
                else None,
            )
            for sample in self.samples
        ]


def rendered_samples(
    chunk: RenderedChunk, *, seed: int, otherwise: bool = False
) -> RenderedSamples:
    """The people of a chunk who have keypoints enough; what is known of each is drawn.

    ``otherwise``: the same people with the other keypoints and the other knowledge of the camera.
    """
    rng = np.random.default_rng(seed)
    samples, detections, truths = [], {}, []
    for row in range(len(chunk)):
        own = (rng.random() < FOUND_IN_PICTURE) != otherwise
        known = (rng.random() < CAMERA_KNOWN) != otherwise
        keypoints = chunk.found_px[row] if own else chunk.given_px[row]
        if np.count_nonzero(keypoints[:, 2] > 0) < _FEWEST_KEYPOINTS:
            continue
        sample = _sample(chunk, row, keypoints, own=own, known=known)
        samples.append(sample)
        truths.append(true_body(chunk, row, sample))
        if chunk.found[row]:
            detections[row] = _landmarks(chunk, row)
    cameras = camera_tensors([sample.crop_camera for sample in samples])
    return RenderedSamples(samples, detections, BodyEstimate.from_parameters(truths, cameras))


def _sample(
    chunk: RenderedChunk, row: int, keypoints_px: np.ndarray, *, own: bool, known: bool
) -> Sample:
    width, height = chunk.picture_size_px[row].tolist()
    source = KeypointSource.DETECTED if own else KeypointSource.IMPORTED
    camera = _true_camera(chunk, row) if known else assumed_camera((width, height))
    return Sample(
        id=row,
        name=f"person {row}",
        picture_path=_NOWHERE,
        picture_size_px=(width, height),
        dataset="rendered",
        person_key=str(row),
        box=box_around_visible(keypoints_px) if own else Box(*chunk.box[row].tolist()),
        keypoints_px=keypoints_px,
        ground_truth=GroundTruth(),
        imported_at="",
        camera=camera,
        keypoint_sources=all_from(source),
    )


def _true_camera(chunk: RenderedChunk, row: int) -> PictureCamera:
    x_px, y_px = chunk.principal_point_px[row].tolist()
    return PictureCamera(float(chunk.focal_length_px[row]), (x_px, y_px))


def true_body(chunk: RenderedChunk, row: int, sample: Sample) -> BodyParameters:
    """The true body in the true camera, whose axis is its principal point, in the sample's crop."""
    camera = _true_camera(chunk, row).crop_camera(sample.box)
    through_person = type(camera)(
        camera.focal_length_px,
        camera.principal_x_px,
        camera.principal_y_px,
        camera.principal_x_px,
        camera.principal_y_px,
    )
    return BodyParameters(
        chunk.pose_axis_angle[row],
        chunk.betas[row],
        chunk.camera_translation[row],
        through_person,
    )


def _landmarks(chunk: RenderedChunk, row: int) -> DetectedLandmarks:
    seen = bool(chunk.landmarks_px[row].any())
    trunk = chunk.trunk[row]
    return DetectedLandmarks(
        landmarks_px=chunk.landmarks_px[row] if seen else None,
        landmarks_m=chunk.landmarks_m[row] if seen else None,
        agreement=float(chunk.agreement[row]),
        score=float(chunk.score[row]),
        networks=DETECTOR_NETWORKS,
        trunk_features=trunk if trunk.any() else None,
    )
