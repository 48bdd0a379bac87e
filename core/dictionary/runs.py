"""Runs: one row per training or fitting, with all that is needed to repeat it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from core.dictionary.clock import utc_now
from core.dictionary.connection import Connection, Row
from core.dictionary.records import Run, RunStatus
from core.errors import NoSuchRecordError


def start_run(
    connection: Connection,
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
                "INSERT INTO runs (kind, configuration, seed, versions, started_at, status) "
                "VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
                (
                    kind,
                    json.dumps(configuration, sort_keys=True),
                    seed,
                    json.dumps(versions, sort_keys=True),
                    utc_now(),
                    RunStatus.RUNNING,
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
            "UPDATE runs SET ended_at = ?, status = ? WHERE id = ? RETURNING id",
            (utc_now(), status, run_id),
        )
        if not ended:
            raise NoSuchRecordError(f"The dictionary has no run {run_id}.")


def continue_run(connection: Connection, run_id: int) -> None:
    """Note that an ended run goes on; raises ``NoSuchRecordError`` for an unknown one."""
    with connection.writing():
        continued = connection.execute(
            "UPDATE runs SET ended_at = NULL, status = ? WHERE id = ? RETURNING id",
            (RunStatus.RUNNING, run_id),
        )
        if not continued:
            raise NoSuchRecordError(f"The dictionary has no run {run_id}.")


def all_runs(connection: Connection) -> list[Run]:
    """Every run, newest first."""
    return [_run_from(row) for row in connection.rows("SELECT * FROM runs ORDER BY id DESC")]


def _run_from(row: Row) -> Run:
    return Run(
        id=row["id"],
        kind=row["kind"],
        configuration=json.loads(row["configuration"]),
        seed=row["seed"],
        versions=json.loads(row["versions"]),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        status=RunStatus(row["status"]),
    )
