"""SPIN's files of a data set: who is in which picture (npz), and everybody's fit (npy).

The npz holds N people in arrays that SPIN's loader takes by name: ``imgname``, ``center``,
``scale``, ``part`` (N, 24, 3), ``openpose`` (N, 25, 3), ``S`` (N, 24, 4), ``pose`` (N, 72),
``shape`` (N, 10), ``has_smpl``. The npy holds N×82, poses before betas, in the order of the npz;
SPIN calls it ``<set>_fits.npy``. docs/formats.md has the fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import OPENPOSE_KEYPOINTS
from core.files.atomic_write import atomic_write
from core.formats.picture_names import common_folder, names_from
from core.geometry.boxes import BOX_SCALE_PX
from core.types.arrays import NUM_BETAS, NUM_JOINTS, NUM_KEYPOINTS, FloatArray, check_shape
from core.types.samples import Sample

_OWN_JOINTS = NUM_KEYPOINTS - OPENPOSE_KEYPOINTS
_POSE_WIDTH = 3 * NUM_JOINTS
FITS_WIDTH = _POSE_WIDTH + NUM_BETAS


class SpinDataset:
    """The arrays of N people, filled in page by page; rows without a body are zeros."""

    def __init__(self, count: int) -> None:
        def zeros(*width: int) -> FloatArray:
            return np.zeros((count, *width), dtype=np.float32)

        self._pictures: list[Path] = []
        self._texts: list[tuple[str, str]] = []
        self._arrays: dict[str, NDArray[Any]] = {
            "center": zeros(2),
            "scale": zeros(),
            "part": zeros(_OWN_JOINTS, 3),
            "openpose": zeros(OPENPOSE_KEYPOINTS, 3),
            "pose": zeros(_POSE_WIDTH),
            "shape": zeros(NUM_BETAS),
            "has_smpl": np.zeros(count, dtype=np.uint8),
        }
        self._true_joints = zeros(_OWN_JOINTS, 4)
        self._sample_ids: list[int] = []

    @property
    def bodies(self) -> int:
        """How many rows have one."""
        return int(self._arrays["has_smpl"].sum())

    def add(self, sample: Sample) -> int:
        """Add a person without a body; the row."""
        row = len(self._pictures)
        self._pictures.append(sample.picture_path)
        self._texts.append((sample.person_key, sample.dataset))
        self._sample_ids.append(sample.id)
        self._arrays["center"][row] = sample.box.center_x_px, sample.box.center_y_px
        self._arrays["scale"][row] = sample.box.side_px / BOX_SCALE_PX
        self._arrays["openpose"][row] = sample.annotated_keypoints_px[:OPENPOSE_KEYPOINTS]
        self._arrays["part"][row] = sample.annotated_keypoints_px[OPENPOSE_KEYPOINTS:]
        if sample.ground_truth.joints_3d is not None:
            self._true_joints[row] = sample.ground_truth.joints_3d[OPENPOSE_KEYPOINTS:]
        return row

    def set_body(self, row: int, pose_axis_angle: FloatArray, betas: FloatArray) -> None:
        """Give a person a body that SPIN takes for the truth: ``(72,)`` radians and ``(10,)``."""
        check_shape("pose_axis_angle", pose_axis_angle, (_POSE_WIDTH,))
        check_shape("betas", betas, (NUM_BETAS,))
        self._arrays["pose"][row], self._arrays["shape"][row] = pose_axis_angle, betas
        self._arrays["has_smpl"][row] = 1

    def arrays(self, body_name: str) -> dict[str, NDArray[Any]]:
        """What the file holds, by name."""
        folder = common_folder(self._pictures)
        people, datasets = zip(*self._texts, strict=True) if self._texts else ((), ())
        made: dict[str, NDArray[Any]] = {
            "imgname": _texts(names_from(folder, self._pictures)),
            **self._arrays,
            "person": _texts(people),
            "dataset": _texts(datasets),
            "sample_id": np.array(self._sample_ids, dtype=np.int64),
            "body_name": np.array(body_name),
            "pictures_folder": np.array("" if folder is None else folder.as_posix()),
        }
        if self._true_joints[..., 3].any():
            made["S"] = self._true_joints
        return made


def _texts(values: Sequence[str]) -> NDArray[np.str_]:
    return np.array(list(values), dtype=np.str_)


def write_npz(path: Path, arrays: Mapping[str, NDArray[Any]], *, overwrite: bool) -> None:
    """Write arrays whole or not at all; the file loads with ``allow_pickle=False``.

    Raises:
        UserFileError: ``path`` exists and ``overwrite`` is off, or cannot be written.
    """
    with atomic_write(path, overwrite=overwrite) as stream:
        np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]


def write_fits_npy(path: Path, fits: FloatArray, *, overwrite: bool) -> None:
    """Write ``(N, 82)``: poses in radians before betas, in the order of the data set's npz.

    Raises:
        ShapeError: another width.
        UserFileError: ``path`` exists and ``overwrite`` is off, or cannot be written.
    """
    check_shape("fits", fits, (len(fits), FITS_WIDTH))
    with atomic_write(path, overwrite=overwrite) as stream:
        np.save(stream, np.asarray(fits, np.float32), allow_pickle=False)
