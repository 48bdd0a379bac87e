"""The commands of the window: one record each, in a module for each menu."""

from spin_gui.commands.records.catalogue import ACTIONS, RECORDS, actions_of
from spin_gui.commands.records.reasons import SAID_FOR_KEYS, why_not
from spin_gui.commands.records.record import READABLE_KEYS, ActionRecord, Menu, When
from spin_gui.commands.records.review import REASON_ACTIONS
from spin_gui.commands.records.view import COLUMN_ACTIONS, SEE_ACTIONS, THEME_ACTIONS

__all__ = [
    "ACTIONS",
    "COLUMN_ACTIONS",
    "READABLE_KEYS",
    "REASON_ACTIONS",
    "RECORDS",
    "SAID_FOR_KEYS",
    "SEE_ACTIONS",
    "THEME_ACTIONS",
    "ActionRecord",
    "Menu",
    "When",
    "actions_of",
    "why_not",
]
