"""Claims: which samples a worker has taken up, so that no two of them do the same work.

A claim holds until its worker lets go of it or is no more; a killed worker's claims are taken over
by the next process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import id_list
from core.dictionary.storage.workers import Workers

_OF_SAMPLES = (
    "SELECT sample_id, worker FROM claims WHERE work = ? "
    "AND sample_id IN (SELECT value FROM json_each(?))"
)

_THERE = "SELECT id FROM samples WHERE id IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True)
class Taken:
    """Samples that other workers have claimed: some who live, and some who are no more."""

    by_the_living: list[int]
    by_the_gone: list[int]


class Claims:
    """The claims of one opened dictionary; reached as ``dictionary.claims``.

    Args:
        connection: of the dictionary.
        workers: who works on the project, this dictionary included.
    """

    def __init__(self, connection: Connection, workers: Workers) -> None:
        self._connection, self._workers = connection, workers

    def take(self, work: str, sample_ids: Sequence[int], *, keep: Sequence[int] = ()) -> list[int]:
        """Take up samples that no other worker is at; what was taken before is let go.

        Args:
            work: what is done to the samples; another work is no competitor.
            sample_ids: in the order wanted; those that are no more, as a person drawn by hand and
                removed since, are passed over.
            keep: what was taken before and is still worked on.

        Returns:
            The claimed ones, in that order.
        """
        me = self._workers.my_name
        with self._connection.writing():
            self._let_go(work, keep)
            rows = self._connection.execute(_OF_SAMPLES, (work, id_list(sample_ids)))
            gone = set(self._workers.gone({worker for _, worker in rows}))
            of_others = {sample_id for sample_id, worker in rows if worker not in gone}
            found = self._connection.execute(_THERE, (id_list(sample_ids),))
            open_to_me = {known for (known,) in found} - of_others
            free = [int(sample_id) for sample_id in sample_ids if sample_id in open_to_me]
            self._connection.execute_many(
                "INSERT OR REPLACE INTO claims (work, sample_id, worker) VALUES (?, ?, ?)",
                [(work, sample_id, me) for sample_id in free],
            )
        return free

    def taken_by_others(self, work: str, sample_ids: Sequence[int]) -> Taken:
        """Those of some samples that other workers have claimed, alive or not, in their order."""
        me = self._workers.my_name
        rows = self._connection.execute(_OF_SAMPLES, (work, id_list(sample_ids)))
        by_sample = {sample_id: worker for sample_id, worker in rows if worker != me}
        gone = set(self._workers.gone(set(by_sample.values())))
        taken = [int(sample_id) for sample_id in sample_ids if sample_id in by_sample]
        return Taken(
            [sample_id for sample_id in taken if by_sample[sample_id] not in gone],
            [sample_id for sample_id in taken if by_sample[sample_id] in gone],
        )

    def release(self, work: str) -> None:
        """Give up what is claimed for a work, and forget the claims of workers who are gone."""
        with self._connection.writing():
            self._let_go(work)
            names = [
                name for (name,) in self._connection.execute("SELECT DISTINCT worker FROM claims")
            ]
            self._connection.execute_many(
                "DELETE FROM claims WHERE worker = ?",
                [(name,) for name in self._workers.gone(names)],
            )

    def _let_go(self, work: str, keep: Sequence[int] = ()) -> None:
        self._connection.execute(
            "DELETE FROM claims WHERE worker = ? AND work = ? "
            "AND sample_id NOT IN (SELECT value FROM json_each(?))",
            (self._workers.my_name, work, id_list(keep)),
        )
