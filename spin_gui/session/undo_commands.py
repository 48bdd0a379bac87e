"""The one command of the undo stack: an edit that reached the disk before it was pushed.

An edit is written to the dictionary first, in one transaction, and only then pushed: a command on
the stack is always one that reached the disk. That is why the first ``redo`` – the one that
``QUndoStack.push`` makes – does nothing. A command holds values before and after, never a widget.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

_MERGED_EDITS = 1
"""Qt asks commands of one number whether they merge."""


class EditCommand(QUndoCommand):
    """An edit that was done before it was pushed.

    undo, redo: get the words for the status bar, as ``Undone: Accept 3 fits``. merge_key: edits
    with the same key that follow each other are one step, as the steps of a number field are.
    """

    def __init__(
        self,
        text: str,
        *,
        undo: Callable[[str], None],
        redo: Callable[[str], None],
        merge_key: str = "",
    ) -> None:
        super().__init__(text)
        self._undo, self.redo_edit, self.merge_key = undo, redo, merge_key
        self._already_written = True

    def id(self) -> int:
        """Below zero: never merged."""
        return _MERGED_EDITS if self.merge_key else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take the later edit's end in."""
        if not isinstance(other, EditCommand) or other.merge_key != self.merge_key:
            return False
        self.redo_edit = other.redo_edit
        other.let_go()
        return True

    def let_go(self) -> None:
        """Hold nothing any more: this command is part of an earlier one and is never used again.

        Qt deletes its half of a merged command, but PySide6 (6.11) keeps the Python half for ever:
        every step of a drag would keep its body, and with it the session of a closed project.
        """
        self._undo = self.redo_edit = _do_nothing

    def undo(self) -> None:
        """Put back what was before."""
        self._undo(f"Undone: {self.text()}")

    def redo(self) -> None:
        """Do it again."""
        if self._already_written:
            self._already_written = False
            return
        self.redo_edit(f"Redone: {self.text()}")


def _do_nothing(_done: str) -> None:
    """What a command does that is part of another one."""
