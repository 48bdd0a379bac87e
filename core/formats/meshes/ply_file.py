"""PLY, binary and little-endian: all bodies in one list of vertices with normals."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from core.formats.meshes.mesh_scene import MeshScene
from core.rendering.normals import VertexNormals

_VERTEX = np.dtype(
    [*((name, "<f4") for name in ("x", "y", "z", "nx", "ny", "nz")), ("person", "<i4")]
)
_FACE = np.dtype([("count", "u1"), ("corners", "<i4", 3)])


def write_ply(stream: BinaryIO, scene: MeshScene) -> None:
    """Write a scene; ``person`` of a vertex counts the bodies in the order of the comments."""
    size = len(scene.people[0].vertices) if scene.people else 0
    normals = VertexNormals(scene.faces, size)
    vertices = np.empty((len(scene.people), size), _VERTEX)
    faces = np.empty((len(scene.people), len(scene.faces)), _FACE)
    faces["count"] = 3
    for index, person in enumerate(scene.people):
        for axis, name in enumerate("xyz"):
            vertices[name][index] = person.vertices[:, axis]
        for axis, values in enumerate(normals(person.vertices.astype(np.float32)).T):
            vertices[f"n{'xyz'[axis]}"][index] = values
        vertices["person"][index] = index
        faces["corners"][index] = scene.faces + index * size
    stream.write(_header(scene, vertices.size, faces.size))
    stream.write(vertices.tobytes())
    stream.write(faces.tobytes())


def _header(scene: MeshScene, vertices: int, faces: int) -> bytes:
    properties = [
        f"property {'int' if name == 'person' else 'float'} {name}" for name in _VERTEX.names or ()
    ]
    lines = [
        "ply",
        "format binary_little_endian 1.0",
        *(f"comment {line}" for line in scene.comments()),
        f"element vertex {vertices}",
        *properties,
        f"element face {faces}",
        "property list uchar int vertex_indices",
        "end_header",
    ]
    return "".join(f"{line}\n" for line in lines).encode("ascii")
