"""Real and made people as projects, so that commands of the product can be measured on them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.common.real_people import RealPerson
from benchmarks.common.real_samples import RealSample
from core.dictionary.store import Dictionary
from core.geometry.boxes import Box, box_around
from core.types.cameras import long_lens_camera
from core.types.detected_landmarks import DetectedLandmarks
from core.types.detections import DETECTOR_NETWORKS
from core.types.samples import NewSample
from resources.detector_head.build.people import Chunk, detected_keypoints

_MADE_SIZE_PX = (400, 400)
"""Chunks do not keep the sizes of their pictures, and a long lens does not ask for them."""


def project_of_views(
    folder: Path, people: Sequence[RealPerson], samples: Sequence[RealSample]
) -> None:
    """A new project of real people, measured by the detector, under assumed cameras.

    The key of a person is their row among ``people``.
    """
    new = [
        NewSample(
            picture_path=people[each.row].picture or folder / f"no_picture_{each.row}.jpg",
            picture_size_px=each.sample.picture_size_px,
            dataset="real",
            person_key=str(each.row),
            box_center_px=_center(each.sample.box),
            box_scale=each.sample.box.side_px / 200,
            keypoints_px=each.sample.keypoints_px,
        )
        for each in samples
    ]
    with Dictionary.create(folder) as dictionary:
        ids = dictionary.samples.add(new).added_ids
        pairs = zip(ids, samples, strict=True)
        dictionary.detections.set(
            {sample_id: each.detection for sample_id, each in pairs if each.detection is not None}
        )


def project_of_made(folder: Path, chunk: Chunk) -> None:
    """A new project of made people as the detector sees them, with their true bodies.

    They are those of the demo project, drawn under the long lens. The key of a person is their row
    in the chunk.
    """
    keypoints_px = detected_keypoints(chunk)
    boxes = [box_around(points[points[:, 2] > 0, :2]) for points in keypoints_px]
    new = [
        NewSample(
            picture_path=folder / f"no_picture_{row}.jpg",
            picture_size_px=_MADE_SIZE_PX,
            dataset="made",
            person_key=str(row),
            box_center_px=_center(box),
            box_scale=box.side_px / 200,
            keypoints_px=keypoints_px[row],
            camera=long_lens_camera(_MADE_SIZE_PX),
        )
        for row, box in enumerate(boxes)
    ]
    with Dictionary.create(folder) as dictionary:
        ids = dictionary.samples.add(new).added_ids
        dictionary.detections.set({ids[row]: _landmarks(chunk, row) for row in range(len(ids))})


def _landmarks(chunk: Chunk, row: int) -> DetectedLandmarks:
    is_there = bool(chunk.agreement[row] > 0)
    return DetectedLandmarks(
        landmarks_px=chunk.landmarks_px[row] if is_there else None,
        landmarks_m=chunk.landmarks_m[row] if is_there else None,
        agreement=float(chunk.agreement[row]),
        score=1.0,
        networks=DETECTOR_NETWORKS,
        trunk_features=chunk.trunk[row],
    )


def _center(box: Box) -> NDArray[np.float32]:
    return np.array([box.center_x_px, box.center_y_px], np.float32)
