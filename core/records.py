"""The values that pass between the parts of the engine: samples, fits, losses, verdicts.

They know nothing of where they are stored or how they were made. Arrays are float32 unless said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import ShapeError

FloatArray = NDArray[np.float32]

NUM_JOINTS = 24
NUM_BETAS = 10
NUM_KEYPOINTS = 49


class Origin(StrEnum):
    """Where a fit comes from."""

    MEAN = "mean"
    LIFTER = "lifter"
    NETWORK = "network"
    IN_LOOP = "in-loop"
    REFIT = "refit"
    CORRECTED = "corrected"
    IMPORTED = "imported"
    GROUND_TRUTH = "ground truth"


class Verdict(StrEnum):
    """What a person said of a fit."""

    NONE = "none"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNSURE = "unsure"


def check_shape(name: str, array: NDArray[np.generic], expected: tuple[int, ...]) -> None:
    """Raise ``ShapeError`` unless ``array`` has exactly the expected shape."""
    if array.shape != expected:
        raise ShapeError(name, actual=array.shape, expected=str(expected))


@dataclass(frozen=True, eq=False)
class BodyParameters:
    """One body in its crop's camera.

    pose_axis_angle: (72,) radians, root first; the root is in the camera frame (y down, z forward).
    betas: (10,).
    camera_translation: (3,) metres, crop camera with focal length 5000 px and the 224 px crop.
    """

    pose_axis_angle: FloatArray
    betas: FloatArray
    camera_translation: FloatArray

    def __post_init__(self) -> None:
        check_shape("pose_axis_angle", self.pose_axis_angle, (3 * NUM_JOINTS,))
        check_shape("betas", self.betas, (NUM_BETAS,))
        check_shape("camera_translation", self.camera_translation, (3,))


@dataclass(frozen=True, kw_only=True)
class FitLosses:
    """The terms of SMPLify's objective at the fit, weighted, and the number fits are compared by.

    reprojection: sum over joints of confidence² · robust squared error, px² of the crop.
    comparison: reprojection in the un-augmented crop with the camera solved afresh, divided by the
        sum of confidence²; px² per fully confident joint
        (docs/method.md, "The normalised reprojection loss").
    """

    reprojection: float
    pose_prior: float
    angle_prior: float
    shape_prior: float
    depth: float = 0.0
    pull: float = 0.0
    comparison: float

    @property
    def objective(self) -> float:
        """What the solver minimised: the sum of the weighted terms."""
        return (
            self.reprojection
            + self.pose_prior
            + self.angle_prior
            + self.shape_prior
            + self.depth
            + self.pull
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class NewFit:
    """A fit on offer to the dictionary."""

    sample_id: int
    parameters: BodyParameters
    losses: FitLosses
    origin: Origin
    run_id: int | None = None
    iteration: int | None = None
    runner_up: bool = False
    """A different body nearly as good: enters the history only, never current by itself."""
    of_corrections: int | None = None
    """How many corrections the sample had when its keypoints were read; None where it is not known.

    The dictionary refuses a fit to keypoints, or in a crop, that a person has corrected since.
    """
    better_than: int | None = None
    """Id of a current fit that this one was found better than by more than 2D error: it takes the
    place of exactly that fit even where its comparison loss is higher."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GroundTruth:
    """What is known of a sample beyond its keypoints; any part may be missing."""

    parameters: BodyParameters | None = None
    joints_3d: FloatArray | None = None
    """(49, 4) metres in the camera frame, relative to the pelvis; the 4th is confidence."""


@dataclass(frozen=True, kw_only=True)
class SourceEntry:
    """An entry of an annotation file as it stood there, so that an export can write it back.

    picture: position of its picture among the document's. position: in the file's list, from 0.
    text: the entry as JSON. refused: the import could not use it.
    """

    picture: int
    position: int
    text: str
    refused: bool = False


@dataclass(frozen=True, kw_only=True)
class SourcePicture:
    """A picture as an annotation file lists it, whether anybody is in it or not.

    path: where it is. image_id: JSON of the number or name that entries refer to it by.
    file_name: as the file calls it. text: the entry as JSON.
    """

    path: Path
    image_id: str
    file_name: str
    text: str


@dataclass(frozen=True, kw_only=True)
class SourceDocument:
    """What an annotation file holds beside its entries.

    dataset: as its samples have it. heading: JSON of all fields but the lists of pictures and
    entries. pictures: complete only when the last entry was read, since lists of results name
    their pictures as they go.
    """

    dataset: str
    heading: str
    pictures: Sequence[SourcePicture]


@dataclass(frozen=True, kw_only=True, eq=False)
class NewSample:
    """One person in one picture, as a reader delivers it.

    picture_path: absolute path of the picture; it stays where it is.
    person_key: tells people of one picture apart and stays the same at a second import.
    box_center_px: (2,) picture pixels; box_scale: side of the square box / 200 px (SPIN's scale).
    keypoints_px: (49, 3) x, y in picture pixels and confidence in 0..1; absent joints are 0, 0, 0.
    """

    picture_path: Path
    picture_size_px: tuple[int, int]
    """width, height."""
    dataset: str
    person_key: str
    box_center_px: FloatArray
    box_scale: float
    keypoints_px: FloatArray
    ground_truth: GroundTruth = field(default_factory=GroundTruth)
    source: SourceEntry | None = None
    """What it was made of, where the file can be written back."""

    def __post_init__(self) -> None:
        check_shape("box_center_px", self.box_center_px, (2,))
        check_shape("keypoints_px", self.keypoints_px, (NUM_KEYPOINTS, 3))
