"""The first body of a file where its own camera sees it, for drawing before anything is imported.

The open body is posed as the file says. Its shape is its own, so that joints lie some centimetres
from where the file's body has them: enough to see which way up, how large and where a body is.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import SMPL_PELVIS_M
from core.body.display_body import DisplayBody
from core.body.smpl_files import load_open_body_arrays
from core.formats.bodies.file_bodies import ForeignPredictions
from core.formats.picture_folders import PAPER_SIZE_PX, PictureFolder
from core.formats.reader_results import BrokenEntryError
from core.geometry.boxes import BOX_SCALE_PX, Box, box_around
from core.geometry.crop_camera import project_to_crop
from core.types.arrays import NUM_BETAS
from core.types.bodies import LONG_LENS, CropCamera, camera_batch
from core.types.samples import NewSample

NO_CAMERA = "the file names no camera that could be drawn with; bodies are placed by the keypoints"
_PAPER_BOX = Box(512.0, 512.0, 1024.0)
_SHARE_OF_BOX = 0.85
_NUM_DRAWN = 25
"""OpenPose's joints: the others lie on them, or nearly."""


@cache
def _body() -> DisplayBody:
    return DisplayBody(load_open_body_arrays(), name="open body")


def first_body(found: ForeignPredictions, folder: Path) -> tuple[NewSample, bool] | None:
    """A person whose keypoints are the joints of the first body that has a camera.

    Args:
        found: the file's bodies.
        folder: of the pictures.

    Returns:
        The person, whose picture is only a name in the folder where it is not there, and whether
        the file's camera is known; None without any body.
    """
    if not len(found):
        return None
    placed = _placed_rows(found)
    row = int(placed[0]) if len(placed) else 0
    name = found.picture_names[row] or "no picture is named"
    picture, size_px = _picture(folder, name)
    box = _box(found, row)
    points_px = _points_px(found, row, box or _PAPER_BOX, size_px) if len(placed) else None
    if points_px is None:
        points_px = _upright(_keypoints_m(found, row), box or _PAPER_BOX)
    shown = box or box_around(points_px)
    keypoints_px = np.concatenate([points_px, np.ones((len(points_px), 1))], axis=1)
    keypoints_px[_NUM_DRAWN:] = 0
    return (
        NewSample(
            picture_path=picture,
            picture_size_px=size_px or PAPER_SIZE_PX,
            dataset="bodies",
            person_key=found.person_keys[row],
            box_center_px=np.array([shown.center_x_px, shown.center_y_px], dtype=np.float32),
            box_scale=shown.side_px / BOX_SCALE_PX,
            keypoints_px=keypoints_px.astype(np.float32),
        ),
        bool(len(placed)),
    )


def _placed_rows(found: ForeignPredictions) -> NDArray[np.intp]:
    """The rows whose place before a camera is stated."""
    at: NDArray[np.floating] = found.camera_translation
    if found.picture_cameras is not None:
        at = found.picture_cameras.origins_m
    return np.flatnonzero(np.isfinite(at).all(axis=1) & (at[:, 2] > 0))


def _picture(folder: Path, name: str) -> tuple[Path, tuple[int, int] | None]:
    """Path and size of a picture; the size is None where it is not there."""
    pictures = PictureFolder(folder, blank_pictures=True)
    try:
        picture = pictures.picture_named(name)
        return picture, (pictures.size_px(picture) if picture.is_file() else None)
    except BrokenEntryError:
        return folder / Path(name).name, None


def _box(found: ForeignPredictions, row: int) -> Box | None:
    (x_px, y_px), side_px = found.box_centers_px[row], found.box_sides_px[row]
    is_one = bool(np.isfinite([x_px, y_px, side_px]).all() and side_px > 0)
    return Box(float(x_px), float(y_px), float(side_px)) if is_one else None


def _keypoints_m(found: ForeignPredictions, row: int) -> NDArray[np.float64]:
    """``(49, 3)`` metres from the root joint."""
    pose = found.pose_axis_angle[row].astype(np.float32)
    betas = np.zeros(NUM_BETAS, dtype=np.float32)
    root = _body().skeleton(pose, betas).joints[0]
    return np.asarray(_body().keypoints_of(pose[None], betas[None])[0] - root, dtype=np.float64)


def _points_px(
    found: ForeignPredictions, row: int, box: Box, size_px: tuple[int, int] | None
) -> NDArray[np.float64] | None:
    """``(49, 2)`` pixels of the picture; None where a point lies behind the camera."""
    points = _keypoints_m(found, row)
    if found.picture_cameras is not None:
        return _through_picture(found, row, points, size_px)
    root = np.zeros(3) if found.own_export else SMPL_PELVIS_M
    camera = LONG_LENS
    if found.crop_cameras is not None:
        camera = CropCamera(*found.crop_cameras[row].tolist())
    translation = found.camera_translation[row].astype(np.float64) + root
    if (points[:, 2] + translation[2] <= 0).any():
        return None
    cameras = camera_batch([camera]).converted(lambda part: part.astype(np.float64))
    crop_px = project_to_crop(points[None], translation[None], cameras)[0]
    return box.crop_to_picture(crop_px).astype(np.float64)


def _through_picture(
    found: ForeignPredictions,
    row: int,
    points: NDArray[np.float64],
    size_px: tuple[int, int] | None,
) -> NDArray[np.float64] | None:
    """The pixels f X / Z + c of points X before the camera of the whole picture."""
    cameras = found.picture_cameras
    assert cameras is not None  # noqa: S101 - asked by the caller
    root = SMPL_PELVIS_M + cameras.translation[row]
    if found.root_joint_m is not None and np.isfinite(found.root_joint_m[row]).all():
        root = found.root_joint_m[row]
    seen = points + root
    if cameras.view_rotation is not None:
        seen = seen @ cameras.view_rotation[row].T
    if cameras.view_translation is not None:
        seen = seen + cameras.view_translation[row]
    if (seen[:, 2] <= 0).any():
        return None
    principal_px = cameras.principal_in(size_px or PAPER_SIZE_PX)[row]
    pixels: NDArray[np.float64] = cameras.focal_px[row] * seen[:, :2] / seen[:, 2:] + principal_px
    return pixels


def _upright(points: NDArray[np.float64], box: Box) -> NDArray[np.float64]:
    """Points as seen from far away, filling most of a box."""
    flat = points[:, :2]
    low, high = flat.min(axis=0), flat.max(axis=0)
    per_m = _SHARE_OF_BOX * box.side_px / max(float((high - low).max()), 1e-6)
    center = np.array([box.center_x_px, box.center_y_px])
    return np.asarray((flat - (low + high) / 2) * per_m + center, dtype=np.float64)
