"""Arrays in the database: little-endian float32, the same on every machine, checked on reading."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dictionary.storage.connection import Row
from core.dictionary.storage.stored_values import REMEDY_CHANGED
from core.errors import DictionaryError
from core.types.arrays import NUM_BETAS, NUM_JOINTS, NUM_KEYPOINTS, FloatArray
from core.types.bodies import LONG_LENS, BodyParameters, CropCamera
from core.types.keypoint_sources import KeypointSource, KeypointSources, all_from

_STORED = np.dtype("<f4")
_STORED_HALF = np.dtype("<f2")

_CAMERA_FIELDS = ("focal_length_px", "principal_x_px", "principal_y_px", "axis_x_px", "axis_y_px")
_CAMERA_NUMBERS = attrgetter(*_CAMERA_FIELDS)


def to_blob(array: NDArray[np.floating]) -> bytes:
    """The bytes of an array in row-major order."""
    return np.ascontiguousarray(array, dtype=_STORED).tobytes()


def rows_to_blobs(
    rows: NDArray[np.floating] | Sequence[NDArray[np.floating]],
) -> list[bytes]:
    """The bytes of each row of an array, or of arrays of one shape, as ``to_blob`` writes them."""
    stored = np.ascontiguousarray(rows, dtype=_STORED)
    size, whole = stored[0].nbytes if len(stored) else 0, stored.tobytes()
    return [whole[first : first + size] for first in range(0, len(whole), size or 1)]


def from_blob(blob: bytes, shape: tuple[int, ...], *, what: str) -> FloatArray:
    """The array of a stored shape; ``what`` names the record for the error message."""
    return _numbers(blob, shape, _STORED, what=what).astype(np.float32)


def to_half_blob(array: NDArray[np.floating]) -> bytes:
    """As ``to_blob`` in half precision: for features, of which three digits are known."""
    return np.ascontiguousarray(array, dtype=_STORED_HALF).tobytes()


def from_half_blob(blob: bytes, shape: tuple[int, ...], *, what: str) -> NDArray[np.float16]:
    """The inverse of ``to_half_blob``; ``what`` names the record for the error message."""
    return _numbers(blob, shape, _STORED_HALF, what=what).astype(np.float16)


def _numbers(
    blob: bytes, shape: tuple[int, ...], stored: np.dtype[Any], *, what: str
) -> NDArray[Any]:
    expected_bytes = stored.itemsize * math.prod(shape)
    if len(blob) != expected_bytes:
        raise DictionaryError(
            f"The stored {what} has {len(blob)} bytes, expected {expected_bytes} for {shape}.",
            remedy=REMEDY_CHANGED,
        )
    return np.frombuffer(blob, dtype=stored).reshape(shape)


def sources_to_blob(sources: KeypointSources) -> bytes | None:
    """Who placed each keypoint, a byte each; None where all of them were imported."""
    return sources.tobytes() if (sources != KeypointSource.IMPORTED).any() else None


def sources_from_blob(blob: bytes | None, *, what: str) -> KeypointSources:
    """The inverse of ``sources_to_blob``; ``what`` names the record for the error message."""
    if blob is None:
        return all_from(KeypointSource.IMPORTED)
    if len(blob) != NUM_KEYPOINTS or max(blob) > max(KeypointSource):
        raise DictionaryError(
            f"The stored keypoint_sources of {what} have {len(blob)} bytes up to "
            f"{max(blob, default=0)}, expected {NUM_KEYPOINTS} up to {max(KeypointSource)}.",
            remedy=REMEDY_CHANGED,
        )
    return np.frombuffer(blob, dtype=np.uint8).copy()


def camera_to_blob(camera: CropCamera) -> bytes | None:
    """Five numbers: focal length, principal point, axis; None for the long lens."""
    stored, long_lens = rows_to_blobs(
        [np.array(_CAMERA_NUMBERS(stored_as)) for stored_as in (camera, LONG_LENS)]
    )
    return None if stored == long_lens else stored


def camera_from_blob(blob: bytes | None, *, what: str) -> CropCamera:
    """The inverse of ``camera_to_blob``; ``what`` names the record for the error message."""
    if blob is None:
        return LONG_LENS
    return CropCamera(*from_blob(blob, (len(_CAMERA_FIELDS),), what=what).tolist())


def parameters_to_blobs(parameters: BodyParameters, *, prefix: str = "") -> dict[str, bytes | None]:
    """A body as four columns, whose names ``prefix`` begins."""
    (blobs,) = blobs_of_bodies([parameters])
    return {f"{prefix}{name}": blob for name, blob in blobs.items()}


def blobs_of_bodies(bodies: Sequence[BodyParameters]) -> list[dict[str, bytes | None]]:
    """Bodies as four columns each, the bytes of all of them from one array a column."""
    if not bodies:
        return []
    cameras = rows_to_blobs(np.array([_CAMERA_NUMBERS(body.camera) for body in bodies]))
    (long_lens,) = rows_to_blobs(np.array([_CAMERA_NUMBERS(LONG_LENS)]))
    return [
        {
            "pose_axis_angle": pose,
            "betas": betas,
            "camera_translation": translation,
            "crop_camera": None if camera == long_lens else camera,
        }
        for pose, betas, translation, camera in zip(
            rows_to_blobs([body.pose_axis_angle for body in bodies]),
            rows_to_blobs([body.betas for body in bodies]),
            rows_to_blobs([body.camera_translation for body in bodies]),
            cameras,
            strict=True,
        )
    ]


def parameters_from_row(row: Row, *, what: str, prefix: str = "") -> BodyParameters:
    """The body of a row that holds the four columns."""

    def column(name: str, size: int) -> FloatArray:
        return from_blob(row[f"{prefix}{name}"], (size,), what=f"{name} of {what}")

    return BodyParameters(
        pose_axis_angle=column("pose_axis_angle", 3 * NUM_JOINTS),
        betas=column("betas", NUM_BETAS),
        camera_translation=column("camera_translation", 3),
        camera=camera_from_blob(row[f"{prefix}crop_camera"], what=f"crop_camera of {what}"),
    )


def are_finite(bodies: Sequence[BodyParameters]) -> NDArray[np.bool_]:
    """Which of some bodies ``(N,)`` have neither NaN nor infinity in them."""
    finite = np.ones(len(bodies), dtype=bool)
    if bodies:
        for name in ("pose_axis_angle", "betas", "camera_translation"):
            finite &= np.isfinite([getattr(body, name) for body in bodies]).all(axis=1)
    return finite
