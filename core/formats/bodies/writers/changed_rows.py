"""Rows of another method's file with other bodies in them, in the forms that the file has them in.

What a row says of its body is found by the names that the readers know (``core.formats.bodies``);
everything else in it stays as it came. A row whose body is written in a form that is not known here
cannot be changed, which is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.files.foreign_files import foreign_content, reason_of
from core.formats.bodies import cameras as names
from core.formats.bodies.cameras import moved_after_scaling
from core.formats.bodies.fields import FileFields
from core.formats.bodies.named_rows import BETAS
from core.formats.bodies.options import NO_PREDICTION_OPTIONS
from core.formats.bodies.person_boxes import read_boxes
from core.formats.bodies.poses import POSES, ROOTS
from core.formats.bodies.source_rows import changed_row, row_fields
from core.formats.read_notes import ReadNotes
from core.geometry.boxes import BOX_SCALE_PX, Box
from core.geometry.crop_camera import translation_to_weak_perspective
from core.geometry.rotations import axis_angle_to_matrix
from core.types.arrays import NUM_BETAS, NUM_JOINTS
from core.types.bodies import CropCamera

EFT, ROMP = "eft", "romp"
_EFT_POSE, _EFT_BETAS, _EFT_CAMERA = "parm_pose", "parm_shape", "parm_cam"
_VECTOR, _SIXD, _MATRIX = 3, 6, 9


class RowCameraKind(Enum):
    """What camera a row's body is written for."""

    WEAK = "weak perspective of the row's box"
    LONG_LENS = "the long lens of the row's box"
    OWN = "the crop camera beside it"
    PICTURE = "the camera of the whole picture"


@dataclass(frozen=True, eq=False)
class RowCamera:
    """The camera that a row's body is written for.

    name: of its field. box: of the row; None where it has none. focal_px and principal_px: of the
    whole picture's camera; principal_px None: the middle of the picture. added: (3,) metres that
    the reader adds to the field. matrix: of the field, where its last column is the translation.
    """

    kind: RowCameraKind
    name: str
    box: Box | None = None
    focal_px: float = 0.0
    principal_px: tuple[float, float] | None = None
    added: NDArray[np.float64] | None = None
    matrix: NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False)
class RowBody:
    """A body for the camera of a row, its translation that of the file's body's origin.

    pose_axis_angle: (72,) radians, the root in that camera's frame. translation: (3,) metres.
    betas: (10,) of the file's body; None: those that the row has stay. crop_camera: of ``OWN``, and
    weak: (3,) s, tx, ty, for rows that say those beside. picture: root (3,), translation (3,),
    focal length and principal point in the whole picture's camera, for rows that say those beside.
    """

    pose_axis_angle: NDArray[np.float64]
    translation: NDArray[np.float64]
    betas: NDArray[np.float64] | None = None
    crop_camera: CropCamera | None = None
    weak: NDArray[np.float64] | None = None
    picture: Mapping[str, Any] | None = None


class UnchangeableRowError(ValueError):
    """A row whose body cannot be replaced; says why."""


def row_camera(file_format: str, heading: str, row: bytes) -> RowCamera:
    """The camera that the body of a row is written for.

    Raises:
        UnchangeableRowError: it is none of the known ones.
    """
    with foreign_content(_unchangeable, passing=UnchangeableRowError):
        fields = row_fields(heading, row)
        if file_format == EFT:
            side = BOX_SCALE_PX * float(fields["bbox_scale"])
            center_x, center_y = map(float, fields["bbox_center"])
            box = Box(center_x, center_y, side)
            if names.OWN_TRANSLATION in fields and names.OWN_CAMERA in fields:
                return RowCamera(RowCameraKind.OWN, names.OWN_TRANSLATION, box)
            return RowCamera(RowCameraKind.WEAK, _EFT_CAMERA, box)
        if file_format == ROMP and names.OWN_TRANSLATION not in fields:
            raise UnchangeableRowError("its places count from the middle of the hips")
        return _camera_of_arrays(_as_file(heading, row))


def row_with(file_format: str, heading: str, row: bytes, body: RowBody, camera: RowCamera) -> bytes:
    """A row with another body in it.

    Args:
        file_format: the reader's name of the format.
        heading: of the file.
        row: as it came.
        body: for ``camera``.
        camera: from ``row_camera``.

    Raises:
        UnchangeableRowError: its body is written in a form that is not known.
    """
    with foreign_content(_unchangeable, passing=UnchangeableRowError):
        fields = row_fields(heading, row)
        changes = _camera_changes(body, camera)
        if file_format == EFT:
            changes = {name: np.asarray(value).tolist() for name, value in changes.items()}
            changes |= _eft_changes(body, changes.pop(_EFT_CAMERA, body.weak))
        else:
            changes |= _pose_changes(fields, body.pose_axis_angle)
            changes |= _betas_changes(fields, body.betas)
        return changed_row(heading, row, changes)


def _eft_changes(body: RowBody, weak: ArrayLike | None) -> dict[str, Any]:
    """Pose, shape and weak camera as EFT's json has them; ``weak`` as SPIN has it."""
    vectors = body.pose_axis_angle.reshape(NUM_JOINTS, 3)
    changes: dict[str, Any] = {_EFT_POSE: axis_angle_to_matrix(vectors).tolist()}
    if weak is not None:
        changes[_EFT_CAMERA] = moved_after_scaling(np.asarray(weak)[None])[0].tolist()
    if body.betas is not None:
        changes[_EFT_BETAS] = body.betas.tolist()
    return changes


def without_body(heading: str, row: bytes) -> bytes:
    """The row saying that it holds no body; empty where it has no field for that."""
    fields = row_fields(heading, row)
    validity = next((name for name in ("valid_fit", "has_smpl") if name in fields), None)
    return b"" if validity is None else changed_row(heading, row, {validity: 0})


