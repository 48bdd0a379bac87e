"""Bodies that another method predicted, read from its files: npz of the SPIN family, EFT's json.

Nothing is known here of a project: pictures are names, people are boxes or keys. Who they are is
found out by ``core.pipeline.importing_predictions``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.body.safe_npz import load_restricted_npz
from core.datasets.annotations import BrokenEntryError, ReadProblem, foreign_entry
from core.datasets.json_files import as_object, field_of, load_json, numbers_of
from core.datasets.prediction_formats import FORMAT_HELP
from core.errors import AnnotationError
from core.foreign_files import foreign_reader
from core.geometry.cameras import weak_perspective_to_translation
from core.geometry.crops import BOX_SCALE_PX
from core.geometry.rotations import matrix_to_axis_angle
from core.records import NUM_BETAS, NUM_JOINTS

Array = NDArray[Any]

_REMEDY = f"Give {FORMAT_HELP}."

_NAMES = ("imgname", "imgnames", "image_path")
_BETAS = ("betas", "shape", "pred_shape")
_WEAK_CAMERAS = ("pred_cam", "cam", "camera")
_PEOPLE = ("person", "annot_id", "annotIds")
_ROTATION_TOLERANCE = 0.02
"""Of RᵀR from the identity; half-precision and rounded files stay well below."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ForeignPredictions:
    """N bodies as a file gives them.

    entries: (N,) position in the file's list. picture_names: N names or paths as written there.
    person_keys: N texts, empty where the file tells people apart by boxes alone.
    pose_axis_angle: (N, 72) radians, root first and in the camera frame. betas: (N, 10).
    box_centers_px (N, 2), box_sides_px (N,): picture pixels; NaN where not given.
    camera_translation: (N, 3) metres, camera of the 224 px crop of the box; NaN where not given.
    own_export: written by this program, so that the betas belong to a project's body.
    problems: entries that cannot be used. invalid: entries that the file itself marks so.
    """

    entries: NDArray[np.int64]
    picture_names: Sequence[str]
    person_keys: Sequence[str]
    pose_axis_angle: NDArray[np.float32]
    betas: NDArray[np.float32]
    box_centers_px: NDArray[np.float64]
    box_sides_px: NDArray[np.float64]
    camera_translation: NDArray[np.float32]
    own_export: bool = False
    problems: tuple[ReadProblem, ...] = ()
    invalid: int = 0

    def __len__(self) -> int:
        return len(self.entries)


@foreign_reader(AnnotationError, expected="predictions", remedy=_REMEDY)
def read_foreign_predictions(source: Path) -> ForeignPredictions:
    """Read a file of predictions; broken entries are reported and the rest is there.

    Raises:
        AnnotationError: the file is missing, of no known kind, or an array has another shape.
    """
    if source.suffix.lower() == ".npz":
        return _read_npz(source)
    if source.suffix.lower() == ".json":
        return _read_eft(source)
    raise AnnotationError(
        f"ends in {source.suffix or 'nothing'!r}, expected .npz or .json.",
        path=source,
        remedy=f"{_REMEDY} Pickles (.pkl) are not read; save their arrays as npz.",
    )


# npz


def _read_npz(source: Path) -> ForeignPredictions:
    arrays = load_restricted_npz(source, kind=AnnotationError, objects_as_texts=True)
    names = _first(arrays, _NAMES)
    if names is None or names.ndim != 1:
        raise AnnotationError(
            f"no list of pictures ('imgname') among {sorted(arrays)}.",
            path=source,
            remedy="Add an array 'imgname' of N texts, one for each row of 'pose'. SPIN's "
            "--result_file has none: take the one of the data set's npz, whose order it follows.",
        )
    count = len(names)
    poses, turned_wrong = _npz_poses(arrays, count, source)
    betas = _npz_betas(arrays, count, source)
    centers, sides = _npz_boxes(arrays, count, source)
    cameras, has_camera = _npz_cameras(arrays, count, source)
    people = _first(arrays, _PEOPLE)
    valid = np.ones(count, bool)
    if "valid_fit" in arrays:
        valid = _shaped(arrays["valid_fit"], (count,), "valid_fit", source).astype(bool)
    reasons = _broken_rows(poses, turned_wrong, betas, cameras if has_camera else None)
    kept = [index for index in range(count) if valid[index] and index not in reasons]
    keys = np.full(count, "") if people is None else _shaped(people, (count,), "person", source)
    return ForeignPredictions(
        entries=np.array(kept, dtype=np.int64),
        picture_names=[_text(names[index]) for index in kept],
        person_keys=[_text(keys[index]) for index in kept],
        pose_axis_angle=poses[kept],
        betas=betas[kept],
        box_centers_px=centers[kept],
        box_sides_px=sides[kept],
        camera_translation=cameras[kept],
        own_export={"valid_shape", "sample_id", "person"} <= set(arrays),
        problems=tuple(
            ReadProblem(source, index, reason) for index, reason in reasons.items() if valid[index]
        ),
        invalid=int((~valid).sum()),
    )


