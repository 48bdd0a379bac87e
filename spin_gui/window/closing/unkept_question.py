"""Asks what becomes of changed bodies that were not kept when their project closes."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from PySide6.QtWidgets import QMessageBox, QWidget

MOST_NAMES = 3
"""People named one by one; of the others only the number is told."""

_MEANING_OF_ONE = (
    "Kept, it becomes the current fit, and the former one stays in the history. "
    "Discarded, it is gone when the project closes."
)
_MEANING_OF_MANY = (
    "Kept, they become the current fits, and the former ones stay in the history. "
    "Discarded, they are gone when the project closes."
)


class Unkept(Enum):
    """What becomes of them; ``CANCEL``: the project stays open."""

    KEEP = "keep"
    DISCARD = "discard"
    CANCEL = "cancel"


def ask_unkept(window: QWidget, names: Sequence[str]) -> Unkept:
    """Ask about the changed bodies of these people; Return keeps them, Esc stays.

    names: one for each body, at least one.
    """
    box = QMessageBox(QMessageBox.Icon.Question, "Not kept yet", question(names), parent=window)
    box.setInformativeText(_MEANING_OF_ONE if len(names) == 1 else _MEANING_OF_MANY)
    answers = {
        box.addButton("&Keep", QMessageBox.ButtonRole.AcceptRole): Unkept.KEEP,
        box.addButton("&Discard", QMessageBox.ButtonRole.DestructiveRole): Unkept.DISCARD,
        box.addButton("&Cancel", QMessageBox.ButtonRole.RejectRole): Unkept.CANCEL,
    }
    for button, answer in answers.items():
        button.setAccessibleName(answer.value.capitalize())
        if answer is Unkept.KEEP:
            box.setDefaultButton(button)
        elif answer is Unkept.CANCEL:
            box.setEscapeButton(button)
    box.exec()
    window.activateWindow()
    clicked = box.clickedButton()
    return next((answer for button, answer in answers.items() if button is clicked), Unkept.CANCEL)


def question(names: Sequence[str]) -> str:
    """Whose bodies are meant, in one sentence."""
    if len(names) == 1:
        return f"The changed body of “{names[0]}” was not kept yet. Keep it?"
    named = ", ".join(f"“{name}”" for name in names[:MOST_NAMES])
    if len(names) > MOST_NAMES:
        named += f" and {len(names) - MOST_NAMES} more"
    return f"{len(names)} changed bodies were not kept yet: {named}. Keep them?"
