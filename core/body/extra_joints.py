"""The nine keypoints beyond smplx's 45, for body files that come without ``J_regressor_extra``.

Official SMPL files hold no such regressor. Each of the nine is then written as a weighted sum of
nearby skeleton joints and picked vertices. The weights were found on the open body, where the nine
are defined, by least squares over random shapes and poses with the sum of weights held at 1:
``python -m resources.open_body.build.derived_joints`` repeats it. On SMPL's own mesh the head top
is its vertex 411 (facts of SPIN, 2.1).
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
    {"right_hip": 1.0735, "left_hip": -0.0735},
    {"left_hip": 1.0735, "right_hip": -0.0735},
    {
        "neck": 0.4758, "left_collar": 0.0452, "right_collar": 0.0452, "left_shoulder": 0.2169,
        "right_shoulder": 0.2169,
    },
    {
        "head": 0.2822, "neck": -0.6098, "nose": -1.2938, "leye": 0.7795, "reye": 0.7795,
        "lear": 0.5312, "rear": 0.5312,
    },
    {"left_hip": 0.4977, "right_hip": 0.4977, "pelvis": 0.0046},
    {
        "neck": 0.2468, "left_collar": 0.103, "right_collar": 0.103, "left_shoulder": 0.2736,
        "right_shoulder": 0.2736,
    },
    {"spine1": 0.0679, "spine2": 0.889, "spine3": 0.0431},
    {"head": 0.1885, "neck": 0.4588, "nose": 0.3527},
    {"head top (LSP)": 0.9, "head": 0.1},
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
