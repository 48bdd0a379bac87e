"""All shards of a job started at once, as a Slurm array or as processes of this machine."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.dictionary.shards.part_files import checked_manifest, manifest_path, part_path
from core.dictionary.shards.snapshots import make_snapshot
from core.errors import SetupError, StudioError, UserFileError
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.workflows.shards.share import Share

PHASE = "Shards"
SNAPSHOT_NAME = "project.snapshot"
_LOG_FOLDER = "logs"
_POLL_S = 0.2


@dataclass(frozen=True)
class LaunchRequest:
    """What is to be started.

    launcher: slurm or local. command: what does one shard, once its ``--shard`` has been added.
    minutes: after which a shard is ended. slurm: options of sbatch.
    """

    launcher: str
    out: Path
    shards: int
    command: Sequence[str]
    minutes: int
    slurm: Mapping[str, str]


def snapshot_of_job(project: Path, out: Path) -> Path:
    """The snapshot in a job's folder; made, with the folder, where it is not there yet.

    Raises:
        UserFileError, DictionaryError: as ``make_snapshot``.
    """
    snapshot = out / SNAPSHOT_NAME
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserFileError(
            f"the folder cannot be made ({error.strerror}).",
            path=out,
            remedy="Name a folder that you can write to.",
        ) from error
    if not snapshot.is_file():
        make_snapshot(project, snapshot)
    return snapshot


def launch(
    request: LaunchRequest,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> None:
    """Start every shard that has no whole part yet, and wait for all of them.

    Args:
        request: what to start.
        progress: told as shards end.
        cancel: ends the waiting, and the shards.

    Raises:
        SetupError: submitit is not installed, or this machine has no Slurm.
        StudioError: a shard failed; the others are done.
        Cancelled: the user stopped it; parts that are whole stay.
    """
    waiting = [index for index in range(request.shards) if not _is_whole(request.out, index)]
    meter = ProgressMeter(PHASE, request.shards, progress)
    meter.advance(request.shards - len(waiting))
    if not waiting:
        return
    shares = [str(Share(index, request.shards)) for index in waiting]
    jobs = _started(request, shares)
    _wait(jobs, meter, cancel or CancelToken())
    failed = [share for share, job in zip(shares, jobs, strict=True) if job.exception() is not None]
    if failed:
        raise StudioError(
            f"{len(failed)} of {request.shards} shards failed: {', '.join(failed[:5])}.",
            remedy=f"See why in {request.out / _LOG_FOLDER}; the same command goes on from there.",
        )


def _is_whole(out: Path, index: int) -> bool:
    path = part_path(out, index)
    if not manifest_path(path).is_file():
        return False
    try:
        checked_manifest(path)
    except StudioError:
        return False
    return True


def _started(request: LaunchRequest, shares: Sequence[str]) -> list[Any]:
    if find_spec("submitit") is None:
        raise SetupError(
            "Shards are started with the package submitit, which is not installed.",
            remedy="Install it with: pip install submitit. Or start each shard with --shard i/n.",
        )
    import submitit  # noqa: PLC0415 - not everyone has it

    try:
        executor = submitit.AutoExecutor(request.out / _LOG_FOLDER, cluster=request.launcher)
        executor.update_parameters(
            name="spin-studio",
            timeout_min=request.minutes,
            **{f"slurm_{name}": value for name, value in request.slurm.items()},
        )
    except (RuntimeError, NameError, ValueError, TypeError) as error:
        raise SetupError(
            f"Shards cannot be started with {request.launcher} ({error}).",
            remedy="Check the options given with --slurm, and that sbatch is there; "
            "--launcher local starts processes of this machine.",
        ) from error
    function = submitit.helpers.CommandFunction([*request.command, "--shard"])
    jobs: list[Any] = executor.map_array(function, shares)
    return jobs


def _wait(jobs: Sequence[Any], meter: ProgressMeter, cancel: CancelToken) -> None:
    done = 0
    while True:
        ended = sum(bool(job.done()) for job in jobs)
        meter.advance(ended - done)
        done = ended
        if done == len(jobs):
            return
        if cancel.cancelled:
            for job in jobs:
                job.cancel()
            cancel.raise_if_cancelled()
        time.sleep(_POLL_S)
