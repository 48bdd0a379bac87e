"""Bodies of other methods: the files that they came in, and each one as it came."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.types.arrays import NUM_JOINTS, FloatArray, check_shape

BODIES_FORMAT_NAME = "bodies"
"""Of the format of annotations that makes people of another method's bodies."""


class Conversion(StrEnum):
    """How a body of another method became one of the project's body."""

    SAME_BODY = "same body"
    """Its numbers are the project's body's."""
    THROUGH_JOINTS = "through joints"
    """The shape and the pose whose joints lie nearest to its own, rotations nearly as they came."""
    THROUGH_VERTICES = "through vertices"
    """The shape and the pose whose mesh, the same as its own, lies nearest to it."""
    MEAN_SHAPE = "mean shape"
    """The pose as it came, on the mean shape: the file of its own body is not there."""
    TAKEN_OVER = "taken over"
    """The user said that its betas are to be taken as the project's body's."""


@dataclass(frozen=True, kw_only=True)
class NewBodyFile:
    """A file of bodies, to be stored with its rows.

    method: what people call its maker, such as the name of the prediction set. path: full.
    file_format: the reader's name of the format. heading: what the file is beside its rows
    (``core.formats.bodies.source_rows``). options: JSON of what the user said of the file. digest:
    tells files of other contents, or read by other options, apart. import_id: the import that
    brought it, where it made a project's people.
    """

    method: str
    path: str
    file_format: str
    heading: str
    options: str
    digest: str
    import_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class BodyFile:
    """A file of bodies, as a project remembers it; at: when it was first read, UTC, ISO 8601."""

    id: int
    at: str
    author: str
    method: str
    path: str
    file_format: str
    heading: str
    options: str

    @property
    def is_of_arrays(self) -> bool:
        """Whether it is written as arrays by name, and not as JSON."""
        return self.heading.startswith('{"kind": "arrays"')


@dataclass(frozen=True, kw_only=True, eq=False)
class BodyAsItCame:
    """A body with the numbers of its own method, seen from the crop of its sample.

    body_name: ``smpl``, ``smplx``, …, or the name of a project's body. gender: ``male``,
    ``female``, ``neutral``, or empty where the file does not say. betas: (K,) all of them.
    pose_axis_angle: (72,) radians, the root in the frame of the sample's crop.
    camera_translation: (3,) metres of its own origin, before the camera of the fit or prediction
    that was made of it. conversion, conversion_error_mm: how that was made, and how far its joints
    lie from its own, on average; None where that cannot be known.
    """

    body_name: str
    gender: str
    betas: NDArray[np.float64]
    pose_axis_angle: FloatArray
    camera_translation: FloatArray
    conversion: Conversion
    conversion_error_mm: float | None

    def __post_init__(self) -> None:
        check_shape("pose_axis_angle", self.pose_axis_angle, (3 * NUM_JOINTS,))
        check_shape("camera_translation", self.camera_translation, (3,))


@dataclass(frozen=True, kw_only=True, eq=False)
class NewImportedBody:
    """A row of a file of bodies.

    position: in the file's list, from 0. entry: the row as it stood there. sample_id: whose it is;
    None where it belongs to no one in the project. body: None where the row holds none that can be
    used.
    """

    position: int
    entry: bytes
    sample_id: int | None = None
    body: BodyAsItCame | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class ImportedBody:
    """A body as it came, as stored; its row is read by ``entries``."""

    id: int
    file: BodyFile
    position: int
    sample_id: int
    body: BodyAsItCame

    @property
    def provenance(self) -> str:
        """Method, file and row, such as ``EFT: entry 12 of coco.json``."""
        name = self.file.path.replace("\\", "/").rpartition("/")[2]
        return f"{self.file.method}: entry {self.position} of {name}"

    @property
    def conversion_text(self) -> str:
        """How it became a body of the project, and how far off that is."""
        error_mm = self.body.conversion_error_mm
        if self.body.conversion is Conversion.SAME_BODY:
            return "the project's own body"
        if error_mm is None:
            return f"converted ({self.body.conversion}); how far that is off is not known"
        return f"converted ({self.body.conversion}); its joints lie {error_mm:.1f} mm off"
