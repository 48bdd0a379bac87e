"""Choosing which fit of a sample's history is its current one, and taking that back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spin_gui.session.undo_commands import CurrentFitCommand, CurrentFitEdit

if TYPE_CHECKING:
    from spin_gui.session.session import ProjectSession


class FitEdits:
    """Edits of one session's current fits."""

    def __init__(self, session: ProjectSession) -> None:
        self._session = session

    def make_current(self, fit_id: int) -> None:
        """Let another fit of the current sample's history be its current one."""
        session, sample_id = self._session, self._session.current_id
        if sample_id is None:
            return
        name = session.row(sample_id).name
        before = session.dictionary.make_current(sample_id, fit_id)
        if before == fit_id:
            return
        text = f"Change the current fit of {name}"
        session.after_edit({sample_id}, f"{text} – saved")
        if before is not None:
            edit = CurrentFitEdit(sample_id, before=before, after=fit_id)
            session.undo_stack.push(CurrentFitCommand(text, edit, self._restore))

    def _restore(self, sample_id: int, fit_id: int, text: str) -> None:
        self._session.dictionary.make_current(sample_id, fit_id)
        self._session.select(sample_id)
        self._session.after_edit({sample_id}, f"{text} – saved")
