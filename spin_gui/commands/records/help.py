"""Help and the palette of all commands."""

from __future__ import annotations

from spin_gui.commands.records.record import ActionRecord, Menu, When

HELP_ACTIONS = (
    ActionRecord(
        id="help.guide",
        title="Guide",
        menu=Menu.HELP,
        keys=("Shift+F1",),
        help="The documentation, page by page; it lies on this machine.",
    ),
    ActionRecord(
        id="help.tour",
        title="Tour in five steps",
        menu=Menu.HELP,
        when=When.PROJECT,
        help="Where things are: stages, views, verdicts, corrections, export. Esc leaves it.",
    ),
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
        id="help.legend",
        title="Legend of symbols",
        menu=Menu.HELP,
        help="Verdicts, flags, keypoints and bodies as they are drawn, with what each means.",
    ),
    ActionRecord(
        id="help.change_keys",
        title="Change keys…",
        menu=Menu.HELP,
        help="Give commands other keys; they hold at once and for every project.",
    ),
    ActionRecord(
        id="help.doctor",
        title="Check this machine",
        menu=Menu.HELP,
        section=1,
        help="What this machine has of what the program needs, and how to get the rest.",
    ),
    ActionRecord(
        id="help.official_files",
        title="Official files…",
        menu=Menu.HELP,
        section=1,
        help="Which bodies, priors and checkpoints of SMPL and SPIN are in place; drop others.",
    ),
    ActionRecord(
        id="help.about",
        title="About SPIN Studio",
        menu=Menu.HELP,
        section=1,
        help="Version, machine and licences.",
    ),
)
