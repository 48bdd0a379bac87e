"""Which widget gets a key: the window's single-key commands, or the control that needs it.

A single letter is a command wherever the focus is, but a text field keeps its letters, a button its
Space, and a list of choices its arrows. Qt asks the focused widget first, by a ShortcutOverride
event; text fields answer rightly by themselves, the others do not, so this guard answers for them.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTableView,
    QTextEdit,
    QWidget,
)

ARROWS = frozenset(
    {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down}
    | {Qt.Key.Key_Home, Qt.Key.Key_End}
)
PLAIN_MODIFIERS = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.KeypadModifier,
)
TEXT_WIDGETS = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox)


def is_typing(widget: QObject | None) -> bool:
    """Whether keys go into a text field that can be edited."""
    if isinstance(widget, QComboBox):
        return widget.isEditable()
    return isinstance(widget, TEXT_WIDGETS) and not widget.isReadOnly()


def keeps_key(widget: QObject | None, key: int) -> bool:
    """Whether the focused widget needs this unmodified key for itself.

    Widgets of the program may name such keys in an attribute ``kept_keys``.
    """
    if is_typing(widget):
        return key != Qt.Key.Key_Escape and not Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35
    if isinstance(widget, QAbstractButton):
        return key == Qt.Key.Key_Space
    if isinstance(widget, QComboBox):
        return key in ARROWS or key == Qt.Key.Key_Space
    if key in getattr(widget, "kept_keys", frozenset()):
        return True
    if isinstance(widget, QTableView):
        return key in {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space}
    return isinstance(widget, QAbstractSlider) and key in ARROWS


class KeyGuard(QObject):
    """An event filter of the application, for the keys of one window.

    It also turns one held key into ``held(True)`` and ``held(False)``: auto-repeat is ignored, and
    leaving the window lets the key go, since its release would never arrive.
    """

    held = Signal(bool)

    def __init__(self, window: QWidget, hold_key: Qt.Key | None) -> None:
        super().__init__(window)
        self._window = window
        self._hold_key = hold_key
        self._holding = False

    def set_hold_key(self, key: Qt.Key | None) -> None:
        """Another key to hold, or none; one that is down now is let go."""
        self._let_go()
        self._hold_key = key

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See ``QObject.eventFilter``; returns whether the event stops here."""
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            return self._override(watched, event)
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._press(watched, event)
        if kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            return self._release(event)
        if kind == QEvent.Type.WindowDeactivate and watched is self._window:
            self._let_go()
        return False

    def _override(self, watched: QObject, event: QKeyEvent) -> bool:
        plain = event.modifiers() in PLAIN_MODIFIERS
        if not (plain and self._is_ours(watched) and keeps_key(watched, event.key())):
            return False
        event.accept()
        return True

    def _press(self, watched: QObject, event: QKeyEvent) -> bool:
        if not self._is_hold(watched, event):
            return False
        if not event.isAutoRepeat() and not self._holding:
            self._holding = True
            self.held.emit(True)  # noqa: FBT003 - a signal takes no keywords
        return True

    def _release(self, event: QKeyEvent) -> bool:
        if event.key() != self._hold_key or not self._holding:
            return False
        if not event.isAutoRepeat():
            self._let_go()
        return True

    def _let_go(self) -> None:
        if self._holding:
            self._holding = False
            self.held.emit(False)  # noqa: FBT003

    def _is_hold(self, watched: QObject, event: QKeyEvent) -> bool:
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        return (
            event.key() == self._hold_key
            and plain
            and self._is_ours(watched)
            and not is_typing(watched)
        )

    def _is_ours(self, watched: QObject) -> bool:
        return isinstance(watched, QWidget) and watched.window() is self._window