def _as_file(heading: str, row: bytes) -> FileFields:
    """A row as a file of one row, for the readers."""
    arrays = {name: np.asarray(value)[None] for name, value in row_fields(heading, row).items()}
    fields = FileFields(arrays, Path("row"))
    fields.count = 1
    return fields


def _camera_of_arrays(fields: FileFields) -> RowCamera:
    if names.OWN_TRANSLATION in fields and names.OWN_CAMERA in fields:
        return RowCamera(RowCameraKind.OWN, names.OWN_TRANSLATION, _box_of(fields))
    box = _box_of(fields)
    own, weak, full, focal = (
        fields.first(known)
        for known in (names.CROP, names.WEAK, names.PICTURE, (*names.FOCALS, *names.INTRINSICS))
    )
    if own is not None and focal is None:
        return RowCamera(RowCameraKind.LONG_LENS, own, box)
    if own is None and weak is not None and (box is not None or full is None or focal is None):
        return RowCamera(RowCameraKind.WEAK, weak, box)
    name = own or full or (names.EXTRINSICS if names.EXTRINSICS in fields else None)
    if name is None or focal is None:
        raise UnchangeableRowError("it has no camera")
    read = names.read_cameras(fields, NO_PREDICTION_OPTIONS, ReadNotes(), has_boxes=box is not None)
    if read.picture is None or read.picture.view_rotation is not None:
        raise UnchangeableRowError("its camera is none that can be written")
    x_px, y_px = read.picture.principal_px[0].tolist()
    principal = (x_px, y_px) if np.isfinite([x_px, y_px]).all() else None
    if name == names.EXTRINSICS:
        matrix: NDArray[np.float64] | None = fields.numbers(name)[0]
        written = np.asarray(matrix)[:3, 3]
    else:
        matrix, written = None, fields.columns(name, 3)[0]
    return RowCamera(
        RowCameraKind.PICTURE,
        name,
        box,
        focal_px=float(read.picture.focal_px[0].mean()),
        principal_px=principal,
        added=read.picture.translation[0] - written,
        matrix=matrix,
    )


def _box_of(fields: FileFields) -> Box | None:
    boxes = read_boxes(fields, NO_PREDICTION_OPTIONS)
    side_px = float(boxes.sides_px[0])
    if not np.isfinite(side_px):
        return None
    center_x, center_y = boxes.centers_px[0].tolist()
    return Box(center_x, center_y, side_px)


def _camera_changes(body: RowBody, camera: RowCamera) -> dict[str, Any]:
    at = body.translation
    if camera.kind is RowCameraKind.WEAK:
        return {camera.name: translation_to_weak_perspective(at)}
    if camera.kind is RowCameraKind.OWN and body.crop_camera is not None:
        own = vars(body.crop_camera).values()
        return {camera.name: at, names.OWN_CAMERA: np.array([*own]), **(body.picture or {})}
    at = at if camera.added is None else at - camera.added
    if camera.matrix is not None:
        matrix = camera.matrix.copy()
        matrix[:3, 3] = at
        return {camera.name: matrix}
    return {camera.name: at}


def _pose_changes(
    fields: Mapping[str, Any], pose_axis_angle: NDArray[np.float64]
) -> dict[str, Any]:
    """Poses, with roots of their own where the file has them so; hands beyond SMPL's stay."""
    name = next((known for known in POSES if known in fields), None)
    if name is None:
        raise UnchangeableRowError("it has no pose")
    vectors = pose_axis_angle.reshape(NUM_JOINTS, 3)
    array = np.asarray(fields[name])
    form, joints, with_root = _form_of(array)
    changes: dict[str, Any] = {}
    if not with_root:
        root = next((known for known in ROOTS if known in fields), None)
        if root is None:
            raise UnchangeableRowError("it does not say how the body is turned")
        root_array = np.asarray(fields[root])
        changes[root] = _as_form(vectors[:1], root_array.size)
        vectors = vectors[1:]
    numbers = array.astype(np.float64).reshape(joints, form).copy()
    shared = min(joints, 22 if with_root and joints > NUM_JOINTS else len(vectors))
    numbers[:shared] = _as_form(vectors[:shared], form)
    changes[name] = numbers
    return changes


def _form_of(array: NDArray[Any]) -> tuple[int, int, bool]:
    """Numbers a joint, joints, and whether the root is among them."""
    for form in (_MATRIX, _SIXD, _VECTOR):
        joints, rest = divmod(array.size, form)
        shaped = array.ndim == 1 or array.shape[0] == joints
        if not rest and shaped and joints in (24, 22, 52, 55, 23, 21):
            return form, joints, joints not in (23, 21)
    raise UnchangeableRowError(f"its pose has the shape {array.shape}")


def _as_form(vectors: NDArray[np.float64], form: int) -> NDArray[np.float64]:
    """Rotation vectors ``(J, 3)`` as ``(J, form)`` numbers."""
    if form == _VECTOR:
        return vectors
    matrices = axis_angle_to_matrix(vectors)
    if form == _MATRIX:
        return matrices.reshape(-1, _MATRIX)
    raise UnchangeableRowError("its pose has six numbers a joint")


def _betas_changes(
    fields: Mapping[str, Any], betas: NDArray[np.float64] | None
) -> dict[str, NDArray[np.float64]]:
    name = next((known for known in BETAS if known in fields), None)
    if betas is None or name is None:
        return {}
    changed = np.asarray(fields[name], np.float64).copy()
    changed[:NUM_BETAS] = betas
    return {name: changed}


def _unchangeable(error: Exception) -> UnchangeableRowError:
    return UnchangeableRowError(f"it cannot be read again ({reason_of(error)})")
