"""What each reviewer said of each fit, as stored, and the verdicts that follow from it.

``core.types.reviewing.opinions`` says which verdict counts. Rows are added, and marked where they
are taken back; only undoing a merge removes any.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.dictionary.assessment.judged_fits import note_suspicions
from core.dictionary.fits.group_departures import follow_verdicts
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import check_all_found, id_list
from core.errors import DictionaryError
from core.files.foreign_files import foreign_content, reason_of
from core.types.fits import RejectReason, Verdict
from core.types.reviewing.opinions import EffectiveVerdict, Opinion, effective_verdict

_OF_FITS = """
SELECT * FROM opinions WHERE fit_id IN (SELECT value FROM json_each(?)) ORDER BY id"""
_OF_SAMPLE = "SELECT * FROM opinions WHERE sample_id = ? ORDER BY at, id"

_STORED = """
SELECT id, sample_id, verdict, reject_reason, verdict_by, verdict_at FROM fits
WHERE id IN (SELECT value FROM json_each(?))"""

_ADD = """
INSERT INTO opinions (sample_id, fit_id, reviewer, verdict, reject_reason, at, saw, withdrawn_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""

_THIS = "WHERE fit_id = ? AND reviewer = ? AND at = ?"

OpinionKey = tuple[int, str, str]
"""Fit, reviewer and time of an opinion: no two have the same."""


@dataclass(frozen=True)
class StoredVerdict:
    """The verdict that the dictionary holds of one fit."""

    sample_id: int
    given: EffectiveVerdict


class Opinions:
    """What reviewers said, of one opened dictionary; reached as ``dictionary.opinions``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_sample(self, sample_id: int) -> list[Opinion]:
        """Everything that was ever said of a sample's fits, oldest first, taken back or not."""
        return [opinion_from(row) for row in self._connection.rows(_OF_SAMPLE, (sample_id,))]

    def of_fits(self, fit_ids: Iterable[int]) -> dict[int, list[Opinion]]:
        """The same of fits, by fit id; fits of which nothing was said are left out."""
        return read_opinions(self._connection, fit_ids)

    def all(self) -> list[Opinion]:
        """Of every fit, in the order in which they were stored."""
        return [opinion_from(row) for row in self._connection.rows("SELECT * FROM opinions")]


def read_opinions(connection: Connection, fit_ids: Iterable[int]) -> dict[int, list[Opinion]]:
    """All opinions on fits, by fit id; fits of which nothing was said are left out."""
    found: dict[int, list[Opinion]] = {}
    for row in connection.rows(_OF_FITS, (id_list(fit_ids),)):
        found.setdefault(row["fit_id"], []).append(opinion_from(row))
    return found


def fits_there(connection: Connection, fit_ids: Iterable[int]) -> set[int]:
    """Those of some fits that are in the project, and not removed with their people."""
    return {row[0] for row in connection.execute(_STORED, (id_list(fit_ids),))}


def stored_verdicts(connection: Connection, fit_ids: Iterable[int]) -> dict[int, StoredVerdict]:
    """What fits bear now, by fit id; raises ``NoSuchRecordError`` for an unknown one."""
    ids = list(fit_ids)
    rows = connection.execute(_STORED, (id_list(ids),))
    check_all_found("fit", ids, (row[0] for row in rows))
    return {
        fit_id: StoredVerdict(
            sample_id, EffectiveVerdict(Verdict(verdict), _reason_from(reason), by, at)
        )
        for fit_id, sample_id, verdict, reason, by, at in rows
    }


def add_opinions(connection: Connection, opinions: Sequence[Opinion]) -> None:
    """Store opinions; the caller holds the transaction and settles the verdicts afterwards."""
    connection.execute_many(
        _ADD,
        [
            (
                opinion.sample_id,
                opinion.fit_id,
                opinion.reviewer,
                str(opinion.verdict),
                None if opinion.reason is None else str(opinion.reason),
                opinion.at,
                json.dumps(sorted(opinion.saw), ensure_ascii=False),
                opinion.withdrawn_at,
            )
            for opinion in opinions
        ],
    )


def mark_withdrawn(
    connection: Connection, keys: Iterable[OpinionKey], *, withdrawn_at: str | None
) -> None:
    """Take opinions back, or let them stand again for None; the caller settles the verdicts."""
    connection.execute_many(
        f"UPDATE opinions SET withdrawn_at = ? {_THIS}",  # noqa: S608 - own words
        [(withdrawn_at, *key) for key in keys],
    )


def remove_opinions(connection: Connection, keys: Iterable[OpinionKey]) -> None:
    """Let opinions never have been: for undoing a merge; the caller settles the verdicts."""
    connection.execute_many(f"DELETE FROM opinions {_THIS}", list(keys))  # noqa: S608 - own words


def settle_verdicts(
    connection: Connection, fit_ids: Iterable[int]
) -> tuple[dict[int, StoredVerdict], dict[int, StoredVerdict]]:
    """Let fits bear what follows from their opinions; the caller holds the transaction.

    Returns:
        What they bore before, and what they bear now, by fit id.
    """
    ids = list(fit_ids)
    before, opinions = stored_verdicts(connection, ids), read_opinions(connection, ids)
    after = {
        fit_id: StoredVerdict(stored.sample_id, _settled(opinions.get(fit_id, ())))
        for fit_id, stored in before.items()
    }
    changed = [fit_id for fit_id in ids if before[fit_id] != after[fit_id]]
    connection.execute_many(
        "UPDATE fits SET verdict = ?, reject_reason = ?, verdict_at = ?, verdict_by = ? "
        "WHERE id = ?",
        [(*_columns(after[fit_id].given), fit_id) for fit_id in changed],
    )
    connection.execute_many(
        "UPDATE samples SET current_verdict = ? WHERE current_fit_id = ?",
        [(str(after[fit_id].given.verdict), fit_id) for fit_id in changed],
    )
    note_suspicions(connection, changed)
    follow_verdicts(connection, {before[fit_id].sample_id for fit_id in changed})
    return before, after


def opinion_key(opinion: Opinion) -> OpinionKey:
    """What tells an opinion from all others."""
    return opinion.fit_id, opinion.reviewer, opinion.at


def time_after(opinions: Iterable[Opinion]) -> str:
    """Now, or just after the newest of these opinions where the clock was set back since."""
    newest = max((opinion.at for opinion in opinions), default="")
    now = utc_now()
    if now > newest:
        return now
    return (datetime.fromisoformat(newest) + timedelta(microseconds=1)).isoformat(
        timespec="microseconds"
    )


def _settled(opinions: Sequence[Opinion]) -> EffectiveVerdict:
    """What follows; a verdict that was cleared or taken back keeps when and by whom."""
    settled = effective_verdict(opinions)
    if settled.verdict is not Verdict.NONE:
        return settled
    latest = max(opinions, key=lambda opinion: opinion.withdrawn_at or opinion.at, default=None)
    if latest is None:
        return settled
    return EffectiveVerdict(by=latest.reviewer, at=latest.withdrawn_at or latest.at)


def _columns(given: EffectiveVerdict) -> tuple[str, str | None, str | None, str | None]:
    reason = None if given.reason is None else str(given.reason)
    return str(given.verdict), reason, given.at, given.by


def opinion_from(row: Row) -> Opinion:
    """The opinion of a row; raises ``DictionaryError`` where it is damaged."""

    def not_names(error: Exception) -> DictionaryError:
        return DictionaryError(
            f"Opinion {row['id']}: who was seen is {row['saw']!r:.100} ({reason_of(error)})."
        )

    with foreign_content(not_names):
        saw = frozenset(map(str, list(json.loads(row["saw"]))))
    return Opinion(
        fit_id=row["fit_id"],
        sample_id=row["sample_id"],
        reviewer=row["reviewer"],
        verdict=Verdict(row["verdict"]),
        reason=_reason_from(row["reject_reason"]),
        at=row["at"],
        saw=saw,
        withdrawn_at=row["withdrawn_at"],
    )


def _reason_from(reason: str | None) -> RejectReason | None:
    return None if reason is None else RejectReason(reason)
