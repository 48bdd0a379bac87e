"""Samples: one person in one picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from core.geometry.boxes import Box
from core.types.arrays import NUM_KEYPOINTS, FloatArray, check_shape
from core.types.bodies import BodyParameters, CropCamera
from core.types.cameras import PictureCamera
from core.types.fits import Origin, Verdict
from core.types.keypoint_sources import KeypointSource, KeypointSources, all_from
from core.types.sources import SourceEntry


@dataclass(frozen=True, kw_only=True, eq=False)
class GroundTruth:
    """What is known of a sample beyond its keypoints; any part may be missing."""

    parameters: BodyParameters | None = None
    """Names its camera. With the axis at the principal point its frame is that of the picture's
    camera."""
    joints_3d: FloatArray | None = None
    """(49, 4) metres relative to the pelvis, and confidence. In the frame of the picture's camera;
    ``core.body.true_joints`` turns them into the crop's, where bodies are compared."""


@dataclass(frozen=True, kw_only=True, eq=False)
class NewSample:
    """One person in one picture, as a reader delivers it.

    picture_path: absolute path of the picture; it stays where it is.
    person_key: tells people of one picture apart and stays the same at a second import.
    box_center_px: (2,) picture pixels; box_scale: side of the square box / 200 px (SPIN's scale).
    keypoints_px: (49, 3) x, y in picture pixels and confidence in 0..1; absent joints are 0, 0, 0.
    keypoint_source: where all of them come from. Projected ones are x, y, 0: no evidence.
    """

    picture_path: Path
    picture_size_px: tuple[int, int]
    """Width and height."""
    dataset: str
    person_key: str
    box_center_px: FloatArray
    box_scale: float
    keypoints_px: FloatArray
    ground_truth: GroundTruth = field(default_factory=GroundTruth)
    source: SourceEntry | None = None
    """What it was made of, where the file can be written back."""
    camera: PictureCamera | None = None
    """Of the picture, where it is known."""
    keypoint_source: KeypointSource = KeypointSource.IMPORTED

    def __post_init__(self) -> None:
        check_shape("box_center_px", self.box_center_px, (2,))
        check_shape("keypoints_px", self.keypoints_px, (NUM_KEYPOINTS, 3))


@dataclass(frozen=True)
class AddedSamples:
    """What an import added: the new ids in the order given, and how many were there before.

    import_id: what the project remembers the import by.
    """

    added_ids: list[int]
    already_there: int
    import_id: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample:
    """One person in one picture, as stored.

    picture_size_px: width, height. keypoints_px: (49, 3) x, y in picture pixels, confidence.
    imported_at: UTC, ISO 8601. camera: of the picture. corrections: how many edits of keypoints
    and box stand. drawn_by: who drew the person by hand; None where it was imported.
    keypoint_sources: (49,) who placed each keypoint, or left it out. One that is projected has its
    place in keypoints_px and the confidence 0: whatever goes by confidence leaves it out.
    """

    id: int
    name: str
    picture_path: Path
    picture_size_px: tuple[int, int]
    dataset: str
    person_key: str
    box: Box
    keypoints_px: FloatArray
    ground_truth: GroundTruth
    imported_at: str
    camera: PictureCamera
    corrections: int = 0
    drawn_by: str | None = None
    keypoint_sources: KeypointSources = field(
        default_factory=lambda: all_from(KeypointSource.IMPORTED)
    )

    @cached_property
    def annotated_keypoints_px(self) -> FloatArray:
        """``keypoints_px`` without projected ones: what may be written as an annotation."""
        return np.where(self.keypoints_px[:, 2:] > 0, self.keypoints_px, np.float32(0))

    @cached_property
    def keypoints_crop_px(self) -> FloatArray:
        """(49, 3) x, y in pixels of the 224 px crop, and confidence; absent ones are 0, 0, 0."""
        return self.box.keypoints_to_crop(self.keypoints_px)

    @cached_property
    def fitted_keypoints_crop_px(self) -> FloatArray:
        """The same where a lens without distortion shows them: what bodies are fitted to."""
        return self.box.keypoints_to_crop(self.camera.undistorted_keypoints(self.keypoints_px))

    @cached_property
    def crop_camera(self) -> CropCamera:
        """The picture's camera looking through the crop."""
        return self.camera.crop_camera(self.box)


@dataclass(frozen=True, kw_only=True)
class SampleRow:
    """A sample as lists show it; everything after ``dataset`` describes its current fit.

    verdict is ``NONE`` without a fit. depth_m: distance of the body from its crop camera.
    group: name of its moment, or else of its subject. comments: how many there are on the person.
    """

    id: int
    name: str
    picture_path: Path
    dataset: str
    verdict: Verdict
    origin: Origin | None
    loss: float | None
    max_abs_beta: float | None
    depth_m: float | None
    flags: tuple[str, ...]
    visible_keypoints: int
    current_fit_id: int | None
    suspicion: float | None = None
    group: str | None = None
    comments: int = 0

    @property
    def has_fit(self) -> bool:
        """Whether the sample has a current fit."""
        return self.current_fit_id is not None
