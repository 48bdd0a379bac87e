"""An npz of the SPIN family: N rows in arrays under the names that its programs use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import OPEN_BODY_NAME
from core.body.safe_npz import load_restricted_npz
from core.errors import AnnotationError
from core.formats.bodies.cameras import OWN_CAMERA, ReadCameras, read_cameras
from core.formats.bodies.fields import FileFields, as_text
from core.formats.bodies.file_bodies import ForeignPredictions
from core.formats.bodies.options import PredictionOptions, RootFrame
from core.formats.bodies.person_boxes import ReadBoxes, read_boxes
from core.formats.bodies.poses import ReadPoses, read_poses
from core.formats.bodies.source_rows import array_rows
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import ReadProblem
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.progress import CancelToken
from core.types.arrays import NUM_BETAS
from core.types.genders import gender_of

NAMES = ("imgname", "imgnames", "image_path", "img_path", "image_name", "img_name", "imgpath")
BETAS = ("betas", "pred_betas", "pred_shape", "shape", "beta")
PEOPLE = ("person", "annot_id", "annotIds", "annotation_id")
VALIDITY = ("valid_fit", "has_smpl")
OWN_EXPORT = frozenset({"valid_shape", "sample_id", "person"})
OWN_FIELDS = (
    *("valid_shape", "sample_id", "dataset", "person", "camera_convention", "pred_joints"),
    "body_name",
    *("picture_root_axis_angle", "picture_translation"),
    *("picture_focal_length_px", "picture_principal_point_px"),
    *("world_rotation", "world_translation", "world_metres_per_unit", "world"),
)
"""Of this program's files; what they tell beyond the bodies is not needed here."""

NPZ = "npz"
"""The name of this format where rows are kept to be written back."""

SMPL = "smpl"

NO_POSE = "their poses are all zeros"
_LARGEST = 1e6
"""Of betas, metres and focal lengths in pixels: what is larger is damage."""
_LEAST_FOCAL_PX = 1e-3
"""What is smaller is damage; divided by it, pixels would be no numbers any more."""
_FOCAL_LENGTHS = f"one from {_LEAST_FOCAL_PX:g} to {_LARGEST:g} px"
_MOST_UNEQUAL = 0.02
"""Of focal lengths across and down; their mean stands for both, and beyond this it lies."""
_Y_UP_TO_CAMERA = np.diag([1.0, -1.0, -1.0])


def read_npz(
    source: Path, options: PredictionOptions, cancel: CancelToken | None = None
) -> ForeignPredictions:
    """Read a file; rows that cannot be used are told.

    Raises:
        AnnotationError: no npz, without names or poses, or an array has another shape.
        Cancelled: the user asked to stop while a long array was read.
    """
    unreadable: list[str] = []
    arrays = load_restricted_npz(
        source,
        kind=AnnotationError,
        objects_as_texts=True,
        left_out=unreadable,
        cancel=cancel,
    )
    fields, notes = FileFields(arrays, source), ReadNotes()
    names = _picture_names(fields, unreadable)
    poses = read_poses(fields, notes)
    all_betas = _betas(fields, notes)
    betas = all_betas[:, :NUM_BETAS]
    boxes = read_boxes(fields, options)
    has_boxes = bool(np.isfinite(boxes.sides_px).any())
    cameras = read_cameras(fields, options, notes, has_boxes=has_boxes)
    rows = _usable_rows(fields, poses, betas, cameras, boxes)
    keys = _person_keys(fields)
    if options.frame is RootFrame.Y_UP and not poses.without_roots:
        _turn_roots(poses)
    _tell_unused(fields, unreadable, notes)
    kept = rows.kept
    is_own = set(arrays) >= OWN_EXPORT or _says_open_body(arrays)
    return ForeignPredictions(
        entries=np.array(kept, dtype=np.int64),
        picture_names=[names[row] for row in kept],
        person_keys=[keys[row] for row in kept],
        pose_axis_angle=poses.axis_angle[kept].astype(np.float32),
        betas=betas[kept].astype(np.float32),
        box_centers_px=boxes.centers_px[kept],
        box_sides_px=boxes.sides_px[kept],
        raw_boxes=None if boxes.raw is None else boxes.raw[kept],
        has_scales=boxes.scaled,
        camera_translation=cameras.crop[kept].astype(np.float32),
        crop_cameras=None if cameras.crop_cameras is None else cameras.crop_cameras[kept],
        picture_cameras=None if cameras.picture is None else cameras.picture.rows(kept),
        without_roots=poses.without_roots,
        own_export=is_own,
        source_rows=array_rows(NPZ, arrays, fields.count, notes, shared=_shared(fields)),
        body_names=[_body_name(arrays, own_export=is_own)] * len(kept),
        genders=_genders(fields, kept),
        all_betas=all_betas[kept],
        problems=tuple(ReadProblem(source, row, why) for row, why in sorted(rows.reasons.items())),
        without_body=rows.without_body,
        notes=notes,
    )


