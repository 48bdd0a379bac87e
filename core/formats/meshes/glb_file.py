"""GLB, binary glTF 2.0: bodies as meshes, or with their skeletons and skins, before a camera.

A skin moves a vertex v of the pose at rest to Σ_j w_j G_j B_j v, with G_j where the nodes of the
joints are and B_j the inverse of where they are at rest, so that bones can be turned in any editor.
The pose's own blend shapes are in the vertices at rest: the body is exact in the pose that was
exported, and without them in any other. What readers need and the specification leaves open
(https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html): at most four joints a vertex, since
three.js passes over a second set; weights that add up to 1; the skinned mesh at the root of the
scene and without a place of its own, since readers differ in whether they heed it.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import SKELETON_JOINT_NAMES, SKELETON_PARENTS
from core.errors import printable
from core.formats.meshes.mesh_scene import MeshCamera, MeshPerson, MeshScene, MeshSkeleton
from core.geometry.rotations import matrix_to_axis_angle
from core.rendering.normals import VertexNormals
from core.types.arrays import NUM_JOINTS

MOST_INFLUENCES = 4
_GLB_MAGIC, _VERSION = 0x46546C67, 2
_JSON_CHUNK, _BINARY_CHUNK = 0x4E4F534A, 0x004E4942
_FLOAT, _UNSIGNED_INT, _UNSIGNED_BYTE = 5126, 5125, 5121
_VERTICES_TARGET, _INDICES_TARGET = 34962, 34963
_NEAREST_M = 0.01
_COLOR = (0.62, 0.66, 0.72, 1.0)


def write_glb(stream: BinaryIO, scene: MeshScene) -> None:
    """Write a scene; people with a skeleton get their bones and their skin."""
    document = _Document(scene)
    text = json.dumps(document.gltf, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 4)
    binary = bytes(document.binary)
    length = 12 + 8 + len(text) + 8 + len(binary)
    stream.write(struct.pack("<3I", _GLB_MAGIC, _VERSION, length))
    stream.write(struct.pack("<2I", len(text), _JSON_CHUNK) + text)
    stream.write(struct.pack("<2I", len(binary), _BINARY_CHUNK) + binary)


def strongest_influences(
    weights: NDArray[np.floating],
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The four joints that move each vertex most ``(V, 4)``, and weights that add up to 1.

    Joints without a weight are joint 0, as the specification wants it.
    """
    order = np.argsort(-weights, axis=1, kind="stable")[:, :MOST_INFLUENCES]
    chosen = np.take_along_axis(weights, order, axis=1).astype(np.float64)
    shares = (chosen / chosen.sum(axis=1, keepdims=True)).astype(np.float32)
    # What rounding left over goes to the largest, so that the sum is 1 in single precision, too.
    shares[:, 0] += np.float32(1) - shares.sum(axis=1, dtype=np.float32)
    joints = np.where(shares > 0, order, 0).astype(np.uint8)
    return joints, shares


