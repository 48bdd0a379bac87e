"""SPIN's npz of final fits: ``pose`` N×72, ``betas`` N×10, ``valid_fit`` N.

PyMAF's loader reads these three by name; SPIN's own reads an array of N×82. Beside them stand
arrays that say which person a row is, under the names of SPIN's data-set files where it has one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import ShapeError
from core.files.atomic_write import atomic_write
from core.types.arrays import NUM_BETAS, NUM_JOINTS, FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class SpinFits:
    """N samples in one order. A row without a valid fit is zeros in ``pose`` and ``betas``.

    pose: (N, 72) axis-angle, radians, root first and in the camera frame; betas: (N, 10).
    valid_fit: (N,) bool. valid_shape: (N,) bool, whether the betas are fit to supervise, too.
    center: (N, 2) box centre in picture pixels; scale: (N,) box side / 200 px.
    imgname, person, dataset: (N,) texts; sample_id: (N,) the project's own number.
    """

    pose: FloatArray
    betas: FloatArray
    valid_fit: NDArray[np.bool_]
    valid_shape: NDArray[np.bool_]
    center: FloatArray
    scale: FloatArray
    imgname: NDArray[np.str_]
    person: NDArray[np.str_]
    dataset: NDArray[np.str_]
    sample_id: NDArray[np.int64]

    def __post_init__(self) -> None:
        count = len(self.pose)
        widths = {"pose": (3 * NUM_JOINTS,), "betas": (NUM_BETAS,), "center": (2,)}
        for name, array in vars(self).items():
            expected = (count, *widths.get(name, ()))
            if array.shape != expected:
                raise ShapeError(name, actual=array.shape, expected=str(expected))


def write_spin_fits(path: Path, fits: SpinFits, *, overwrite: bool = False) -> None:
    """Write the npz whole or not at all; it loads with ``allow_pickle=False``.

    Raises:
        UserFileError: ``path`` exists and ``overwrite`` is off, or cannot be written.
    """
    with atomic_write(path, overwrite=overwrite) as stream:
        np.savez_compressed(stream, **vars(fits))
