"""SPIN's npz of final fits: ``pose`` N×72, ``betas`` N×10, ``valid_fit`` N.

PyMAF's loader reads these three by name; SPIN's own reads an array of N×82. Beside them stand
arrays that say which person a row is, under the names of SPIN's data-set files where it has one,
and what camera sees the body: that of the crop, and that of the whole picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ShapeError
from core.files.atomic_write import atomic_write
from core.types.arrays import NUM_BETAS, NUM_JOINTS, FloatArray

_WIDTHS = {
    "pose": (3 * NUM_JOINTS,),
    "betas": (NUM_BETAS,),
    "center": (2,),
    "crop_translation": (3,),
    "crop_camera_px": (5,),
    "picture_root_axis_angle": (3,),
    "picture_translation": (3,),
    "picture_principal_point_px": (2,),
    "world_rotation": (3, 3),
    "world_translation": (3,),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class CropPlaces:
    """Where N bodies are in the frames of their crops, as they are stored.

    crop_translation: (N, 3) metres. crop_camera_px: (N, 5) focal length, principal point x, y, and
    axis x, y, in pixels of the 224 px crop.
    """

    crop_translation: FloatArray
    crop_camera_px: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class PicturePlaces:
    """The same bodies in the frames of the cameras of their whole pictures.

    picture_root_axis_angle: (N, 3) radians, in the place of the first three numbers of ``pose``.
    picture_translation: (N, 3) metres. picture_focal_length_px: (N,) and
    picture_principal_point_px: (N, 2), picture pixels.
    """

    picture_root_axis_angle: FloatArray
    picture_translation: FloatArray
    picture_focal_length_px: FloatArray
    picture_principal_point_px: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class WorldPlaces:
    """Where the cameras of the pictures stood in the worlds of their calibrations.

    x_camera = R x_world + t. world_rotation: (N, 3, 3), R. world_translation: (N, 3), t, in units
    of ``world_metres_per_unit`` (N,) metres, 0 where the calibration does not say. world: (N,)
    texts that name the worlds. Rows of pictures without such a camera are zeros, their names empty.
    """

    world_rotation: FloatArray
    world_translation: FloatArray
    world_metres_per_unit: FloatArray
    world: NDArray[np.str_]


@dataclass(frozen=True, kw_only=True, eq=False)
class SpinFits:
    """N samples in one order. A row without a valid fit is zeros in ``pose`` and ``betas``.

    pose: (N, 72) axis-angle, radians, root first and in the crop's frame; betas: (N, 10).
    valid_fit: (N,) bool. valid_shape: (N,) bool, whether the betas are fit to supervise, too.
    center: (N, 2) box centre in picture pixels; scale: (N,) box side / 200 px.
    imgname, person, dataset: (N,) texts; sample_id: (N,) the project's own number.
    crop_places, picture_places: by which camera the bodies are seen; None where it is not known.
    world_places: None where no picture's camera has a place.
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
    crop_places: CropPlaces | None = None
    picture_places: PicturePlaces | None = None
    world_places: WorldPlaces | None = None

    def __post_init__(self) -> None:
        count = len(self.pose)
        for name, array in self.arrays().items():
            expected = (count, *_WIDTHS.get(name, ()))
            if array.shape != expected:
                raise ShapeError(name, actual=array.shape, expected=str(expected))

    def arrays(self) -> dict[str, Any]:
        """What the file holds, by name."""
        own = {name: part for name, part in vars(self).items() if isinstance(part, np.ndarray)}
        places = (self.crop_places, self.picture_places, self.world_places)
        parts = (part for part in places if part is not None)
        return {**own, **{name: array for part in parts for name, array in vars(part).items()}}


def write_spin_fits(path: Path, fits: SpinFits, *, overwrite: bool = False) -> None:
    """Write the npz whole or not at all; it loads with ``allow_pickle=False``.

    Raises:
        UserFileError: ``path`` exists and ``overwrite`` is off, or cannot be written.
    """
    with atomic_write(path, overwrite=overwrite) as stream:
        np.savez_compressed(stream, **fits.arrays())
