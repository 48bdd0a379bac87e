"""Arrays in the database: little-endian float32, the same on every machine, checked on reading."""

from __future__ import annotations

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


def to_blob(array: NDArray[np.floating]) -> bytes:
    """The bytes of an array in row-major order."""
    return np.ascontiguousarray(array, dtype=_STORED).tobytes()


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
    expected_bytes = stored.itemsize * int(np.prod(shape))
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
    stored, long_lens = (
        to_blob(np.array([getattr(stored_as, name) for name in _CAMERA_FIELDS]))
        for stored_as in (camera, LONG_LENS)
    )
    return None if stored == long_lens else stored


def camera_from_blob(blob: bytes | None, *, what: str) -> CropCamera:
    """The inverse of ``camera_to_blob``; ``what`` names the record for the error message."""
    if blob is None:
        return LONG_LENS
    return CropCamera(*from_blob(blob, (len(_CAMERA_FIELDS),), what=what).tolist())


def parameters_to_blobs(parameters: BodyParameters, *, prefix: str = "") -> dict[str, bytes | None]:
    """A body as four columns, whose names ``prefix`` begins."""
    return {
        f"{prefix}pose_axis_angle": to_blob(parameters.pose_axis_angle),
        f"{prefix}betas": to_blob(parameters.betas),
        f"{prefix}camera_translation": to_blob(parameters.camera_translation),
        f"{prefix}crop_camera": camera_to_blob(parameters.camera),
    }


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


def is_finite(parameters: BodyParameters) -> bool:
    """Whether a body has neither NaN nor infinity in it."""
    return all(
        bool(np.isfinite(part).all())
        for part in (parameters.pose_axis_angle, parameters.betas, parameters.camera_translation)
    )
