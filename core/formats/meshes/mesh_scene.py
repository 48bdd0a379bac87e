"""What files of meshes are made of: bodies before one camera, in the axes of OpenGL.

x right, y up, z towards the viewer, metres; the camera is at the origin and looks along −z. A point
is seen at the pixel (c_x + f x / −z, c_y − f y / −z) of the upright picture, whose whole numbers
are the centres of pixels. The camera's own axes in the rest of the program are y down, z forward;
``to_file_axes`` leads from these to those, by half a turn about x.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.errors import ShapeError
from core.types.arrays import NUM_JOINTS, FloatArray

FILE_AXES = np.diag([1.0, -1.0, -1.0])


def to_file_axes(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Points ``(..., 3)`` before a camera, y down and z forward, in the axes of the files."""
    turned: NDArray[np.float64] = points * np.diag(FILE_AXES)
    return turned


@dataclass(frozen=True)
class MeshCamera:
    """The camera of a picture, without the bend of its lens, in pixels of the upright picture."""

    focal_length_px: float
    principal_point_px: tuple[float, float]
    picture_size_px: tuple[int, int]

    def seen_px(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Where points ``(..., 3)`` in the axes of the files are seen, ``(..., 2)`` pixels."""
        x, y, z = np.moveaxis(np.asarray(points, np.float64), -1, 0)
        c_x, c_y = self.principal_point_px
        along_x, along_y = x / -z, -y / -z
        f = self.focal_length_px
        pixels: NDArray[np.float64] = np.stack([c_x + f * along_x, c_y + f * along_y], axis=-1)
        return pixels


@dataclass(frozen=True, eq=False)
class MeshSkeleton:
    """The bones of one body, in the axes of the files.

    rest_vertices: (V, 3) metres, of this shape and with the pose's own blend shapes, in the pose at
    rest about the body's origin. rest_joints: (24, 3) metres. root_place: (3,) metres, where the
    pelvis is. rotations: (24, 3, 3), of each joint relative to its parent, the root's into the axes
    of the files.
    """

    rest_vertices: FloatArray
    rest_joints: NDArray[np.float64]
    root_place: NDArray[np.float64]
    rotations: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.rotations.shape != (NUM_JOINTS, 3, 3):
            raise ShapeError("rotations", actual=self.rotations.shape, expected="(24, 3, 3)")


@dataclass(frozen=True, eq=False)
class MeshPerson:
    """One body. vertices: (V, 3) metres in the axes of the files. notes: what is known beside."""

    name: str
    vertices: FloatArray
    notes: Mapping[str, object] = field(default_factory=dict)
    skeleton: MeshSkeleton | None = None


@dataclass(frozen=True, eq=False)
class MeshScene:
    """Bodies of one model before one camera.

    faces: (F, 3), counter-clockwise seen from outside. skinning_weights: (V, 24), for skeletons.
    title: what the file says that it holds.
    """

    people: Sequence[MeshPerson]
    faces: NDArray[np.integer]
    camera: MeshCamera
    title: str
    body_name: str
    skinning_weights: FloatArray | None = None

    def comments(self) -> list[str]:
        """Lines for formats that have no place for such facts but comments."""
        f, (c_x, c_y) = self.camera.focal_length_px, self.camera.principal_point_px
        width, height = self.camera.picture_size_px
        pixel = f"({c_x:.9g} + {f:.9g} x / -z, {c_y:.9g} - {f:.9g} y / -z)"
        lines = [
            self.title,
            f"body: {self.body_name}; metres, x right, y up, z towards the viewer",
            f"camera at the origin, looking along -z; pixel = {pixel} of {width} x {height}",
        ]
        for person in self.people:
            facts = "; ".join(f"{name}: {value}" for name, value in person.notes.items())
            lines.append(f"{person.name}; {facts}" if facts else person.name)
        return [_one_line(line) for line in lines]


def _one_line(text: str) -> str:
    """Names of files may hold anything; a comment must stay one line of ASCII."""
    return " ".join(text.split()).encode("ascii", "backslashreplace").decode("ascii")
