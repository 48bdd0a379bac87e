"""Bodies as every writer gets them: before the cameras of their crops, and of their pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import BodyArrays
from core.body.picture_frame import in_pictures, intrinsics_in_picture
from core.types.arrays import NUM_BETAS, NUM_JOINTS, check_shape
from core.types.bodies import BodyParameters, camera_batch
from core.types.samples import Sample

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PicturePlace:
    """Bodies before the cameras of their whole pictures: x right, y down, z straight ahead.

    root_axis_angle: (N, 3) radians, in the place of the first three numbers of the pose.
    translation: (N, 3) metres. focal_length_px: (N,) and principal_point_px: (N, 2), pixels of the
    upright pictures, whose whole numbers are the centres of pixels.
    """

    root_axis_angle: Numbers
    translation: Numbers
    focal_length_px: Numbers
    principal_point_px: Numbers


@dataclass(frozen=True, eq=False)
class PlacedBodies:
    """N people with a body each, in one order.

    samples: who they are. pose_axis_angle: (N, 72) radians, root first and in the crop's frame.
    betas: (N, 10), of the body ``body_name``. crop_translation: (N, 3) metres in the crop's frame.
    crop_camera_px: (N, 5) focal length, principal point x, y, and axis x, y, in pixels of the 224
    px crop. in_picture: the same bodies before the cameras of their pictures.
    """

    samples: tuple[Sample, ...]
    body_name: str
    pose_axis_angle: Numbers
    betas: Numbers
    crop_translation: Numbers
    crop_camera_px: Numbers
    in_picture: PicturePlace

    def __post_init__(self) -> None:
        count = len(self.samples)
        check_shape("pose_axis_angle", self.pose_axis_angle, (count, 3 * NUM_JOINTS))
        check_shape("betas", self.betas, (count, NUM_BETAS))

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def picture_pose_axis_angle(self) -> Numbers:
        """``(N, 72)`` radians, the root in the frame of the picture's camera."""
        return np.concatenate([self.in_picture.root_axis_angle, self.pose_axis_angle[:, 3:]], 1)

    @property
    def box_centers_px(self) -> Numbers:
        """``(N, 2)`` picture pixels."""
        boxes = [sample.box for sample in self.samples]
        centers = [(box.center_x_px, box.center_y_px) for box in boxes]
        return np.array(centers, np.float64).reshape(-1, 2)

    @property
    def box_sides_px(self) -> Numbers:
        """``(N,)`` picture pixels."""
        return np.array([sample.box.side_px for sample in self.samples], np.float64)

    def rows(self, index: Sequence[int]) -> PlacedBodies:
        """Those of some people, in their order."""
        rows, place = list(index), self.in_picture
        return replace(
            self,
            samples=tuple(self.samples[row] for row in rows),
            pose_axis_angle=self.pose_axis_angle[rows],
            betas=self.betas[rows],
            crop_translation=self.crop_translation[rows],
            crop_camera_px=self.crop_camera_px[rows],
            in_picture=PicturePlace(
                place.root_axis_angle[rows],
                place.translation[rows],
                place.focal_length_px[rows],
                place.principal_point_px[rows],
            ),
        )


def placed_bodies(
    samples: Sequence[Sample],
    bodies: Sequence[BodyParameters],
    arrays: BodyArrays,
    *,
    body_name: str,
) -> PlacedBodies:
    """People with their bodies, of the model ``arrays``; there may be none."""

    def stacked(name: str, width: int) -> Numbers:
        rows = [getattr(body, name) for body in bodies]
        return np.array(rows, np.float64).reshape(-1, width)

    cameras = camera_batch([body.camera for body in bodies])
    seen = in_pictures(bodies, arrays)
    intrinsics = np.array(
        [
            intrinsics_in_picture(body.camera, sample.box)
            for body, sample in zip(bodies, samples, strict=True)
        ],
        np.float64,
    ).reshape(-1, 3)
    return PlacedBodies(
        samples=tuple(samples),
        body_name=body_name,
        pose_axis_angle=stacked("pose_axis_angle", 3 * NUM_JOINTS),
        betas=stacked("betas", NUM_BETAS),
        crop_translation=stacked("camera_translation", 3),
        crop_camera_px=np.concatenate(
            [cameras.focal_length_px[:, None], cameras.principal_point_px, cameras.axis_px], axis=1
        ).astype(np.float64),
        in_picture=PicturePlace(
            seen.root_axis_angle, seen.translation, intrinsics[:, 0], intrinsics[:, 1:]
        ),
    )
