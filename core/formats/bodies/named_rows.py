"""Bodies in named arrays of N rows, as an npz of SPIN's family has them, checked row by row.

Readers of other files bring what they hold under these names, and so every file is read by the same
rules: the layouts of poses and boxes, what camera is which, and what makes a row unusable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formats.bodies.body_models import BodyModelName
from core.formats.bodies.cameras import OWN_CAMERA, Y_UP_TO_CAMERA, ReadCameras, read_cameras
from core.formats.bodies.fields import FileFields, as_text
from core.formats.bodies.file_bodies import FileJoints3D, ForeignPredictions
from core.formats.bodies.options import PredictionOptions, RootFrame
from core.formats.bodies.person_boxes import ReadBoxes, read_boxes
from core.formats.bodies.poses import ReadPoses, read_poses
from core.formats.bodies.source_rows import SourceRows, array_rows
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import ReadProblem
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.types.arrays import NUM_BETAS
from core.types.genders import gender_of

BETAS = ("betas", "pred_betas", "pred_shape", "shape", "beta")
PEOPLE = ("person", "annot_id", "annotIds", "annotation_id")
VALIDITY = ("valid_fit", "has_smpl")
NO_POSE = "their poses are all zeros"
_LARGEST = 1e6
"""Of betas, metres and focal lengths in pixels: what is larger is damage."""
_LEAST_FOCAL_PX = 1e-3
"""What is smaller is damage; divided by it, pixels would be no numbers any more."""
_FOCAL_LENGTHS = f"one from {_LEAST_FOCAL_PX:g} to {_LARGEST:g} px"
_MOST_UNEQUAL = 0.02
"""Of focal lengths across and down; their mean stands for both, and beyond this it lies."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RowsBesides:
    """What a reader knows of its N rows that no array of the usual names says.

    left_out: rows that are no bodies, with the reason as it is counted. root_joint_m, joints_3d,
    view_rotation, view_translation: as ``ForeignPredictions`` and its cameras have them.
    body_model: None where the poses are to tell. file_format: the reader's name, under which rows
    are kept to be written back. kept: what is kept of them where that is more than the fields;
    of_the_file: names of arrays in it that are one for all rows.
    """

    file_format: str

    left_out: Mapping[int, str] = field(default_factory=dict)
    root_joint_m: NDArray[np.float64] | None = None
    joints_3d: FileJoints3D | None = None
    view_rotation: NDArray[np.float64] | None = None
    view_translation: NDArray[np.float64] | None = None
    body_model: BodyModelName | None = None
    own_export: bool = False
    kept: Mapping[str, NDArray[Any]] | None = None
    of_the_file: Sequence[str] = ()


def bodies_of_rows(
    fields: FileFields,
    names: Sequence[str],
    options: PredictionOptions,
    notes: ReadNotes,
    besides: RowsBesides,
) -> ForeignPredictions:
    """The bodies of N rows; those that cannot be used are told.

    Args:
        fields: the arrays, with their count set.
        names: of the pictures, N.
        options: what the user says of the file.
        notes: what was assumed and not used is added to them.
        besides: what else the reader knows.

    Raises:
        AnnotationError: there are no poses, or an array has another shape.
    """
    poses = read_poses(fields, notes)
    all_betas = _betas(fields, notes)
    betas = all_betas[:, :NUM_BETAS]
    boxes = read_boxes(fields, options)
    has_boxes = bool(np.isfinite(boxes.sides_px).any())
    cameras = _seen_from(read_cameras(fields, options, notes, has_boxes=has_boxes), besides)
    reasons = _faults(poses, betas, cameras, boxes)
    rows = _usable_rows(fields, _without_body(fields, poses, cameras, besides), reasons)
    keys = _person_keys(fields)
    if options.frame is RootFrame.Y_UP and not poses.without_roots:
        _turn_roots(poses, cameras)
    _tell_gender(fields, notes)
    kept = rows.kept
    root_joint_m, joints_3d = besides.root_joint_m, besides.joints_3d
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
        source_rows=_source_rows(fields, besides, notes),
        body_names=_body_names(fields, len(kept), poses, besides),
        genders=_genders(fields, kept),
        all_betas=all_betas[kept],
        root_joint_m=None if root_joint_m is None else root_joint_m[kept],
        joints_3d=None if joints_3d is None else joints_3d.rows(kept),
        without_roots=poses.without_roots,
        own_export=besides.own_export,
        problems=rows.problems_of(fields.source),
        without_body=rows.without_body,
        notes=notes,
    )


