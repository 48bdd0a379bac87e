"""Naming pictures where they are now, and taking that back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from spin_gui.session.undo_commands import PicturesCommand
from spin_gui.session.wording import count_text

if TYPE_CHECKING:
    from spin_gui.session.session import ProjectSession


class PictureEdits:
    """Edits of where one session's pictures are."""

    def __init__(self, session: ProjectSession) -> None:
        self._session = session

    def move(self, moves: Mapping[Path, Path]) -> None:
        """Name pictures at new places, as one step of undo."""
        done = self._session.dictionary.move_pictures(moves)
        if not done.moved:
            self._session.noticed.emit("No picture was named at another place.")
            return
        text = "Find one picture" if len(done.moved) == 1 else _many(len(done.moved))
        self._take_in(f"{text} – saved")
        self._session.undo_stack.push(PicturesCommand(text, done.moved, self._restore))

    def _restore(self, moves: Mapping[Path, Path], text: str) -> None:
        self._session.dictionary.move_pictures(moves)
        self._take_in(f"{text} – saved")

    def _take_in(self, message: str) -> None:
        self._session.take_in_changes()
        self._session.saved.emit(message)


def _many(count: int) -> str:
    return f"Find {count_text(count)} pictures"
