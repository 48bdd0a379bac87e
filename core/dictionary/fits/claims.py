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


def claim(
    connection: Connection, workers: Workers, work: str, sample_ids: Sequence[int]
) -> list[int]:
    """Take up those of some samples that no other worker is at; what was taken before is let go.

    Args:
        connection: of the project.
        workers: of the project.
        work: what is done to the samples; another work is no rival.
        sample_ids: in the order wanted; those that are no more, as a person drawn by hand and
            removed since, are passed over.

    Returns:
        The claimed ones, in that order.
    """
    me = workers.my_name
    with connection.writing():
        _let_go(connection, me, work)
        rows = connection.execute(_OF_SAMPLES, (work, id_list(sample_ids)))
        gone = set(workers.gone({worker for _, worker in rows}))
        of_others = {sample_id for sample_id, worker in rows if worker not in gone}
        there = {one for (one,) in connection.execute(_THERE, (id_list(sample_ids),))}
        open_to_me = there - of_others
        free = [int(one) for one in sample_ids if one in open_to_me]
        connection.execute_many(
            "INSERT OR REPLACE INTO claims (work, sample_id, worker) VALUES (?, ?, ?)",
            [(work, one, me) for one in free],
        )
    return free


@dataclass(frozen=True)
class Taken:
    """Samples that other workers have claimed: some who live, and some who are no more."""

    by_the_living: list[int]
    by_the_gone: list[int]


def taken_by_others(
    connection: Connection, workers: Workers, work: str, sample_ids: Sequence[int]
) -> Taken:
    """Those of some samples that other workers have claimed, in their order."""
    me = workers.my_name
    rows = connection.execute(_OF_SAMPLES, (work, id_list(sample_ids)))
    by_sample = {sample_id: worker for sample_id, worker in rows if worker != me}
    gone = set(workers.gone(set(by_sample.values())))
    taken = [int(one) for one in sample_ids if one in by_sample]
    return Taken(
        [one for one in taken if by_sample[one] not in gone],
        [one for one in taken if by_sample[one] in gone],
    )


def let_go(connection: Connection, workers: Workers, work: str) -> None:
    """Give up what this worker has claimed for a work, and forget what workers had who are gone."""
    with connection.writing():
        _let_go(connection, workers.my_name, work)
        names = [name for (name,) in connection.execute("SELECT DISTINCT worker FROM claims")]
        connection.execute_many(
            "DELETE FROM claims WHERE worker = ?", [(name,) for name in workers.gone(names)]
        )


def _let_go(connection: Connection, worker: str, work: str) -> None:
    connection.execute("DELETE FROM claims WHERE worker = ? AND work = ?", (worker, work))
