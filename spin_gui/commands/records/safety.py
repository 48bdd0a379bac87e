"""Looking for damage, and going back to a backup."""

from __future__ import annotations

from spin_gui.commands.records.record import ActionRecord, Menu, When

SAFETY_ACTIONS = (
    ActionRecord(
        id="file.check",
        title="Check project…",
        menu=Menu.FILE,
        section=1,
        when=When.IDLE_PROJECT,
        help="Read all of the project and compare it with what was written.",
    ),
    ActionRecord(
        id="file.restore",
        title="Restore a backup…",
        menu=Menu.FILE,
        section=1,
        when=When.IDLE,
        help="Go back to a backup; what is there now is kept beside it. Also for a project that "
        "cannot be opened.",
    ),
)
