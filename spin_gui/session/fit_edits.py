"""Choosing which fit of a sample's history is its current one, and taking that back."""

from __future__ import annotations

from spin_gui.session.session import ProjectSession
from spin_gui.session.undo_commands import EditCommand
from spin_gui.session.verdict_edits import is_found_by_correcting


def make_current(session: ProjectSession, fit_id: int) -> None:
    """Let another fit of the current sample's history be its current one, as one step of undo."""
    sample_id = session.current_id
    if sample_id is None or is_found_by_correcting(session, sample_id):
        return
    name = session.records.row(sample_id).name
    before = session.dictionary.fits.make_current(sample_id, fit_id)
    if before == fit_id:
        return
    text = f"Change the current fit of {name}"
    session.after_edit({sample_id}, f"{text} – saved")
    if before is None:
        return
    session.undo_stack.push(
        EditCommand(
            text,
            undo=lambda done: _restore(session, sample_id, before, done),
            redo=lambda done: _restore(session, sample_id, fit_id, done),
        )
    )


def _restore(session: ProjectSession, sample_id: int, fit_id: int, done: str) -> None:
    session.dictionary.fits.make_current(sample_id, fit_id)
    session.select(sample_id)
    session.after_edit({sample_id}, f"{done} – saved")
