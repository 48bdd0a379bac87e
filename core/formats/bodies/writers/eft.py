"""EFT's json: ``{"ver", "data": [...]}``, an entry for each body, written as it goes.

Of each entry EFT's readers take ``parm_pose`` (24, 3, 3), ``parm_shape`` (10), ``parm_cam``
(s, tx, ty), ``bbox_scale`` (side / 200), ``bbox_center``, ``joint_validity_openpose18``,
``smpltype``, ``annotId``, ``imageName``. Its camera sees a point at 112 (s x + t) + 112 of the
crop, where SPIN's has s (x + t). Source: https://github.com/facebookresearch/eft. Fields of our own
have the exact cameras, which (s, tx, ty) cannot hold.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import printable
from core.files.atomic_write import atomic_write
from core.formats.bodies.writers.placed_bodies import PlacedBodies
from core.geometry.boxes import BOX_SCALE_PX
from core.geometry.rotations import pose_to_matrices
from core.types.samples import Sample

VERSION = 0.1
_OPENPOSE_18 = (0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)
"""OpenPose's 18 joints among our 49: BODY_25's without the middle of the hips and the feet."""

_TWINS = {2: 33, 3: 32, 4: 31, 5: 34, 6: 35, 7: 36, 10: 26, 11: 25, 13: 29, 14: 30, 0: 44, 15: 46,
          16: 45, 17: 48, 18: 47}  # fmt: skip
"""Of these joints, the same among the last 24, where data sets have theirs."""

AddBodies = Callable[[PlacedBodies, NDArray[np.floating], Sequence[str]], None]
"""Bodies, their weak cameras ``(N, 3)``, SPIN's s, tx, ty, and the names of their pictures."""


@contextmanager
def eft_file(path: Path, body_name: str, *, overwrite: bool) -> Iterator[AddBodies]:
    """A function that adds bodies to a file, which is there once the block ends without an error.

    Raises:
        UserFileError: ``path`` exists and ``overwrite`` is off, or cannot be written.
    """
    with atomic_write(path, overwrite=overwrite) as stream:
        head = json.dumps({"ver": VERSION, "body_name": body_name, "data": []})
        stream.write(head[:-2].encode())
        between = ""

        def add(bodies: PlacedBodies, weak: NDArray[np.floating], pictures: Sequence[str]) -> None:
            nonlocal between
            for entry in _entries(bodies, weak, pictures):
                stream.write(f"{between}\n{json.dumps(entry)}".encode())
                between = ","

        yield add
        stream.write(b"\n]}\n")


def _entries(
    bodies: PlacedBodies, weak: NDArray[np.floating], pictures: Sequence[str]
) -> Iterator[dict[str, object]]:
    scaled = np.concatenate([weak[:, :1], weak[:, :1] * weak[:, 1:]], axis=1)
    matrices, place = pose_to_matrices(bodies.pose_axis_angle), bodies.in_picture
    centers, sides = bodies.box_centers_px, bodies.box_sides_px
    for row, sample in enumerate(bodies.samples):
        yield {
            "parm_pose": matrices[row].tolist(),
            "parm_shape": bodies.betas[row].tolist(),
            "parm_cam": scaled[row].tolist(),
            "bbox_scale": float(sides[row]) / BOX_SCALE_PX,
            "bbox_center": centers[row].tolist(),
            "joint_validity_openpose18": _seen(sample),
            "smpltype": "smpl",
            "annotId": _number_or_text(sample.person_key),
            "imageName": printable(pictures[row]),
            "dataset": printable(sample.dataset),
            "sample_id": sample.id,
            "crop_translation": bodies.crop_translation[row].tolist(),
            "crop_camera_px": bodies.crop_camera_px[row].tolist(),
            "picture_root_axis_angle": place.root_axis_angle[row].tolist(),
            "picture_translation": place.translation[row].tolist(),
            "picture_focal_length_px": float(place.focal_length_px[row]),
            "picture_principal_point_px": place.principal_point_px[row].tolist(),
        }


def _seen(sample: Sample) -> list[bool]:
    confidence = sample.keypoints_px[:, 2]
    return [
        bool(confidence[joint] > 0 or confidence[_TWINS.get(joint, joint)] > 0)
        for joint in _OPENPOSE_18
    ]


def _number_or_text(key: str) -> int | str:
    """COCO's annotation ids are numbers in EFT's files."""
    return int(key) if key.isascii() and key.isdigit() else printable(key)
