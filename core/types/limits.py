"""The limits that say which keypoints determine a body and which fits may supervise."""

from __future__ import annotations

MIN_USABLE_KEYPOINTS = 4
"""Fewer visible joints outside the ignored ones do not determine a body; no fit is tried."""


FEW_KEYPOINTS = 8
"""Below this a fit is a guess in most joints: the flag ``few keypoints``."""


VALID_COMPARISON_LOSS_PX2 = 100.0
"""A pose whose comparison loss is below this may supervise."""


VALID_MAX_ABS_BETA = 3.0
"""A shape with a larger beta does not supervise."""


def is_valid_pose(comparison_loss_px2: float) -> bool:
    """Whether a fit with this comparison loss may supervise the pose."""
    return comparison_loss_px2 < VALID_COMPARISON_LOSS_PX2


def is_valid_shape(max_abs_beta: float) -> bool:
    """Whether a fit with this largest |β| may supervise the shape."""
    return max_abs_beta <= VALID_MAX_ABS_BETA
