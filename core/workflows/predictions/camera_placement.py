"""Another method's bodies, brought into the frames of their samples' crops.

Each keeps the camera that its file has for it, so that it is seen at the very pixels where the file
puts it: a camera of the whole picture looks through the sample's crop, one of another box of the
picture moves with the box (docs/method.md, "The camera of the whole picture").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from core.body.kinematics import pelvis_at_rest
from core.body.reprojection_loss import COMPARISON_SIGMA_PX
from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.inputs import Keypoints2D
from core.formats.bodies.prediction_files import ForeignPredictions, PictureCameras
from core.geometry.boxes import Box
from core.geometry.camera_translation import least_squares_translation, refined_translation
from core.geometry.crop_camera import CropCameras, project_to_crop
from core.geometry.picture_camera import turned_bodies
from core.geometry.rotations import (
    axis_angle_to_matrix,
    matrix_to_axis_angle,
    pose_to_matrices,
)
from core.types.bodies import LONG_LENS, BodyParameters, CropCamera, camera_batch
from core.types.cameras import PictureCamera
from core.types.predictions import NewPrediction
from core.types.samples import Sample
from core.workflows.predictions.agreement_check import PredictionCheck, mean_errors_px
from core.workflows.predictions.body_conversion import ConvertedBodies
from core.workflows.predictions.root_search import search_roots

_COMPARED_ROOTS = 512
"""Of this many bodies the roots are also tried turned; a wrong frame is wrong for all."""

_Y_UP_TO_CAMERA = np.diag([1.0, -1.0, -1.0])

_SAME_BOX = 1e-5
"""Of its side: boxes that differ by less were rounded on their way through a file."""


@dataclass(eq=False)
class _Places:
    """translation: (N, 3) metres in the crops' frames, NaN where not known yet; cameras: N."""

    translation: NDArray[np.float32]
    cameras: list[CropCamera]

    def rows(self, index: Sequence[int]) -> _Places:
        """Those of some bodies."""
        return _Places(self.translation[list(index)], [self.cameras[row] for row in index])

    def take(self, index: Sequence[int], other: _Places) -> None:
        """Put others in the place of some."""
        self.translation[list(index)] = other.translation
        for row, camera in zip(index, other.cameras, strict=True):
            self.cameras[row] = camera


