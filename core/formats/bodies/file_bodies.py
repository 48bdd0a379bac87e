"""Bodies of a file as they are handed on: pictures are names, people are boxes or keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.formats.bodies.source_rows import SourceRows
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import ReadProblem


@dataclass(frozen=True, kw_only=True, eq=False)
class PictureCameras:
    """Cameras of whole pictures, for N bodies.

    translation: (N, 3) metres. focal_px: (N, 2) picture pixels. principal_px: (N, 2); NaN: the
    middle of the picture.
    """

    translation: NDArray[np.float64]
    focal_px: NDArray[np.float64]
    principal_px: NDArray[np.float64]

    def rows(self, kept: Sequence[int]) -> PictureCameras:
        """Those of some rows."""
        index = list(kept)
        return PictureCameras(
            translation=self.translation[index],
            focal_px=self.focal_px[index],
            principal_px=self.principal_px[index],
        )


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
    without_roots: the file does not say how bodies are turned; their roots are zeros.
    own_export: written by this program, so that the betas belong to a project's body.
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
    without_roots: bool = False
    own_export: bool = False
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
