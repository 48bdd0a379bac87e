"""Whether a fit on offer is a near copy of one that a person rejected.

Rule 2 of docs/database.md, "Rules of the dictionary". In NumPy: a dictionary is opened by programs
that have no other use for PyTorch, which takes seconds to load.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.geometry.rotations import geodesic_angle, pose_to_matrices
from core.types.arrays import FloatArray

ROOT_LIMIT_RAD = math.radians(20)
MEAN_JOINT_LIMIT_RAD = math.radians(10)


def near_copies(poses: FloatArray, rejected: FloatArray) -> NDArray[np.bool_]:
    """Compare poses pairwise.

    Args:
        poses: ``(N, 72)`` axis-angle in radians, offered.
        rejected: ``(N, 72)``, each beside the one to compare it with.

    Returns:
        ``(N,)``: root rotations within 20° and the other 23 joints within 10° on average, as
        angles between rotations (axis-angle numbers of one rotation can differ by a full turn).
    """
    # In double precision: near zero an angle comes from a small difference of matrices.
    offered, refused = (pose_to_matrices(part.astype(np.float64)) for part in (poses, rejected))
    angles = geodesic_angle(offered, refused)
    near: NDArray[np.bool_] = (angles[:, 0] <= ROOT_LIMIT_RAD) & (
        angles[:, 1:].mean(axis=1) <= MEAN_JOINT_LIMIT_RAD
    )
    return near


def first_near_copy(
    poses: Sequence[FloatArray], rejected: Sequence[Sequence[tuple[int, FloatArray]]]
) -> list[int | None]:
    """For each pose the id of a rejected fit it nearly repeats, or None.

    Args:
        poses: each ``(72,)``, offered.
        rejected: beside each pose the ids and poses ``(72,)`` of its sample's rejected fits.
    """
    pairs = [
        (index, fit_id, pose)
        for index, of_sample in enumerate(rejected)
        for fit_id, pose in of_sample
    ]
    copies: list[int | None] = [None] * len(poses)
    if not pairs:
        return copies
    near = near_copies(
        np.stack([poses[index] for index, _, _ in pairs]), np.stack([pose for _, _, pose in pairs])
    )
    for (index, fit_id, _), is_near in zip(pairs, near, strict=True):
        if is_near:
            copies[index] = fit_id
    return copies
