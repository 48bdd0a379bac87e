"""People who are followed through videos and bursts."""

from __future__ import annotations

from spin_gui.commands.records.record import ActionRecord, Menu, When

FRAME_ACTIONS = (
    ActionRecord(
        id="frames.follow",
        title="Find frames that follow one another",
        menu=Menu.FITTING,
        section=2,
        when=When.IDLE_PROJECT,
        help="Follow people through the frames of videos, and through pictures whose names count "
        "up. Limbs that jump from frame to frame, and sides that flip, are flagged.",
    ),
    ActionRecord(
        id="frames.carry",
        title="Carry the body over to the frames around",
        menu=Menu.CORRECT,
        section=4,
        keys=("Ctrl+Shift+Y",),
        when=When.SAMPLE,
        help="Fit the frames before and after the shown one from its body, up to the first that "
        "was accepted or corrected. One step of undo.",
    ),
    ActionRecord(
        id="frames.previous",
        title="Frame before",
        menu=Menu.GO,
        section=4,
        keys=("Alt+,",),
        when=When.SAMPLE,
        help="Show the same person in the frame before.",
    ),
    ActionRecord(
        id="frames.next",
        title="Frame after",
        menu=Menu.GO,
        section=4,
        keys=("Alt+.",),
        when=When.SAMPLE,
        help="Show the same person in the frame after.",
    ),
    ActionRecord(
        id="frames.play",
        title="Play the frames",
        menu=Menu.GO,
        section=4,
        keys=("Alt+P",),
        when=When.SAMPLE,
        help="Show this person frame by frame, with the body of each; once more to stop.",
    ),
)
