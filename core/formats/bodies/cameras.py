"""Cameras in the forms that files hold them in.

Three kinds are met: weak perspective (s, tx, ty) of a crop; a translation in metres in the frame of
a crop, before the long lens of 5000 px or, in this program's exports, before the camera beside it;
and a translation for the camera of the whole picture, which has a focal length beside it. They are
told apart by names, by the focal length, and by what values each can have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.formats.bodies.fields import FileFields
from core.formats.bodies.file_bodies import PictureCameras
from core.formats.bodies.options import CameraKind, PredictionOptions, RootFrame
from core.formats.read_notes import ReadNotes
from core.geometry.crop_camera import CROP_SIZE_PX, FOCAL_LENGTH_PX

WEAK = ("pred_cam", "cam", "camera")
CROP = ("camera_translation",)
OWN_TRANSLATION, OWN_CAMERA = "crop_translation", "crop_camera_px"
"""Of this program's exports, exactly as the bodies are stored."""
PICTURE = ("pred_cam_t_full", "cam_t_full", "trans_cam", "cam_trans", "cam_t", "transl", "trans")
FOCALS = ("focal_length", "scaled_focal_length", "focal", "focal_length_px")
CENTERS = ("principal_point", "cam_center", "camera_center")
INTRINSICS, EXTRINSICS = ("cam_int", "K", "intrinsics"), "cam_ext"

Y_UP_TO_CAMERA = np.diag([1.0, -1.0, -1.0])

_LEAST_SCALE = 1e-6
"""A smaller body has no pixel of the crop: taken as one behind the camera."""

_NEAREST_CROP_M = 8.0
"""A body in the crop's camera of 5000 px is at least this far; no (s, tx, ty) has such a ty."""


@dataclass(frozen=True, eq=False)
class ReadCameras:
    """crop: (N, 3) metres in the crop's frame, NaN without; or whole pictures' cameras.

    crop_cameras: (N, 5) of the crops, as ``CropCamera`` counts them; None: the long lens.
    """

    crop: NDArray[np.float64]
    crop_cameras: NDArray[np.float64] | None = None
    picture: PictureCameras | None = None

    @property
    def given(self) -> NDArray[np.bool_]:
        """Rows with a camera that is not all zeros: (N,)."""
        numbers = self.crop if self.picture is None else self.picture.translation
        given: NDArray[np.bool_] = np.isfinite(numbers).all(axis=1) & (numbers != 0).any(axis=1)
        return given


def read_cameras(
    fields: FileFields, options: PredictionOptions, notes: ReadNotes, *, has_boxes: bool
) -> ReadCameras:
    """The cameras of a file; all NaN where it has none.

    Raises:
        AnnotationError: an array has another shape.
    """
    if options.camera is CameraKind.AUTO and OWN_TRANSLATION in fields and OWN_CAMERA in fields:
        return ReadCameras(
            fields.columns(OWN_TRANSLATION, 3), crop_cameras=fields.columns(OWN_CAMERA, 5)
        )
    focal = _focal_of(fields)
    own, weak, full = (fields.first(names) for names in (CROP, WEAK, PICTURE))
    if options.camera is not CameraKind.AUTO:
        name = own or (weak or full if options.camera is not CameraKind.FULL else full or weak)
        return _as_requested(fields, name, options, focal, notes)
    if own is not None and focal is None:
        return ReadCameras(fields.columns(own, 3))
    if own is not None and focal is not None:
        return _of_picture(fields, own, focal, options, notes)
    if weak is not None and (has_boxes or full is None or focal is None):
        return ReadCameras(_weak_or_translation(fields, weak, notes))
    if full is None and focal is not None and EXTRINSICS in fields:
        full = EXTRINSICS  # CameraHMR: where there is no 'trans_cam', it is 0
    if full is not None and focal is not None:
        return _of_picture(fields, full, focal, options, notes)
    return ReadCameras(np.full((fields.count, 3), np.nan))


def weak_to_crop(weak: NDArray[np.float64]) -> NDArray[np.float64]:
    """(s, tx, ty) ``(N, 3)`` of a crop as translations in its camera; s ≤ 0 gives z ≤ 0."""
    scale, tx, ty = weak.T
    vanishing = np.abs(scale) <= _LEAST_SCALE
    depth = 2 * FOCAL_LENGTH_PX / (CROP_SIZE_PX * np.where(vanishing, -1.0, scale))
    return np.stack([tx, ty, depth], axis=1)


