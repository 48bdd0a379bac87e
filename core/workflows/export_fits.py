"""Export: the current fits of a project as files that other programs read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import BodyArrays
from core.body.picture_frame import in_pictures, intrinsics_in_picture
from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.formats.bodies.spin_fits import (
    CropPlaces,
    PicturePlaces,
    SpinFits,
    WorldPlaces,
    write_spin_fits,
)
from core.geometry.boxes import BOX_SCALE_PX, Box
from core.progress import CancelToken, ProgressCallback, ignore_progress
from core.runs.project_body import body_arrays
from core.types.arrays import NUM_BETAS, NUM_JOINTS, FloatArray
from core.types.bodies import BodyParameters
from core.types.camera_poses import CameraPose
from core.types.counted_nouns import counted
from core.types.fits import Fit, Verdict
from core.workflows.exports.export_request import ExportRequest
from core.workflows.exports.supervising_fits import supervises

_EVERYTHING = SampleQuery()


@dataclass(frozen=True, kw_only=True)
class ExportReport:
    """What was written: all samples of the query, and how many of them with a valid fit."""

    out: Path
    samples: int
    valid: int
    rejected: int
    without_fit: int
    not_believed: int
    """With a fit whose pose was found too poor, and that no one accepted."""
    without_picture_places: str = ""
    """Why the bodies are not also written in the frames of their pictures' cameras."""

    def summary(self) -> str:
        """The report in one line and the path."""
        notice = ""
        if self.without_picture_places:
            notice = (
                "\nnotice: the bodies are written in the frames of their crops alone, since the "
                f"project's body cannot be read: {self.without_picture_places}"
            )
        return (
            f"{counted(self.samples, 'sample', 'samples')}: "
            f"{counted(self.valid, 'valid fit', 'valid fits')}, {self.rejected} rejected, "
            f"{self.not_believed} too poor, {self.without_fit} without a fit\n{self.out}{notice}"
        )