def _seen_from(cameras: ReadCameras, besides: RowsBesides) -> ReadCameras:
    if besides.view_rotation is None or cameras.picture is None:
        return cameras
    seen = replace(
        cameras.picture,
        view_rotation=besides.view_rotation,
        view_translation=besides.view_translation,
    )
    return replace(cameras, picture=seen)


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


def _source_rows(fields: FileFields, besides: RowsBesides, notes: ReadNotes) -> SourceRows:
    shared = (*_shared(fields), *besides.of_the_file)
    arrays = fields.arrays if besides.kept is None else besides.kept
    return array_rows(besides.file_format, arrays, fields.count, notes, shared=shared)


def _shared(fields: FileFields) -> list[str]:
    """Arrays that stand for all rows, though a file may have as many rows as they have entries."""
    name = fields.first(BETAS)
    return [name] if name is not None and fields.arrays[name].ndim == 1 else []


def _body_names(
    fields: FileFields, count: int, poses: ReadPoses, besides: RowsBesides
) -> list[str]:
    """Whose the betas are: what the file or the poses say, unless this program wrote it."""
    name = fields.arrays.get("body_name")
    if name is not None and name.size == 1:
        return [as_text(name.item())] * count
    model = besides.body_model or poses.body_model
    return ["" if besides.own_export else model.value] * count


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

    def problems_of(self, source: Path) -> tuple[ReadProblem, ...]:
        """The reasons, by row."""
        return tuple(ReadProblem(source, row, why) for row, why in sorted(self.reasons.items()))


def _without_body(
    fields: FileFields, poses: ReadPoses, cameras: ReadCameras, besides: RowsBesides
) -> dict[int, str]:
    """Rows that say of themselves that they hold no body, with what says so."""
    left_out = dict(besides.left_out)
    for name in VALIDITY:
        if name in fields:
            for row in np.flatnonzero(fields.columns(name, 1)[:, 0] == 0):
                left_out.setdefault(int(row), f"{name} is 0")
    for row in np.flatnonzero(_has_no_pose(poses.axis_angle, cameras)):
        left_out.setdefault(int(row), NO_POSE)
    return left_out


def _faults(
    poses: ReadPoses, betas: NDArray[np.float64], cameras: ReadCameras, boxes: ReadBoxes
) -> dict[int, str]:
    """Why rows cannot be used."""
    reasons = dict(poses.reasons)
    for row in np.flatnonzero(~(np.abs(betas) < _LARGEST).all(axis=1)):
        found = betas[row][~(np.abs(betas[row]) < _LARGEST)][0]
        reasons.setdefault(int(row), f"betas: found {found:g}, expected a finite number")
    for faults in (camera_faults(cameras), boxes.faults()):
        for at, why in faults.items():
            reasons.setdefault(at, why)
    return reasons


def _usable_rows(
    fields: FileFields, left_out: Mapping[int, str], reasons: Mapping[int, str]
) -> _Rows:
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
        numbers = cameras.picture.origins_m
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


def _turn_roots(poses: ReadPoses, cameras: ReadCameras) -> None:
    """From a y-up frame into the camera's, in place, unless the camera turns whole bodies so."""
    if cameras.picture is not None and cameras.picture.view_rotation is not None:
        return
    roots = np.nan_to_num(poses.axis_angle[:, :3])
    turned = matrix_to_axis_angle(Y_UP_TO_CAMERA @ axis_angle_to_matrix(roots))
    poses.axis_angle[:, :3] = np.where(np.isfinite(poses.axis_angle[:, :3]), turned, np.nan)


def _tell_gender(fields: FileFields, notes: ReadNotes) -> None:
    if "gender" in fields:
        genders = sorted({as_text(array) for array in np.atleast_1d(fields.arrays["gender"]).flat})
        notes.notices.append(
            f"'gender' ({', '.join(genders[:4])}): betas of a male or female body give the neutral "
            "one another shape; they are converted where the file of that body is in place"
        )
