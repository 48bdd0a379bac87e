"""Help and the palette of all commands."""

from __future__ import annotations

from spin_gui.commands.records.record import ActionRecord, Menu

HELP_ACTIONS = (
    ActionRecord(
        id="help.palette",
        title="Command palette…",
        menu=Menu.HELP,
        keys=("Ctrl+Shift+P",),
        help="Find any command by typing a few letters of its name.",
    ),
    ActionRecord(
        id="help.keys",
        title="Keys",
        menu=Menu.HELP,
        keys=("F1", "?"),
        help="All keys on one sheet.",
    ),
    ActionRecord(
        id="help.words",
        title="Words and symbols",
        menu=Menu.HELP,
        help="What words, badges and other signs in the window mean.",
    ),
    ActionRecord(
        id="help.change_keys",
        title="Change keys…",
        menu=Menu.HELP,
        help="Give commands other keys; they hold at once and for every project.",
    ),
    ActionRecord(
        id="help.about",
        title="About SPIN Studio",
        menu=Menu.HELP,
        section=1,
        help="Version, machine and licences.",
    ),
)
