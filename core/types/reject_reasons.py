"""Why a person rejected a fit, in words and in the logs."""

from __future__ import annotations

from core.types.fits import RejectReason, Verdict

REASON_TITLES = {
    RejectReason.ORIENTATION: "the body faces or lies the wrong way",
    RejectReason.LIMB: "an arm, a leg or the head is wrong",
    RejectReason.SIDES: "left and right are exchanged",
    RejectReason.DEPTH: "it leans or bends the wrong way in depth",
    RejectReason.SHAPE: "the shape is wrong",
    RejectReason.PLACE: "it does not lie on the person",
    RejectReason.KEYPOINTS: "the keypoints are wrong",
    RejectReason.PERSON: "another person's, or there is no person",
}
"""Each reason as people read it, after a colon."""

_BETWEEN = ": "


def verdict_text(verdict: Verdict, reason: RejectReason | None) -> str:
    """A verdict with its reason as the logs write it: ``rejected: limb``."""
    return str(verdict) if reason is None else f"{verdict}{_BETWEEN}{reason}"


def verdict_from_text(text: str) -> tuple[Verdict, RejectReason | None]:
    """What ``verdict_text`` wrote, and verdicts from before there were reasons.

    Raises:
        ValueError: the text is no verdict.
    """
    verdict, _, reason = text.partition(_BETWEEN)
    return Verdict(verdict), RejectReason(reason) if reason else None
