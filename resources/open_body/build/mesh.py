"""Step 3: the body's mesh of about 6600 vertices; see ``surface`` and ``simplification``.

SMPL's own number, 6890, is avoided on purpose: code that uses SMPL's vertex indices on this body
must fail loudly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resources.open_body.build.posing import joint_transforms, pose_of, skinned
from resources.open_body.build.simplification import PairedSimplifier
from resources.open_body.build.surface import Surface, closed_surface

Array = NDArray[np.float64]

TARGET_VERTICES = 6600
FACE_IMPORTANCE = 3.0
HAND_IMPORTANCE = 1.2

BENT_LIMBS = {
    "left_elbow": (0, -1.6, 0), "left_hip": (-1.2, 0, 0), "left_knee": (1.6, 0, 0),
    "left_wrist": (0, 0, 0.6), "left_ankle": (0.4, 0, 0),
}  # fmt: skip
ARMS_DOWN = {
    "left_shoulder": (0, 0, -1.2), "spine1": (0.3, 0, 0), "spine2": (0.3, 0, 0),
    "spine3": (0.2, 0, 0), "neck": (0.4, 0, 0), "head": (0.2, 0, 0),
}  # fmt: skip


def build_mesh(t_posed: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Triangles of the simplified surface and the linear map from base vertices to its own.

    Returns ``faces (F, 3)``, ``mirror (V,)`` and for each vertex the base vertices that it is the
    mean of, as ``source_vertices (S,)`` and ``source_owners (S,)``.
    """
    mean = t_posed["vertices"].mean(axis=0).astype(np.float64)
    surface = closed_surface(mean)
    shapes = _quadric_shapes(t_posed, mean, surface)
    simplifier = PairedSimplifier(
        surface.faces,
        shapes,
        surface.mirror,
        importance=_importance(shapes[0]),
        fixed=surface.fixed_caps,
    )
    faces = simplifier.run(TARGET_VERTICES)
    kept = np.unique(faces)
    new_index = np.full(len(surface.mirror), -1)
    new_index[kept] = np.arange(len(kept))
    sources = [
        [vertex] if vertex < len(mean) else surface.cap_sources[vertex - len(mean)]
        for vertex in kept.tolist()
    ]
    return {
        "faces": new_index[faces],
        "mirror": new_index[surface.mirror[kept]],
        "source_vertices": np.concatenate(sources),
        "source_owners": np.repeat(np.arange(len(kept)), [len(source) for source in sources]),
    }


def on_mesh(values: NDArray[np.floating], mesh: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
    """Values ``(14742, C)`` of the base mesh on the vertices ``(V, C)`` of the built one."""
    owners = mesh["source_owners"]
    total = np.zeros((int(owners.max()) + 1, values.shape[1]))
    np.add.at(total, owners, values[mesh["source_vertices"]])
    return total / np.bincount(owners)[:, None]


def _quadric_shapes(t_posed: Mapping[str, NDArray[Any]], mean: Array, surface: Surface) -> Array:
    """The mean, six extreme people, and the mean in two poses: ``(9, V, 3)``, each symmetric."""
    weight, gender, height = t_posed["weight"], t_posed["gender"], t_posed["heights"]
    extremes = [
        np.argmax(weight * (gender < 0.3)),
        np.argmin(weight + (gender > 0.3)),
        np.argmax(weight * (gender > 0.7)),
        np.argmin(weight + (gender < 0.7)),
        np.argmax(height),
        np.argmin(height),
    ]
    shapes = [surface.extended(mean)]
    shapes += [surface.extended(t_posed["vertices"][sample]) for sample in extremes]
    mirrored = np.array([-1.0, 1, 1])
    shapes = [(shape + shape[surface.mirror] * mirrored) / 2 for shape in shapes]
    weights, joints = surface.extended(t_posed["skin_weights"]), t_posed["joints"].mean(axis=0)
    for rotations in (BENT_LIMBS, ARMS_DOWN):
        transforms = joint_transforms(joints, pose_of(rotations))
        shapes.append(skinned(shapes[0], weights, transforms))
    return np.stack(shapes)


def _importance(mean: Array) -> Array:
    """Faces are looked at most; fingers are thin."""
    importance = np.ones(len(mean))
    importance[np.abs(mean[:, 0]) > 0.70] = HAND_IMPORTANCE
    importance[(mean[:, 1] > 0.53) & (mean[:, 2] > 0.06)] = FACE_IMPORTANCE
    return importance