def _says_open_body(arrays: Mapping[str, NDArray[Any]]) -> bool:
    """Whether results of ``evaluate`` are of the body that ships with the program."""
    name = arrays.get("body_name")
    return name is not None and name.size == 1 and as_text(name.item()) == OPEN_BODY_NAME


def _picture_names(fields: FileFields, unreadable: Sequence[str]) -> list[str]:
    name = fields.first(NAMES)
    if name is None or fields.arrays[name].ndim != 1:
        hidden = [item for item in unreadable if item in NAMES]
        why = f"; {hidden[0]!r} holds objects that are no texts" if hidden else ""
        raise AnnotationError(
            f"no list of pictures ('imgname') among {sorted(fields.arrays)}{why}.",
            path=fields.source,
            remedy="Add an array 'imgname' of N texts, one for each row of 'pose'. SPIN's "
            "--result_file has none: take the one of the data set's npz, whose order it follows.",
        )
    array = fields.take(name)
    fields.count = len(array)
    return [as_text(item) for item in array]


def _person_keys(fields: FileFields) -> list[str]:
    name = fields.first(PEOPLE)
    if name is None:
        return [""] * fields.count
    array = fields.take(name)
    if array.shape != (fields.count,):
        raise fields.wrong(name, f"has shape {array.shape}", f"({fields.count},)")
    return [as_text(item) for item in array]


def _betas(fields: FileFields, notes: ReadNotes) -> NDArray[np.float64]:
    """``(N, 10)`` or more; one row may stand for all."""
    name = fields.first(BETAS)
    if name is None:
        return np.zeros((fields.count, NUM_BETAS))
    shape = fields.arrays[name].shape
    if (
        len(shape) == 1
        and shape[0] >= NUM_BETAS
        and np.issubdtype(fields.arrays[name].dtype, np.number)
    ):
        notes.notices.append(f"'{name}' has one row: everybody gets it")
        betas = np.repeat(fields.take(name)[None].astype(np.float64), fields.count, axis=0)
    else:
        betas = fields.numbers(name)
    if betas.ndim != 2 or betas.shape[1] < NUM_BETAS:
        raise fields.wrong(name, f"has shape {shape}", f"({fields.count}, {NUM_BETAS}) or wider")
    if betas.shape[1] > NUM_BETAS:
        notes.notices.append(
            f"'{name}' has {betas.shape[1]} numbers a body, of which the first {NUM_BETAS} are used"
        )
    return betas


def _shared(fields: FileFields) -> list[str]:
    """Arrays that stand for all rows, though a file may have as many rows as they have entries."""
    name = fields.first(BETAS)
    return [name] if name is not None and fields.arrays[name].ndim == 1 else []


def _body_name(arrays: Mapping[str, NDArray[Any]], *, own_export: bool) -> str:
    """Whose the betas are: SMPL's, unless the file says otherwise or this program wrote it."""
    name = arrays.get("body_name")
    if name is not None and name.size == 1:
        return as_text(name.item())
    return "" if own_export else SMPL


def _genders(fields: FileFields, kept: Sequence[int]) -> list[str]:
    """One for each row, or one for all; empty where the file does not say."""
    array = fields.arrays.get("gender")
    if array is None or array.size not in (1, fields.count):
        return [""] * len(kept)
    values = np.broadcast_to(array.reshape(-1), (fields.count,))
    return [gender_of(values[row].item()) or "" for row in kept]


@dataclass(frozen=True)
class _Rows:
    """kept: usable rows. reasons: why others are not. without_body: counts by what says so."""

    kept: list[int]
    reasons: dict[int, str]
    without_body: Counter[str]


