"""Another method's bodies, brought into the cameras of their samples' crops."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from core.body.reprojection_loss import COMPARISON_SIGMA_PX
from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.inputs import Keypoints2D
from core.formats.bodies.prediction_files import ForeignPredictions, PictureCameras
from core.geometry.boxes import translation_between_boxes
from core.geometry.camera_translation import least_squares_translation, refined_translation
from core.geometry.crop_camera import project_to_crop
from core.geometry.picture_camera import crop_translation, turned_to_axis
from core.geometry.rotations import (
    axis_angle_to_matrix,
    matrix_to_axis_angle,
    pose_to_matrices,
)
from core.types.bodies import BodyParameters
from core.types.predictions import NewPrediction
from core.types.samples import Sample
from core.workflows.predictions.agreement_check import PredictionCheck, mean_errors_px
from core.workflows.predictions.root_search import search_roots

_COMPARED_ROOTS = 512
"""Of this many bodies the roots are also tried turned; a wrong frame is wrong for all."""

_Y_UP_TO_CAMERA = np.diag([1.0, -1.0, -1.0])


class PredictionPlacer:
    """Turns rows of a file into predictions; ``check`` then knows how well they lie.

    Args:
        dictionary: of the project.
        body: that it works with.
        found: the file's bodies.
        keep_betas: whether their shapes are that body's; otherwise everybody gets the mean one.
    """

    def __init__(
        self,
        dictionary: Dictionary,
        body: BodyModel,
        found: ForeignPredictions,
        *,
        keep_betas: bool,
    ) -> None:
        self._dictionary, self._found = dictionary, found
        self._body = KeypointBody(body)
        self._betas = found.betas if keep_betas else np.zeros_like(found.betas)
        self._compared = 0
        self.solved_cameras = 0
        self.check = PredictionCheck()

    def predictions(self, rows: Sequence[int], sample_ids: Sequence[int]) -> list[NewPrediction]:
        """One for each row, in order."""
        samples = self._dictionary.samples.get_many(sample_ids)
        poses = self._found.pose_axis_angle[list(rows)].copy()
        cameras = self._given_cameras(rows, samples, poses)
        if self._found.without_roots:  # not before: those are as the crops see them
            poses[:, :3] = search_roots(
                lambda roots: self._errors_px(_with_roots(poses, roots), rows, samples), len(rows)
            )
        unknown = _where(~np.isfinite(cameras).all(axis=1))
        if unknown:
            there, those = (
                [rows[index] for index in unknown],
                [samples[number] for number in unknown],
            )
            cameras[unknown] = self._solved(poses[unknown], there, those)
            self.solved_cameras += len(unknown)
        self._judge(rows, samples, poses, cameras, set(unknown))
        return [
            NewPrediction(
                sample_id=sample.id,
                parameters=BodyParameters(pose, self._betas[row], camera),
            )
            for row, sample, pose, camera in zip(rows, samples, poses, cameras, strict=True)
        ]

    def _given_cameras(
        self, rows: Sequence[int], samples: Sequence[Sample], poses: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The file's cameras as those of the samples' crops, NaN without; roots turn with them."""
        if self._found.picture_cameras is not None:
            return _from_pictures(self._found.picture_cameras.rows(rows), samples, poses)
        cameras = self._found.camera_translation[list(rows)].copy()
        boxed = _where(np.isfinite(self._found.box_sides_px)[list(rows)])
        if boxed:  # without a box it is the sample's own already
            there = [rows[index] for index in boxed]
            boxes = [samples[index].box for index in boxed]
            cameras[boxed] = translation_between_boxes(
                cameras[boxed],
                self._found.box_centers_px[there],
                self._found.box_sides_px[there],
                to_centers_px=np.array([(box.center_x_px, box.center_y_px) for box in boxes]),
                to_sides_px=np.array([box.side_px for box in boxes]),
            )
        return cameras

    def _solved(
        self, poses: NDArray[np.float32], rows: Sequence[int], samples: Sequence[Sample]
    ) -> NDArray[np.float32]:
        """Cameras ``(N, 3)`` that bring the bodies to their samples' keypoints."""
        seen = Keypoints2D.of(np.stack([sample.keypoints_crop_px for sample in samples]))
        seen = seen.to(device=self._body.device, dtype=self._body.dtype)
        points = self._keypoints(poses, rows)
        confidence = seen.body_confidence
        start = least_squares_translation(points, seen.positions_crop_px, confidence**2)
        translation, _error = refined_translation(
            points, seen.positions_crop_px, confidence, start, sigma_px=COMPARISON_SIGMA_PX
        )
        return translation.float().cpu().numpy()

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
        cameras: NDArray[np.float32],
        solved: set[int],
    ) -> None:
        seen = self._seen(poses, rows, cameras)
        self.check.add(samples, seen)
        ids = [sample.id for sample in samples]
        self.check.add_roots(ids, poses[:, :3], self._dictionary.fits.current(ids))
        count = min(len(rows), _COMPARED_ROOTS - self._compared)
        if count <= 0:
            return
        self._compared += count
        turned, first = poses[:count].copy(), rows[:count]
        turned[:, :3] = _turned(_Y_UP_TO_CAMERA, turned[:, :3])
        translations = cameras[:count].copy()
        again = [index for index in range(count) if index in solved]
        if again:
            there = [rows[index] for index in again]
            translations[again] = self._solved(
                turned[again], there, [samples[number] for number in again]
            )
        self.check.compare_turned(
            samples[:count], seen[:count], self._seen(turned, first, translations)
        )

    def _seen(
        self, poses: NDArray[np.float32], rows: Sequence[int], cameras: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """``(N, 49, 2)`` pixels of the crops."""
        points = self._keypoints(poses, rows).double().cpu().numpy()
        return project_to_crop(points, cameras.astype(np.float64))


def _from_pictures(
    cameras: PictureCameras, samples: Sequence[Sample], poses: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Cameras of crops from those of whole pictures; the roots are turned in place."""
    middles = np.array([sample.picture_size_px for sample in samples]) / 2
    principal = np.where(np.isfinite(cameras.principal_px), cameras.principal_px, middles)
    translation = cameras.translation
    turn = turned_to_axis(translation)
    poses[:, :3] = _turned(turn, poses[:, :3])
    boxes = [sample.box for sample in samples]
    return crop_translation(translation, cameras.focal_px, principal, boxes).astype(np.float32)


def _turned(turn: NDArray[np.float64], roots: NDArray[np.float32]) -> NDArray[np.float64]:
    """Roots ``(N, 3)`` after a turn ``(3, 3)`` or ``(N, 3, 3)``, in double precision."""
    return matrix_to_axis_angle(turn @ axis_angle_to_matrix(roots.astype(np.float64)))


def _with_roots(poses: NDArray[np.float32], roots: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.concatenate([roots.astype(np.float32), poses[:, 3:]], axis=1)


def _where(rows: ArrayLike) -> list[int]:
    return [int(row) for row in np.flatnonzero(rows)]
