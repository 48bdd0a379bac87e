"""Parts of a body that a person may mirror in depth."""

from __future__ import annotations

from enum import StrEnum


class BodyPart(StrEnum):
    """What can be mirrored in depth."""

    LEFT_ARM = "left arm"
    RIGHT_ARM = "right arm"
    LEFT_FOREARM = "left forearm"
    RIGHT_FOREARM = "right forearm"
    LEFT_LEG = "left leg"
    RIGHT_LEG = "right leg"
    LEFT_LOWER_LEG = "left lower leg"
    RIGHT_LOWER_LEG = "right lower leg"
    HEAD = "head"
    WHOLE_BODY = "whole body"
