"""One camera among the fields of a file, in any of the spellings that are met.

Matrices: rows of rows, nine numbers, or OpenCV's object of rows, cols and data. Focal lengths and
principal points: a pair, or a number for each axis. Distortion: OpenCV's order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formats.cameras.camera_extrinsics import Extrinsics
from core.formats.reader_results import BrokenEntryError, shown
from core.geometry.lens_distortion import MOST_COEFFICIENTS

MATRICES = (
    "camera_matrix", "cameraMatrix", "CameraMatrix", "Camera_Matrix", "K", "intrinsic_matrix",
    "intrinsics", "intrinsic", "cam_int", "mtx", "matrix",
)  # fmt: skip
FOCALS = ("focal", "focal_length", "focal_length_px", "focal_px", "f")
PRINCIPALS = ("princpt", "principal_point", "principal_point_px", "center", "c")
DISTORTIONS = (
    "distortion_coefficients", "Distortion_Coefficients", "distortion", "dist_coeffs",
    "dist_coeff", "distCoeffs", "distCoef", "distortion_k1k2p1p2", "distortions", "dist", "D",
)  # fmt: skip
SIZES = ("resolution", "image_size", "img_size", "size")
SIDES = (
    ("image_width", "image_height"),
    ("width", "height"),
    ("w", "h"),
    ("img_width", "img_height"),
)
NESTED = ("cam_param", "camera", "camera_param", "intrinsics", "intrinsic")
"""Objects that may hold the fields in the place of the entry itself."""

LARGEST_DIFFERENCE = 0.02
"""Of the focal lengths of the two axes, as a share of their mean. Above it the pixels are no
squares, and one focal length puts people at wrong heights or widths."""

_FISHEYE = ("fisheye", "equidistant", "kannala_brandt", "omni", "KANNALA_BRANDT4")


@dataclass(frozen=True)
class Intrinsics:
    """A camera as a file states it, in pixels.

    size_px: width and height of the pictures that it was calibrated for; None where it is not said.
    extrinsics: where it stood; None where it is not said.
    """

    focal_length_px: float
    principal_point_px: tuple[float, float] | None
    distortion: tuple[float, ...]
    size_px: tuple[int, int] | None
    extrinsics: Extrinsics | None = None


def has_intrinsics(entry: Mapping[str, Any]) -> bool:
    """Whether an object has the fields of a camera, itself or in one of the nested objects."""
    return _holder_of(entry) is not None


def intrinsics_of(entry: Mapping[str, Any]) -> Intrinsics:
    """The camera of an object.

    Raises:
        BrokenEntryError: a field is missing, or is not what it should be.
    """
    holder = _holder_of(entry)
    if holder is None:
        raise BrokenEntryError("no focal length and no matrix, expected a camera")
    _refuse_fisheye(holder)
    matrix_name = next((name for name in MATRICES if _is_matrix(holder.get(name))), None)
    if matrix_name is not None:
        matrix = _matrix_of(holder[matrix_name], matrix_name)
        focal = matrix[[0, 1], [0, 1]]
        principal: tuple[float, float] | None = _pair(matrix[:2, 2])
    else:
        focal, principal = _focal_of(holder), _principal_of(holder)
    return Intrinsics(
        focal_length_px=_one_focal_length(focal),
        principal_point_px=principal,
        distortion=_distortion_of(holder) or _distortion_of(entry),
        size_px=_size_of(holder) or _size_of(entry),
    )


def _holder_of(entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
    nested: list[Mapping[str, Any]] = [
        entry[name] for name in NESTED if isinstance(entry.get(name), Mapping)
    ]
    for candidate in (entry, *nested):
        if any(_is_matrix(candidate.get(name)) for name in MATRICES):
            return candidate
        if "fx" in candidate or any(_is_focal(candidate.get(name)) for name in FOCALS):
            return candidate
    return None


def _is_matrix(value: object) -> bool:
    """Whether a field is meant as a matrix, also one of a wrong shape, which is refused later."""
    if isinstance(value, Mapping):
        return "data" in value
    return isinstance(value, list) and bool(value) and not any(map(_is_object, value))


def _is_object(value: object) -> bool:
    return isinstance(value, (Mapping, str))


def _is_focal(value: object) -> bool:
    return type(value) in (int, float) or (isinstance(value, list) and len(value) in (1, 2))


def _matrix_of(value: Any, name: str) -> NDArray[np.float64]:
    numbers = _numbers(value["data"] if isinstance(value, Mapping) else value, name)
    if isinstance(value, list) and len(value) == 2 and numbers.size == 6:
        # The third row says nothing: some programs leave it out.
        numbers = np.concatenate([numbers, [0.0, 0.0, 1.0]])
    if numbers.size != 9:
        raise BrokenEntryError(
            f"{name}: {numbers.size} numbers, expected 3 × 3: the rows (fx, s, cx), (0, fy, cy), "
            "(0, 0, 1)"
        )
    matrix = numbers.reshape(3, 3)
    rest = np.abs(matrix[[1, 2, 2], [0, 0, 1]])
    if rest.max() > 1e-6 * np.abs(matrix).max() or abs(matrix[2, 2] - 1) > 1e-6:
        raise BrokenEntryError(f"{name}: expected the rows (fx, s, cx), (0, fy, cy), (0, 0, 1)")
    return matrix


def _focal_of(entry: Mapping[str, Any]) -> NDArray[np.float64]:
    if "fx" in entry:
        return _numbers([entry["fx"], entry.get("fy", entry["fx"])], "fx, fy")
    name = next(name for name in FOCALS if _is_focal(entry.get(name)))
    value = entry[name]
    return _numbers(value if isinstance(value, list) else [value], name)


def _principal_of(entry: Mapping[str, Any]) -> tuple[float, float] | None:
    if "cx" in entry and "cy" in entry:
        return _pair(_numbers([entry["cx"], entry["cy"]], "cx, cy"))
    for name in PRINCIPALS:
        value = entry.get(name)
        if isinstance(value, list) and len(value) == 2:
            return _pair(_numbers(value, name))
    return None


def _distortion_of(entry: Mapping[str, Any]) -> tuple[float, ...]:
    name = next((name for name in DISTORTIONS if entry.get(name) not in (None, [], "")), None)
    if name is None:
        return ()
    value = entry[name]
    numbers = _numbers(value["data"] if isinstance(value, Mapping) else value, name)
    if np.any(numbers[MOST_COEFFICIENTS:]):
        raise BrokenEntryError(
            f"{name}: {numbers.size} coefficients, expected at most {MOST_COEFFICIENTS}: "
            "thin prisms and tilted sensors are not known here"
        )
    given = numbers[:MOST_COEFFICIENTS]
    return tuple(float(number) for number in given) if np.any(given) else ()


def _size_of(entry: Mapping[str, Any]) -> tuple[int, int] | None:
    for names in SIDES:
        if all(type(entry.get(name)) in (int, float) for name in names):
            return _size(_numbers([entry[name] for name in names], ", ".join(names)))
    for name in SIZES:
        value = entry.get(name)
        if isinstance(value, list) and len(value) == 2:
            return _size(_numbers(value, name))
    return None


def _size(numbers: NDArray[np.float64]) -> tuple[int, int] | None:
    width, height = numbers.tolist()
    if not min(width, height) >= 1 or max(width, height) > 1e6:
        raise BrokenEntryError(f"size: found {width:g}×{height:g}, expected pixels")
    return round(width), round(height)


def _one_focal_length(focal: NDArray[np.float64]) -> float:
    mean = float(focal.mean())
    if not mean > 0 or focal.min() <= 0 or mean > 1e7:
        raise BrokenEntryError(f"focal length: found {focal.tolist()}, expected pixels above 0")
    if np.ptp(focal) > LARGEST_DIFFERENCE * mean:
        x_px, y_px = focal.tolist()
        raise BrokenEntryError(
            f"focal length: found {x_px:g} px across and {y_px:g} px down, which differ by more "
            f"than {LARGEST_DIFFERENCE:.0%}: the pixels are no squares; expected pictures scaled "
            "to square pixels, and the focal length of those"
        )
    return mean


def _refuse_fisheye(entry: Mapping[str, Any]) -> None:
    for name in ("distortion_model", "camera_model", "camera_type", "model", "type"):
        model = entry.get(name)
        if isinstance(model, str) and model.lower() in _FISHEYE:
            raise BrokenEntryError(
                f"{name}: found {shown(model)}, expected no distortion or Brown's; take the "
                "distortion out of the pictures first"
            )


def _numbers(value: Any, name: str) -> NDArray[np.float64]:
    """A flat array of finite numbers."""
    flat: list[float] = []
    for item in value if isinstance(value, list) else [value]:
        for number in item if isinstance(item, list) else [item]:
            if type(number) not in (int, float):
                raise BrokenEntryError(f"{name}: found {shown(number)}, expected numbers only")
            flat.append(float(number))
    numbers = np.array(flat)
    if not numbers.size or not np.isfinite(numbers).all():
        raise BrokenEntryError(f"{name}: expected finite numbers")
    return numbers


def _pair(numbers: NDArray[np.float64]) -> tuple[float, float]:
    x_px, y_px = numbers.tolist()
    return x_px, y_px
