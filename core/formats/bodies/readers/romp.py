"""ROMP's npz of a picture or a video: ``results``, a dict of arrays with one entry a person.

``cam`` (N, 3) are s, tx, ty for the picture padded to a square: a point of the body is seen at
s x + tx from −1 to 1 across it. ``smpl_thetas`` (N, 72), ``smpl_betas`` (N, 10), and, where the
mesh was computed, ``joints`` (N, 71, 3) and their pixels ``pj2d_org``, which tell where that square
lies. ``video_results.npz`` has a dict of such dicts by picture; other files bear a picture's name.
Source: https://github.com/Arthur151/ROMP/blob/master/simple_romp/romp/main.py
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.formats.bodies.cameras import (
    OWN_CAMERA,
    OWN_TRANSLATION,
    moved_before_scaling,
    weak_to_crop,
)
from core.formats.bodies.fields import FileFields
from core.formats.bodies.file_bodies import ForeignPredictions
from core.formats.bodies.named_rows import RowsBesides, bodies_of_rows
from core.formats.bodies.options import PredictionOptions
from core.formats.bodies.pickles.object_arrays import load_object_npz
from core.formats.bodies.readers.stacked_rows import joined, plain_array, repeated_names, rows_in
from core.formats.read_notes import ReadNotes
from core.geometry.boxes import Box
from core.progress import CancelToken
from core.types.arrays import NUM_JOINTS
from core.types.bodies import LONG_LENS

Array = NDArray[np.float64]

NAME = "romp"
RESULTS = "results"
_POSE, _BETAS, _CAMERA, _PIXELS = "smpl_thetas", "smpl_betas", "cam", "pj2d_org"
_BOX_MARGIN = 1.2
_UNUSED = ("verts", "smpl_face", "rendered_image", "verts_camed_org", "center_map")
_MOST_OFF_PX = 1.5
"""Where ROMP's own pixels lie farther from its camera, that is not the camera they are of (BEV)."""


def recognises(names: frozenset[str]) -> bool:
    """Whether an npz with arrays of these names is ROMP's."""
    return RESULTS in names and names <= {RESULTS, "sequence_results"}


def read(
    source: Path, options: PredictionOptions, cancel: CancelToken | None
) -> ForeignPredictions:
    """The people of all pictures.

    Raises:
        AnnotationError: the file holds something else.
        Cancelled: the user asked to stop.
    """
    results = load_object_npz(source, cancel)[RESULTS]
    pictures = _by_picture(results, source)
    notes = ReadNotes()
    kept = [
        {name: part[name] for name in part if name not in _UNUSED} for part in pictures.values()
    ]
    counts = [rows_in(part, _POSE, source) for part in kept]
    arrays = joined(kept, counts, notes)
    if _POSE not in arrays:
        raise AnnotationError(f"'{_POSE}' differ in shape from picture to picture.", path=source)
    arrays["pose"] = arrays.pop(_POSE)
    if _BETAS in arrays:
        arrays["betas"] = arrays.pop(_BETAS)
    names = repeated_names(list(pictures), counts)
    arrays["imgname"] = np.array(names, dtype=np.str_)
    cameras = arrays.pop(_CAMERA, None)
    squares = np.array([_square_of(part) for part in kept]).reshape(-1, 3)
    seen = arrays.get(_PIXELS)
    if cameras is not None and seen is not None and np.isfinite(squares).all():
        arrays.update(_in_peoples_boxes(cameras, np.repeat(squares, counts, axis=0), seen))
    else:
        notes.notices.append(
            "cameras cannot be used, since the file does not say where the picture lies in ROMP's "
            "square ('joints' with 'pj2d_org', which ROMP computes with the mesh)"
        )
    fields = FileFields(arrays, source)
    fields.count = len(names)
    return bodies_of_rows(fields, names, options, notes, RowsBesides(file_format=NAME))


def _by_picture(results: object, source: Path) -> Mapping[str, Mapping[str, object]]:
    """Results by picture's name; those of one picture under the name of the file."""
    if not isinstance(results, dict) or not results:
        raise AnnotationError("'results' holds no person.", path=source)
    if _POSE in results:
        return {source.stem: results}
    pictures = {
        str(name): part
        for name, part in results.items()
        if isinstance(part, dict) and _POSE in part
    }
    if not pictures:
        raise AnnotationError(
            f"its results have no '{_POSE}'.",
            path=source,
            remedy="Give a file of ROMP (simple-romp), or an npz with 'imgname' and 'pose'.",
        )
    return pictures


def _in_peoples_boxes(
    cameras: NDArray[Any], squares: Array, seen: NDArray[Any]
) -> dict[str, NDArray[Any]]:
    """Boxes around people, by which they are found, and the cameras of the squares within them."""
    joints = seen[:, :NUM_JOINTS, :2].astype(np.float64)
    least, most = joints.min(axis=1), joints.max(axis=1)
    centers, sides = (least + most) / 2, np.maximum(_BOX_MARGIN * (most - least).max(axis=1), 1.0)
    people = np.column_stack([centers, sides]).tolist()
    moved = [
        LONG_LENS.between_boxes(Box(*square), Box(*person))
        for square, person in zip(squares.tolist(), people, strict=True)
    ]
    return {
        "box_center": centers,
        "box_size": sides,
        OWN_TRANSLATION: weak_to_crop(moved_before_scaling(cameras.astype(np.float64))),
        OWN_CAMERA: np.array([astuple(camera) for camera in moved]),
    }


def _square_of(part: Mapping[str, object]) -> Array:
    """Middle x, y and side of ROMP's padded square in pixels of the picture, NaN where unknown.

    pixel = (s x + t + 1) P / 2 − offset, with P, offset whole numbers: P = max(height, width), the
    offsets half the padding, rounded down.
    """
    unknown = np.full(3, np.nan)
    joints, seen, cameras = (_finite(part.get(name)) for name in ("joints", _PIXELS, _CAMERA))
    if joints is None or seen is None or cameras is None or joints.ndim != 3 or seen.ndim != 3:
        return unknown
    if joints.shape[:2] != seen.shape[:2] or cameras.shape != (len(joints), 3) or not joints.size:
        return unknown
    across = joints[..., :2] * cameras[:, None, :1] + cameras[:, None, 1:] + 1
    pixels = seen[..., :2]
    centred = across - across.mean(axis=(0, 1))
    side = 2 * (centred * pixels).sum() / max((centred**2).sum(), 1e-12)
    offset = (across * side / 2 - pixels).mean(axis=(0, 1))
    off_px = np.abs(across * side / 2 - offset - pixels).max()
    if not (np.isfinite(off_px) and off_px < _MOST_OFF_PX and 1 <= side < _BEYOND_PX):
        return unknown
    side, offset = np.round(side), np.round(offset)
    return np.array([*(side / 2 - offset), side])


_BEYOND_PX = 1e6


def _finite(value: object) -> Array | None:
    array: NDArray[Any] | None = plain_array(value)
    if array is None or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        return None
    if array.size and np.abs(array).max() > _BEYOND_PX:
        return None
    return array.astype(np.float64)
