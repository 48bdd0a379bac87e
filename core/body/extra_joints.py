"""The nine keypoints beyond smplx's 45, for body files that come without ``J_regressor_extra``.

Official SMPL files hold no such regressor. Each of the nine is then written as a weighted sum of
nearby skeleton joints and picked vertices. The weights were found on the open body, where the nine
are defined, by least squares over random shapes and poses with the sum of weights held at 1:
``python -m resources.open_body.build.derived_joints`` repeats it. On SMPL's own mesh the head top
is its vertex 411.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import BodyArrays
from core.body.conventions import EXTRA_JOINT_NAMES, SKELETON_JOINT_NAMES

SMPL_NUM_VERTICES = 6890
SMPL_HEAD_TOP_VERTEX = 411
HEAD_TOP = "head top (LSP)"

DERIVED_EXTRA_JOINTS: tuple[Mapping[str, float], ...] = (
    {"right_hip": 1.073, "left_hip": -0.073},
    {"left_hip": 1.073, "right_hip": -0.073},
    {
        "neck": 0.474, "left_collar": 0.0434, "right_collar": 0.0434, "left_shoulder": 0.2196,
        "right_shoulder": 0.2196,
    },
    {
        "head": 0.4314, "neck": -0.6942, "nose": -1.293, "leye": 0.8009, "reye": 0.8009,
        "lear": 0.477, "rear": 0.477,
    },
    {"left_hip": 0.5, "right_hip": 0.5},
    {
        "neck": 0.241, "left_collar": 0.1118, "right_collar": 0.1118, "left_shoulder": 0.2677,
        "right_shoulder": 0.2677,
    },
    {"spine1": 0.0557, "spine2": 0.9087, "spine3": 0.0356},
    {"head": 0.1857, "neck": 0.4644, "nose": 0.3499},
    {"head top (LSP)": 0.9448, "head": 0.0552},
)  # fmt: skip
"""One mapping per name of ``EXTRA_JOINT_NAMES``, in the same order; each sums to 1."""


def extra_regressor_for(arrays: BodyArrays) -> NDArray[np.float64]:
    """The ``(9, V)`` regressor of the file itself, or the derived one."""
    if arrays.J_regressor_extra is not None:
        return arrays.J_regressor_extra
    return derived_regressor(arrays)


def derived_regressor(arrays: BodyArrays) -> NDArray[np.float64]:
    """The ``(9, V)`` regressor made of the body's joint regressor and its picked vertices."""
    return np.stack([derived_row(arrays, name) for name in EXTRA_JOINT_NAMES])


def derived_row(arrays: BodyArrays, name: str) -> NDArray[np.float64]:
    """One row ``(V,)`` of the derived regressor."""
    if name == HEAD_TOP and arrays.num_vertices == SMPL_NUM_VERTICES:
        return _one_vertex(arrays, SMPL_HEAD_TOP_VERTEX)
    row = np.zeros(arrays.num_vertices)
    for source, weight in DERIVED_EXTRA_JOINTS[EXTRA_JOINT_NAMES.index(name)].items():
        row += weight * source_row(arrays, source)
    return row


def source_row(arrays: BodyArrays, name: str) -> NDArray[np.float64]:
    """The row ``(V,)`` of a skeleton joint, a picked vertex or the derived head top, by name."""
    if name in SKELETON_JOINT_NAMES:
        joint_row: NDArray[np.float64] = arrays.J_regressor[SKELETON_JOINT_NAMES.index(name)]
        return joint_row
    if name == HEAD_TOP:
        return derived_row(arrays, HEAD_TOP)
    return _one_vertex(arrays, arrays.vertex_ids[name])


def _one_vertex(arrays: BodyArrays, index: int) -> NDArray[np.float64]:
    row = np.zeros(arrays.num_vertices)
    row[index] = 1.0
    return row
