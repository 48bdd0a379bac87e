"""A COCO file of people who stand in a plain picture, for tests that begin with an import."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

PICTURE_SIZE_PX = (640, 420)

_ACROSS = (0, 4, -4, 8, -8, 20, -20, 26, -26, 28, -28, 13, -13, 14, -14, 15, -15)
_DOWN = (60, 55, 55, 58, 58, 95, 95, 150, 150, 200, 200, 205, 205, 290, 290, 370, 370)
"""COCO's 17 joints of a person seen from the front, px from the middle and from the top."""


def write_people(folder: Path, count: int = 1) -> Path:
    """``people.json`` with ``count`` people side by side in ``plain.png``; eight have room."""
    width, height = PICTURE_SIZE_PX
    cv2.imwrite(str(folder / "plain.png"), np.full((height, width, 3), 90, np.uint8))
    document = {
        "images": [{"id": 1, "file_name": "plain.png", "width": width, "height": height}],
        "annotations": [_person(number + 1, middle_px=50 + 75 * number) for number in range(count)],
        "categories": [{"id": 1, "name": "person"}],
    }
    source = folder / "people.json"
    source.write_text(json.dumps(document))
    return source


def _person(number: int, *, middle_px: int) -> dict[str, object]:
    joints = [(middle_px + dx, y, 2) for dx, y in zip(_ACROSS, _DOWN, strict=True)]
    return {
        "id": number,
        "image_id": 1,
        "category_id": 1,
        "bbox": [middle_px - 32, 45, 64, 340],
        "area": 64 * 340,
        "iscrowd": 0,
        "num_keypoints": len(joints),
        "keypoints": [value for joint in joints for value in joint],
    }
