"""The one command of the undo stack: an edit that reached the disk before it was pushed.

An edit is written to the dictionary first, in one transaction, and only then pushed: a command on
the stack is always one that reached the disk. That is why the first ``redo`` – the one that
``QUndoStack.push`` makes – does nothing. A command holds values before and after, never a widget.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoCommand, QUndoStack

from core.errors import NoSuchRecordError

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
        self.gone: NoSuchRecordError | None = None
        """Why the last undo or redo did nothing: who it was about is not there any more."""

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
        self._do(self._undo, f"Undone: {self.text()}")

    def redo(self) -> None:
        """Do it again."""
        if self._already_written:
            self._already_written = False
            return
        self._do(self.redo_edit, f"Redone: {self.text()}")

    def _do(self, edit: Callable[[str], None], done: str) -> None:
        """Qt calls from C++, through which no exception passes: ``UndoStack`` tells of it."""
        self.gone = None
        try:
            edit(done)
        except NoSuchRecordError as error:
            self.gone = error


class UndoStack(QUndoStack):
    """Where an undo or a redo is about people who were removed meanwhile, the list follows.

    follow_removals: reads the list again, and says whether people were removed.
    """

    def __init__(self, parent: QObject, follow_removals: Callable[[], bool]) -> None:
        super().__init__(parent)
        self._follow_removals = follow_removals

    def undo(self) -> None:
        """See ``QUndoStack.undo``."""
        step = self.index() - 1
        super().undo()
        self._tell(step)

    def redo(self) -> None:
        """See ``QUndoStack.redo``."""
        step = self.index()
        super().redo()
        self._tell(step)

    def _tell(self, step: int) -> None:
        command = self.command(step)
        if isinstance(command, EditCommand) and command.gone is not None:
            error, command.gone = command.gone, None
            if not self._follow_removals():
                raise error


def _do_nothing(_done: str) -> None:
    """What a command does that is part of another one."""
