"""The numbers of solving a camera, shared by the solvers for tensors and for arrays."""

from __future__ import annotations

from core.geometry.crop_camera import CROP_SIZE_PX, FOCAL_LENGTH_PX

DEFAULT_SCALE = 0.9
"""SPIN's mean camera, for samples without any limb: the body fills nine tenths of the crop."""

DEFAULT_DEPTH_M = 2 * FOCAL_LENGTH_PX / (CROP_SIZE_PX * DEFAULT_SCALE)

TIE_TO_DEFAULT_PX2 = 1e-3
"""Joints that spread less than this tell nothing of the depth; it stays at the default then."""

REFINEMENT_STEPS = 4
"""Within a millionth of the minimum, with or without outliers."""

MIN_DEPTH_M = 1.0
"""A camera closer than this is no solution: people do not fill a 2.6° view from there."""

COMPARISON_SIGMA_PX = 100.0
"""The published width, whatever the profile, so that losses stay comparable between profiles."""

FIRST_DAMPING = 1e-2
DAMPING_RANGE = (1e-7, 1e6)
SMALLEST_CURVATURE = 1e-6
"""Keeps directions that nothing determines from making the system singular."""
