"""Beginning and ending random checks, as one step that can be undone."""

from __future__ import annotations

from core.types.audits import Audit
from spin_gui.session.session import ProjectSession
from spin_gui.session.undo_commands import EditCommand

BEGIN, END = "Begin random checks", "End random checks"


def begin_checks(session: ProjectSession, *, seed: int, share: float) -> Audit:
    """Draw an order of the fits without verdict; an audit that runs ends.

    Raises ``StudioError`` as ``Audits.begin`` does.
    """
    before = session.dictionary.audits.running()
    audit = session.dictionary.audits.begin(seed=seed, share=share)
    _push(session, BEGIN, before=before, after=audit)
    return audit


def end_checks(session: ProjectSession) -> None:
    """Mix nothing into the queues any more."""
    before = session.dictionary.audits.running()
    if before is not None:
        session.dictionary.audits.end()
        _push(session, END, before=before, after=None)


def _push(session: ProjectSession, text: str, *, before: Audit | None, after: Audit | None) -> None:
    session.undo_stack.push(
        EditCommand(
            text,
            undo=lambda done: _run(session, before, done),
            redo=lambda done: _run(session, after, done),
        )
    )
    _show(session, text)


def _run(session: ProjectSession, audit: Audit | None, done: str) -> None:
    if audit is None:
        session.dictionary.audits.end()
    else:
        session.dictionary.audits.resume(audit.id)
    _show(session, done)


def _show(session: ProjectSession, done: str) -> None:
    session.refresh_list()
    session.update_counts()
    session.saved.emit(f"{done} – saved")