def export_spin_fits(
    dictionary: Dictionary,
    out: Path,
    *,
    query: SampleQuery = _EVERYTHING,
    sample_ids: tuple[int, ...] | None = None,
    overwrite: bool = False,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ExportReport:
    """Write SPIN's npz of final fits for the samples of a query, in the order of their ids.

    ``sample_ids`` takes the place of the query where it is given.

    ``valid_fit`` is 1 for a current fit that is not rejected and whose pose is valid or accepted;
    all other rows are zeros, so that a loader that ignores ``valid_fit`` never meets a rejected
    body. Betas are written as fitted; ``valid_shape`` tells which of them are extreme. Each body
    stands there twice: in its crop's frame, as it is stored, and in that of the picture's camera.

    Raises:
        UserFileError: ``out`` exists and ``overwrite`` is off, or cannot be written.
        Cancelled: the user asked to stop; nothing was written.
    """
    request = ExportRequest(
        out=out, query=query, sample_ids=sample_ids, progress=progress, cancel=cancel
    )
    ids = request.ids(dictionary)
    arrays, problem = _readable_body(dictionary)
    table = _FitTable(len(ids), arrays)
    start = 0
    for page in request.pages(ids, "Collecting fits"):
        table.fill(start, page, dictionary)
        start += len(page)
    write_spin_fits(out, table.as_spin_fits(ids), overwrite=overwrite)
    return replace(table.report(out), without_picture_places=problem)


def _readable_body(dictionary: Dictionary) -> tuple[BodyArrays | None, str]:
    """The project's body, or why there is none: an export must not fail for want of its file."""
    try:
        return body_arrays(dictionary)[0], ""
    except StudioError as error:
        return None, str(error)


class _FitTable:
    """The arrays of the file, filled page by page."""

    def __init__(self, count: int, body: BodyArrays | None) -> None:
        def zeros(*width: int) -> FloatArray:
            return np.zeros((count, *width), dtype=np.float32)

        self._body = body
        self.pose, self.betas = zeros(3 * NUM_JOINTS), zeros(NUM_BETAS)
        self.valid_fit, self.valid_shape = (np.zeros(count, dtype=bool) for _ in range(2))
        self.center, self.scale = zeros(2), zeros()
        self.crop_places = CropPlaces(crop_translation=zeros(3), crop_camera_px=zeros(5))
        self.picture_places = PicturePlaces(
            picture_root_axis_angle=zeros(3),
            picture_translation=zeros(3),
            picture_focal_length_px=zeros(),
            picture_principal_point_px=zeros(2),
        )
        self.names: list[tuple[str, str, str]] = []
        self.poses: dict[int, CameraPose] = {}
        self.rejected = self.without_fit = 0

    def fill(self, start: int, ids: Sequence[int], dictionary: Dictionary) -> None:
        fits = dictionary.fits.current(ids)
        written: dict[int, tuple[BodyParameters, Box]] = {}
        for row, sample in enumerate(dictionary.samples.get_many(ids), start):
            self.center[row] = sample.box.center_x_px, sample.box.center_y_px
            self.scale[row] = sample.box.side_px / BOX_SCALE_PX
            self.names.append((str(sample.picture_path), sample.person_key, sample.dataset))
            if sample.camera.pose is not None:
                self.poses[row] = sample.camera.pose
            fit = fits.get(sample.id)
            if fit is None:
                self.without_fit += 1
            elif supervises(fit):
                self._write_fit(row, fit)
                written[row] = (fit.parameters, sample.box)
            else:
                self.rejected += fit.verdict is Verdict.REJECTED
        self._write_picture_places(written)

    def _write_fit(self, row: int, fit: Fit) -> None:
        self.pose[row] = fit.parameters.pose_axis_angle
        self.betas[row] = fit.parameters.betas
        self.crop_places.crop_translation[row] = fit.parameters.camera_translation
        self.crop_places.crop_camera_px[row] = astuple(fit.parameters.camera)
        self.valid_fit[row] = True
        self.valid_shape[row] = fit.shape_valid

    def _write_picture_places(self, written: Mapping[int, tuple[BodyParameters, Box]]) -> None:
        if self._body is None or not written:
            return
        rows, places = list(written), self.picture_places
        seen = in_pictures([body for body, _ in written.values()], self._body)
        places.picture_root_axis_angle[rows] = seen.root_axis_angle
        places.picture_translation[rows] = seen.translation
        intrinsics = [intrinsics_in_picture(body.camera, box) for body, box in written.values()]
        places.picture_focal_length_px[rows] = [focal_px for focal_px, _, _ in intrinsics]
        places.picture_principal_point_px[rows] = [(x_px, y_px) for _, x_px, y_px in intrinsics]

    def as_spin_fits(self, ids: NDArray[np.int64]) -> SpinFits:
        imgname, person, dataset = (
            np.array([names[part] for names in self.names], dtype=np.str_) for part in range(3)
        )
        return SpinFits(
            pose=self.pose,
            betas=self.betas,
            valid_fit=self.valid_fit,
            valid_shape=self.valid_shape,
            center=self.center,
            scale=self.scale,
            imgname=imgname,
            person=person,
            dataset=dataset,
            sample_id=np.asarray(ids, dtype=np.int64),
            crop_places=self.crop_places,
            picture_places=None if self._body is None else self.picture_places,
            world_places=_world_places(self.poses, len(ids)),
        )

    def report(self, out: Path) -> ExportReport:
        samples, valid = len(self.valid_fit), int(self.valid_fit.sum())
        return ExportReport(
            out=out,
            samples=samples,
            valid=valid,
            rejected=self.rejected,
            without_fit=self.without_fit,
            not_believed=samples - valid - self.rejected - self.without_fit,
        )


def _world_places(poses: Mapping[int, CameraPose], count: int) -> WorldPlaces | None:
    """Where the cameras of ``count`` rows stood; None where no pose is known."""
    if not poses:
        return None
    rotation, translation = np.zeros((count, 3, 3), np.float32), np.zeros((count, 3), np.float32)
    metres, worlds = np.zeros(count, np.float32), [""] * count
    for row, pose in poses.items():
        rotation[row], translation[row] = pose.rotation_matrix, pose.translation
        metres[row], worlds[row] = pose.metres_per_unit or 0.0, pose.world
    return WorldPlaces(
        world_rotation=rotation,
        world_translation=translation,
        world_metres_per_unit=metres,
        world=np.array(worlds, dtype=np.str_),
    )
