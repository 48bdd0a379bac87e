"""Undoable edits. Each holds the values before and after, never a widget.

An edit is written to the dictionary first, in one transaction, and only then pushed: a command on
the stack is always one that reached the disk. That is why the first ``redo`` – the one that
``QUndoStack.push`` makes – does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QUndoCommand

from core.types.fits import Verdict


@dataclass(frozen=True)
class Landing:
    """Where the selection goes after a step: back to its samples, or on to the next one."""

    sample_ids: tuple[int, ...]
    next_id: int | None = None


@dataclass(frozen=True)
class VerdictEdit:
    """Verdicts by fit id before and after, of one sample or of many."""

    sample_ids: tuple[int, ...]
    next_id: int | None
    before: Mapping[int, Verdict]
    after: Mapping[int, Verdict]


@dataclass(frozen=True)
class CurrentFitEdit:
    """Which fit of a sample was current before and is after."""

    sample_id: int
    before: int
    after: int


class VerdictCommand(QUndoCommand):
    """Verdicts given in one go. Undo goes back to the samples, redo on to the one after them."""

    def __init__(
        self,
        text: str,
        edit: VerdictEdit,
        restore: Callable[[Mapping[int, Verdict], Landing, str], None],
    ) -> None:
        super().__init__(text)
        self._edit, self._restore = edit, restore
        self._already_written = True

    def undo(self) -> None:
        """Give the fits their former verdicts and show their samples."""
        landing = Landing(self._edit.sample_ids)
        self._restore(self._edit.before, landing, f"Undone: {self.text()}")

    def redo(self) -> None:
        """Give the verdicts again and go on as the first time."""
        if self._already_written:
            self._already_written = False
            return
        landing = Landing(self._edit.sample_ids, next_id=self._edit.next_id)
        self._restore(self._edit.after, landing, f"Redone: {self.text()}")


class PicturesCommand(QUndoCommand):
    """Pictures named at another place: the new path by the former one."""

    def __init__(
        self,
        text: str,
        moved: Mapping[Path, Path],
        restore: Callable[[Mapping[Path, Path], str], None],
    ) -> None:
        super().__init__(text)
        self._moved, self._restore = moved, restore
        self._already_written = True

    def undo(self) -> None:
        """Name them at their former places."""
        back = {new: old for old, new in self._moved.items()}
        self._restore(back, f"Undone: {self.text()}")

    def redo(self) -> None:
        """Name them at their new places again."""
        if self._already_written:
            self._already_written = False
            return
        self._restore(self._moved, f"Redone: {self.text()}")


class CurrentFitCommand(QUndoCommand):
    """Another fit of the history made current."""

    def __init__(
        self, text: str, edit: CurrentFitEdit, restore: Callable[[int, int, str], None]
    ) -> None:
        super().__init__(text)
        self._edit, self._restore = edit, restore
        self._already_written = True

    def undo(self) -> None:
        """Make the former fit current again and show its sample."""
        self._restore(self._edit.sample_id, self._edit.before, f"Undone: {self.text()}")

    def redo(self) -> None:
        """Make the chosen fit current again and show its sample."""
        if self._already_written:
            self._already_written = False
            return
        self._restore(self._edit.sample_id, self._edit.after, f"Redone: {self.text()}")
