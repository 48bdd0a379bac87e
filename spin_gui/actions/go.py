"""From sample to sample."""

from __future__ import annotations

from spin_gui.actions.record import ActionRecord, Menu, When

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
)
