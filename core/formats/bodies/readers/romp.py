"""ROMP's and BEV's npz of a picture or a video: ``results``, a dict of arrays, an entry a person.

``cam`` (N, 3) are s, tx, ty for the picture padded to a square: a point of ROMP's body is seen at
s x + tx from −1 to 1 across it. BEV, its successor, puts bodies at ``cam_trans`` (N, 3) metres
before a perspective camera of 60°, whose focal length is 443.4/512 of the square's side.
``smpl_thetas`` (N, 72), ``smpl_betas`` (N, 10; BEV's 11, the last of children), and, where the mesh
was computed, ``joints`` (N, 71, 3) and their pixels ``pj2d_org``, which tell where that square
lies. The first joint is SMPL's root: BEV, and later versions of ROMP, count from the middle of the
hips. ``video_results.npz`` has a dict of such dicts by picture; other files bear a picture's name.
Sources: https://github.com/Arthur151/ROMP, ``simple_romp/romp/main.py``, ``romp/post_parser.py``,
``bev/main.py`` and ``bev/post_parser.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from core.geometry.crop_camera import CROP_SIZE_PX, FOCAL_LENGTH_PX
from core.progress import CancelToken
from core.types.arrays import NUM_JOINTS
from core.types.bodies import LONG_LENS

Array = NDArray[np.float64]

NAME = "romp"
RESULTS = "results"
_POSE, _BETAS, _CAMERA, _PIXELS = "smpl_thetas", "smpl_betas", "cam", "pj2d_org"
_PLACE = "cam_trans"
_BOX_MARGIN = 1.2
_BEV_FOCAL = 443.4 / 512
"""Of the square's side; half a side seen under 30°."""
_NEAR_HIPS_M = 0.16
"""SMPL's root joint lies 22 cm from its origin, and half as far from the middle of the hips."""
_NEAREST_M = 1e-2
_BETAS_OF_BEV, _CHILD = 11, 0.8
_UNKNOWN = np.full(3, np.nan)
_UNUSED = ("verts", "smpl_face", "rendered_image", "verts_camed_org", "center_map")
_MOST_OFF_PX = 1.5
"""Where pixels lie farther from what a camera sees, it is not the camera that they are of."""


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
    root_joint_m = _place(arrays, kept, counts, notes)
    _tell_children(arrays.get("betas"), notes)
    fields = FileFields(arrays, source)
    fields.count = len(names)
    besides = RowsBesides(file_format=NAME, root_joint_m=root_joint_m)
    return bodies_of_rows(fields, names, options, notes, besides)


def _place(
    arrays: dict[str, NDArray[Any]],
    parts: Sequence[Mapping[str, object]],
    counts: Sequence[int],
    notes: ReadNotes,
) -> Array | None:
    """Give the arrays their cameras and boxes, in place; root joints where the file says them."""
    cameras, translations = arrays.pop(_CAMERA, None), arrays.pop(_PLACE, None)
    found = [_square_of(part) for part in parts]
    squares = np.repeat(np.array([square for square, _ in found]).reshape(-1, 3), counts, axis=0)
    seen, joints = arrays.get(_PIXELS), arrays.get("joints")
    if cameras is None or seen is None or joints is None or not np.isfinite(squares).all():
        notes.notices.append(
            "cameras cannot be used, since the file does not say where the picture lies in ROMP's "
            "square ('joints' with 'pj2d_org', which ROMP computes with the mesh)"
        )
        return None
    is_perspective = np.repeat([perspective for _, perspective in found], counts)
    from_hips = np.linalg.norm(joints[:, 0], axis=1) < _NEAR_HIPS_M
    if not is_perspective.any() and not from_hips.any():
        arrays.update(_in_peoples_boxes(cameras, squares, seen))
        return None
    weak = moved_before_scaling(cameras.astype(np.float64))
    places = np.where(
        is_perspective[:, None],
        weak_to_crop(weak) if translations is None else translations,
        weak_to_crop(weak),
    ).astype(np.float64)
    share = np.where(is_perspective, _BEV_FOCAL, FOCAL_LENGTH_PX / CROP_SIZE_PX)
    arrays.update(_boxes_of(seen))
    arrays[_PLACE] = places
    arrays["focal_length"] = share * squares[:, 2]
    arrays["principal_point"] = squares[:, :2]
    return places + joints[:, 0].astype(np.float64)


