"""A dialog that asks for one thing and hands it on when the user agrees."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QMessageBox, QPushButton, QWidget


class QuestionDialog(QDialog):
    """``chosen(choice)`` comes after the dialog was agreed to and has closed."""

    chosen = Signal(object)

    def choice(self) -> object | None:
        """What was asked for; None while it is incomplete."""
        raise NotImplementedError

    def accept(self) -> None:
        """Close and hand the choice on; an incomplete one keeps the dialog open."""
        choice = self.choice()
        if choice is not None:
            super().accept()
            self.chosen.emit(choice)

    def showEvent(self, event: QShowEvent) -> None:
        """Let Return agree; left alone, Qt picks the first button it meets, which is Cancel."""
        super().showEvent(event)
        for box in self.findChildren(QDialogButtonBox):
            for button in box.buttons():
                agrees = box.buttonRole(button) == QDialogButtonBox.ButtonRole.AcceptRole
                if agrees and isinstance(button, QPushButton):
                    button.setDefault(True)


def open_dialog(dialog: QDialog, window: QWidget) -> None:
    """Open a dialog over the window; when it closes it is gone and the window has the keys again.

    A window manager hands the keys back by itself; a bare X server, as under Xvfb, does not.
    """
    dialog.finished.connect(dialog.deleteLater)
    dialog.finished.connect(window.activateWindow)
    dialog.open()


def ask_yes_no(parent: QWidget, title: str, text: str, *, yes: str, no: str) -> bool:
    """A question with two named answers; Esc and Return mean ``no``."""
    box = QMessageBox(QMessageBox.Icon.Question, title, text, parent=parent)
    yes_button = box.addButton(yes, QMessageBox.ButtonRole.DestructiveRole)
    no_button = box.addButton(no, QMessageBox.ButtonRole.RejectRole)
    for button in (yes_button, no_button):
        button.setAccessibleName(button.text())
    box.setDefaultButton(no_button)
    box.setEscapeButton(no_button)
    box.exec()
    parent.activateWindow()
    return box.clickedButton() is yes_button