def _usable_rows(
    fields: FileFields,
    poses: ReadPoses,
    betas: NDArray[np.float64],
    cameras: ReadCameras,
    boxes: ReadBoxes,
) -> _Rows:
    left_out: dict[int, str] = {}
    for name in VALIDITY:
        if name in fields:
            for row in np.flatnonzero(fields.columns(name, 1)[:, 0] == 0):
                left_out.setdefault(int(row), f"{name} is 0")
    for row in np.flatnonzero(_has_no_pose(poses.axis_angle, cameras)):
        left_out.setdefault(int(row), NO_POSE)
    reasons = dict(poses.reasons)
    for row in np.flatnonzero(~(np.abs(betas) < _LARGEST).all(axis=1)):
        found = betas[row][~(np.abs(betas[row]) < _LARGEST)][0]
        reasons.setdefault(int(row), f"betas: found {found:g}, expected a finite number")
    for faults in (camera_faults(cameras), boxes.faults()):
        for at, why in faults.items():
            reasons.setdefault(at, why)
    reasons = {row: why for row, why in reasons.items() if row not in left_out}
    kept = [row for row in range(fields.count) if row not in left_out and row not in reasons]
    return _Rows(kept, reasons, Counter(left_out.values()))


def _has_no_pose(axis_angle: NDArray[np.float64], cameras: ReadCameras) -> NDArray[np.bool_]:
    """Rows of zeros that stand for no body: without a camera, or beside rows that do have a pose.

    A file of nothing but zero poses with cameras holds bodies in the rest pose.
    """
    empty: NDArray[np.bool_] = (axis_angle == 0).all(axis=1)
    return empty & (~cameras.given | bool((~empty).any()))


def camera_faults(cameras: ReadCameras) -> dict[int, str]:
    """Why the cameras of rows cannot be used; a file without cameras has no faults."""
    if cameras.picture is not None:
        numbers = cameras.picture.translation
        faults = _faults_of_focal_lengths(cameras.picture.focal_px)
    elif np.isnan(cameras.crop).all():
        return {}
    else:
        numbers, faults = cameras.crop, _faults_of_crop_cameras(cameras.crop_cameras)
    for row in np.flatnonzero(~np.isfinite(numbers).all(axis=1)):
        faults.setdefault(int(row), "camera: found a number that is not finite")
    in_front = (np.abs(numbers) < _LARGEST).all(axis=1) & (numbers[:, 2] > 0)
    for row in np.flatnonzero(~in_front):
        faults.setdefault(int(row), "camera: the body would lie behind the camera")
    return faults


def _faults_of_focal_lengths(focal_px: NDArray[np.float64]) -> dict[int, str]:
    """Of ``(N, 2)`` focal lengths, across and down."""
    faults = {
        int(row): f"focal length: found {focal_px[row].min():g}, expected {_FOCAL_LENGTHS}"
        for row in np.flatnonzero(~_is_focal_length(focal_px).all(axis=1))
    }
    apart = np.abs(np.diff(focal_px)[:, 0])
    for row in np.flatnonzero(apart > _MOST_UNEQUAL * focal_px.mean(axis=1)):
        across, down = focal_px[row]
        faults.setdefault(
            int(row),
            f"focal length: found {across:g} across and {down:g} down, expected the same within "
            f"{_MOST_UNEQUAL:.0%}",
        )
    return faults


def _faults_of_crop_cameras(cameras: NDArray[np.float64] | None) -> dict[int, str]:
    if cameras is None:
        return {}
    usable = (np.abs(cameras) < _LARGEST).all(axis=1) & _is_focal_length(cameras[:, 0])
    return {
        int(row): f"{OWN_CAMERA}: found {cameras[row].tolist()}, expected finite numbers, first "
        f"{_FOCAL_LENGTHS}"
        for row in np.flatnonzero(~usable)
    }


def _is_focal_length(numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
    usable: NDArray[np.bool_] = (numbers >= _LEAST_FOCAL_PX) & (numbers < _LARGEST)
    return usable


def _turn_roots(poses: ReadPoses) -> None:
    """From a y-up frame into the camera's, in place."""
    roots = np.nan_to_num(poses.axis_angle[:, :3])
    turned = matrix_to_axis_angle(_Y_UP_TO_CAMERA @ axis_angle_to_matrix(roots))
    poses.axis_angle[:, :3] = np.where(np.isfinite(poses.axis_angle[:, :3]), turned, np.nan)


def _tell_unused(fields: FileFields, unreadable: Sequence[str], notes: ReadNotes) -> None:
    if "gender" in fields:
        genders = sorted({as_text(array) for array in np.atleast_1d(fields.arrays["gender"]).flat})
        notes.notices.append(
            f"'gender' ({', '.join(genders[:4])}) is not used: betas of a male or female body give "
            "the neutral one another shape"
        )
    notes.leave_unused(name for name in fields.unused() if name not in OWN_FIELDS)
    notes.leave_unused(f"{item} (objects)" for item in unreadable)
