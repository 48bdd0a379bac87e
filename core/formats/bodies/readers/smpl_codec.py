"""Meshcapade's ``.smpl``: the motion of one person as a deflated npz of plain arrays, y up.

``codecVersion``, ``smplVersion`` (0 SMPL, 1 SMPL-H, 2 SMPL-X), ``gender`` (0 neutral, 1 male, 2
female), ``shapeParameters`` (10 to 300), ``frameCount``, ``bodyTranslation`` (T, 3), ``bodyPose``
(T, 24 or 22, 3). Source: https://github.com/Meshcapade/smplcodec, ``src/smplcodec/codec.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.safe_npz import load_restricted_npz
from core.errors import AnnotationError
from core.formats.bodies.body_models import BodyModelName
from core.formats.bodies.cameras import Y_UP_TO_CAMERA
from core.formats.bodies.file_bodies import ForeignPredictions
from core.formats.bodies.options import PredictionOptions
from core.formats.bodies.readers.motion import Motion, bodies_of_motion
from core.formats.read_notes import ReadNotes
from core.progress import CancelToken
from core.types.arrays import NUM_BETAS

NAME = "smpl"
_MODELS = (BodyModelName.SMPL, BodyModelName.SMPL_H, BodyModelName.SMPL_X)
_GENDERS = ("neutral", "male", "female")
_USED = frozenset(
    (
        "codecVersion", "smplVersion", "gender", "shapeParameters", "frameCount", "frameRate",
        "bodyTranslation", "bodyPose",
    )
)  # fmt: skip


def recognises(names: frozenset[str]) -> bool:
    """Whether an npz with arrays of these names is a ``.smpl`` with a pose."""
    return "smplVersion" in names and "bodyPose" in names


def read(
    source: Path, options: PredictionOptions, cancel: CancelToken | None
) -> ForeignPredictions:
    """The body of each frame; see ``motion`` for pictures and cameras.

    Raises:
        AnnotationError: of another body than SMPL, SMPL-H or SMPL-X, or an array has another shape.
        Cancelled: the user asked to stop.
    """
    arrays = load_restricted_npz(source, kind=AnnotationError, cancel=cancel)
    version = _whole(arrays, "smplVersion", source)
    if not 0 <= version < len(_MODELS):
        raise AnnotationError(
            f"is of the body {version} of smplcodec's list, expected SMPL (0), SMPL-H (1) or "
            "SMPL-X (2).",
            path=source,
        )
    gender = _whole(arrays, "gender", source) if "gender" in arrays else 0
    notes = ReadNotes()
    notes.leave_unused(name for name in arrays if name not in _USED)
    translation = arrays.get("bodyTranslation")
    motion = Motion(
        poses=_numbers(arrays["bodyPose"], "bodyPose", 3, source),
        translation=None
        if translation is None
        else _numbers(translation, "bodyTranslation", 2, source),
        betas=_betas(arrays.get("shapeParameters"), source),
        gender=_GENDERS[gender] if 0 <= gender < len(_GENDERS) else "",
        to_camera=Y_UP_TO_CAMERA,
        file_format=NAME,
        body_model=_MODELS[version],
    )
    return bodies_of_motion(motion, source, options, notes)


def _betas(array: NDArray[Any] | None, source: Path) -> NDArray[np.float64]:
    if array is None:
        return np.zeros(NUM_BETAS)
    betas = _numbers(array, "shapeParameters", 1, source)
    if len(betas) < NUM_BETAS:
        raise AnnotationError(
            f"'shapeParameters' has {len(betas)} numbers, expected {NUM_BETAS} or more.",
            path=source,
        )
    return betas


def _whole(arrays: dict[str, NDArray[Any]], name: str, source: Path) -> int:
    array = arrays[name]
    if array.size != 1 or array.dtype.kind not in "biu":
        raise AnnotationError(f"'{name}' is no whole number.", path=source)
    return int(array.item())


def _numbers(array: NDArray[Any], name: str, sides: int, source: Path) -> NDArray[np.float64]:
    if array.dtype.kind not in "biuf" or array.ndim != sides:
        raise AnnotationError(
            f"'{name}' has shape {array.shape} of {array.dtype}, expected {sides} sides of "
            "numbers.",
            path=source,
        )
    return array.astype(np.float64)
