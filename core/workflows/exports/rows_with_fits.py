"""Fits of the project written into rows of another method's file, for the camera of each row."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.kinematics import pelvis_at_rest
from core.body.picture_frame import in_pictures, intrinsics_in_picture
from core.dictionary.store import Dictionary
from core.formats.bodies.options import NO_PREDICTION_OPTIONS
from core.formats.bodies.writers.changed_rows import (
    RowBody,
    RowCamera,
    RowCameraKind,
    UnchangeableRowError,
    row_camera,
    row_with,
)
from core.geometry.camera_change import between_cameras
from core.geometry.crop_camera import CropCameras, translation_to_weak_perspective
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.runs.project_body import body_arrays
from core.types.bodies import LONG_LENS, BodyParameters, CropCamera, camera_batch
from core.types.cameras import PictureCamera
from core.types.fits import Fit
from core.types.foreign.imported_bodies import BodyFile, Conversion, ImportedBody
from core.types.samples import Sample

_SAME_BETAS = frozenset({Conversion.SAME_BODY, Conversion.TAKEN_OVER})


class RowChanger:
    """Puts fits into rows; one of them serves the files of a project.

    Args:
        dictionary: of the project.

    Raises:
        BodyFileError, DictionaryError: the project's body cannot be used.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._arrays, _name = body_arrays(dictionary)
        self._samples: dict[int, Sample] = {}
        self._came: dict[int, ImportedBody] = {}

    def look_at(self, sample_ids: Iterable[int]) -> None:
        """Read the people whose rows come next."""
        samples = self._dictionary.samples.get_many(list(dict.fromkeys(sample_ids)))
        self._samples = {sample.id: sample for sample in samples}

    def writes_betas(self, own: Fit) -> bool:
        """Whether betas of the project's body are those of the row's."""
        return self._as_it_came(own).body.conversion in _SAME_BETAS

    def row(self, file: BodyFile, entry: bytes, own: Fit, fit: Fit) -> bytes:
        """The row with a fit in it.

        Args:
            file: where the row is from.
            entry: as it came.
            own: the fit that the row became.
            fit: of the same person, to be written.

        Raises:
            UnchangeableRowError: the row's body is written in a form that is not known.
        """
        if json.loads(file.options) != asdict(NO_PREDICTION_OPTIONS):
            raise UnchangeableRowError("its file was read by options of the user's")
        camera = row_camera(file.file_format, file.heading, entry)
        body = self._body_for(camera, self._samples[fit.sample_id], own, fit)
        return row_with(file.file_format, file.heading, entry, body, camera)

    def _body_for(self, camera: RowCamera, sample: Sample, own: Fit, fit: Fit) -> RowBody:
        target = _crop_camera(camera, sample, fit.parameters)
        seen = self._under(fit.parameters, target)
        pose = seen.pose_axis_angle.astype(np.float64)
        translation = seen.camera_translation.astype(np.float64)
        picture: dict[str, Any] | None = None
        if camera.kind in (RowCameraKind.PICTURE, RowCameraKind.OWN):
            there = in_pictures([seen], self._arrays)
            if camera.kind is RowCameraKind.PICTURE:
                pose = np.concatenate([there.root_axis_angle[0], pose[3:]])
                translation = there.translation[0]
            else:
                focal_px, x_px, y_px = intrinsics_in_picture(seen.camera, sample.box)
                picture = {
                    "picture_root_axis_angle": there.root_axis_angle[0],
                    "picture_translation": there.translation[0],
                    "picture_focal_length_px": focal_px,
                    "picture_principal_point_px": [x_px, y_px],
                }
        crop_camera = seen.camera
        if camera.box is not None and camera.kind is RowCameraKind.OWN:
            crop_camera = seen.camera.between_boxes(sample.box, camera.box)
        return RowBody(
            pose_axis_angle=pose,
            translation=translation + self._to_origin(own, fit),
            betas=fit.parameters.betas.astype(np.float64) if self.writes_betas(own) else None,
            crop_camera=crop_camera,
            weak=self._weak(camera, sample, own, fit) if camera.kind is RowCameraKind.OWN else None,
            picture=picture,
        )

    def _weak(self, camera: RowCamera, sample: Sample, own: Fit, fit: Fit) -> NDArray[np.float64]:
        """The body for a row's box and the long lens: (3,) s, tx, ty."""
        seen = self._under(fit.parameters, _long_lens(camera, sample))
        at = seen.camera_translation.astype(np.float64) + self._to_origin(own, fit)
        return translation_to_weak_perspective(at)

    def _to_origin(self, own: Fit, fit: Fit) -> NDArray[np.float64]:
        """From the origin of the project's body to that of the row's: (3,) metres.

        Both have their pelvis in the same place: own.t + p(own) is the pelvis as it came, and the
        row's origin lay at the translation that came with it. Where the betas of the row are the
        project's body's, its pelvis moves with them.
        """
        came = self._as_it_came(own).body.camera_translation.astype(np.float64)
        if self.writes_betas(own):
            return came - own.parameters.camera_translation.astype(np.float64)
        mine, new = (
            pelvis_at_rest(self._arrays, body.parameters.betas[None])[0] for body in (own, fit)
        )
        shift: NDArray[np.float64] = came - own.parameters.camera_translation - mine + new
        return shift

    def _under(self, body: BodyParameters, camera: CropCamera) -> BodyParameters:
        if camera == body.camera:
            return body
        here, there = (_in_double_precision(each) for each in (body.camera, camera))
        pose = body.pose_axis_angle.astype(np.float64)
        roots, translation = between_cameras(
            axis_angle_to_matrix(pose[None, :3]),
            body.camera_translation[None].astype(np.float64),
            here,
            there,
            pelvis=pelvis_at_rest(self._arrays, body.betas[None]),
        )
        root = matrix_to_axis_angle(roots)[0]
        return BodyParameters(np.concatenate([root, pose[3:]]), body.betas, translation[0], camera)

    def _as_it_came(self, own: Fit) -> ImportedBody:
        if own.id not in self._came:
            self._came |= self._dictionary.imported_bodies.of_fits([own.id])
        return self._came[own.id]


def _in_double_precision(camera: CropCamera) -> CropCameras[NDArray[np.float64]]:
    return camera_batch([camera]).converted(lambda part: part.astype(np.float64))


def _crop_camera(camera: RowCamera, sample: Sample, body: BodyParameters) -> CropCamera:
    """The row's camera in the crop of the sample, where bodies are."""
    if camera.kind is RowCameraKind.OWN:
        return body.camera
    if camera.kind is RowCameraKind.PICTURE:
        width_px, height_px = sample.picture_size_px
        principal = camera.principal_px or (width_px / 2, height_px / 2)
        return PictureCamera(camera.focal_px, principal).crop_camera(sample.box)
    return _long_lens(camera, sample)


def _long_lens(camera: RowCamera, sample: Sample) -> CropCamera:
    """The long lens of the row's box, in the crop of the sample."""
    if camera.box is None or camera.box == sample.box:
        return LONG_LENS
    return LONG_LENS.between_boxes(camera.box, sample.box)
