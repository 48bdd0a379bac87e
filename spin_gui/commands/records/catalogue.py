"""Every command of the window, once.

Menus, shortcuts, the command palette, the cheat sheet and docs/keys.md are all made from this list,
so that none of them can promise what another does not keep.
"""

from __future__ import annotations

from spin_gui.commands.records.correct import CORRECT_ACTIONS
from spin_gui.commands.records.edit import EDIT_ACTIONS
from spin_gui.commands.records.file import FILE_ACTIONS
from spin_gui.commands.records.fits import FIT_ACTIONS
from spin_gui.commands.records.fitting import FITTING_ACTIONS
from spin_gui.commands.records.frames import FRAME_ACTIONS
from spin_gui.commands.records.go import GO_ACTIONS
from spin_gui.commands.records.groups import GROUP_ACTIONS
from spin_gui.commands.records.help import HELP_ACTIONS
from spin_gui.commands.records.record import ActionRecord, Menu
from spin_gui.commands.records.review import REVIEW_ACTIONS
from spin_gui.commands.records.reviewers import REVIEWER_ACTIONS
from spin_gui.commands.records.training import TRAINING_ACTIONS
from spin_gui.commands.records.view import VIEW_ACTIONS

ACTIONS: tuple[ActionRecord, ...] = (
    *FILE_ACTIONS,
    *EDIT_ACTIONS,
    *REVIEW_ACTIONS,
    *FIT_ACTIONS,
    *REVIEWER_ACTIONS,
    *GO_ACTIONS,
    *VIEW_ACTIONS,
    *CORRECT_ACTIONS,
    *FITTING_ACTIONS,
    *GROUP_ACTIONS,
    *FRAME_ACTIONS,
    *TRAINING_ACTIONS,
    *HELP_ACTIONS,
)

RECORDS = {record.id: record for record in ACTIONS}
"""Each record by its id."""


def actions_of(menu: Menu) -> tuple[ActionRecord, ...]:
    """The records of one menu, in their order."""
    return tuple(record for record in ACTIONS if record.menu is menu)
