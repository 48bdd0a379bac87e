"""Giving verdicts on one fit or on many, as one step that can be undone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.types.fits import Fit, RejectReason, Verdict, VerdictChange
from core.types.reject_reasons import REASON_TITLES
from spin_gui.session.group_edits import members_with_one_body
from spin_gui.session.session import ProjectSession
from spin_gui.session.undo_commands import EditCommand
from spin_gui.session.wording import count_text

_DONE = {
    Verdict.ACCEPTED: "Accept",
    Verdict.REJECTED: "Reject",
    Verdict.UNSURE: "Mark unsure",
    Verdict.NONE: "Clear verdict of",
}

_AS_STORED: Mapping[int, int] = MappingProxyType({})


@dataclass
class _VerdictEdit:
    """Verdicts of one sample or of many.

    next_id: the sample to go on to once they are given; None stays. give: gives them, the first
    time and again. change: what giving them last did.
    """

    sample_ids: tuple[int, ...]
    next_id: int | None
    give: Callable[[], VerdictChange]
    change: VerdictChange


def judge_selected(
    session: ProjectSession, verdict: Verdict, reason: RejectReason | None = None
) -> None:
    """Judge the selected fits, or the current one alone; then go to the next row.

    reason: why they are rejected, where that was said.
    """
    if len(session.selected_ids):
        judge_samples(session, session.selected_ids, verdict, reason=reason)
    else:
        judge_current(session, verdict, reason)


def judge_current(
    session: ProjectSession, verdict: Verdict, reason: RejectReason | None = None
) -> None:
    """Judge the fit shown for the current sample, then go to the next row of the list.

    A body that a moment's pictures have in common is judged in all of them.
    """
    sample_id = session.current_id
    if sample_id is None:
        session.noticed.emit("No sample is selected.")
        return
    members = members_with_one_body(session, sample_id)
    if len(members) > 1:
        judge_samples(session, members, verdict, reason=reason)
        return
    fit, next_id = session.records.current_fit(sample_id), session.listing.id_after(sample_id)
    if fit is None:
        session.noticed.emit("There was no fit to judge: went on to the next sample.")
    elif fit.verdict != verdict or reason not in {None, fit.reject_reason}:
        _judge_one(session, fit, verdict, next_id, reason)
    _go_on_to(session, next_id, (sample_id,))


def judge_samples(
    session: ProjectSession,
    sample_ids: Iterable[int],
    verdict: Verdict,
    *,
    reason: RejectReason | None = None,
    shown_fit_ids: Mapping[int, int] = _AS_STORED,
) -> int:
    """Judge many samples in one transaction and one undo step.

    Goes on to the row after the last of them. Samples without a fit are left out.

    Args:
        session: of the open project.
        sample_ids: the samples, listed or not.
        verdict: for all of them.
        reason: why they are rejected; None leaves those that are rejected already as they are.
        shown_fit_ids: by sample, the fit that the user looked at; the loop may have replaced it
            meanwhile. Of samples that are not named here the current fit is judged.

    Returns:
        How many fits were judged; those that bore verdict and reason already are not counted.
    """
    ids = list(dict.fromkeys(int(sample_id) for sample_id in sample_ids))
    fit_ids = {
        **session.dictionary.fits.current_ids(ids),
        **{sample_id: shown_fit_ids[sample_id] for sample_id in ids if sample_id in shown_fit_ids},
    }
    if not fit_ids:
        session.noticed.emit("None of the selected samples has a fit to judge.")
        return 0
    next_id = session.listing.id_after_all(ids)
    give = _giving(session, fit_ids.values(), verdict, reason)
    change = give()
    judged = change.changed
    changed = tuple(sample_id for sample_id, fit_id in fit_ids.items() if fit_id in judged)
    if changed:
        text = f"{_DONE[verdict]} {_fits_text(len(changed))}{_because(reason)}"
        session.pace.note(len(changed))
        _verdicts_changed(session, changed)
        _push(session, text, _VerdictEdit(changed, next_id, give, change))
    else:
        session.noticed.emit("The selected fits bear this verdict already.")
    session.set_selected([])
    if next_id is not None:
        _go_on_to(session, next_id, ids)
    return len(changed)


FOUND = (
    "This was a hidden case: an error made on purpose. It counts as found; nothing else was "
    "changed, and the accepted fit is shown again."
)


def is_found_by_correcting(session: ProjectSession, sample_id: int | None) -> bool:
    """Whether a correction is to end before it begins, as the body is a made error.

    A reviewer who begins to correct it has found it: that is the answer, as one step of undo.
    """
    if sample_id is None or sample_id not in session.dictionary.hidden.errors:
        return False
    fit = session.records.current_fit(sample_id)
    if fit is None:
        return False
    _judge_one(session, fit, Verdict.REJECTED, None, None)
    session.noticed.emit(FOUND)
    return True


def _judge_one(
    session: ProjectSession,
    fit: Fit,
    verdict: Verdict,
    next_id: int | None,
    reason: RejectReason | None,
) -> None:
    # By fit, not by sample: the loop may have replaced the fit that the user looked at.
    sample_id = fit.sample_id
    text = f"{_DONE[verdict]} {session.records.row(sample_id).name}{_because(reason)}"
    give = _giving(session, [fit.id], verdict, reason)
    change = give()
    session.pace.note(1)
    _verdicts_changed(session, (sample_id,))
    _push(session, text, _VerdictEdit((sample_id,), next_id, give, change))


def _giving(
    session: ProjectSession,
    fit_ids: Iterable[int],
    verdict: Verdict,
    reason: RejectReason | None,
) -> Callable[[], VerdictChange]:
    """What gives a verdict on fits, under the name of the present reviewer."""
    verdicts, author = dict.fromkeys(fit_ids, verdict), session.dictionary.author
    blind = session.dictionary.hidden.fit_ids & verdicts.keys()
    return lambda: session.dictionary.verdicts.set_on_fits(
        verdicts, author, reasons=_reasons(verdicts, reason), blind=blind
    )


def _push(session: ProjectSession, text: str, edit: _VerdictEdit) -> None:
    session.undo_stack.push(
        EditCommand(
            text,
            undo=lambda done: _take_back(session, edit, done),
            redo=lambda done: _give_again(session, edit, done),
        )
    )
    session.saved.emit(f"{text} – saved")


def _take_back(session: ProjectSession, edit: _VerdictEdit, done: str) -> None:
    """Give the fits their former verdicts, and go back to their samples."""
    session.dictionary.verdicts.take_back(edit.change)
    _verdicts_changed(session, edit.sample_ids)
    _go_back_to(session, edit.sample_ids)
    session.saved.emit(f"{done} – saved")


def _give_again(session: ProjectSession, edit: _VerdictEdit, done: str) -> None:
    """Give the verdicts again, and go on as the first time."""
    edit.change = edit.give()
    _verdicts_changed(session, edit.sample_ids)
    if edit.next_id is not None:
        _go_on_to(session, edit.next_id, edit.sample_ids)
    else:
        _go_back_to(session, edit.sample_ids)
    session.saved.emit(f"{done} – saved")


def _verdicts_changed(session: ProjectSession, sample_ids: tuple[int, ...]) -> None:
    session.audit.keep_shown()
    session.catalogue.update_hidden()
    session.records.forget_fits(sample_ids)
    session.samples_changed.emit(set(sample_ids))
    session.refresh_list()
    session.update_counts()


def _go_back_to(session: ProjectSession, sample_ids: tuple[int, ...]) -> None:
    session.select(sample_ids[0])
    if len(sample_ids) > 1:
        session.set_selected(sample_ids)


def _go_on_to(session: ProjectSession, next_id: int, judged_ids: Collection[int]) -> None:
    """Select the next sample; where the list ended with one that left it, the new last row."""
    ended = next_id in judged_ids and session.listing.row_of(next_id) < 0
    if ended and len(session.sample_ids):
        session.go_last()
    else:
        session.select(next_id)


def _reasons(fit_ids: Iterable[int], reason: RejectReason | None) -> dict[int, RejectReason | None]:
    """The same for all; none at all leaves the reasons that were given before."""
    return {} if reason is None else dict.fromkeys(fit_ids, reason)


def _because(reason: RejectReason | None) -> str:
    return "" if reason is None else f": {REASON_TITLES[reason]}"


def _fits_text(count: int) -> str:
    return "1 fit" if count == 1 else f"{count_text(count)} fits"
