"""Runs: one row per training or fitting, with all that is needed to repeat it or take it back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from core.dictionary.assessment.assessments import forget_assessments
from core.dictionary.fits.fit_rows import set_current
from core.dictionary.storage.clock import PROGRAM_AUTHOR, utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.events import CURRENT_FIT
from core.dictionary.storage.stored_values import stored_json
from core.dictionary.storage.workers import Workers
from core.errors import DictionaryError, NoSuchRecordError
from core.types.runs import Run, RunStatus

_START = """
INSERT INTO runs (kind, configuration, seed, versions, started_at, status, worker)
VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id"""

_INTERRUPT = """
UPDATE runs SET status = ?, worker = NULL WHERE id = ? AND status = ? AND worker IS ?"""

_DISPLACED = """
SELECT samples.id, (
    SELECT events.before FROM events LEFT JOIN fits AS previous
        ON previous.id = CAST(events.before AS INTEGER)
    WHERE events.sample_id = samples.id AND events.what = :what AND events.fit_id IN
        (SELECT id FROM fits WHERE run_id = :run AND iteration > :after
            AND sample_id = samples.id)
        AND NOT (previous.run_id IS :run AND previous.iteration > :after)
    ORDER BY events.id DESC LIMIT 1)
FROM samples JOIN fits AS current ON current.id = samples.current_fit_id
WHERE current.run_id = :run AND current.iteration > :after AND current.verdict = 'none'"""

_JUDGED = """
SELECT count(*) FROM fits WHERE run_id = :run AND iteration > :after AND verdict <> 'none'"""

_FORGET_PREDICTIONS = """
DELETE FROM predictions WHERE run_id = :run AND iteration > :after RETURNING sample_id"""


@dataclass(frozen=True)
class Withdrawal:
    """What was taken back.

    samples: how many have their fit of before back. judged: fits that stay as they are, because a
    person gave a verdict on them. predictions: how many are gone; the checkpoint makes them again.
    """

    samples: int = 0
    judged: int = 0
    predictions: int = 0

    def words(self) -> str:
        """A clause for messages; empty where there was nothing to take back."""
        parts = []
        if self.samples:
            parts.append(f"later fits taken back: {self.samples}")
        if self.judged:
            parts.append(f"later fits that stay, because a person judged them: {self.judged}")
        if self.predictions:
            parts.append(f"later predictions removed: {self.predictions}")
        return ", ".join(parts)


class Runs:
    """The runs of one opened dictionary; reached as ``dictionary.runs``.

    Args:
        connection: of the dictionary.
        workers: who works on the project, this dictionary included.
    """

    def __init__(self, connection: Connection, workers: Workers) -> None:
        self._connection, self._workers = connection, workers

    def all(self) -> list[Run]:
        """Every run, newest first; those that no process works on any more as interrupted."""
        interrupted = {run_id for run_id, _ in self._interrupted()}
        rows = self._connection.rows("SELECT * FROM runs ORDER BY id DESC")
        return [
            replace(run, status=RunStatus.INTERRUPTED) if run.id in interrupted else run
            for run in map(_run_from, rows)
        ]

    def start(
        self,
        kind: str,
        *,
        configuration: Mapping[str, object],
        versions: Mapping[str, str],
        seed: int | None = None,
        prepare: Callable[[int], None] | None = None,
    ) -> int:
        """Note that a run begins; returns its id.

        ``prepare`` is called with the id inside the transaction, so it must be quick: a run whose
        files it puts in place is there with them or not at all.
        """
        with self._connection.writing():
            values = (
                kind,
                json.dumps(configuration, sort_keys=True),
                seed,
                json.dumps(versions, sort_keys=True),
                utc_now(),
                RunStatus.RUNNING,
                self._workers.my_name,
            )
            run_id = int(self._connection.scalar(_START, values))
            if prepare is not None:
                prepare(run_id)
        return run_id

    def end(self, run_id: int, status: RunStatus) -> None:
        """Note how a run ended; raises ``NoSuchRecordError`` for an unknown one."""
        with self._connection.writing():
            ended = self._connection.execute(
                "UPDATE runs SET ended_at = ?, status = ?, worker = NULL WHERE id = ? RETURNING id",
                (utc_now(), status, run_id),
            )
            if not ended:
                raise _no_run(run_id)

    def hold(self, run_id: int) -> None:
        """Keep a run from others, whatever its status, until it is ended or this object closed.

        Raises:
            NoSuchRecordError: there is no such run.
            DictionaryError: another process, or another object of this one, holds it.
        """
        with self._connection.writing():
            found = self._connection.execute("SELECT worker FROM runs WHERE id = ?", (run_id,))
            if not found:
                raise _no_run(run_id)
            holder = self._workers.other(found[0][0])
            if holder is not None:
                raise DictionaryError(
                    f"Run {run_id} is being worked on by {holder.words()}.",
                    remedy="Wait until that one has ended, or end it; then go on with the run.",
                )
            self._connection.execute(
                "UPDATE runs SET worker = ? WHERE id = ?", (self._workers.my_name, run_id)
            )

    def resume(self, run_id: int) -> None:
        """Note that an ended run goes on, and hold it; raises as ``hold``."""
        self.hold(run_id)
        with self._connection.writing():
            self._connection.execute(
                "UPDATE runs SET ended_at = NULL, status = ? WHERE id = ?",
                (RunStatus.RUNNING, run_id),
            )

    def roll_back(self, run_id: int, *, after_iteration: int = 0) -> Withdrawal:
        """Put back, in one transaction, the fits that a run's later iterations displaced.

        Its fits stay in the history, and those that a person gave a verdict stay current: the
        verdict was on them. Predictions of its later weights go, since nothing could make them
        again.
        """
        which = {"run": run_id, "after": after_iteration}
        with self._connection.writing():
            displaced = self._connection.execute(_DISPLACED, {**which, "what": CURRENT_FIT})
            for sample_id, before in displaced:
                previous = None if before is None else int(before)
                set_current(self._connection, sample_id, previous, author=PROGRAM_AUTHOR)
            predicted = [one for (one,) in self._connection.execute(_FORGET_PREDICTIONS, which)]
            forget_assessments(self._connection, predicted)
            judged = int(self._connection.scalar(_JUDGED, which))
        return Withdrawal(len(displaced), judged, len(predicted))

    def note_interrupted(self) -> None:
        """Store of runs whose process was killed that they were interrupted."""
        found = self._interrupted()
        if not found:
            return
        with self._connection.writing():
            self._connection.execute_many(
                _INTERRUPT,
                [(RunStatus.INTERRUPTED, one, RunStatus.RUNNING, worker) for one, worker in found],
            )

    def _interrupted(self) -> list[tuple[int, str | None]]:
        running = self._connection.execute(
            "SELECT id, worker FROM runs WHERE status = ?", (RunStatus.RUNNING,)
        )
        return [
            (run_id, worker) for run_id, worker in running if not self._workers.is_at_work(worker)
        ]


def _no_run(run_id: int) -> NoSuchRecordError:
    return NoSuchRecordError(f"The project has no run {run_id}.")


def _run_from(row: Row) -> Run:
    return Run(
        id=row["id"],
        kind=row["kind"],
        configuration=stored_json(row["configuration"], column="configuration of runs"),
        seed=row["seed"],
        versions=stored_json(row["versions"], column="versions of runs"),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        status=RunStatus(row["status"]),
    )