def _npz_poses(
    arrays: Mapping[str, Array], count: int, source: Path
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Axis-angle poses ``(N, 72)``, and which rows were no rotations."""
    pose = _first(arrays, ("pose", "rotmat", "pred_rotmat"))
    if pose is None:
        raise AnnotationError(
            f"no poses ('pose' or 'rotmat') among {sorted(arrays)}.",
            path=source,
            remedy=_REMEDY,
        )
    if pose.shape == (count, 3 * NUM_JOINTS):
        return _numbers(pose, "pose", source).astype(np.float32), np.zeros(count, bool)
    matrices = _shaped(pose, (count, NUM_JOINTS, 3, 3), "pose", source)
    return _axis_angles(_numbers(matrices, "pose", source))


def _axis_angles(
    matrices: NDArray[np.float64],
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Matrices ``(N, 24, 3, 3)`` as axis-angle ``(N, 72)``, and which rows are no rotations."""
    gram = np.swapaxes(matrices, -1, -2) @ matrices
    off = np.abs(gram - np.eye(3)).max(axis=(1, 2, 3))
    mirrored = (np.linalg.det(matrices) < 0).any(axis=1)
    wrong = ~(off < _ROTATION_TOLERANCE) | mirrored
    safe = np.where(wrong[:, None, None, None], np.eye(3), matrices)
    poses = matrix_to_axis_angle(torch.from_numpy(safe)).flatten(1).numpy()
    return poses.astype(np.float32), wrong


def _npz_betas(arrays: Mapping[str, Array], count: int, source: Path) -> NDArray[np.float32]:
    betas = _first(arrays, _BETAS)
    if betas is None:
        return np.zeros((count, NUM_BETAS), np.float32)
    if betas.ndim != 2 or len(betas) != count or betas.shape[1] < NUM_BETAS:
        raise _wrong_shape("betas", betas.shape, f"({count}, {NUM_BETAS})", source)
    return _numbers(betas[:, :NUM_BETAS], "betas", source).astype(np.float32)


def _npz_boxes(
    arrays: Mapping[str, Array], count: int, source: Path
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if "center" in arrays and "scale" in arrays:
        scale = arrays["scale"].reshape(count) if arrays["scale"].size == count else arrays["scale"]
        return (
            _numbers(_shaped(arrays["center"], (count, 2), "center", source), "center", source),
            BOX_SCALE_PX * _numbers(_shaped(scale, (count,), "scale", source), "scale", source),
        )
    if "bboxes" in arrays:
        boxes = _numbers(_shaped(arrays["bboxes"], (count, 4), "bboxes", source), "bboxes", source)
        return boxes[:, :2], boxes[:, 2:].max(axis=1)
    return np.full((count, 2), np.nan), np.full(count, np.nan)


def _npz_cameras(
    arrays: Mapping[str, Array], count: int, source: Path
) -> tuple[NDArray[np.float32], bool]:
    if "camera_translation" in arrays:
        array = _shaped(arrays["camera_translation"], (count, 3), "camera_translation", source)
        return _numbers(array, "camera_translation", source).astype(np.float32), True
    weak = _first(arrays, _WEAK_CAMERAS)
    if weak is None:
        return np.full((count, 3), np.nan, np.float32), False
    array = _numbers(_shaped(weak, (count, 3), "cam", source), "cam", source)
    return _translations(array), True


def _broken_rows(
    poses: NDArray[np.float32],
    turned_wrong: NDArray[np.bool_],
    betas: NDArray[np.float32],
    cameras: NDArray[np.float32] | None,
) -> dict[int, str]:
    """Why a row cannot be used, by row."""
    reasons: dict[int, str] = {}
    for row in np.flatnonzero(~np.isfinite(poses).all(axis=1) | ~np.isfinite(betas).all(axis=1)):
        reasons[int(row)] = "pose or betas: found a number that is not finite"
    for row in np.flatnonzero(turned_wrong):
        reasons.setdefault(int(row), "pose: a matrix is no rotation")
    if cameras is not None:
        in_front = np.isfinite(cameras).all(axis=1) & (cameras[:, 2] > 0)
        for row in np.flatnonzero(~in_front):
            reasons.setdefault(int(row), "cam: the body would lie behind the camera")
    return reasons


# EFT


def _read_eft(source: Path) -> ForeignPredictions:
    document = load_json(source)
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, list):
        raise AnnotationError(
            "no list 'data', expected EFT's json.",
            path=source,
            remedy=_REMEDY,
        )
    rows: list[_EftRow] = []
    problems: list[ReadProblem] = []
    for index, entry in enumerate(data):
        try:
            with foreign_entry():
                rows.append(_eft_row(index, entry))
        except BrokenEntryError as error:
            problems.append(ReadProblem(source, index, str(error)))
    matrices = np.array([row.matrices for row in rows]).reshape(-1, NUM_JOINTS, 3, 3)
    poses, wrong = _axis_angles(matrices)
    cameras = _translations(np.array([row.camera for row in rows]).reshape(-1, 3))
    betas = np.array([row.betas for row in rows], np.float32).reshape(-1, NUM_BETAS)
    reasons = _broken_rows(poses, wrong, betas, cameras)
    kept = [row for row in range(len(rows)) if row not in reasons]
    problems += [ReadProblem(source, rows[row].index, reason) for row, reason in reasons.items()]
    return ForeignPredictions(
        entries=np.array([rows[row].index for row in kept], dtype=np.int64),
        picture_names=[rows[row].picture for row in kept],
        person_keys=[rows[row].person for row in kept],
        pose_axis_angle=poses[kept],
        betas=betas[kept],
        box_centers_px=np.array([rows[row].center_px for row in kept]).reshape(-1, 2),
        box_sides_px=np.array([rows[row].side_px for row in kept]),
        camera_translation=cameras[kept],
        problems=tuple(problems),
    )


@dataclass(frozen=True, eq=False)
class _EftRow:
    index: int
    picture: str
    person: str
    matrices: NDArray[np.float64]
    betas: NDArray[np.float64]
    camera: NDArray[np.float64]
    center_px: NDArray[np.float64]
    side_px: float


def _eft_row(index: int, entry: Any) -> _EftRow:
    fields = as_object(entry)
    pose = {"parm_pose": _flat(fields.get("parm_pose"))}
    scale: Any = fields.get("bbox_scale")
    if type(scale) not in (int, float) or not 0 < scale < np.inf:
        raise BrokenEntryError(f"bbox_scale: found {scale!r:.40}, expected a positive number")
    annotation = fields.get("annotId", "")
    return _EftRow(
        index=index,
        picture=field_of(fields, "imageName", str),
        person=str(annotation) if isinstance(annotation, int | str) else "",
        matrices=numbers_of(pose, "parm_pose", (9 * NUM_JOINTS,)),
        betas=numbers_of(fields, "parm_shape", (NUM_BETAS,)),
        camera=numbers_of(fields, "parm_cam", (3,)),
        center_px=numbers_of(fields, "bbox_center", (2,)),
        side_px=BOX_SCALE_PX * float(scale),
    )


def _flat(value: Any) -> Any:
    """Nested lists as one; what is no list stays what it is, for the check that follows."""
    if not isinstance(value, list):
        return value
    while any(isinstance(one, list) for one in value):
        value = [part for one in value for part in (one if isinstance(one, list) else [one])]
    return value


# Both


def _translations(weak_cameras: NDArray[np.float64]) -> NDArray[np.float32]:
    """Weak-perspective (s, tx, ty) ``(N, 3)`` of a crop as translations; s ≤ 0 gives z ≤ 0."""
    return (
        weak_perspective_to_translation(torch.from_numpy(weak_cameras)).numpy().astype(np.float32)
    )


def _first(arrays: Mapping[str, Array], names: Sequence[str]) -> Array | None:
    return next((arrays[name] for name in names if name in arrays), None)


def _shaped(array: Array, shape: tuple[int, ...], name: str, source: Path) -> Array:
    if array.shape != shape:
        raise _wrong_shape(name, array.shape, str(shape), source)
    return array


def _wrong_shape(
    name: str, actual: tuple[int, ...], expected: str, source: Path
) -> AnnotationError:
    return AnnotationError(
        f"{name!r} has shape {actual}, expected {expected}.",
        path=source,
        remedy="Every array must have one row for each entry of 'imgname'.",
    )


def _numbers(array: Array, name: str, source: Path) -> NDArray[np.float64]:
    if not (np.issubdtype(array.dtype, np.number) or array.dtype == np.bool_):
        raise AnnotationError(f"{name!r} holds {array.dtype}, expected numbers.", path=source)
    return array.astype(np.float64)


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
