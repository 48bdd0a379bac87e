"""Bodies of a file as they are handed on: pictures are names, people are boxes or keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import ShapeError
from core.formats.bodies.source_rows import SourceRows
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import ReadProblem


@dataclass(frozen=True, kw_only=True, eq=False)
class PictureCameras:
    """Cameras of whole pictures, for N bodies.

    translation: (N, 3) metres. focal_px: (N, 2) picture pixels. principal_px: (N, 2); NaN: the
    middle of the picture.
    view_rotation (N, 3, 3) and view_translation (N, 3) metres: from the axes that bodies and
    translations are in to those of the camera, x_camera = R x + t; None where they are the same.
    """

    translation: NDArray[np.float64]
    focal_px: NDArray[np.float64]
    principal_px: NDArray[np.float64]
    view_rotation: NDArray[np.float64] | None = None
    view_translation: NDArray[np.float64] | None = None

    @property
    def origins_m(self) -> NDArray[np.float64]:
        """(N, 3) metres in the cameras' axes: about where the bodies are."""
        at = self.translation
        if self.view_rotation is not None:
            at = (self.view_rotation @ at[:, :, None])[:, :, 0]
        return at if self.view_translation is None else at + self.view_translation

    def principal_in(self, sizes_px: ArrayLike) -> NDArray[np.float64]:
        """Principal points ``(N, 2)`` in pictures of this width and height, ``(N, 2)`` or one."""
        middles = np.asarray(sizes_px, dtype=np.float64) / 2
        return np.where(np.isfinite(self.principal_px), self.principal_px, middles)

    def rows(self, kept: Sequence[int]) -> PictureCameras:
        """Those of some rows."""
        index = list(kept)
        return PictureCameras(
            translation=self.translation[index],
            focal_px=self.focal_px[index],
            principal_px=self.principal_px[index],
            view_rotation=_rows_of(self.view_rotation, index),
            view_translation=_rows_of(self.view_translation, index),
        )


class JointOrigin(StrEnum):
    """What 3D joints are counted from; their axes are those of the picture's camera in any case."""

    ROOT = "root"
    CAMERA = "camera"


@dataclass(frozen=True, kw_only=True, eq=False)
class FileJoints3D:
    """3D joints that a file states for N bodies, beside or in place of their parameters.

    names: J, as ``core.body.conventions`` spells them where it has them. positions_m: (N, J, 3)
    metres along the axes of the picture's camera (x right, y down, z forward), counted from
    ``origin``. confidence: (N, J) in 0..1; 0 for joints that are not there, whose positions are 0.
    measured: whether the file states them as what a data set measured; else they are the joints of
    its bodies, which prove nothing of these.

    Raises:
        ShapeError: the arrays do not belong together.
    """

    names: tuple[str, ...]
    positions_m: NDArray[np.float64]
    confidence: NDArray[np.float64]
    origin: JointOrigin = JointOrigin.ROOT
    measured: bool = False

    def __post_init__(self) -> None:
        count = len(self.positions_m)
        for name, array, expected in (
            ("positions_m", self.positions_m, (count, len(self.names), 3)),
            ("confidence", self.confidence, (count, len(self.names))),
        ):
            if array.shape != expected:
                raise ShapeError(name, actual=array.shape, expected=str(expected))

    def rows(self, kept: Sequence[int]) -> FileJoints3D:
        """Those of some bodies."""
        index = list(kept)
        return FileJoints3D(
            names=self.names,
            positions_m=self.positions_m[index],
            confidence=self.confidence[index],
            origin=self.origin,
            measured=self.measured,
        )


def _rows_of(array: NDArray[np.float64] | None, index: Sequence[int]) -> NDArray[np.float64] | None:
    return None if array is None else array[list(index)]


@dataclass(frozen=True, kw_only=True, eq=False)
class ForeignPredictions:
    """N bodies as a file gives them.

    entries: (N,) position in the file's list. picture_names: N names or paths as written there.
    person_keys: N texts, empty where the file tells people apart by boxes alone.
    pose_axis_angle: (N, 72) radians, root first and in the camera frame. betas: (N, 10).
    box_centers_px (N, 2), box_sides_px (N,): picture pixels; NaN where not given.
    raw_boxes: (N, 4) as written, where boxes are four numbers whose meaning the file does not say.
    has_scales: sides were written in units of 200 px.
    camera_translation: (N, 3) metres, camera of the 224 px crop of the box; NaN where not given.
    crop_cameras: (N, 5) those cameras in crop pixels, as ``CropCamera`` counts them; None: the long
    lens.
    picture_cameras: in place of it where the file has cameras of the whole pictures.
    cameras_are_assumed: the file leaves their focal lengths out; they are its method's settings.
    root_joint_m: (N, 3) metres where the file itself says where root joints are, in the axes that
    ``picture_cameras.translation`` is in; NaN or None where it does not.
    joints_3d: what the file states of 3D joints, for the same N bodies.
    without_roots: the file does not say how bodies are turned; their roots are zeros.
    own_export: written by this program, so that the betas belong to a project's body.
    of_long_lens: written when all of its bodies stood before SPIN's long lens, and no file said so.
    source_rows: all rows of the file as they stood there, by ``entries``; None where the reader
    cannot hand them on. body_names, genders: N texts, whose bodies they are (``smpl``, ``smplx``,
    …; for this program's exports the body's own name) and which of that body's genders, empty where
    the file does not say; None: all are SMPL's of no said gender. all_betas: (N, K) every beta of
    the file, NaN beyond the end of a row that has fewer; None: ``betas`` are all.
    keypoints_px: (N, 49, 3) 2D keypoints of the file in picture pixels with confidence; None
    where it has none.
    problems: entries that cannot be used. without_body: entries that say they hold none, by what
    says so. notes: what was assumed and not used.
    """

    entries: NDArray[np.int64]
    picture_names: Sequence[str]
    person_keys: Sequence[str]
    pose_axis_angle: NDArray[np.float32]
    betas: NDArray[np.float32]
    box_centers_px: NDArray[np.float64]
    box_sides_px: NDArray[np.float64]
    camera_translation: NDArray[np.float32]
    raw_boxes: NDArray[np.float64] | None = None
    has_scales: bool = False
    crop_cameras: NDArray[np.float64] | None = None
    picture_cameras: PictureCameras | None = None
    cameras_are_assumed: bool = False
    root_joint_m: NDArray[np.float64] | None = None
    joints_3d: FileJoints3D | None = None
    without_roots: bool = False
    own_export: bool = False
    of_long_lens: bool = False
    source_rows: SourceRows | None = None
    body_names: Sequence[str] | None = None
    genders: Sequence[str] | None = None
    all_betas: NDArray[np.float64] | None = None
    keypoints_px: NDArray[np.float64] | None = None
    problems: tuple[ReadProblem, ...] = ()
    without_body: Mapping[str, int] = field(default_factory=dict)
    notes: ReadNotes = field(default_factory=ReadNotes)

    def __len__(self) -> int:
        return len(self.entries)
