"""What the program suspects of a sample, and how it says so in plain English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from core.types.fits import error_words
from core.types.limits import FEW_KEYPOINTS, VALID_COMPARISON_LOSS_PX2, VALID_MAX_ABS_BETA


class FlagName(StrEnum):
    """What the program suspects of a sample. Flags suggest; only people give verdicts."""

    ORIENTATION = "orientation"
    PART_ORIENTATION = "part orientation"
    BETAS = "betas"
    DEPTH = "depth"
    REPROJECTION = "reprojection"
    BESIDE = "beside"
    POSE = "pose"
    SELF_INTERSECTION = "self-intersection"
    DISAGREEMENT = "disagreement"
    FEW_KEYPOINTS = "few keypoints"
    NO_KEYPOINTS = "no keypoints"
    ANNOTATED_TWICE = "annotated twice"
    SIDES_EXCHANGED = "sides exchanged"
    JUMP = "jump"
    SIDE_FLIP = "side flip"
    PAIR_EXCHANGED = "pair exchanged"
    MIXED_PEOPLE = "mixed people"
    PILED_JOINTS = "piled joints"
    MISSING_JOINTS = "missing joints"
    MISPLACED_JOINT = "misplaced joint"
    WRONG_VISIBILITY = "wrong visibility"


CALIBRATED_FLAGS = (FlagName.ORIENTATION, FlagName.PART_ORIENTATION, FlagName.DEPTH)
"""Flags whose score is a probability learnt from synthetic people; the others follow a rule."""

LABEL_FLAGS = (
    FlagName.SIDES_EXCHANGED,
    FlagName.PAIR_EXCHANGED,
    FlagName.MIXED_PEOPLE,
    FlagName.PILED_JOINTS,
    FlagName.MISSING_JOINTS,
    FlagName.MISPLACED_JOINT,
    FlagName.WRONG_VISIBILITY,
)
"""Flags of the keypoints as they were imported or drawn; no fit takes part (docs/labels.md)."""


@dataclass(frozen=True)
class FlagWords:
    """How a flag is shown: a badge of one or two letters, a title, and what it means."""

    badge: str
    title: str
    meaning: str


_WORDS = {
    FlagName.BETAS: FlagWords(
        "β", "Extreme shape", f"a shape coefficient lies beyond ±{VALID_MAX_ABS_BETA:.0f}"
    ),
    FlagName.REPROJECTION: FlagWords(
        "px",
        "Far from the keypoints",
        f"the joints lie about {VALID_COMPARISON_LOSS_PX2**0.5:.0f} px of the crop off or more",
    ),
    FlagName.BESIDE: FlagWords(
        "⇥",
        "Beside the person",
        "the camera that the body came with puts it beside its person, or in another size",
    ),
    FlagName.ORIENTATION: FlagWords(
        "↻", "Wrong orientation", "the whole body may face another way than the person"
    ),
    FlagName.PART_ORIENTATION: FlagWords(
        "⟂", "A limb points elsewhere", "an arm or leg may point or bend in another direction"
    ),
    FlagName.DEPTH: FlagWords(
        "z", "Camera distance", "the body may be far too near to the camera, or too far from it"
    ),
    FlagName.POSE: FlagWords(
        "θ", "Unusual pose", "joints are bent in a way that bodies hardly allow"
    ),
    FlagName.SELF_INTERSECTION: FlagWords(
        "∩", "Body in itself", "parts of the body lie inside other parts"
    ),
    FlagName.DISAGREEMENT: FlagWords(
        "≠",
        "Fit and other estimates differ",
        "the body that the picture, the prediction, or the keypoints suggest is quite another one",
    ),
    FlagName.FEW_KEYPOINTS: FlagWords(
        "kp", "Few keypoints", f"fewer than {FEW_KEYPOINTS} keypoints can be used"
    ),
    FlagName.NO_KEYPOINTS: FlagWords("∅", "No keypoints", "there is nothing to fit a body to"),
    FlagName.ANNOTATED_TWICE: FlagWords(
        "2×", "Annotated twice", "another sample of the picture seems to be the same person"
    ),
    FlagName.SIDES_EXCHANGED: FlagWords(
        "⇄",
        "Left and right exchanged",
        "the detector sees the person's left and right the other way round",
    ),
    FlagName.JUMP: FlagWords(
        "⚡", "A limb jumps", "a limb is elsewhere than in the frames before and after"
    ),
    FlagName.SIDE_FLIP: FlagWords(
        "⇆",
        "Sides flip",
        "left and right are the other way round than in the frames before and after",
    ),
    FlagName.PAIR_EXCHANGED: FlagWords(
        "⇋", "A pair exchanged", "left and right of some joints seem exchanged, not of all"
    ),
    FlagName.MIXED_PEOPLE: FlagWords(
        "∪", "Joints of two people", "some keypoints seem to belong to another person"
    ),
    FlagName.PILED_JOINTS: FlagWords(
        "∴", "Joints on one spot", "three or more different joints have one place"
    ),
    FlagName.MISSING_JOINTS: FlagWords(
        "◌", "Joint not labelled", "a joint that can be seen has no keypoint"
    ),
    FlagName.MISPLACED_JOINT: FlagWords(
        "⊕", "Joint off its place", "a keypoint lies where that joint can hardly be"
    ),
    FlagName.WRONG_VISIBILITY: FlagWords(
        "◐",
        "Wrong visibility",
        "a keypoint is given as seen that is not, or as hidden that is seen",
    ),
}


_FORMER_WORDS = {"the lifter": "the lifted pose"}
"""What reasons stored by older versions say, and what is said now."""

_FORMER_ERROR = re.compile(r"(\d+(?:\.\d+)?) px² a keypoint(?:, \d+ px off)?")
"""An error as it is stored by the rules of the database, whose SQLite may lack square roots."""


def reason_in_present_words(reason: str) -> str:
    """The reason of a flag as it would be written now; projects keep what was written once."""
    for former, present in _FORMER_WORDS.items():
        reason = reason.replace(former, present)
    return _FORMER_ERROR.sub(lambda found: off_keypoints_words(float(found[1])), reason)


def off_keypoints_words(loss_px2: float) -> str:
    """How far a fit with this comparison loss lies off its keypoints: the root, px of the crop."""
    return f"the joints lie {error_words(loss_px2)} off"


def flag_words(flag: str) -> FlagWords:
    """The words for a flag; one that the program does not know is shown by its name."""
    words = _WORDS.get(FlagName(flag)) if flag in set(FlagName) else None
    return words or FlagWords(flag[:2], flag.capitalize(), "suspected by the program")
