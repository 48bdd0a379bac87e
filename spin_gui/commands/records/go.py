"""From sample to sample."""

from __future__ import annotations

from spin_gui.commands.records.record import ActionRecord, Menu, When

GO_ACTIONS = (
    ActionRecord(
        id="go.next",
        title="Next sample",
        menu=Menu.GO,
        keys=("Right", "Down", "J", "Space"),
        when=When.SAMPLE,
        help="The next row of the list as it is sorted and filtered now.",
    ),
    ActionRecord(
        id="go.previous",
        title="Previous sample",
        menu=Menu.GO,
        keys=("Left", "Up", "K", "Shift+Space"),
        when=When.SAMPLE,
        help="The row before.",
    ),
    ActionRecord(
        id="go.first",
        title="First sample",
        menu=Menu.GO,
        keys=("Home",),
        when=When.SAMPLE,
        help="The first row of the list.",
    ),
    ActionRecord(
        id="go.last",
        title="Last sample",
        menu=Menu.GO,
        keys=("End",),
        when=When.SAMPLE,
        help="The last row of the list.",
    ),
    ActionRecord(
        id="go.jump",
        title="Go to…",
        menu=Menu.GO,
        section=1,
        keys=("Ctrl+G",),
        when=When.PROJECT,
        help="Any sample, by its row, its number or part of its name.",
    ),
    ActionRecord(
        id="go.back",
        title="Back",
        menu=Menu.GO,
        section=1,
        keys=("Alt+Left",),
        when=When.SAMPLE,
        help="The sample that was looked at before, listed or not.",
    ),
    ActionRecord(
        id="go.forward",
        title="Forward",
        menu=Menu.GO,
        section=1,
        keys=("Alt+Right",),
        when=When.SAMPLE,
        help="Forward again.",
    ),
)
