"""A COCO file with any number of made people, and the pictures that it lists.

Poses are draws from the shipped prior, seen by a detector with 2 px of noise and 15 % missing
joints. All pictures are one and the same file under many names: what is read of them is their
header.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.common.people import make_people
from core.body.conventions import COCO_17_TO_KEYPOINTS
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.load_body import load_body
from core.engine.smplify.pose_prior import PosePrior
from core.formats.keypoints.joint_orders import COCO_JOINT_NAMES
from core.geometry.crop_camera import CROP_SIZE_PX

PICTURE_SIZE_PX = (640, 480)
PEOPLE_IN_A_PICTURE = 2
SIDE_PX = (180.0, 300.0)
_TOGETHER = 4096


def write_coco(folder: Path, people: int, *, seed: int = 0) -> Path:
    """Pictures and ``people.json`` in a folder; the path of the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    first = folder / _picture_name(0)
    Image.new("RGB", PICTURE_SIZE_PX, "grey").save(first, quality=50)
    pictures = -(-people // PEOPLE_IN_A_PICTURE)
    for number in range(1, pictures):
        os.link(first, folder / _picture_name(number))
    document = {
        "info": {"description": "made people"},
        "images": [
            {
                "id": number,
                "file_name": _picture_name(number),
                "width": PICTURE_SIZE_PX[0],
                "height": PICTURE_SIZE_PX[1],
            }
            for number in range(pictures)
        ],
        "annotations": list(_annotations(people, seed)),
        "categories": [{"id": 1, "name": "person", "keypoints": list(COCO_JOINT_NAMES)}],
    }
    path = folder / "people.json"
    path.write_text(json.dumps(document))
    return path


def _picture_name(number: int) -> str:
    return f"{number:012d}.jpg"


def _annotations(people: int, seed: int) -> Iterator[dict[str, object]]:
    for joints, first in _joints_px(people, seed):
        for offset, one in enumerate(joints):
            number = first + offset
            low, high = (f(one[one[:, 2] > 0, :2], axis=0) for f in (np.min, np.max))
            yield {
                "id": number + 1,
                "image_id": number // PEOPLE_IN_A_PICTURE,
                "category_id": 1,
                "iscrowd": 0,
                "keypoints": [_plain(value) for value in one.reshape(-1)],
                "num_keypoints": int((one[:, 2] > 0).sum()),
                "bbox": [_plain(value) for value in (*low, *(high - low))],
                "area": _plain((high - low).prod() * 0.5),
            }


def _joints_px(people: int, seed: int) -> Iterator[tuple[NDArray[np.float64], int]]:
    """``(N, 17, 3)`` in their pictures, and the number of the first, batch by batch."""
    body, prior = KeypointBody(load_body()), PosePrior.load()
    generator = np.random.default_rng(seed)
    for first in range(0, people, _TOGETHER):
        count = min(_TOGETHER, people - first)
        made = make_people(body, prior.sample(count, generator), seed=seed + 1 + first)
        seen = made.keypoints.positions_crop_px.numpy()[:, list(COCO_17_TO_KEYPOINTS)]
        there = made.keypoints.confidence.numpy()[:, list(COCO_17_TO_KEYPOINTS)]
        side_px = generator.uniform(*SIDE_PX, (count, 1, 1))
        # Side by side, or they would seem annotated twice.
        column = (np.arange(first, first + count) % PEOPLE_IN_A_PICTURE)[:, None]
        left_px = PICTURE_SIZE_PX[0] / PEOPLE_IN_A_PICTURE * column
        corner = np.stack([left_px, np.full_like(left_px, 90.0)], axis=-1)
        placed = corner + seen.astype(np.float64) * side_px / CROP_SIZE_PX
        joints = np.concatenate([placed, 2.0 * there[..., None]], axis=-1)
        yield np.round(joints * (there[..., None] > 0), 2), first


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else round(float(value), 2)