class PredictionPlacer:
    """Turns rows of a file into predictions; ``check`` then knows how well they lie.

    Args:
        dictionary: of the project.
        body: that it works with.
        found: the file's bodies.
        converted: the same as bodies of the project.
    """

    def __init__(
        self,
        dictionary: Dictionary,
        body: BodyModel,
        found: ForeignPredictions,
        converted: ConvertedBodies,
    ) -> None:
        self._dictionary, self._found = dictionary, found
        self._body = KeypointBody(body)
        self._betas, self._origin = converted.betas, converted.origin_shift
        self._poses = converted.pose_axis_angle
        self._pelvis = pelvis_at_rest(body.arrays, self._betas)
        self._compared = 0
        self.solved_cameras = 0
        self.check = PredictionCheck()

    def predictions(self, rows: Sequence[int], sample_ids: Sequence[int]) -> list[NewPrediction]:
        """One for each row, in order."""
        samples = self._dictionary.samples.get_many(sample_ids)
        poses = self._poses[list(rows)].copy()
        places = self._given_places(rows, samples, poses)
        if self._found.without_roots:  # not before: those are as the crops see them
            poses[:, :3] = search_roots(
                lambda roots: self._errors_px(_with_roots(poses, roots), rows, samples), len(rows)
            )
        unknown = _where(~np.isfinite(places.translation).all(axis=1))
        if unknown:
            there = [rows[index] for index in unknown]
            those = [samples[index] for index in unknown]
            places.take(unknown, self._solved(poses[unknown], there, those))
            self.solved_cameras += len(unknown)
        self._judge(rows, samples, poses, places, set(unknown))
        return [
            NewPrediction(
                sample_id=sample.id,
                parameters=BodyParameters(pose, self._betas[row], translation, camera),
            )
            for row, sample, pose, translation, camera in zip(
                rows, samples, poses, places.translation, places.cameras, strict=True
            )
        ]

    def _given_places(
        self, rows: Sequence[int], samples: Sequence[Sample], poses: NDArray[np.float32]
    ) -> _Places:
        """The file's cameras, looking through the samples' crops; roots turn with them."""
        found, index = self._found, list(rows)
        if found.picture_cameras is not None:
            cameras = found.picture_cameras.rows(rows)
            roots_at = self._pelvis[index] + self._origin[index] + cameras.translation
            if found.root_joint_m is not None:
                stated = found.root_joint_m[index]
                roots_at = np.where(np.isfinite(stated), stated, roots_at)
            return _from_pictures(cameras, roots_at, samples, poses, self._pelvis[index])
        given = [LONG_LENS] * len(index)
        if found.crop_cameras is not None:
            given = [CropCamera(*row) for row in found.crop_cameras[index].tolist()]
        centers, sides = found.box_centers_px[index], found.box_sides_px[index]
        moved = [
            # Without a box it is the sample's own already.
            _in_box(camera, Box(x_px, y_px, side_px), sample.box)
            if np.isfinite(side_px)
            else camera
            for camera, (x_px, y_px), side_px, sample in zip(
                given, centers.tolist(), sides.tolist(), samples, strict=True
            )
        ]
        translation = found.camera_translation[index] + self._origin[index]
        return _Places(translation.astype(np.float32), moved)

    def _solved(
        self, poses: NDArray[np.float32], rows: Sequence[int], samples: Sequence[Sample]
    ) -> _Places:
        """Where bodies have to be, before their samples' cameras, to lie on the keypoints."""
        cameras = [
            LONG_LENS if self._found.of_long_lens else sample.crop_camera for sample in samples
        ]
        keypoints = np.stack([sample.fitted_keypoints_crop_px for sample in samples])
        seen = Keypoints2D.of(keypoints, cameras)
        seen = seen.to(device=self._body.device, dtype=self._body.dtype)
        points = self._keypoints(poses, rows)
        confidence = seen.body_confidence
        start = least_squares_translation(
            points, seen.positions_crop_px, confidence**2, seen.cameras
        )
        translation, _error = refined_translation(
            points,
            seen.positions_crop_px,
            confidence,
            start,
            sigma_px=COMPARISON_SIGMA_PX,
            cameras=seen.cameras,
        )
        return _Places(translation.float().cpu().numpy(), cameras)

    def _errors_px(
        self, poses: NDArray[np.float32], rows: Sequence[int], samples: Sequence[Sample]
    ) -> NDArray[np.float64]:
        """Mean distances ``(N,)`` of bodies from keypoints, each in the camera that is best."""
        seen = self._seen(poses, rows, self._solved(poses, rows, samples))
        has_keypoints = np.array([(sample.keypoints_px[:, 2] > 0).any() for sample in samples])
        errors = np.full(len(rows), np.inf)
        errors[has_keypoints] = mean_errors_px(samples, seen)
        return errors

    def _keypoints(self, poses: NDArray[np.float32], rows: Sequence[int]) -> torch.Tensor:
        """``(N, 49, 3)`` metres."""
        body = self._body
        pose = pose_to_matrices(torch.from_numpy(poses.astype(np.float64)))
        betas = torch.from_numpy(self._betas[list(rows)].astype(np.float64))
        return body.keypoints(pose.to(body.dtype), betas.to(body.dtype))

    def _judge(
        self,
        rows: Sequence[int],
        samples: Sequence[Sample],
        poses: NDArray[np.float32],
        places: _Places,
        solved: set[int],
    ) -> None:
        seen = self._seen(poses, rows, places)
        self.check.add(samples, seen)
        ids = [sample.id for sample in samples]
        self.check.add_roots(ids, poses[:, :3], self._dictionary.fits.current(ids))
        count = min(len(rows), _COMPARED_ROOTS - self._compared)
        if count <= 0:
            return
        self._compared += count
        turned, first = poses[:count].copy(), rows[:count]
        turned[:, :3] = _turned(_Y_UP_TO_CAMERA, turned[:, :3])
        there = places.rows(range(count))
        again = [index for index in range(count) if index in solved]
        if again:
            solved_rows = [rows[index] for index in again]
            people = [samples[index] for index in again]
            there.take(again, self._solved(turned[again], solved_rows, people))
        self.check.compare_turned(samples[:count], seen[:count], self._seen(turned, first, there))

    def _seen(
        self, poses: NDArray[np.float32], rows: Sequence[int], places: _Places
    ) -> NDArray[np.float64]:
        """``(N, 49, 2)`` pixels of the crops."""
        points = self._keypoints(poses, rows).double().cpu().numpy()
        cameras = _in_double_precision(places.cameras)
        return project_to_crop(points, places.translation.astype(np.float64), cameras)


