"""Steps 4 to 6 put together: the arrays of ``open_body.npz``, and what was measured on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import PICKED_VERTEX_NAMES, SKELETON_PARENTS
from resources.open_body.build import shape_space
from resources.open_body.build.key_vertices import key_vertices
from resources.open_body.build.pose_blend_shapes import fit_pose_blend_shapes
from resources.open_body.build.regressors import fit_regressors

Archive = Mapping[str, NDArray[Any]]
Array = NDArray[np.float64]


def assemble(
    t_posed: Archive, mesh: Archive, *, seed: int
) -> tuple[dict[str, NDArray[Any]], dict[str, object]]:
    """The arrays to ship (SMPL's keys, extra regressor, picked vertices) and the measurements."""
    faces, mirror = mesh["faces"], mesh["mirror"]
    samples = shape_space.symmetric_samples(t_posed, mesh)
    weights = shape_space.symmetric_skin_weights(t_posed, mesh)
    mean, directions, betas = shape_space.principal_shapes(samples, faces)
    regressor, extra = fit_regressors(samples, mean, weights, mirror, seed=seed)
    joints = regressor @ mean
    pose_shapes = fit_pose_blend_shapes(mean, joints, weights, mirror, seed=seed)
    picked = key_vertices(t_posed, mesh, mean, joints, weights)
    arrays: dict[str, NDArray[Any]] = {
        "v_template": mean.astype(np.float32),
        "shapedirs": directions.astype(np.float16),
        "posedirs": pose_shapes.astype(np.float16),
        "J_regressor": regressor.astype(np.float32),
        "weights": weights.astype(np.float32),
        "kintree_table": np.stack([np.array(SKELETON_PARENTS), np.arange(24)]).astype(np.int64),
        "f": faces.astype(np.uint32),
        "J_regressor_extra": extra.astype(np.float32),
        "vertex_names": np.array(PICKED_VERTEX_NAMES),
        "vertex_indices": np.array([picked[name] for name in PICKED_VERTEX_NAMES]),
    }
    measured = _shape_measures(samples, mean, directions, betas, faces)
    measured |= _joint_measures(samples, regressor, extra)
    measured["pose_blend_shape_share"] = round(float((pose_shapes != 0).mean()), 4)
    return arrays, measured


def _shape_measures(
    samples: shape_space.Samples,
    mean: Array,
    directions: Array,
    betas: Array,
    faces: NDArray[np.integer],
) -> dict[str, object]:
    height = shape_space.heights(samples.shapes)
    mass_index = shape_space.body_mass_index(samples.shapes, faces)
    rebuilt = np.einsum("nb,vcb->nvc", betas, directions) + mean
    error = np.linalg.norm(rebuilt - samples.shapes, axis=2)
    total = ((samples.shapes - mean) ** 2).sum()
    unexplained = ((rebuilt - samples.shapes) ** 2).sum()
    tall, small = mean + directions[..., 0], mean - directions[..., 0]
    return {
        "vertices": len(mean),
        "faces": len(faces),
        "height_m": [round(float(height.mean()), 3), round(float(height.std()), 3)],
        "body_mass_index_mean": round(float(mass_index.mean()), 1),
        "body_mass_index_5_95": np.percentile(mass_index, [5, 95]).round(1).tolist(),
        "variance_kept": round(float(1 - unexplained / total), 4),
        "rebuilt_mean_mm": round(1000 * float(error.mean()), 1),
        "rebuilt_worst_mm": round(1000 * float(error.max()), 1),
        "height_per_beta_0_cm": round(50 * float(np.ptp(tall[:, 1]) - np.ptp(small[:, 1])), 1),
        "beta_0_height_correlation": _correlation(betas[:, 0], height),
        "beta_1_mass_index_correlation": _correlation(betas[:, 1], mass_index),
    }


def _correlation(first: Array, second: Array) -> float:
    return round(float(np.corrcoef(first, second)[0, 1]), 2)


def _joint_measures(
    samples: shape_space.Samples, regressor: Array, extra: Array
) -> dict[str, object]:
    """Errors over all samples, also those the rows were not fitted on."""
    measures: dict[str, object] = {}
    for name, rows, targets in (
        ("joints", regressor, samples.joints),
        ("extra_keypoints", extra, samples.extra_keypoints),
    ):
        found = np.einsum("kv,nvc->nkc", rows, samples.shapes)
        error = 1000 * np.linalg.norm(found - targets, axis=2)
        measures[f"{name}_mean_mm"] = error.mean(axis=0).round(1).tolist()
        measures[f"{name}_worst_mm"] = round(float(error.max()), 1)
        measures[f"{name}_vertices"] = (rows > 0).sum(axis=1).tolist()
    return measures
