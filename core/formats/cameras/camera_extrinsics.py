"""Where a camera stood, among the fields of a file, in any of the spellings that are met.

x_camera = R x_world + t. R: rows of rows, nine numbers, OpenCV's object of rows, cols and data, or
a rotation vector of three. In the place of t there may be the camera's own place c, with t = −R c,
and in the place of both one matrix of three or four rows, from the world to the camera or back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formats.reader_results import BrokenEntryError, shown
from core.geometry.rotations import axis_angle_to_matrix

ROTATIONS = (
    "R", "rotation", "rotation_matrix", "Rot", "rot", "rvec", "R_world_to_camera", "camrot",
    "R_w2c",
)  # fmt: skip
TRANSLATIONS = (
    "t", "T", "translation", "translation_vector", "tvec", "trans", "t_world_to_camera", "t_w2c",
)  # fmt: skip
PLACES = ("campos", "camera_center", "camera_position", "position", "cam_pos")
"""Where the camera stands in the world."""

WORLD_TO_CAMERA = (
    "extrinsics", "extrinsic", "extrinsic_matrix", "cam_ext", "RT", "Rt", "rt", "world_to_camera",
    "world2cam", "w2c", "T_world_to_camera",
)  # fmt: skip
CAMERA_TO_WORLD = ("camera_to_world", "cam2world", "c2w", "T_camera_to_world", "camera_pose")
NESTED = ("cam_param", "camera", "camera_param", "extrinsics", "extrinsic")
UNIT_FIELDS = ("unit", "units", "translation_unit", "length_unit")

_METRES = {
    "m": 1.0, "meter": 1.0, "meters": 1.0, "metre": 1.0, "metres": 1.0,
    "cm": 0.01, "centimeter": 0.01, "centimeters": 0.01, "centimetre": 0.01, "centimetres": 0.01,
    "mm": 0.001, "millimeter": 0.001, "millimeters": 0.001, "millimetre": 0.001,
    "millimetres": 0.001,
    "ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "inch": 0.0254, "inches": 0.0254,
}  # fmt: skip
UNIT_NAMES = "m, cm, mm, ft or inch"
"""As a message names them."""

_WITH_UNIT = re.compile(r"(?P<name>.+)_(?P<unit>[a-z]+)")


@dataclass(frozen=True)
class Extrinsics:
    """A camera's place as a file states it.

    rotation: R, nine numbers, row by row; translation: t, three. metres_per_unit: of t; None where
    the file does not say.
    """

    rotation: tuple[float, ...]
    translation: tuple[float, ...]
    metres_per_unit: float | None = None


def extrinsics_of(entry: Mapping[str, Any]) -> Extrinsics | None:
    """Where the camera of an object stood; None where the object does not say it, or half of it.

    Raises:
        BrokenEntryError: a field is not what it should be.
    """
    for holder in _holders(entry):
        matrix = _whole_matrix(holder)
        if matrix is not None:
            return _extrinsics(matrix[:, :3], matrix[:, 3], stated_unit(holder))
        found = _rotation_and_translation(holder)
        if found is not None:
            return found
    return None


def stated_unit(document: Mapping[str, Any]) -> float | None:
    """Metres in the unit that an object names in a field of its own; None where it names none.

    Large and small letters are the same: programs write "MM", and "Meters".
    """
    return next((_METRES[unit] for unit in _named_units(document) if unit in _METRES), None)


def unknown_unit(entry: Mapping[str, Any]) -> str | None:
    """The unit that an object, or one of its nested ones, names and that is none of those known."""
    named = [unit for holder in _holders(entry) for unit in _named_units(holder)]
    if any(unit in _METRES for unit in named):
        return None
    return named[0] if named else None


def _named_units(document: Mapping[str, Any]) -> list[str]:
    fields = (document.get(name) for name in UNIT_FIELDS)
    return [field.strip().lower() for field in fields if isinstance(field, str) and field.strip()]


def _holders(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield entry
    for name in NESTED:
        if isinstance(entry.get(name), Mapping):
            yield entry[name]


def _rotation_and_translation(holder: Mapping[str, Any]) -> Extrinsics | None:
    turned = next((name for name in ROTATIONS if _has_numbers(holder.get(name))), None)
    if turned is None:
        return None
    shifted, unit = _named_with_unit(holder, TRANSLATIONS)
    if shifted is not None:
        rotation, translation = _rotation(holder[turned], turned), _three(holder[shifted], shifted)
        return _extrinsics(rotation, translation, unit or stated_unit(holder))
    at, unit = _named_with_unit(holder, PLACES)
    if at is not None:
        rotation = _rotation(holder[turned], turned)
        translation = -rotation @ _three(holder[at], at)
        return _extrinsics(rotation, translation, unit or stated_unit(holder))
    return None


def _named_with_unit(
    holder: Mapping[str, Any], names: tuple[str, ...]
) -> tuple[str | None, float | None]:
    """The first field of one of the names, which a unit may follow as in ``t_mm``."""
    for field in holder:
        if field in names and _has_numbers(holder[field]):
            return field, None
        parts = _WITH_UNIT.fullmatch(field)
        if parts and parts["name"] in names and parts["unit"] in _METRES:
            return field, _METRES[parts["unit"]]
    return None, None


def _whole_matrix(holder: Mapping[str, Any]) -> NDArray[np.float64] | None:
    """``(3, 4)`` from the world to the camera."""
    for name in (*WORLD_TO_CAMERA, *CAMERA_TO_WORLD):
        value = holder.get(name)
        numbers = _flat(value, name) if _has_numbers(value) else np.zeros(0)
        if numbers.size not in (12, 16):
            continue
        matrix = np.eye(4)
        matrix[: numbers.size // 4] = numbers.reshape(-1, 4)
        if np.abs(matrix[3] - (0, 0, 0, 1)).max() > 1e-6:
            raise BrokenEntryError(f"{name}: expected 0, 0, 0, 1 in the last row")
        if name in CAMERA_TO_WORLD:
            turned = matrix[:3, :3].T
            matrix[:3, :3], matrix[:3, 3] = turned, -turned @ matrix[:3, 3]
        whole: NDArray[np.float64] = matrix[:3]
        return whole
    return None


def _rotation(value: Any, name: str) -> NDArray[np.float64]:
    numbers = _flat(value, name)
    if numbers.size == 3:
        matrix: NDArray[np.float64] = axis_angle_to_matrix(numbers)
        return matrix
    if numbers.size != 9:
        raise BrokenEntryError(f"{name}: {numbers.size} numbers, expected 3 × 3, or 3")
    return numbers.reshape(3, 3)


def _three(value: Any, name: str) -> NDArray[np.float64]:
    numbers = _flat(value, name)
    if numbers.size != 3:
        raise BrokenEntryError(f"{name}: {numbers.size} numbers, expected 3")
    return numbers


def _extrinsics(
    rotation: NDArray[np.float64], translation: NDArray[np.float64], unit: float | None
) -> Extrinsics:
    """The same with the rotation that is nearest to a matrix whose digits were cut."""
    left, scales, right = np.linalg.svd(rotation)
    nearest = left @ right
    if np.abs(scales - 1).max() > 0.02 or np.linalg.det(nearest) < 0:
        raise BrokenEntryError(
            "rotation: found a matrix that is no rotation, expected rows of length 1 at right "
            "angles, right-handed"
        )
    return Extrinsics(tuple(nearest.ravel().tolist()), tuple(translation.tolist()), unit)


def _has_numbers(value: object) -> bool:
    if isinstance(value, Mapping):
        return "data" in value
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, (list, int, float)) for item in value)
    )


def _flat(value: Any, name: str) -> NDArray[np.float64]:
    """A flat array of finite numbers."""
    items = value["data"] if isinstance(value, Mapping) else value
    try:
        numbers = np.array(items, dtype=np.float64).ravel()
    except (TypeError, ValueError) as error:
        raise BrokenEntryError(f"{name}: found {shown(items)}, expected numbers only") from error
    if not np.isfinite(numbers).all():
        raise BrokenEntryError(f"{name}: expected finite numbers")
    return numbers
