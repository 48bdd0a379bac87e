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
