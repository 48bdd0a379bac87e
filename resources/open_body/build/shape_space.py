"""Step 4a: ten betas with unit variance, and symmetric skin weights, on the simplified mesh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import SKELETON_FLIP
from resources.open_body.build.mesh import on_mesh

Array = NDArray[np.float64]
Archive = Mapping[str, NDArray[Any]]

NUM_BETAS = 10
MAX_INFLUENCES = 4
"""As in SMPL: a vertex moves with at most four joints."""

MIN_WEIGHT = 1e-3
BODY_DENSITY_KG_PER_M3 = 985.0
MIRROR = np.array([-1.0, 1, 1])


@dataclass(frozen=True, eq=False)
class Samples:
    """Symmetric shapes ``(N, V, 3)`` on the mesh with their joints and extra keypoints, metres."""

    shapes: Array
    joints: Array
    extra_keypoints: Array


def symmetric_samples(t_posed: Archive, mesh: Archive) -> Samples:
    """Every sample averaged with its mirror image; MakeHuman's targets differ by < 0.1 mm."""
    mirror = mesh["mirror"]
    shapes = np.stack([on_mesh(vertices, mesh) for vertices in t_posed["vertices"]])
    joints = t_posed["joints"].astype(np.float64)
    extra = t_posed["extra_keypoints"].astype(np.float64)
    extra_flip = [1, 0, *range(2, 9)]
    return Samples(
        shapes=(shapes + shapes[:, mirror] * MIRROR) / 2,
        joints=(joints + joints[:, list(SKELETON_FLIP)] * MIRROR) / 2,
        extra_keypoints=(extra + extra[:, extra_flip] * MIRROR) / 2,
    )


def symmetric_skin_weights(t_posed: Archive, mesh: Archive) -> Array:
    """Weights ``(V, 24)``: symmetric, at most four a vertex, rows sum to 1."""
    weights = on_mesh(t_posed["skin_weights"], mesh)
    weights = (weights + weights[mesh["mirror"]][:, list(SKELETON_FLIP)]) / 2
    fifth = np.sort(weights, axis=1)[:, -MAX_INFLUENCES - 1, None]
    weights[weights <= fifth] = 0  # both of an equal pair go, so that left and right stay equal
    weights[weights < MIN_WEIGHT] = 0
    return weights / weights.sum(axis=1, keepdims=True)


def principal_shapes(samples: Samples, faces: NDArray[np.integer]) -> tuple[Array, Array, Array]:
    """Mean ``(V, 3)``, directions ``(V, 3, 10)`` of one standard deviation, and betas ``(N, 10)``.

    Signs are set so that beta 0 grows with height and beta 1 with weight for the height.
    """
    count, vertices, _ = samples.shapes.shape
    mean = samples.shapes.mean(axis=0)
    deviations = (samples.shapes - mean).reshape(count, -1)
    # The few samples' Gram matrix has the same components as the many coordinates' covariance.
    _, vectors = np.linalg.eigh(deviations @ deviations.T)  # by rising variance
    betas = vectors[:, ::-1][:, :NUM_BETAS] * np.sqrt(count - 1)
    directions = betas.T @ deviations / (count - 1)
    signs = _signs(betas, heights(samples.shapes), body_mass_index(samples.shapes, faces))
    directions = (directions * signs[:, None]).reshape(NUM_BETAS, vertices, 3)
    return mean, directions.transpose(1, 2, 0), betas * signs


def _signs(betas: Array, height: Array, mass_index: Array) -> Array:
    """The sign of each beta's stronger correlation, with height or with body mass index."""
    traits = np.stack([height, mass_index])
    correlations = np.corrcoef(np.concatenate([traits, betas.T]))[2:, :2]
    strongest = np.abs(correlations).argmax(axis=1)
    signs = np.sign(correlations[np.arange(len(strongest)), strongest])
    return np.where(signs == 0, 1.0, signs)


def heights(shapes: Array) -> Array:
    """Standing height ``(N,)`` in metres."""
    return np.ptp(shapes[:, :, 1], axis=1)


def body_mass_index(shapes: Array, faces: NDArray[np.integer]) -> Array:
    """Kilograms per square metre ``(N,)``, from the volume of the closed mesh."""
    first, second, third = (shapes[:, faces[:, corner]] for corner in range(3))
    volume = np.einsum("nfi,nfi->n", first, np.cross(second, third)) / 6
    return volume * BODY_DENSITY_KG_PER_M3 / heights(shapes) ** 2
