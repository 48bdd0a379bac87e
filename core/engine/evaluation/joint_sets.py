"""Orders of joints in SPIN's evaluation, by name so that no one confuses them.

The regressor from SMPL's vertices to Human3.6M's 17 joints has its own order, left leg first; data
sets have the 24 "ground truth" joints. Both lead to the same 17 evaluated joints, of which the
first 14 are all that most protocols use.
"""

from __future__ import annotations

EVALUATED_JOINT_NAMES: tuple[str, ...] = (
    "right ankle", "right knee", "right hip", "left hip", "left knee", "left ankle",
    "right wrist", "right elbow", "right shoulder", "left shoulder", "left elbow", "left wrist",
    "neck", "head", "pelvis", "spine", "jaw",
)  # fmt: skip

H36M_REGRESSOR_JOINT_NAMES: tuple[str, ...] = (
    "pelvis", "left hip", "left knee", "left ankle", "right hip", "right knee", "right ankle",
    "spine", "neck", "jaw", "head", "left shoulder", "left elbow", "left wrist",
    "right shoulder", "right elbow", "right wrist",
)  # fmt: skip

H36M_REGRESSOR_TO_EVALUATED: tuple[int, ...] = (
    6, 5, 4, 1, 2, 3, 16, 15, 14, 11, 12, 13, 8, 10, 0, 7, 9,
)  # fmt: skip

GROUND_TRUTH_24_TO_EVALUATED: tuple[int, ...] = (*range(13), 18, 14, 16, 17)

H36M_PELVIS = 0
"""Root of all evaluated joints, among those of the regressor."""