class _Document:
    """The JSON of a scene and the numbers behind it."""

    def __init__(self, scene: MeshScene) -> None:
        self.binary = bytearray()
        self._scene = scene
        self._normals: VertexNormals | None = None
        self.gltf: dict[str, Any] = {
            "asset": {
                "version": "2.0",
                "generator": "SPIN Studio",
                "extras": {"title": printable(scene.title), "body_name": scene.body_name},
            },
            "scene": 0,
            "scenes": [{"nodes": []}],
            "nodes": [],
            "cameras": [_camera(scene.camera)],
            "materials": [
                {
                    "name": "body",
                    "pbrMetallicRoughness": {
                        "baseColorFactor": list(_COLOR),
                        "metallicFactor": 0.0,
                        "roughnessFactor": 0.9,
                    },
                }
            ],
            "meshes": [],
            "accessors": [],
            "bufferViews": [],
        }
        self._node({"name": "camera", "camera": 0}, at_root=True)
        if scene.people:
            self._add_people()
        if self.binary:
            self.gltf["buffers"] = [{"byteLength": len(self.binary)}]
        for name in ("meshes", "accessors", "bufferViews"):
            if not self.gltf[name]:
                # The specification forbids empty lists.
                del self.gltf[name]

    def _add_people(self) -> None:
        faces = self._scene.faces
        self._normals = VertexNormals(faces, len(self._scene.people[0].vertices))
        indices = self._accessor(
            faces.astype(np.uint32).ravel(), "SCALAR", _UNSIGNED_INT, _INDICES_TARGET
        )
        skinned = [person for person in self._scene.people if person.skeleton is not None]
        shared = self._skin_attributes() if skinned else {}
        for person in self._scene.people:
            if person.skeleton is None:
                self._add_mesh(person, person.vertices, indices, {})
            else:
                rest = person.skeleton.rest_vertices
                node = self._add_mesh(person, rest, indices, shared)
                self.gltf["nodes"][node]["skin"] = self._add_skin(person.skeleton, person.name)

    def _add_mesh(
        self,
        person: MeshPerson,
        vertices: NDArray[np.floating],
        indices: int,
        attributes: Mapping[str, int],
    ) -> int:
        assert self._normals is not None  # noqa: S101 - made before any mesh
        positions = np.ascontiguousarray(vertices, np.float32)
        at = self._accessor(positions, "VEC3", _FLOAT, _VERTICES_TARGET, with_bounds=True)
        normals = self._accessor(self._normals(positions), "VEC3", _FLOAT, _VERTICES_TARGET)
        primitive = {
            "attributes": {"POSITION": at, "NORMAL": normals, **attributes},
            "indices": indices,
            "material": 0,
        }
        name = printable(person.name)
        self.gltf["meshes"].append({"name": name, "primitives": [primitive]})
        mesh = len(self.gltf["meshes"]) - 1
        extras = {note: _plain(value) for note, value in person.notes.items()}
        return self._node({"name": name, "mesh": mesh, "extras": extras}, at_root=True)

    def _skin_attributes(self) -> dict[str, int]:
        weights = self._scene.skinning_weights
        assert weights is not None  # noqa: S101 - people with skeletons come with them
        joints, shares = strongest_influences(weights)
        return {
            "JOINTS_0": self._accessor(joints, "VEC4", _UNSIGNED_BYTE, _VERTICES_TARGET),
            "WEIGHTS_0": self._accessor(shares, "VEC4", _FLOAT, _VERTICES_TARGET),
        }

    def _add_skin(self, skeleton: MeshSkeleton, name: str) -> int:
        joints = skeleton.rest_joints
        offsets = joints - joints[list(SKELETON_PARENTS)]
        offsets[0] = skeleton.root_place
        quaternions = _quaternions(skeleton.rotations)
        several = len(self._scene.people) > 1
        first = len(self.gltf["nodes"])
        for joint, joint_name in enumerate(SKELETON_JOINT_NAMES):
            node: dict[str, Any] = {
                "name": printable(f"{name}_{joint_name}") if several else joint_name,
                "translation": offsets[joint].tolist(),
                "rotation": quaternions[joint].tolist(),
            }
            below = [
                first + child for child in range(NUM_JOINTS) if SKELETON_PARENTS[child] == joint
            ]
            if below:
                node["children"] = below
            self._node(node, at_root=joint == 0)
        inverse = np.tile(np.eye(4, dtype=np.float32), (NUM_JOINTS, 1, 1))
        inverse[:, :3, 3] = -joints
        # glTF's matrices stand column by column.
        columns = np.ascontiguousarray(np.swapaxes(inverse, 1, 2)).reshape(NUM_JOINTS, 16)
        skin = {
            "inverseBindMatrices": self._accessor(columns, "MAT4", _FLOAT, None),
            "skeleton": first,
            "joints": [first + joint for joint in range(NUM_JOINTS)],
        }
        self.gltf.setdefault("skins", []).append(skin)
        return len(self.gltf["skins"]) - 1

    def _node(self, node: dict[str, Any], *, at_root: bool) -> int:
        self.gltf["nodes"].append(node)
        index = len(self.gltf["nodes"]) - 1
        if at_root:
            self.gltf["scenes"][0]["nodes"].append(index)
        return index

    def _accessor(
        self,
        numbers: NDArray[np.generic],
        kind: str,
        component: int,
        target: int | None,
        *,
        with_bounds: bool = False,
    ) -> int:
        """Append numbers, one row an element, and describe them."""
        self.binary += b"\0" * (-len(self.binary) % 4)
        view: dict[str, Any] = {
            "buffer": 0,
            "byteOffset": len(self.binary),
            "byteLength": numbers.nbytes,
        }
        if target is not None:
            view["target"] = target
        self.binary += numbers.tobytes()
        self.binary += b"\0" * (-len(self.binary) % 4)
        self.gltf["bufferViews"].append(view)
        accessor: dict[str, Any] = {
            "bufferView": len(self.gltf["bufferViews"]) - 1,
            "componentType": component,
            "count": len(numbers),
            "type": kind,
        }
        if with_bounds:
            low, high = np.min(numbers, axis=0), np.max(numbers, axis=0)
            accessor |= {"min": low.tolist(), "max": high.tolist()}
        self.gltf["accessors"].append(accessor)
        return len(self.gltf["accessors"]) - 1


def _camera(camera: MeshCamera) -> dict[str, Any]:
    """A camera of glTF looks through the middle of its picture; the true point is in the extras."""
    width, height = camera.picture_size_px
    return {
        "type": "perspective",
        "perspective": {
            "yfov": 2 * math.atan(height / (2 * camera.focal_length_px)),
            "aspectRatio": width / height,
            "znear": _NEAREST_M,
        },
        "extras": {
            "focal_length_px": camera.focal_length_px,
            "principal_point_px": list(camera.principal_point_px),
            "picture_size_px": list(camera.picture_size_px),
        },
    }


def _quaternions(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotations ``(J, 3, 3)`` as unit quaternions x, y, z, w ``(J, 4)``."""
    vectors = matrix_to_axis_angle(matrices)
    half = np.linalg.norm(vectors, axis=1, keepdims=True) / 2
    # sin(a/2) / a, which is a half at zero: np.sinc(x) is sin(πx) / (πx).
    parts = np.concatenate([vectors * np.sinc(half / np.pi) / 2, np.cos(half)], axis=1)
    quaternions: NDArray[np.float64] = parts / np.linalg.norm(parts, axis=1, keepdims=True)
    return quaternions


def _plain(value: object) -> object:
    """A value as JSON has it."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value if isinstance(value, int | float) else printable(value)
