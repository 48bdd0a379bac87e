"""Which fits leave a project as good, and why the others do not."""

from __future__ import annotations

from core.types.fits import Fit, Verdict

WITHOUT_FIT = "without a fit"
REJECTED = "rejected"
TOO_POOR = "too poor"
"""Its pose was found too poor to learn from, and no one accepted it."""
UNMEASURED = "without keypoints to measure them by, and not accepted"


def reason_left_out(fit: Fit | None) -> str:
    """Why a person's body is left out; empty for a body that may be learned from."""
    if fit is None:
        return WITHOUT_FIT
    if fit.verdict is Verdict.REJECTED:
        return REJECTED
    if fit.verdict is Verdict.ACCEPTED or fit.pose_valid:
        return ""
    return TOO_POOR if fit.losses.is_measured else UNMEASURED


def supervises(fit: Fit) -> bool:
    """Whether a fit's pose may be learned from: never a rejected one, always an accepted one."""
    return not reason_left_out(fit)