def _tell_children(betas: NDArray[Any] | None, notes: ReadNotes) -> None:
    """BEV's eleventh beta goes from SMPL (0) to SMIL (1)."""
    if betas is None or betas.ndim != 2 or betas.shape[1] != _BETAS_OF_BEV:
        return
    children = int((betas[:, -1] > _CHILD).sum())
    notes.notices.append(
        "the eleventh beta, by which BEV makes bodies of children, is not used"
        + (f"; {children} of {len(betas)} bodies are children of SMIL" if children else "")
    )


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
    boxes = _boxes_of(seen)
    people = np.column_stack([boxes["box_center"], boxes["box_size"]]).tolist()
    moved = [
        LONG_LENS.between_boxes(Box(*square), Box(*person))
        for square, person in zip(squares.tolist(), people, strict=True)
    ]
    return {
        **boxes,
        OWN_TRANSLATION: weak_to_crop(moved_before_scaling(cameras.astype(np.float64))),
        OWN_CAMERA: np.array([astuple(camera) for camera in moved]),
    }


def _boxes_of(seen: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Boxes around people's pixels ``(N, J, 2)``."""
    joints = seen[:, :NUM_JOINTS, :2].astype(np.float64)
    least, most = joints.min(axis=1), joints.max(axis=1)
    sides = np.maximum(_BOX_MARGIN * (most - least).max(axis=1), 1.0)
    return {"box_center": (least + most) / 2, "box_size": sides}


def _square_of(part: Mapping[str, object]) -> tuple[Array, bool]:
    """Middle x, y and side of the padded square in pixels of the picture, NaN where unknown.

    And whether it is seen in perspective, as BEV does; else by ROMP's weak camera.
    """
    joints, seen, cameras = (_finite(part.get(name)) for name in ("joints", _PIXELS, _CAMERA))
    if joints is None or seen is None or cameras is None or joints.ndim != 3 or seen.ndim != 3:
        return _UNKNOWN, False
    if joints.shape[:2] != seen.shape[:2] or cameras.shape != (len(joints), 3) or not joints.size:
        return _UNKNOWN, False
    if joints.shape[2] != 3 or seen.shape[2] < 2:
        return _UNKNOWN, False
    weakly = joints[..., :2] * cameras[:, None, :1] + cameras[:, None, 1:]
    square = _square_in(weakly, seen[..., :2])
    places = _finite(part.get(_PLACE))
    if np.isfinite(square).all() or places is None or places.shape != cameras.shape:
        return square, False
    points = joints + places[:, None]
    if not (points[..., 2] > _NEAREST_M).all():
        return _UNKNOWN, False
    return _square_in(2 * _BEV_FOCAL * points[..., :2] / points[..., 2:], seen[..., :2]), True


def _square_in(seen_at: Array, pixels: Array) -> Array:
    """The square in which points from −1 to 1 ``(N, J, 2)`` lie at pixels; NaN where in none.

    pixel = (point + 1) P / 2 − offset, with P, offset whole numbers: P = max(height, width), the
    offsets half the padding, rounded down.
    """
    across = seen_at + 1
    centred = across - across.mean(axis=(0, 1))
    side = 2 * (centred * pixels).sum() / max((centred**2).sum(), 1e-12)
    offset = (across * side / 2 - pixels).mean(axis=(0, 1))
    off_px = np.abs(across * side / 2 - offset - pixels).max()
    if not (np.isfinite(off_px) and off_px < _MOST_OFF_PX and 1 <= side < _BEYOND_PX):
        return _UNKNOWN
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
