"""Random checks: begins them, remembers what was drawn, and tells what verdicts on them mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.dictionary.assessment.audit_estimate import AuditedFits, estimated
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import id_list
from core.dictionary.storage.stored_values import REMEDY_CHANGED
from core.errors import DictionaryError, StudioError
from core.types.audits import DEFAULT_SHARE, LARGEST_SHARE, Audit, AuditEstimate
from core.types.fits import Verdict

LARGEST_SEED = 2**31 - 1
NOT_ASSESSED = -1.0
"""Stands for the suspicion of fits that were not assessed: queues list them last."""

_IDS, _SUSPICIONS = np.dtype("<i8"), np.dtype("<f4")
_LOOKED_AT = 512
"""Fits of the order that are asked of SQL together."""

_SELECT = """
SELECT id, seed, share, started_at, started_by, ended_at, length(drawn_fit_ids) / 8 AS fits
FROM audits"""
_WITHOUT_VERDICT = """
SELECT current_fit_id, coalesce(suspicion, -1) FROM samples
WHERE current_verdict = 'none' ORDER BY current_fit_id"""
_STILL_WAITING = """
SELECT current_fit_id, id FROM samples
WHERE current_verdict = 'none' AND current_fit_id IN (SELECT value FROM json_each(?))"""
_JUDGED = """
SELECT fits.id, fits.verdict FROM judged_fits JOIN fits ON fits.id = judged_fits.fit_id
WHERE fits.verdict <> 'none'"""


@dataclass(frozen=True)
class Draw:
    """A fit that was shown as a random one.

    position: in the audit's order. before_sample_id: of the sample in the queue that it stood
    before; None where it stood first.
    """

    position: int
    sample_id: int
    before_sample_id: int | None


class Audits:
    """The random checks of one opened dictionary; reached as ``dictionary.audits``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._orders: dict[int, tuple[NDArray[np.int64], NDArray[np.float32]]] = {}

    def begin(self, *, seed: int, share: float = DEFAULT_SHARE, author: str | None = None) -> Audit:
        """Draw an order of all fits without verdict; an audit that runs ends.

        The order is ``numpy.random.default_rng(seed).permutation`` of their ids, ascending.

        Raises:
            StudioError: the share is not above 0 and at most one half, or the seed is none.
            DictionaryError: there is no fit without verdict.
        """
        _check(seed, share)
        now = utc_now()
        with self._connection.writing():
            table = self._connection.numbers(_WITHOUT_VERDICT)
            if not len(table):
                raise DictionaryError(
                    "There is no fit without verdict to draw from.",
                    remedy="Fit samples first, or clear verdicts.",
                )
            drawn = table[np.random.default_rng(seed).permutation(len(table))]
            self._connection.execute(
                "UPDATE audits SET ended_at = ? WHERE ended_at IS NULL", (now,)
            )
            rows = self._connection.execute(
                "INSERT INTO audits (seed, share, started_at, started_by, drawn_fit_ids, "
                "drawn_suspicions) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
                (
                    seed,
                    share,
                    now,
                    author or self._connection.author,
                    drawn[:, 0].astype(_IDS).tobytes(),
                    drawn[:, 1].astype(_SUSPICIONS).tobytes(),
                ),
            )
        return self.of(int(rows[0][0]))

    def end(self) -> None:
        """Mix nothing into queues any more; what was found stays."""
        with self._connection.writing():
            self._connection.execute(
                "UPDATE audits SET ended_at = ? WHERE ended_at IS NULL", (utc_now(),)
            )

    def resume(self, audit_id: int) -> None:
        """Go on with an audit that ended; another one that runs ends."""
        with self._connection.writing():
            self._connection.execute(
                "UPDATE audits SET ended_at = CASE WHEN id = ? THEN NULL ELSE "
                "coalesce(ended_at, ?) END",
                (audit_id, utc_now()),
            )

    def running(self) -> Audit | None:
        """The one that is mixed into the queues."""
        return self._one(f"{_SELECT} WHERE ended_at IS NULL ORDER BY id DESC LIMIT 1")

    def latest(self) -> Audit | None:
        """The one that runs, or else the last one that did."""
        return self._one(f"{_SELECT} ORDER BY ended_at IS NULL DESC, id DESC LIMIT 1")

    def of(self, audit_id: int) -> Audit:
        """One audit; raises ``DictionaryError`` where there is none."""
        found = self._one(f"{_SELECT} WHERE id = {int(audit_id)}")
        if found is None:
            raise DictionaryError(f"There is no audit {audit_id} in the project.")
        return found

    def fit_ids(self, audit: Audit) -> NDArray[np.int64]:
        """``(N,)`` the fits in the order in which they are drawn."""
        return self._order(audit)[0]

    def draws(self, audit: Audit) -> list[Draw]:
        """What was shown as random, by position."""
        rows = self._connection.execute(
            "SELECT position, sample_id, before_sample_id FROM audit_draws WHERE audit_id = ? "
            "ORDER BY position",
            (audit.id,),
        )
        return [Draw(*row) for row in rows]

    def note_draws(
        self, audit: Audit, shown: Mapping[int, Draw], author: str | None = None
    ) -> None:
        """Remember what was shown as random, by position; what is remembered already stays."""
        with self._connection.writing():
            self._connection.execute_many(
                "INSERT OR IGNORE INTO audit_draws (audit_id, position, sample_id, "
                "before_sample_id, drawn_at, drawn_by) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (
                        audit.id,
                        draw.position,
                        draw.sample_id,
                        draw.before_sample_id,
                        utc_now(),
                        author or self._connection.author,
                    )
                    for draw in shown.values()
                ],
            )

    def next_waiting(self, audit: Audit, count: int) -> dict[int, int]:
        """The next fits of the order that still wait for a verdict: sample id by position."""
        fit_ids, found = self.fit_ids(audit), {}
        for first in range(0, len(fit_ids), _LOOKED_AT):
            some = fit_ids[first : first + _LOOKED_AT]
            waiting = dict(self._connection.execute(_STILL_WAITING, (id_list(some),)))
            for position, fit_id in enumerate(some.tolist(), start=first):
                if fit_id in waiting:
                    found[position] = waiting[fit_id]
                if len(found) == count:
                    return found
        return found

    def estimate(self, audit: Audit) -> AuditEstimate:
        """How many wrong fits are left among those without verdict."""
        fit_ids, suspicion = self._order(audit)
        with self._connection.mask.lifted(), self._connection.reading():
            waiting = self._connection.numbers(_WITHOUT_VERDICT)[:, 0].astype(np.int64)
            judged = self._connection.execute(_JUDGED)
            drawn = [draw.position for draw in self.draws(audit)]
        by_verdict = {
            verdict: np.array([fit for fit, given in judged if given == verdict], np.int64)
            for verdict in Verdict
        }
        return estimated(
            AuditedFits(
                suspicion=suspicion,
                drawn=np.isin(np.arange(len(fit_ids)), drawn),
                accepted=np.isin(fit_ids, by_verdict[Verdict.ACCEPTED]),
                rejected=np.isin(fit_ids, by_verdict[Verdict.REJECTED]),
                unsure=np.isin(fit_ids, by_verdict[Verdict.UNSURE]),
                waiting=np.isin(fit_ids, waiting),
            )
        )

    def _order(self, audit: Audit) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        if audit.id not in self._orders:
            (row,) = self._connection.rows(
                "SELECT drawn_fit_ids, drawn_suspicions FROM audits WHERE id = ?", (audit.id,)
            )
            self._orders[audit.id] = _order_from(row)
        return self._orders[audit.id]

    def _one(self, sql: str) -> Audit | None:
        rows = self._connection.rows(sql)
        return Audit(**rows[0]) if rows else None


def _order_from(row: Row) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    fit_ids, suspicions = row["drawn_fit_ids"], row["drawn_suspicions"]
    if len(fit_ids) % _IDS.itemsize or len(fit_ids) != 2 * len(suspicions):
        raise DictionaryError(
            f"The order of an audit has {len(fit_ids)} bytes of fits and {len(suspicions)} of "
            "suspicions, expected twice as many.",
            remedy=REMEDY_CHANGED,
        )
    return (
        np.frombuffer(fit_ids, _IDS).astype(np.int64),
        np.frombuffer(suspicions, _SUSPICIONS).astype(np.float32),
    )


def _check(seed: int, share: float) -> None:
    if not 0 < share <= LARGEST_SHARE:
        raise StudioError(
            f"A share of {share:g} cannot be mixed into a queue.",
            remedy=f"Give one above 0 and at most {LARGEST_SHARE:g}, such as {DEFAULT_SHARE:g}.",
        )
    if not 0 <= seed <= LARGEST_SEED:
        raise StudioError(
            f"{seed} is no seed.", remedy=f"Give a whole number from 0 to {LARGEST_SEED}."
        )
