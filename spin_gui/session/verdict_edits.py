"""Giving verdicts on one fit or on many, as one step that can be undone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from core.types.fits import Fit, Verdict
from spin_gui.session.undo_commands import Landing, VerdictCommand, VerdictEdit
from spin_gui.session.wording import count_text

if TYPE_CHECKING:
    from spin_gui.session.session import ProjectSession

_DONE = {
    Verdict.ACCEPTED: "Accept",
    Verdict.REJECTED: "Reject",
    Verdict.UNSURE: "Mark unsure",
    Verdict.NONE: "Clear verdict of",
}

_AS_STORED: Mapping[int, int] = MappingProxyType({})


class VerdictEdits:
    """Verdicts of one session: written to disk, put on the undo stack, then the next sample."""

    def __init__(self, session: ProjectSession) -> None:
        self._session = session

    def judge_current(self, verdict: Verdict) -> None:
        """Judge the fit shown for the current sample, then go to the next row of the list."""
        session, sample_id = self._session, self._session.current_id
        if sample_id is None:
            session.noticed.emit("No sample is selected.")
            return
        fit, next_id = session.current_fit(sample_id), session.listing.id_after(sample_id)
        if fit is None:
            session.noticed.emit("There was no fit to judge: went on to the next sample.")
        elif fit.verdict != verdict:
            self._judge_one(fit, verdict, next_id)
        self._go_on_to(next_id, (sample_id,))

    def judge(
        self,
        sample_ids: Iterable[int],
        verdict: Verdict,
        *,
        shown_fit_ids: Mapping[int, int] = _AS_STORED,
    ) -> int:
        """Judge many samples in one transaction and one undo step.

        Goes on to the row after the last of them. Samples without a fit are left out.

        Args:
            sample_ids: the samples, listed or not.
            verdict: for all of them.
            shown_fit_ids: by sample, the fit that the user looked at; the loop may have replaced it
                meanwhile. Of samples that are not named here the current fit is judged.

        Returns:
            How many fits were judged; those that bore the verdict already are not counted.
        """
        session, ids = self._session, list(dict.fromkeys(int(one) for one in sample_ids))
        fit_ids = {
            **session.dictionary.current_fit_ids(ids),
            **{one: shown_fit_ids[one] for one in ids if one in shown_fit_ids},
        }
        if not fit_ids:
            session.noticed.emit("None of the selected samples has a fit to judge.")
            return 0
        next_id = session.listing.id_after_all(ids)
        change = session.dictionary.set_fit_verdicts(dict.fromkeys(fit_ids.values(), verdict))
        changed = tuple(one for one in fit_ids if change.before[fit_ids[one]] is not verdict)
        if changed:
            text = f"{_DONE[verdict]} {_fits_text(len(changed))}"
            edit = VerdictEdit(changed, next_id, change.before, change.after)
            session.pace.note(len(changed))
            self._verdicts_changed(changed)
            self._push(text, edit)
        else:
            session.noticed.emit("The selected fits bear this verdict already.")
        session.set_selected([])
        self._go_on_to(next_id, ids)
        return len(changed)

    def _judge_one(self, fit: Fit, verdict: Verdict, next_id: int) -> None:
        # By fit, not by sample: the loop may have replaced the fit that the user looked at.
        session, sample_id = self._session, fit.sample_id
        text = f"{_DONE[verdict]} {session.row(sample_id).name}"
        change = session.dictionary.set_fit_verdicts({fit.id: verdict})
        session.pace.note(1)
        self._verdicts_changed((sample_id,))
        self._push(text, VerdictEdit((sample_id,), next_id, change.before, change.after))

    def _push(self, text: str, edit: VerdictEdit) -> None:
        self._session.undo_stack.push(VerdictCommand(text, edit, self._restore))
        self._session.saved.emit(f"{text} – saved")

    def _restore(self, verdicts: Mapping[int, Verdict], landing: Landing, text: str) -> None:
        session = self._session
        session.dictionary.restore_verdicts(verdicts)
        self._verdicts_changed(landing.sample_ids)
        if landing.next_id is not None:
            self._go_on_to(landing.next_id, landing.sample_ids)
        else:
            session.select(landing.sample_ids[0])
            if len(landing.sample_ids) > 1:
                session.set_selected(landing.sample_ids)
        session.saved.emit(f"{text} – saved")

    def _verdicts_changed(self, sample_ids: tuple[int, ...]) -> None:
        session = self._session
        session.records.forget_fits(sample_ids)
        session.samples_changed.emit(set(sample_ids))
        session.refresh_list()
        session.update_counts()

    def _go_on_to(self, next_id: int, judged_ids: Collection[int]) -> None:
        """Select the next sample; where the list ended with one that left it, the new last row."""
        session = self._session
        ended = next_id in judged_ids and session.listing.row_of(next_id) < 0
        if ended and len(session.sample_ids):
            session.go_last()
        else:
            session.select(next_id)


def _fits_text(count: int) -> str:
    return "1 fit" if count == 1 else f"{count_text(count)} fits"
