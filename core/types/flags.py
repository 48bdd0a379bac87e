"""What the program suspects of a sample."""

from __future__ import annotations

from enum import StrEnum


class FlagName(StrEnum):
    """What the program suspects of a sample. Flags suggest; only people give verdicts."""

    ORIENTATION = "orientation"
    PART_ORIENTATION = "part orientation"
    BETAS = "betas"
    DEPTH = "depth"
    REPROJECTION = "reprojection"
    POSE = "pose"
    SELF_INTERSECTION = "self-intersection"
    DISAGREEMENT = "disagreement"
    FEW_KEYPOINTS = "few keypoints"
    NO_KEYPOINTS = "no keypoints"
    ANNOTATED_TWICE = "annotated twice"