def _from_pictures(
    cameras: PictureCameras,
    roots_at: NDArray[np.float64],
    samples: Sequence[Sample],
    poses: NDArray[np.float32],
    pelvis: NDArray[np.float64],
) -> _Places:
    """Bodies of whole pictures' cameras in the frames of their crops; roots are turned in place.

    A body turns about its root joint, so that is what is carried from frame to frame: ``roots_at``
    (N, 3) metres, where the file has it. ``pelvis``: (N, 3), the project's bodies' at rest.
    """
    principal = cameras.principal_in([sample.picture_size_px for sample in samples])
    through_crops = [
        PictureCamera(focal_px, (x_px, y_px)).crop_camera(sample.box)
        for focal_px, (x_px, y_px), sample in zip(
            cameras.focal_px.mean(axis=1).tolist(), principal.tolist(), samples, strict=True
        )
    ]
    roots, at = axis_angle_to_matrix(poses[:, :3].astype(np.float64)), roots_at - pelvis
    if cameras.view_rotation is not None:
        roots, at = turned_bodies(cameras.view_rotation, roots, at, pelvis)
    if cameras.view_translation is not None:
        at = at + cameras.view_translation
    to_crop = np.swapaxes(_in_double_precision(through_crops).viewing_rotations, -1, -2)
    roots, translation = turned_bodies(to_crop, roots, at, pelvis)
    poses[:, :3] = matrix_to_axis_angle(roots)
    return _Places(translation.astype(np.float32), through_crops)


def _in_box(camera: CropCamera, box: Box, to_box: Box) -> CropCamera:
    """A camera of the crop of one box in that of another; the same box changes nothing."""
    numbers, others = ((b.center_x_px, b.center_y_px, b.side_px) for b in (box, to_box))
    if np.allclose(numbers, others, rtol=0, atol=_SAME_BOX * to_box.side_px):
        return camera
    return camera.between_boxes(box, to_box)


def _in_double_precision(cameras: Sequence[CropCamera]) -> CropCameras[NDArray[np.float64]]:
    return camera_batch(cameras).converted(lambda part: part.astype(np.float64))


def _turned(turn: NDArray[np.float64], roots: NDArray[np.float32]) -> NDArray[np.float64]:
    """Roots ``(N, 3)`` after a turn ``(3, 3)`` or ``(N, 3, 3)``, in double precision."""
    return matrix_to_axis_angle(turn @ axis_angle_to_matrix(roots.astype(np.float64)))


def _with_roots(poses: NDArray[np.float32], roots: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.concatenate([roots.astype(np.float32), poses[:, 3:]], axis=1)


def _where(rows: ArrayLike) -> list[int]:
    return [int(row) for row in np.flatnonzero(rows)]
