"""What the regressor's iterations begin with: pose, shape, camera."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body.safe_npz import load_restricted_npz
from core.errors import ShapeError, UserFileError
from core.files.foreign_files import foreign_file
from core.geometry.rotations import axis_angle_to_matrix, facing_root
from core.geometry.sixd import matrix_to_sixd
from core.types.arrays import NUM_BETAS, NUM_JOINTS, check_shape

POSE_SIZE = 6 * NUM_JOINTS
CAMERA_SIZE = 3
MEAN_CAMERA = (0.9, 0.0, 0.0)
"""Scale, tx, ty: an upright person fills nine tenths of the crop."""

_FILE_SIZES = {"pose": POSE_SIZE, "shape": NUM_BETAS, "cam": CAMERA_SIZE}


@dataclass(frozen=True, eq=False)
class MeanParameters:
    """pose_sixd (144,), root first, facing the camera; betas (10,); camera (3,) scale, tx, ty."""

    pose_sixd: Tensor
    betas: Tensor
    camera: Tensor

    def __post_init__(self) -> None:
        sizes = {"pose_sixd": POSE_SIZE, "betas": NUM_BETAS, "camera": CAMERA_SIZE}
        for name, size in sizes.items():
            actual = getattr(self, name).shape
            if tuple(actual) != (size,):
                raise ShapeError(name, actual=actual, expected=f"({size},)")

    @classmethod
    def of_body_pose(cls, body_pose: NDArray[np.floating]) -> Self:
        """An upright person of mean shape in a pose ``(69,)`` in radians: a prior's mean."""
        check_shape("body_pose", body_pose, (3 * NUM_JOINTS - 3,))
        vectors = torch.tensor(body_pose, dtype=torch.float64).view(NUM_JOINTS - 1, 3)
        root = facing_root(torch.zeros(1, dtype=torch.float64))
        sixd = matrix_to_sixd(torch.cat([root, axis_angle_to_matrix(vectors)]))
        return cls(sixd.flatten().float(), torch.zeros(NUM_BETAS), torch.tensor(MEAN_CAMERA))

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """A ``smpl_mean_params.npz``: ``pose`` (144,), ``shape`` (10,), ``cam`` (3,).

        Raises:
            UserFileError: the file cannot be read, or lacks an array of the right shape.
        """
        with foreign_file(
            path,
            expected="mean parameters",
            remedy="Give SPIN's smpl_mean_params.npz with pose, shape and cam.",
        ):
            stored = load_restricted_npz(path, kind=UserFileError)
            arrays = {name: np.asarray(stored[name], np.float32) for name in _FILE_SIZES}
        for name, size in _FILE_SIZES.items():
            if arrays[name].shape != (size,) or not np.isfinite(arrays[name]).all():
                raise UserFileError(
                    f"{name!r} has shape {arrays[name].shape}, expected {size} finite numbers.",
                    path=path,
                )
        return cls(*(torch.from_numpy(arrays[name]) for name in _FILE_SIZES))
