"""The fits of a sample's history."""

from __future__ import annotations

from spin_gui.commands.records.record import ActionRecord, Menu, When

FIT_ACTIONS = (
    ActionRecord(
        id="fits.make_current",
        title="Make the chosen fit current",
        menu=Menu.REVIEW,
        section=4,
        when=When.SAMPLE,
        help="Use the fit that is chosen in the history, on the right, for the current one.",
    ),
    ActionRecord(
        id="fits.compare",
        title="Compare the chosen fits",
        menu=Menu.REVIEW,
        section=4,
        when=When.SAMPLE,
        help="Two fits chosen in the history side by side, or the chosen and the current one.",
    ),
)
