"""The one number for the error of a fit, and the one scale that says how large it is.

Knows nothing of Qt.

The error is the root of the loss that fits are compared by: how far, in pixels of the 224 px crop,
the joints lie from the keypoints. The same words, limits and mark stand wherever it is shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.types.fits import UNKNOWN_ERROR, error_px
from core.types.limits import VALID_COMPARISON_LOSS_PX2
from spin_gui.session.wording import MISSING, root_px


@dataclass(frozen=True)
class ErrorGrade:
    """A step of the scale: up to ``limit_px``, drawn as a number of full bars in a colour."""

    title: str
    limit_px: float
    bars: int
    color: str


CLOSE = ErrorGrade("close", 0.5 * error_px(VALID_COMPARISON_LOSS_PX2), 1, "#2f7fc1")
FAIR = ErrorGrade("fair", error_px(VALID_COMPARISON_LOSS_PX2), 2, "#b26a00")
FAR = ErrorGrade("far off", math.inf, 3, "#c8529b")
GRADES = (CLOSE, FAIR, FAR)
"""Told apart by how many bars are full as much as by colour, which any kind of colour vision sees;
not the colours of verdicts, which people give. The last begins where a fit is flagged."""

ERROR_MEANING = (
    "Error: how far the joints lie from the keypoints, in px of the 224 px crop. It is the root of "
    "the loss that fits are compared by. "
    f"Close: up to {CLOSE.limit_px:.0f} px; fair: up to {FAIR.limit_px:.0f}; beyond: far off, and "
    "flagged."
)


def error_text(loss_px2: float | None) -> str:
    """``3.91 px``; unknown without keypoints to measure by; a dash where there is no loss."""
    if loss_px2 is None or math.isnan(loss_px2):
        return MISSING
    if math.isinf(loss_px2):
        return UNKNOWN_ERROR
    return root_px(loss_px2)


def grade_of(loss_px2: float | None) -> ErrorGrade | None:
    """The step of the scale that a loss is on; None where it was not measured."""
    if loss_px2 is None or not math.isfinite(loss_px2):
        return None
    return next(grade for grade in GRADES if loss_px2 <= grade.limit_px**2)


def graded_text(loss_px2: float | None) -> str:
    """``3.91 px, close``."""
    grade = grade_of(loss_px2)
    return error_text(loss_px2) if grade is None else f"{error_text(loss_px2)}, {grade.title}"
