"""Verdicts of people on fits, and taking them back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.dictionary.assessment.verdict_agreement import Agreement
from core.dictionary.fits.group_departures import follow_verdicts
from core.dictionary.storage.clock import default_author, utc_now
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.events import VERDICT, log_events
from core.dictionary.storage.ids import check_all_found, id_list
from core.errors import NoSuchRecordError
from core.types.events import Event
from core.types.fits import Verdict, VerdictChange


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
            return _change(self._connection, by_fit, author or default_author())

    def set_on_fits(
        self, by_fit: Mapping[int, Verdict], author: str | None = None
    ) -> VerdictChange:
        """Give verdicts on fits by their own ids, current or not, in one transaction.

        For views whose fit the loop may have replaced, and for undo: the ``before`` of a change
        takes it back, its ``after`` makes it again.

        Raises:
            NoSuchRecordError: a fit does not exist; no verdict is stored then.
        """
        with self._connection.writing():
            return _change(self._connection, by_fit, author or default_author())

    def agreement(self) -> Agreement:
        """How the verdicts on current fits agree with flags and suspicion."""
        return Agreement.read(self._connection)


def _change(connection: Connection, verdicts: Mapping[int, Verdict], author: str) -> VerdictChange:
    before, sample_of = _verdicts_now(connection, verdicts)
    changed = {fit_id: one for fit_id, one in verdicts.items() if one is not before[fit_id]}
    now = utc_now()
    connection.execute_many(
        "UPDATE fits SET verdict = ?, verdict_at = ?, verdict_by = ? WHERE id = ?",
        [(verdict, now, author, fit_id) for fit_id, verdict in changed.items()],
    )
    connection.execute_many(
        "UPDATE samples SET current_verdict = ? WHERE current_fit_id = ?",
        [(verdict, fit_id) for fit_id, verdict in changed.items()],
    )
    follow_verdicts(connection, {sample_of[fit_id] for fit_id in changed})
    log_events(
        connection,
        (
            Event(
                at=now,
                author=author,
                sample_id=sample_of[fit_id],
                fit_id=fit_id,
                what=VERDICT,
                before=before[fit_id],
                after=verdict,
            )
            for fit_id, verdict in changed.items()
        ),
    )
    return VerdictChange(before=before, after=dict(verdicts))


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


def _verdicts_now(
    connection: Connection, fit_ids: Iterable[int]
) -> tuple[dict[int, Verdict], dict[int, int]]:
    """The stored verdicts, and the sample of each fit, by fit id."""
    ids = list(fit_ids)
    rows = connection.execute(
        "SELECT id, sample_id, verdict FROM fits WHERE id IN (SELECT value FROM json_each(?))",
        (id_list(ids),),
    )
    check_all_found("fit", ids, (fit_id for fit_id, _, _ in rows))
    verdicts = {fit_id: Verdict(verdict) for fit_id, _, verdict in rows}
    return verdicts, {fit_id: sample_id for fit_id, sample_id, _ in rows}
