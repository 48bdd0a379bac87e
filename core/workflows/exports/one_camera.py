"""The people of a picture before one camera, whatever cameras their bodies were fitted under.

Bodies of one picture mostly share its camera. Those of SPIN's long lens do not: each looks straight
at its crop from afar. They are brought before the picture's camera as bodies, not bent: with their
size and the place of their origin, so that limbs show a little elsewhere
(``core.geometry.camera_change``).
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite

import numpy as np

from core.body.arrays import BodyArrays
from core.body.kinematics import pelvis_at_rest
from core.formats.bodies.writers.placed_bodies import PlacedBodies, placed_bodies
from core.geometry.camera_change import between_cameras
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.types.bodies import BodyParameters, CropCamera, camera_batch
from core.types.cameras import CameraSource, PictureCamera, assumed_camera
from core.types.samples import Sample

_SAME_CAMERA = 1e-3
"""Of the focal length: cameras that differ by less are one."""


def is_one_camera(bodies: PlacedBodies) -> bool:
    """Whether the bodies of one picture are all seen by the same camera."""
    place = bodies.in_picture
    numbers = np.column_stack([place.focal_length_px, place.principal_point_px])
    return bool(len(numbers) <= 1 or np.ptp(numbers, axis=0).max() <= _SAME_CAMERA * numbers[0, 0])


def before_one_camera(bodies: PlacedBodies, arrays: BodyArrays) -> PlacedBodies:
    """The bodies of one picture before its camera; the same bodies where they share one already."""
    if is_one_camera(bodies):
        return bodies
    camera = _shared_camera(bodies.samples[0])
    moved = before_cameras(
        bodies, [camera.crop_camera(each.box) for each in bodies.samples], arrays
    )
    # Rounded on their way through crops, they are not equal to the last digit; now they are.
    place = replace(
        moved.in_picture,
        focal_length_px=np.full(len(bodies), camera.focal_length_px),
        principal_point_px=np.tile(camera.principal_point_px, (len(bodies), 1)),
    )
    return replace(moved, in_picture=place)


def before_cameras(
    bodies: PlacedBodies, cameras: list[CropCamera], arrays: BodyArrays
) -> PlacedBodies:
    """Bodies before other cameras of their crops, one for each: their size and place stay.

    A metre at the body's origin covers as many pixels as before, and the origin is seen where it
    was; perspective differs (docs/method.md, "The crop camera").
    """
    own = camera_batch([CropCamera(*row) for row in bodies.crop_camera_px.tolist()])
    double = own.converted(lambda part: part.astype(np.float64))
    others = camera_batch(cameras).converted(lambda part: part.astype(np.float64))
    roots, translation = between_cameras(
        axis_angle_to_matrix(bodies.pose_axis_angle[:, :3]),
        bodies.crop_translation,
        double,
        others,
        pelvis=pelvis_at_rest(arrays, bodies.betas),
    )
    poses = bodies.pose_axis_angle.copy()
    poses[:, :3] = matrix_to_axis_angle(roots)
    parameters = [
        BodyParameters(
            pose.astype(np.float32), betas.astype(np.float32), place.astype(np.float32), camera
        )
        for pose, betas, place, camera in zip(
            poses, bodies.betas, translation, cameras, strict=True
        )
    ]
    return placed_bodies(bodies.samples, parameters, arrays, body_name=bodies.body_name)


def _shared_camera(sample: Sample) -> PictureCamera:
    """The picture's camera, or the assumed one where SPIN's long lens stands for it."""
    camera = sample.camera
    if camera.source is CameraSource.LONG_LENS or not isfinite(camera.focal_length_px):
        camera = assumed_camera(sample.picture_size_px)
    # Given as it is: an assumed camera sees crops of its smallest people by another lens.
    return PictureCamera(camera.focal_length_px, camera.principal_point_px)
