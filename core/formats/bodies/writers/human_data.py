"""HumanData of OpenMMLab's mmhuman3d and of what followed it: an npz of the 190-joint generation.

``HumanData.fromfile`` loads it with pickles allowed, since ``smpl``, ``meta`` and ``misc`` are
dicts by its definition; they are written so that NumPy 1 reads them, too. Of the 190 joints the 49
that this program knows are filled, as mmhuman3d's converter of SPIN's files fills them
(mmhuman3d/core/conventions/keypoints_mapping: ``smpl_49`` among ``human_data``).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.files.atomic_write import atomic_write
from core.formats.bodies.writers.portable_pickle import portable_pickle

NUM_HUMAN_DATA_JOINTS = 190

HUMAN_DATA_OF_49 = (
    *range(153, 178),  # nose_openpose … right_heel_openpose
    8, 5, 144, 145, 4, 7, 21, 19, 17, 16, 18, 20,  # right_ankle … left_wrist
    146, 147, 148, 149, 150, 151, 152,  # neck_extra … head_extra
    55, 57, 56, 59, 58,  # nose, left_eye, right_eye, left_ear, right_ear
)  # fmt: skip
"""Where each of the 49 keypoints stands among HumanData's."""


@dataclass(frozen=True)
class PickledDict:
    """A dict that takes the place of an array, as HumanData has them."""

    content: Mapping[str, Any]


def joints_of_49(keypoints: NDArray[np.floating]) -> NDArray[np.float32]:
    """Keypoints ``(N, 49, C)`` in HumanData's order ``(N, 190, C)``; the others are zeros."""
    spread = np.zeros((len(keypoints), NUM_HUMAN_DATA_JOINTS, keypoints.shape[2]), np.float32)
    spread[:, list(HUMAN_DATA_OF_49)] = keypoints
    return spread


def joint_mask() -> NDArray[np.uint8]:
    """``(190,)``: 1 for the joints that are filled."""
    mask = np.zeros(NUM_HUMAN_DATA_JOINTS, np.uint8)
    mask[list(HUMAN_DATA_OF_49)] = 1
    return mask


def write_human_data(
    path: Path, content: Mapping[str, NDArray[Any] | PickledDict], *, overwrite: bool
) -> None:
    """Write arrays and dicts by name, whole or not at all.

    Raises:
        UserFileError: ``path`` exists and ``overwrite`` is off, or cannot be written.
    """
    with (
        atomic_write(path, overwrite=overwrite) as stream,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, value in content.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                if isinstance(value, PickledDict):
                    entry.write(_object_array(dict(value.content)))
                else:
                    np.lib.format.write_array(entry, value, allow_pickle=False)


def _object_array(value: object) -> bytes:
    """What ``numpy.save`` makes of one object: an array of no dimension with a pickle in it."""
    header = io.BytesIO()
    described = {"descr": "|O", "fortran_order": False, "shape": ()}
    np.lib.format.write_array_header_1_0(header, described)
    holder = np.empty((), dtype=object)
    holder[()] = value
    return header.getvalue() + portable_pickle(holder)
