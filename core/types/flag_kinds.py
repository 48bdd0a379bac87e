"""The kinds of failure that flags tell apart."""

from __future__ import annotations

from enum import StrEnum


class FlagKind(StrEnum):
    """What may be wrong with a fit; the names are those of the dictionary's flags."""

    ORIENTATION = "orientation"
    PART_ORIENTATION = "part orientation"
    BETAS = "betas"
    DEPTH = "depth"
    REPROJECTION = "reprojection"
    POSE = "pose"
    SELF_INTERSECTION = "self-intersection"
    DISAGREEMENT = "disagreement"
    FEW_KEYPOINTS = "few keypoints"


CALIBRATED_KINDS = (FlagKind.ORIENTATION, FlagKind.PART_ORIENTATION, FlagKind.DEPTH)
"""Kinds whose score is a probability learnt from synthetic people; the others follow a rule."""
