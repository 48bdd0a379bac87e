"""Measures the weights of ``core/body/extra_joints.py`` on the open body.

Random shapes and moderate random poses; each of the nine keypoints becomes a weighted sum of
nearby joints and picked vertices. Pairs of left and right share one weight where the keypoint lies
in the middle, so that the result is symmetric. Prints the table; paste it into the module.
"""

from __future__ import annotations

import sys

import numpy as np
import torch
from numpy.typing import NDArray

from core.body.conventions import EXTRA_JOINT_NAMES
from core.body.extra_joints import HEAD_TOP, source_row
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel

SAMPLES = 400
POSE_SPREAD_RAD = 0.2
RIDGE_M = 0.004
"""Pulls weights to zero as much as this error; without it noise is explained by huge pairs."""

Group = tuple[str, ...]
SOURCES: dict[str, tuple[Group, ...]] = {
    "right hip (LSP)": (("right_hip",), ("left_hip",)),
    "left hip (LSP)": (("left_hip",), ("right_hip",)),
    "neck (LSP)": (
        ("neck",),
        ("left_collar", "right_collar"),
        ("left_shoulder", "right_shoulder"),
    ),
    HEAD_TOP: (("head",), ("neck",), ("nose",), ("leye", "reye"), ("lear", "rear")),
    "pelvis (MPII)": (("left_hip", "right_hip"), ("pelvis",)),
    "thorax (MPII)": (
        ("neck",),
        ("left_collar", "right_collar"),
        ("left_shoulder", "right_shoulder"),
    ),
    "spine (H36M)": (("spine1",), ("spine2",), ("spine3",)),
    "jaw (H36M)": (("head",), ("neck",), ("nose",)),
    "head (H36M)": ((HEAD_TOP,), ("head",)),
}


def posed_vertices(body: BodyModel, *, seed: int) -> NDArray[np.float64]:
    """Vertices ``(N, V, 3)`` of random shapes in random poses, metres."""
    rng = np.random.default_rng(seed)
    pose = rng.normal(size=(SAMPLES, 72)) * POSE_SPREAD_RAD
    betas = rng.normal(size=(SAMPLES, 10))
    parts = [
        body.posed(torch.from_numpy(some_pose), torch.from_numpy(some_betas)).vertices.numpy()
        for some_pose, some_betas in zip(np.split(pose, 8), np.split(betas, 8), strict=True)
    ]
    return np.concatenate(parts)


def constrained_weights(
    groups: NDArray[np.float64], target: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weights ``(G,)`` of the group means ``(G, M)`` with sum 1, least squares with a ridge.

    The first group takes what the others leave: its weight is 1 minus theirs.
    """
    differences = (groups[1:] - groups[0]).T
    penalty = RIDGE_M * np.sqrt(len(target)) * np.eye(len(groups) - 1)
    rest = np.linalg.lstsq(
        np.concatenate([differences, penalty]),
        np.concatenate([target - groups[0], np.zeros(len(penalty))]),
        rcond=None,
    )[0]
    return np.concatenate([[1 - rest.sum()], rest])


def measured_table() -> list[tuple[str, dict[str, float], float]]:
    """Name, weights and mean error in metres of each of the nine keypoints."""
    body = load_body(dtype=torch.float64)
    vertices = posed_vertices(body, seed=0)
    table = []
    for name, row in zip(EXTRA_JOINT_NAMES, body.extra_regressor, strict=True):
        target = np.einsum("v,nvc->nc", row, vertices).reshape(-1)
        groups = np.stack(
            [
                np.mean([_points(body, vertices, source) for source in group], axis=0)
                for group in SOURCES[name]
            ]
        )
        weights = constrained_weights(groups, target)
        error = np.linalg.norm((weights @ groups - target).reshape(-1, 3), axis=1).mean()
        table.append((name, _spread(SOURCES[name], weights), float(error)))
    return table


def _points(body: BodyModel, vertices: NDArray[np.float64], source: str) -> NDArray[np.float64]:
    return np.einsum("v,nvc->nc", source_row(body.arrays, source), vertices).reshape(-1)


def _spread(groups: tuple[Group, ...], weights: NDArray[np.float64]) -> dict[str, float]:
    """Four digits; the rounding's remainder goes to the first source, so that the sum is 1."""
    spread = {
        source: round(float(weight) / len(group), 4)
        for group, weight in zip(groups, weights, strict=True)
        for source in group
    }
    first = groups[0]
    rest = sum(value for source, value in spread.items() if source not in first)
    return spread | {source: round((1 - rest) / len(first), 6) for source in first}


def main() -> None:
    """Print the table."""
    for name, weights, error_m in measured_table():
        sys.stdout.write(f"    {weights},  # {name}: {1000 * error_m:.1f} mm\n")


if __name__ == "__main__":
    main()
