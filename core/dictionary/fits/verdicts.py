"""Verdicts of people on fits, and taking them back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.dictionary.assessment.judged_fits import note_suspicions
from core.dictionary.assessment.verdict_agreement import Agreement
from core.dictionary.fits.group_departures import follow_verdicts
from core.dictionary.storage.clock import default_author, utc_now
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.events import VERDICT, log_events
from core.dictionary.storage.ids import check_all_found, id_list
from core.errors import NoSuchRecordError
from core.types.events import Event
from core.types.fits import RejectReason, Verdict, VerdictChange
from core.types.reject_reasons import verdict_text

_NO_REASONS: Mapping[int, RejectReason | None] = MappingProxyType({})
_COUNT_REASONS = """
SELECT fits.reject_reason, count(*) FROM fits JOIN samples ON samples.current_fit_id = fits.id
WHERE fits.verdict = 'rejected' AND fits.reject_reason IS NOT NULL GROUP BY 1"""


@dataclass(frozen=True)
class _StoredVerdict:
    """What the dictionary holds of one fit."""

    sample_id: int
    verdict: Verdict
    reason: RejectReason | None


class Verdicts:
    """The verdicts of one opened dictionary; reached as ``dictionary.verdicts``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def set(self, by_sample: Mapping[int, Verdict], author: str | None = None) -> VerdictChange:
        """Give verdicts on the current fits of samples, by sample id, in one transaction.

        Args:
            by_sample: the verdicts.
            author: who gives them; the user, by default.

        Raises:
            NoSuchRecordError: a sample does not exist or has no fit; no verdict is stored then.
        """
        with self._connection.writing():
            current = _current_fit_ids(self._connection, by_sample)
            by_fit = {current[sample_id]: verdict for sample_id, verdict in by_sample.items()}
            return _change(self._connection, by_fit, _NO_REASONS, author or default_author())

    def set_on_fits(
        self,
        by_fit: Mapping[int, Verdict],
        author: str | None = None,
        *,
        reasons: Mapping[int, RejectReason | None] = _NO_REASONS,
    ) -> VerdictChange:
        """Give verdicts on fits by their own ids, current or not, in one transaction.

        For views whose fit the loop may have replaced, and for undo: the ``before`` of a change
        takes it back, its ``after`` makes it again, each with its reasons.

        Args:
            by_fit: the verdicts.
            author: who gives them; the user, by default.
            reasons: by fit id, why those that are rejected are; None takes a reason away. A fit
                that stays rejected and is not named here keeps its reason.

        Raises:
            NoSuchRecordError: a fit does not exist; no verdict is stored then.
        """
        with self._connection.writing():
            return _change(self._connection, by_fit, reasons, author or default_author())

    def reject_reasons(self) -> dict[RejectReason, int]:
        """How many current fits were rejected for each reason that was given."""
        return reject_reasons(self._connection)

    def agreement(self) -> Agreement:
        """How the verdicts on current fits agree with flags and suspicion."""
        return Agreement.read(self._connection)


def reject_reasons(connection: Connection) -> dict[RejectReason, int]:
    """How many current fits were rejected for each reason that was given."""
    counted = dict(connection.execute(_COUNT_REASONS))
    return {reason: counted[reason] for reason in RejectReason if reason in counted}


def _change(
    connection: Connection,
    verdicts: Mapping[int, Verdict],
    reasons: Mapping[int, RejectReason | None],
    author: str,
) -> VerdictChange:
    before = _verdicts_now(connection, verdicts)
    change = VerdictChange(
        before={fit_id: stored.verdict for fit_id, stored in before.items()},
        after=dict(verdicts),
        reasons_before={fit_id: stored.reason for fit_id, stored in before.items()},
        reasons_after={
            fit_id: _reason_after(fit_id, verdict, before[fit_id], reasons)
            for fit_id, verdict in verdicts.items()
        },
    )
    changed = [fit_id for fit_id in verdicts if fit_id in change.changed]
    now = utc_now()
    connection.execute_many(
        "UPDATE fits SET verdict = ?, reject_reason = ?, verdict_at = ?, verdict_by = ? "
        "WHERE id = ?",
        [
            (change.after[fit_id], change.reasons_after[fit_id], now, author, fit_id)
            for fit_id in changed
        ],
    )
    connection.execute_many(
        "UPDATE samples SET current_verdict = ? WHERE current_fit_id = ?",
        [(change.after[fit_id], fit_id) for fit_id in changed],
    )
    note_suspicions(connection, changed)
    follow_verdicts(connection, {before[fit_id].sample_id for fit_id in changed})
    log_events(
        connection,
        (
            Event(
                at=now,
                author=author,
                sample_id=before[fit_id].sample_id,
                fit_id=fit_id,
                what=VERDICT,
                before=verdict_text(change.before[fit_id], change.reasons_before[fit_id]),
                after=verdict_text(change.after[fit_id], change.reasons_after[fit_id]),
            )
            for fit_id in changed
        ),
    )
    return change


def _reason_after(
    fit_id: int,
    verdict: Verdict,
    before: _StoredVerdict,
    reasons: Mapping[int, RejectReason | None],
) -> RejectReason | None:
    if verdict is not Verdict.REJECTED:
        return None
    return reasons.get(fit_id, before.reason)


def _current_fit_ids(connection: Connection, sample_ids: Iterable[int]) -> dict[int, int]:
    ids = list(sample_ids)
    current = dict(
        connection.execute(
            "SELECT id, current_fit_id FROM samples WHERE id IN (SELECT value FROM json_each(?))",
            (id_list(ids),),
        )
    )
    check_all_found("sample", ids, current)
    without_fit = sorted(sample_id for sample_id, fit_id in current.items() if fit_id is None)
    if without_fit:
        raise NoSuchRecordError(
            f"Sample {without_fit[0]} has no fit to give a verdict on.",
            remedy="Fit the samples first; verdicts belong to fits.",
        )
    return current


def _verdicts_now(connection: Connection, fit_ids: Iterable[int]) -> dict[int, _StoredVerdict]:
    """What is stored, by fit id."""
    ids = list(fit_ids)
    rows = connection.execute(
        "SELECT id, sample_id, verdict, reject_reason FROM fits "
        "WHERE id IN (SELECT value FROM json_each(?))",
        (id_list(ids),),
    )
    check_all_found("fit", ids, (row[0] for row in rows))
    return {
        fit_id: _StoredVerdict(
            sample_id, Verdict(verdict), None if reason is None else RejectReason(reason)
        )
        for fit_id, sample_id, verdict, reason in rows
    }
