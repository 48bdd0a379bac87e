"""A button for a command of the menus."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QPushButton, QWidget


class CommandButton(QPushButton):
    """Runs a command of the menus, says its key, and rests while the command does."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._title = title
        self._action: QAction | None = None
        # The keyboard has keys of its own for all of this: a click takes the focus from nothing.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(title)

    def follow(self, action: QAction) -> None:
        """Run this command from now on."""
        self._action = action
        self.clicked.connect(action.trigger)
        action.changed.connect(self._refresh)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        action = self._action
        if action is None:
            return
        keys = [key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts()]
        self.setText(f"{self._title}  {keys[0]}" if keys else self._title)
        self.setEnabled(action.isEnabled())
        self.setToolTip(f"{action.text()}\n{action.toolTip()}")
