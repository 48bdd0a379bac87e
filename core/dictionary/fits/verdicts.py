"""Verdicts of people on fits, and taking them back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from core.dictionary.assessment.verdict_agreement import Agreement
from core.dictionary.fits.case_answers import answer_cases, take_back_answers, waiting_cases
from core.dictionary.fits.opinion_log import log_opinion, log_withdrawal
from core.dictionary.fits.opinions import (
    StoredVerdict,
    add_opinions,
    fits_there,
    mark_withdrawn,
    opinion_key,
    read_opinions,
    settle_verdicts,
    stored_verdicts,
    time_after,
)
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import check_all_found, id_list
from core.errors import NoSuchRecordError
from core.types.fits import RejectReason, Verdict, VerdictChange
from core.types.reviewing.opinions import EffectiveVerdict, Opinion, latest_opinions

_NO_REASONS: Mapping[int, RejectReason | None] = MappingProxyType({})
_COUNT_REASONS = """
SELECT fits.reject_reason, count(*) FROM fits JOIN samples ON samples.current_fit_id = fits.id
WHERE fits.verdict = 'rejected' AND fits.reject_reason IS NOT NULL GROUP BY 1"""


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
            return _change(self._connection, by_fit, _NO_REASONS, author or self._connection.author)

    def set_on_fits(
        self,
        by_fit: Mapping[int, Verdict],
        author: str | None = None,
        *,
        reasons: Mapping[int, RejectReason | None] = _NO_REASONS,
        blind: Collection[int] = (),
    ) -> VerdictChange:
        """Give verdicts on fits by their own ids, current or not, in one transaction.

        For views whose fit the loop may have replaced. A verdict is the opinion of its author; it
        overrules what other reviewers said, unless it is blind (docs/reviewers.md).

        Args:
            by_fit: the verdicts.
            author: who gives them; the user, by default.
            reasons: by fit id, why those that are rejected are; None takes a reason away. A fit
                that stays rejected and is not named here keeps its reason.
            blind: fits whose verdict and opinions were hidden from the author. Where another
                reviewer said something else, such a fit becomes unsure. Of a known case that waits
                for the author the verdict is an answer and changes nothing else. One below zero is
                a made error; where it waits for the author no more, nothing is stored.

        Raises:
            NoSuchRecordError: a fit does not exist; no verdict is stored then.
        """
        with self._connection.writing():
            author = author or self._connection.author
            cases = waiting_cases(self._connection, author).intersection(blind, by_fit)
            answers = answer_cases(
                self._connection, {fit_id: by_fit[fit_id] for fit_id in cases}, author
            )
            others = {
                key: verdict for key, verdict in by_fit.items() if key not in cases and key > 0
            }
            change = _change(self._connection, others, reasons, author, blind)
            return replace(change, case_answers=answers)

    def take_back(self, change: VerdictChange) -> None:
        """Undo a change: its opinions do not count any more, and fits bear what follows without.

        In one transaction; to make the change again, give its verdicts again. Fits of people who
        were removed in the meantime are left out: one of them keeps no other from being undone.
        """
        with self._connection.writing():
            now = utc_now()
            changed = [fit_id for fit_id, _reviewer, _at in change.opinion_keys]
            there = fits_there(self._connection, changed)
            keys = [key for key in change.opinion_keys if key[0] in there]
            fit_ids = [fit_id for fit_id, _reviewer, _at in keys]
            mark_withdrawn(self._connection, keys, withdrawn_at=now)
            take_back_answers(self._connection, [answer for _fit, answer in change.case_answers])
            before, after = settle_verdicts(self._connection, fit_ids)
            for key in keys:
                given_before, given_after = before[key[0]], after[key[0]]
                log_withdrawal(self._connection, key, given_before, given_after, at=now)

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
    blind: Collection[int] = (),
) -> VerdictChange:
    before, opinions = stored_verdicts(connection, verdicts), read_opinions(connection, verdicts)
    added = [
        opinion
        for fit_id, verdict in verdicts.items()
        for opinion in _new_opinion(
            fit_id,
            before[fit_id],
            opinions.get(fit_id, []),
            verdict=verdict,
            reason=_reason_after(fit_id, verdict, before[fit_id].given, reasons),
            author=author,
            is_blind=fit_id in blind,
        )
    ]
    add_opinions(connection, added)
    _before, after = settle_verdicts(connection, [opinion.fit_id for opinion in added])
    after = {**before, **after}
    for opinion in added:
        fit_id = opinion.fit_id
        log_opinion(connection, opinion, before[fit_id].given, after[fit_id].given)
    return _verdict_change(before, after, added)


def _new_opinion(
    fit_id: int,
    stored: StoredVerdict,
    opinions: Sequence[Opinion],
    *,
    verdict: Verdict,
    reason: RejectReason | None,
    author: str,
    is_blind: bool,
) -> Iterator[Opinion]:
    """What there is to store; nothing where the reviewer said the same before and it counts."""
    latest = latest_opinions(opinions)
    own = latest.pop(author, None)
    said = (Verdict.NONE, None) if own is None else (own.verdict, own.reason)
    if said == (verdict, reason) and (is_blind or stored.given.verdict is verdict):
        return
    saw = {name for name, opinion in latest.items() if opinion.verdict is not Verdict.NONE}
    yield Opinion(
        fit_id=fit_id,
        sample_id=stored.sample_id,
        reviewer=author,
        verdict=verdict,
        reason=reason,
        at=time_after(opinions),
        saw=frozenset() if is_blind else frozenset(saw),
    )


def _verdict_change(
    before: Mapping[int, StoredVerdict],
    after: Mapping[int, StoredVerdict],
    added: Iterable[Opinion],
) -> VerdictChange:
    return VerdictChange(
        before={fit_id: stored.given.verdict for fit_id, stored in before.items()},
        after={fit_id: stored.given.verdict for fit_id, stored in after.items()},
        reasons_before={fit_id: stored.given.reason for fit_id, stored in before.items()},
        reasons_after={fit_id: stored.given.reason for fit_id, stored in after.items()},
        opinion_keys=tuple(map(opinion_key, added)),
    )


def _reason_after(
    fit_id: int,
    verdict: Verdict,
    before: EffectiveVerdict,
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
