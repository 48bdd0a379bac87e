"""Wavefront OBJ: an object for each body, vertices and faces as text, the camera in comments."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.formats.meshes.mesh_scene import MeshScene


def write_obj(stream: BinaryIO, scene: MeshScene) -> None:
    """Write a scene; coordinates have six digits behind the point, a thousandth of a millimetre."""
    lines = [f"# {line}\n" for line in scene.comments()]
    stream.write("".join(lines).encode("ascii"))
    first = 1
    for person in scene.people:
        stream.write(f"o {_object_name(person.name)}\ns 1\n".encode("ascii"))
        stream.write(_rows("v %.6f %.6f %.6f\n", person.vertices))
        stream.write(_rows("f %d %d %d\n", scene.faces + first))
        first += len(person.vertices)


def _rows(line: str, numbers: NDArray[np.generic]) -> bytes:
    text: str = (line * len(numbers)) % tuple(numbers.ravel().tolist())
    return text.encode("ascii")


def _object_name(name: str) -> str:
    return "_".join(name.encode("ascii", "backslashreplace").decode("ascii").split())
