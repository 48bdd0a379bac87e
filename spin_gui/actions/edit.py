"""Undo, redo, search."""

from __future__ import annotations

from spin_gui.actions.record import ActionRecord, Menu, When

EDIT_ACTIONS = (
    ActionRecord(
        id="edit.undo",
        title="Undo",
        menu=Menu.EDIT,
        keys=("Ctrl+Z",),
        when=When.UNDO,
        help="Take back the last verdict or choice of fit.",
    ),
    ActionRecord(
        id="edit.redo",
        title="Redo",
        menu=Menu.EDIT,
        keys=("Ctrl+Shift+Z", "Ctrl+Y"),
        when=When.REDO,
        help="Do again what was taken back.",
    ),
    ActionRecord(
        id="edit.search",
        title="Search samples",
        menu=Menu.EDIT,
        section=1,
        keys=("Ctrl+F", "/"),
        when=When.PROJECT,
        help="Type part of a picture's name; Esc goes back to the list.",
    ),
)
