"""Several pictures of one person."""

from __future__ import annotations

from spin_gui.commands.records.record import ActionRecord, Menu, When

GROUP_ACTIONS = (
    ActionRecord(
        id="groups.same_moment",
        title="Same moment",
        menu=Menu.FITTING,
        section=1,
        when=When.SAMPLE,
        help="The selected people are one person at one time, seen by several cameras. The next "
        "fit or refit gives all of their pictures one body, which is far surer than one picture's. "
        "Also puts back a person whose body was rejected.",
    ),
    ActionRecord(
        id="groups.same_person",
        title="Same person",
        menu=Menu.FITTING,
        section=1,
        when=When.SAMPLE,
        help="The selected people are one person at any time: the next fit or refit gives them one "
        "shape, and each moment a pose of its own.",
    ),
    ActionRecord(
        id="groups.leave_out",
        title="Leave out of the moment",
        menu=Menu.FITTING,
        section=1,
        when=When.SAMPLE,
        help="The picture of the selected people, or of the one shown, does not go with the others "
        "of its moment: it is fitted by itself until Same moment puts it back.",
    ),
    ActionRecord(
        id="groups.ungroup",
        title="Ungroup",
        menu=Menu.FITTING,
        section=1,
        when=When.SAMPLE,
        help="The selected people, or the one shown, are each by themselves again. Their fits stay "
        "until the next refit.",
    ),
    ActionRecord(
        id="groups.next_picture",
        title="Next picture of this moment",
        menu=Menu.FITTING,
        section=1,
        keys=(",",),
        when=When.SAMPLE,
        help="Show the same person at the same time as another camera saw them.",
    ),
)
