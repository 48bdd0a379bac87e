"""Where the bodies of a file lie in their pictures, as the file's own cameras see them.

For people of whom the file states no 2D keypoints: their joints tell where they are. A body before
the camera of the whole picture is seen there at once; one before a crop's camera is seen in the
crop, whose box the file has to state.

    X_camera = R_view (X_body + t) + t_view        x_picture = f X_xy / X_z + c
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from core.body.kinematics import pelvis_at_rest
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.formats.bodies.file_bodies import ForeignPredictions, PictureCameras
from core.geometry.boxes import Box
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import pose_to_matrices
from core.types.arrays import NUM_KEYPOINTS
from core.types.bodies import LONG_LENS, CropCamera, camera_batch
from core.workflows.predictions.body_conversion import ConvertedBodies

_BATCH = 512
_NEAREST_M = 1e-3
"""What is nearer to the camera has no place in the picture."""


class JointProjector:
    """The joints of each body of a file in its picture; read in the file's order it is quick.

    Args:
        found: the file's bodies.
        converted: the same as bodies of the project.
        body: of the project.
    """

    def __init__(
        self, found: ForeignPredictions, converted: ConvertedBodies, body: BodyModel
    ) -> None:
        self._found, self._converted = found, converted
        self._body, self._arrays = KeypointBody(body), body.arrays
        self._first, self._points = -1, np.zeros((0, NUM_KEYPOINTS, 3))

    def joints_px(self, row: int, picture_size_px: tuple[int, int]) -> NDArray[np.float64] | None:
        """The joints ``(49, 2)`` of a row in a picture of this size, NaN behind the camera.

        None where nothing says where in the picture the body is.
        """
        if self._found.without_roots:
            return None
        if self._found.picture_cameras is not None:
            return self._through_picture(row, self._found.picture_cameras, picture_size_px)
        return self._through_crop(row)

    def _through_picture(
        self, row: int, cameras: PictureCameras, picture_size_px: tuple[int, int]
    ) -> NDArray[np.float64] | None:
        camera = cameras.rows([row])
        at = self._converted.origin_shift[row] + camera.translation[0]
        stated = self._found.root_joint_m
        if stated is not None and np.isfinite(stated[row]).all():
            at = stated[row] - pelvis_at_rest(self._arrays, self._converted.betas[[row]])[0]
        points = self._joints_m(row) + at
        if camera.view_rotation is not None:
            points = points @ camera.view_rotation[0].T
        if camera.view_translation is not None:
            points = points + camera.view_translation[0]
        if not np.isfinite(at).all():
            return None
        joints_px: NDArray[np.float64] = _seen(points, camera.focal_px[0])
        joints_px += camera.principal_in(picture_size_px)[0]
        return joints_px

    def _through_crop(self, row: int) -> NDArray[np.float64] | None:
        found = self._found
        numbers = (*found.box_centers_px[row].tolist(), float(found.box_sides_px[row]))
        at = found.camera_translation[row] + self._converted.origin_shift[row]
        if not (np.isfinite(numbers).all() and np.isfinite(at).all()):
            return None
        given = found.crop_cameras
        camera = LONG_LENS if given is None else CropCamera(*given[row].tolist())
        batch = camera_batch([camera]).converted(lambda part: part.astype(np.float64))
        points = self._joints_m(row)
        in_crop = project_to_crop(points[None], at[None].astype(np.float64), batch)[0]
        return Box(*numbers).crop_to_picture(in_crop).astype(np.float64)

    def _joints_m(self, row: int) -> NDArray[np.float64]:
        """``(49, 3)`` metres, before the body is moved to its place."""
        first = row - row % _BATCH
        if first != self._first:
            self._first, self._points = first, self._posed(slice(first, first + _BATCH))
        joints_m: NDArray[np.float64] = self._points[row - first]
        return joints_m

    def _posed(self, rows: slice) -> NDArray[np.float64]:
        poses = torch.from_numpy(self._converted.pose_axis_angle[rows].astype(np.float64))
        betas = torch.from_numpy(self._converted.betas[rows].astype(np.float64))
        dtype = self._body.dtype
        points = self._body.keypoints(pose_to_matrices(poses).to(dtype), betas.to(dtype))
        posed: NDArray[np.float64] = points.double().cpu().numpy()
        return posed


def _seen(points_m: NDArray[np.float64], focal_px: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points ``(N, 3)`` before a camera, ``(N, 2)`` pixels from its principal point."""
    depth = points_m[:, 2:]
    in_front = depth > _NEAREST_M
    pixels = focal_px * points_m[:, :2] / np.where(in_front, depth, 1.0)
    seen: NDArray[np.float64] = np.where(in_front, pixels, np.nan)
    return seen
