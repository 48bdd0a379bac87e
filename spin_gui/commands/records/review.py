"""Verdicts on fits."""

from __future__ import annotations

from core.types.fits import RejectReason
from core.types.reject_reasons import REASON_TITLES
from spin_gui.commands.records.record import ActionRecord, Menu, When

REASON_ACTIONS = {f"review.reject_{reason}": reason for reason in RejectReason}
"""The action that rejects for each reason, in the order of the list."""


def _reject_because(action_id: str, reason: RejectReason, number: int) -> ActionRecord:
    title = REASON_TITLES[reason]
    return ActionRecord(
        id=action_id,
        title=f"Reject: {title}",
        menu=Menu.REVIEW,
        section=1,
        keys=(f"Alt+{number}",),
        when=When.SAMPLE,
        help="Reject the fit and keep this reason. Reasons are counted (Ctrl+P). Next sample.",
    )


REVIEW_ACTIONS = (
    ActionRecord(
        id="review.accept",
        title="Accept fit",
        menu=Menu.REVIEW,
        keys=("A",),
        when=When.SAMPLE,
        help="The fit lies on the person; it is locked from now on. Shows the next sample.",
    ),
    ActionRecord(
        id="review.reject",
        title="Reject fit",
        menu=Menu.REVIEW,
        keys=("X",),
        when=When.SAMPLE,
        help="The fit is wrong. No training learns from it, and it never becomes current by itself "
        "again. Shows the next sample.",
    ),
    ActionRecord(
        id="review.unsure",
        title="Mark as unsure",
        menu=Menu.REVIEW,
        keys=("U",),
        when=When.SAMPLE,
        help="Neither right nor wrong enough to say; look again later. Shows the next sample.",
    ),
    ActionRecord(
        id="review.clear",
        title="Clear verdict",
        menu=Menu.REVIEW,
        keys=("C",),
        when=When.SAMPLE,
        help="Take the verdict from the fit. Shows the next sample.",
    ),
    ActionRecord(
        id="review.reject_reason",
        title="Reject and say why…",
        menu=Menu.REVIEW,
        section=1,
        keys=("Shift+X",),
        when=When.SAMPLE,
        help="A short list of reasons: a digit, or a click, rejects the fit for one of them.",
    ),
    *(
        _reject_because(action_id, reason, number)
        for number, (action_id, reason) in enumerate(REASON_ACTIONS.items(), start=1)
    ),
    ActionRecord(
        id="review.most_wrong",
        title="Queue: most likely wrong first",
        menu=Menu.REVIEW,
        section=2,
        keys=("Q",),
        when=When.PROJECT,
        help="Fits without verdict, the most suspicious first; goes on where it was left.",
    ),
    ActionRecord(
        id="review.most_informative",
        title="Queue: most informative first",
        menu=Menu.REVIEW,
        section=2,
        keys=("I",),
        when=When.PROJECT,
        help="Fits without verdict, those first about which a verdict tells most.",
    ),
    ActionRecord(
        id="review.rejected",
        title="Queue: rejected fits, to correct",
        menu=Menu.REVIEW,
        section=2,
        when=When.PROJECT,
        help="What was rejected, to put it right: E opens the keypoints, F5 fits again.",
    ),
    ActionRecord(
        id="review.random_checks",
        title="Random checks…",
        menu=Menu.REVIEW,
        section=2,
        when=When.PROJECT,
        help="Mix fits drawn at random into both queues: what you say of them tells how many wrong "
        "fits are left among those without verdict.",
    ),
    ActionRecord(
        id="review.progress",
        title="Review progress…",
        menu=Menu.REVIEW,
        section=3,
        keys=("Ctrl+P",),
        when=When.PROJECT,
        help="What is left, verdicts a minute, how often flags are right, and how many wrong fits "
        "are left.",
    ),
)
