"""Verdicts on fits."""

from __future__ import annotations

from spin_gui.commands.records.record import ActionRecord, Menu, When

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
        id="review.most_wrong",
        title="Queue: most likely wrong first",
        menu=Menu.REVIEW,
        section=1,
        keys=("Q",),
        when=When.PROJECT,
        help="Fits without verdict, the most suspicious first; goes on where it was left.",
    ),
    ActionRecord(
        id="review.most_informative",
        title="Queue: most informative first",
        menu=Menu.REVIEW,
        section=1,
        keys=("I",),
        when=When.PROJECT,
        help="Fits without verdict, those first about which a verdict tells most.",
    ),
    ActionRecord(
        id="review.progress",
        title="Review progress…",
        menu=Menu.REVIEW,
        section=2,
        keys=("Ctrl+P",),
        when=When.PROJECT,
        help="What is left, verdicts a minute, and how verdicts agree with flags.",
    ),
)
