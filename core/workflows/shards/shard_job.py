"""One shard of a job: read from a snapshot, written as a part of the job's results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.dictionary.shards.manifests import JobInputs, PartManifest, read_manifest
from core.dictionary.shards.part_files import (
    check_parts_can_be_written,
    checked_manifest,
    manifest_path,
    part_path,
    write_part,
)
from core.dictionary.shards.snapshot_dictionary import SnapshotDictionary
from core.dictionary.shards.snapshots import open_snapshot, program_version
from core.engine.project_models import program_versions
from core.errors import StudioError, UserFileError
from core.types.counted_nouns import counted
from core.workflows.shards.share import Share
from core.workflows.shards.work_source import WorkSource


@dataclass(frozen=True)
class ShardRequest:
    """Which shard of which job.

    project: its folder, where pictures, checkpoints and body files are found; its database is not
    opened. snapshot: what people are read from. out: the folder of the job's parts. job: fit, refit
    or predict. options: what decides on its results, by the names of the command line.
    """

    project: Path
    snapshot: Path
    out: Path
    job: str
    share: Share
    options: Mapping[str, Any]


@dataclass(frozen=True)
class ShardReport:
    """What became of a shard. was_there: its part was whole already. damaged: why it was not.

    manifest: of the part; None where the work was cancelled, which leaves no part.
    """

    share: Share
    path: Path
    manifest: PartManifest | None = None
    was_there: bool = False
    damaged: str = ""

    @property
    def cancelled(self) -> bool:
        """Whether the user stopped it."""
        return self.manifest is None

    def summary(self) -> str:
        """A sentence for the command line."""
        if self.manifest is None:
            return f"Shard {self.share}: cancelled; nothing was written."
        people = counted(self.manifest.people, "person", "people")
        if self.was_there:
            return f"Shard {self.share}: {self.path} is there already, with {people}."
        return f"Shard {self.share}: {people} in {self.path}."


@dataclass
class SnapshotSource:
    """The work source of a shard. opened: the dictionary that was opened last."""

    snapshot: Path
    share: Share
    opened: list[SnapshotDictionary] = field(default_factory=list)

    def open(self, project: Path) -> SnapshotDictionary:
        """The snapshot, to read from and to record into; raises as ``SnapshotDictionary.of``."""
        self.opened[:] = [SnapshotDictionary.of(self.snapshot, project)]
        return self.opened[0]


def run_shard(request: ShardRequest, work: Callable[[WorkSource], bool]) -> ShardReport:
    """Do a shard, unless its part is there; write the part.

    Args:
        request: which shard.
        work: does the job with a work source; whether it came to its end.

    Raises:
        UserFileError: the snapshot cannot be used, the folder cannot be written, or holds parts of
            other inputs. SetupError: pyarrow is not installed. StudioError: as the job.
    """
    check_parts_can_be_written()
    inputs = _inputs_of(request)
    _make_folder(request.out)
    refuse_other_inputs(request.out, inputs)
    path = part_path(request.out, request.share.index)
    before, damaged = _part_before(path)
    if before is not None:
        return ShardReport(request.share, path, before, was_there=True)
    source = SnapshotSource(request.snapshot, request.share)
    if not work(source):
        return ShardReport(request.share, path, damaged=damaged)
    manifest = write_part(
        request.out,
        source.opened[0].record,
        inputs=inputs,
        shard=(request.share.index, request.share.count),
        versions=program_versions(),
    )
    return ShardReport(request.share, path, manifest, damaged=damaged)


def refuse_other_inputs(folder: Path, inputs: JobInputs) -> None:
    """Raise ``UserFileError`` for the first part in a folder that other inputs led to."""
    for path in sorted(folder.glob("part-*.json")):
        found = read_manifest(path).inputs
        if found.sha256 != inputs.sha256:
            raise UserFileError(
                f"the part in this folder is of other inputs: {inputs.difference(found)}.",
                path=path.with_suffix(".parquet"),
                remedy="Name another folder with --out, or give the same options.",
            )


def _inputs_of(request: ShardRequest) -> JobInputs:
    connection, facts = open_snapshot(request.snapshot)
    connection.close()
    options = {**request.options, "shards": request.share.count}
    return JobInputs(request.job, facts, program_version(), options)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserFileError(
            f"the folder cannot be made ({error.strerror}).",
            path=folder,
            remedy="Name a folder that you can write to.",
        ) from error


def _part_before(path: Path) -> tuple[PartManifest | None, str]:
    """The manifest of a part that is whole; or why the part that is there is not."""
    if not manifest_path(path).is_file():
        return None, ""
    try:
        return checked_manifest(path), ""
    except StudioError as error:
        return None, str(error)
