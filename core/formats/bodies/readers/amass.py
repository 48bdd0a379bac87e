"""AMASS's npz: the motion of one person in a room, z up.

``poses`` (T, 156) of SMPL-H or (T, 165) of SMPL-X, or the same in parts (``root_orient``,
``pose_body``, ``pose_jaw``, ``pose_eye``, ``pose_hand``); ``trans`` (T, 3) metres; ``betas`` (16,);
``gender``; ``mocap_framerate`` or ``mocap_frame_rate``. Sources: https://github.com/nghorbani/amass,
and https://github.com/Meshcapade/smplcodec, which reads both generations.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.safe_npz import load_restricted_npz
from core.errors import AnnotationError
from core.formats.bodies.body_models import BodyModelName
from core.formats.bodies.fields import as_text
from core.formats.bodies.file_bodies import ForeignPredictions
from core.formats.bodies.options import PredictionOptions
from core.formats.bodies.readers.motion import Motion, bodies_of_motion
from core.formats.read_notes import ReadNotes
from core.progress import CancelToken
from core.types.arrays import NUM_BETAS

NAME = "amass"
Z_UP_TO_CAMERA = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""From x right, y into the picture, z up to the camera's y down and z forward."""

_RATES = frozenset(("mocap_framerate", "mocap_frame_rate", "mocap_time_length"))
_PARTS = ("root_orient", "pose_body")
_TO_CAMERA = "camera_from_world"
_USED = frozenset(
    ("poses", "trans", "betas", "gender", "surface_model_type", "body_name", _TO_CAMERA, *_RATES)
) | set(_PARTS)


def recognises(names: frozenset[str]) -> bool:
    """Whether an npz with arrays of these names is AMASS's: poses in a room, without pictures."""
    has_poses = "poses" in names or set(_PARTS) <= names
    return has_poses and "trans" in names and bool(names & (_RATES | {"surface_model_type"}))


def read(
    source: Path, options: PredictionOptions, cancel: CancelToken | None
) -> ForeignPredictions:
    """The body of each frame; see ``motion`` for pictures and cameras.

    Raises:
        AnnotationError: an array has another shape.
        Cancelled: the user asked to stop.
    """
    left_out: list[str] = []
    arrays = load_restricted_npz(
        source, kind=AnnotationError, objects_as_texts=True, left_out=left_out, cancel=cancel
    )
    notes = ReadNotes()
    notes.leave_unused(name for name in (*arrays, *left_out) if name not in _USED)
    if "poses" in arrays:
        flat = _numbers(arrays, "poses", source)
    else:
        flat = np.concatenate([_numbers(arrays, name, source) for name in _PARTS], axis=1)
    if flat.ndim != 2 or flat.shape[1] % 3:
        raise AnnotationError(
            f"its poses have shape {flat.shape}, expected (T, 156) or (T, 165).", path=source
        )
    turn = _numbers(arrays, _TO_CAMERA, source) if _TO_CAMERA in arrays else Z_UP_TO_CAMERA
    motion = Motion(
        poses=flat.reshape(len(flat), -1, 3),
        translation=_numbers(arrays, "trans", source),
        betas=_betas(arrays, source),
        gender=_text(arrays, "gender"),
        to_camera=_rotation(turn, source),
        file_format=NAME,
        body_model=_model(_text(arrays, "surface_model_type")),
        body_name=_text(arrays, "body_name"),
    )
    return bodies_of_motion(motion, source, options, notes)


def _betas(arrays: dict[str, NDArray[Any]], source: Path) -> NDArray[np.float64]:
    if "betas" not in arrays:
        return np.zeros(NUM_BETAS)
    betas = _numbers(arrays, "betas", source)
    betas = betas[0] if betas.ndim == 2 and len(betas) else betas
    if betas.ndim != 1 or len(betas) < NUM_BETAS:
        raise AnnotationError(
            f"'betas' has shape {arrays['betas'].shape}, expected ({NUM_BETAS},) or more.",
            path=source,
        )
    return betas


def _rotation(turn: NDArray[np.float64], source: Path) -> NDArray[np.float64]:
    if turn.shape != (3, 3) or not np.allclose(turn @ turn.T, np.eye(3), atol=1e-3):
        raise AnnotationError(f"'{_TO_CAMERA}' is no rotation.", path=source)
    return turn


def _numbers(arrays: dict[str, NDArray[Any]], name: str, source: Path) -> NDArray[np.float64]:
    array = arrays[name]
    if array.dtype.kind not in "biuf":
        raise AnnotationError(f"'{name}' holds {array.dtype}, expected numbers.", path=source)
    return array.astype(np.float64)


def _text(arrays: dict[str, NDArray[Any]], name: str) -> str:
    array = arrays.get(name)
    return as_text(array.item()) if array is not None and array.size == 1 else ""


def _model(name: str) -> BodyModelName | None:
    return BodyModelName(name) if name in set(BodyModelName) else None
