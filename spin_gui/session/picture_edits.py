"""Naming pictures where they are now, and taking that back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spin_gui.session.camera_wording import of_before_text
from spin_gui.session.session import ProjectSession
from spin_gui.session.undo_commands import EditCommand
from spin_gui.session.wording import count_text


def move_pictures(session: ProjectSession, moves: Mapping[Path, Path]) -> None:
    """Name pictures at new places: the new path by the present one, as one step of undo."""
    moved = session.dictionary.pictures.move(moves).moved
    if not moved:
        session.noticed.emit("No picture was named at another place.")
        return
    text = "Find one picture" if len(moved) == 1 else f"Find {count_text(len(moved))} pictures"
    _take_in(session, f"{text} – saved")
    back = {new: old for old, new in moved.items()}
    session.undo_stack.push(
        EditCommand(
            text,
            undo=lambda done: _restore(session, back, done),
            redo=lambda done: _restore(session, moved, done),
        )
    )


def _restore(session: ProjectSession, moves: Mapping[Path, Path], done: str) -> None:
    session.dictionary.pictures.move(moves)
    _take_in(session, f"{done} – saved")


def _take_in(session: ProjectSession, message: str) -> None:
    session.take_in_changes()
    session.saved.emit(message)


def notice_pictures_of_before(session: ProjectSession) -> None:
    """Say it where pictures were imported before cameras were kept; after opening."""
    count = session.dictionary.cameras.count_of_before()
    if count:
        session.noticed.emit(of_before_text(count))
