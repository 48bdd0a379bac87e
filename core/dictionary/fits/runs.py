"""Runs: one row per training or fitting, with all that is needed to repeat it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.stored_values import stored_json
from core.dictionary.storage.workers import Workers
from core.errors import DictionaryError, NoSuchRecordError
from core.types.runs import Run, RunStatus


def start_run(
    connection: Connection,
    workers: Workers,
    kind: str,
    *,
    configuration: Mapping[str, object],
    seed: int | None,
    versions: Mapping[str, str],
    prepare: Callable[[int], None] | None = None,
) -> int:
    """Note that a run begins; returns its id.

    ``prepare`` is called inside the transaction, so it must be quick: a run whose files it puts in
    place is there with them or not at all.
    """
    with connection.writing():
        run_id = int(
            connection.scalar(
                "INSERT INTO runs "
                "(kind, configuration, seed, versions, started_at, status, worker) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (
                    kind,
                    json.dumps(configuration, sort_keys=True),
                    seed,
                    json.dumps(versions, sort_keys=True),
                    utc_now(),
                    RunStatus.RUNNING,
                    workers.my_name,
                ),
            )
        )
        if prepare is not None:
            prepare(run_id)
    return run_id


def end_run(connection: Connection, run_id: int, status: RunStatus) -> None:
    """Note how a run ended; raises ``NoSuchRecordError`` for an unknown one."""
    with connection.writing():
        ended = connection.execute(
            "UPDATE runs SET ended_at = ?, status = ?, worker = NULL WHERE id = ? RETURNING id",
            (utc_now(), status, run_id),
        )
        if not ended:
            raise _no_run(run_id)


def hold_run(connection: Connection, workers: Workers, run_id: int) -> None:
    """Keep a run for this worker, whatever its status; until the worker leaves or ends the run.

    Raises:
        NoSuchRecordError: there is no such run.
        DictionaryError: another worker holds it.
    """
    with connection.writing():
        found = connection.execute("SELECT worker FROM runs WHERE id = ?", (run_id,))
        if not found:
            raise _no_run(run_id)
        holder = workers.other(found[0][0])
        if holder is not None:
            raise DictionaryError(
                f"Run {run_id} is being worked on by {holder.words()}.",
                remedy="Wait until that one has ended, or end it; then go on with the run.",
            )
        connection.execute("UPDATE runs SET worker = ? WHERE id = ?", (workers.my_name, run_id))


def continue_run(connection: Connection, workers: Workers, run_id: int) -> None:
    """Note that an ended run goes on; raises as ``hold_run``."""
    hold_run(connection, workers, run_id)
    with connection.writing():
        connection.execute(
            "UPDATE runs SET ended_at = NULL, status = ? WHERE id = ?",
            (RunStatus.RUNNING, run_id),
        )


def note_interrupted(connection: Connection, workers: Workers) -> None:
    """Store of runs whose process was killed that they were interrupted."""
    found = _interrupted(connection, workers)
    if not found:
        return
    with connection.writing():
        connection.execute_many(
            "UPDATE runs SET status = ?, worker = NULL WHERE id = ? AND status = ? AND worker IS ?",
            [(RunStatus.INTERRUPTED, one, RunStatus.RUNNING, worker) for one, worker in found],
        )


def _interrupted(connection: Connection, workers: Workers) -> list[tuple[int, str | None]]:
    running = connection.execute(
        "SELECT id, worker FROM runs WHERE status = ?", (RunStatus.RUNNING,)
    )
    return [(run_id, worker) for run_id, worker in running if not workers.is_at_work(worker)]


def all_runs(connection: Connection, workers: Workers) -> list[Run]:
    """Every run, newest first; those that no process works on any more as interrupted."""
    interrupted = {run_id for run_id, _ in _interrupted(connection, workers)}
    runs = [_run_from(row) for row in connection.rows("SELECT * FROM runs ORDER BY id DESC")]
    return [
        replace(run, status=RunStatus.INTERRUPTED) if run.id in interrupted else run for run in runs
    ]


def _no_run(run_id: int) -> NoSuchRecordError:
    return NoSuchRecordError(f"The dictionary has no run {run_id}.")


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