def moved_before_scaling(scaled: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cameras ``(N, 3)`` of s x + t, as EFT and ROMP have them, as SPIN's of s (x + t).

    A scale that is none stays what it is, and is refused as such.
    """
    scale = np.where(np.abs(scaled[:, :1]) > _LEAST_SCALE, scaled[:, :1], 1.0)
    return np.concatenate([scaled[:, :1], scaled[:, 1:] / scale], axis=1)


def moved_after_scaling(weak: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse: cameras ``(N, 3)`` of s (x + t), as SPIN has them, as those of s x + t."""
    return np.concatenate([weak[:, :1], weak[:, 1:] * weak[:, :1]], axis=1)


def _as_requested(
    fields: FileFields,
    name: str | None,
    options: PredictionOptions,
    focal: str | None,
    notes: ReadNotes,
) -> ReadCameras:
    if name is None:
        return ReadCameras(np.full((fields.count, 3), np.nan))
    if options.camera is CameraKind.WEAK:
        return ReadCameras(weak_to_crop(fields.columns(name, 3)))
    if options.camera is CameraKind.CROP:
        return ReadCameras(fields.columns(name, 3))
    if focal is None:
        raise fields.wrong(
            name,
            "is to be of the whole picture's camera, but there is no focal length",
            f"one of {', '.join(FOCALS)}",
        )
    return _of_picture(fields, name, focal, options, notes)


def _weak_or_translation(fields: FileFields, name: str, notes: ReadNotes) -> NDArray[np.float64]:
    numbers = fields.columns(name, 3)
    third = np.abs(numbers[np.isfinite(numbers).all(axis=1), 2])
    if len(third) and np.median(third) >= _NEAREST_CROP_M:
        notes.notices.append(
            f"'{name}' holds translations in metres, not (s, tx, ty): read as such, with a focal "
            f"length of {FOCAL_LENGTH_PX:g} px on the crop"
        )
        return numbers
    return weak_to_crop(numbers)


def _focal_of(fields: FileFields) -> str | None:
    return fields.first((*FOCALS, *INTRINSICS))


def _of_picture(
    fields: FileFields, name: str, focal: str, options: PredictionOptions, notes: ReadNotes
) -> ReadCameras:
    translation = np.zeros((fields.count, 3))
    if name != EXTRINSICS:
        translation += fields.columns(name, 3)
    if name in (EXTRINSICS, "trans_cam") and EXTRINSICS in fields:  # BEDLAM adds the two
        translation += _extrinsic_translation(fields)
    focal_px, principal_px = _intrinsics(fields, focal)
    notes.notices.append(
        f"'{name}' is of the whole picture's camera, by '{focal}': bodies were moved to their "
        "crops' frames, whose camera it stays"
    )
    turn = np.repeat(Y_UP_TO_CAMERA[None], fields.count, axis=0)
    cameras = PictureCameras(
        translation=translation,
        focal_px=focal_px,
        principal_px=principal_px,
        view_rotation=turn if options.frame is RootFrame.Y_UP else None,
    )
    return ReadCameras(np.full((fields.count, 3), np.nan), picture=cameras)


def _extrinsic_translation(fields: FileFields) -> NDArray[np.float64]:
    extrinsics = fields.numbers(EXTRINSICS)
    if extrinsics.shape[1:] not in ((3, 4), (4, 4)):
        raise fields.wrong(EXTRINSICS, f"has shape {extrinsics.shape}", f"({fields.count}, 4, 4)")
    return extrinsics[:, :3, 3]


def _intrinsics(fields: FileFields, focal: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Focal lengths ``(N, 2)`` and principal points ``(N, 2)``, NaN for the picture's middle."""
    center = fields.first(CENTERS)
    if focal in INTRINSICS:
        matrices = _for_all_rows(fields, focal, (3, 3))
        return matrices[:, [0, 1], [0, 1]], matrices[:, :2, 2]
    shape = fields.arrays[focal].shape
    pairs = shape == (fields.count, 2) or (shape in ((2,), (1, 2)) and fields.count != 2)
    focal_px = _for_all_rows(fields, focal, (2,) if pairs else (1,))
    principal = np.full((fields.count, 2), np.nan)
    if center is not None:
        principal = _for_all_rows(fields, center, (2,))
    return np.broadcast_to(focal_px, (fields.count, 2)).copy(), principal


def _for_all_rows(fields: FileFields, name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """``(N, *shape)``, from one entry for each row or a single one for all."""
    array = fields.take(name)
    if array.size == int(np.prod(shape)) and np.issubdtype(array.dtype, np.number):
        one = array.astype(np.float64).reshape(1, *shape)
        return np.repeat(one, fields.count, axis=0)
    numbers = fields.numbers(name)
    if numbers.size != fields.count * int(np.prod(shape)):
        raise fields.wrong(name, f"has shape {numbers.shape}", f"({fields.count}, *{shape})")
    return numbers.reshape(fields.count, *shape)
