"""The runs of a project under which the fits of a job's shards are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from core.dictionary.shards.recording import RecordedRun, index_of
from core.dictionary.store import Dictionary
from core.errors import DictionaryError
from core.types.runs import RunStatus
from core.workflows.shards.found_parts import Part


@dataclass
class MergeRuns:
    """The project's runs for those that shards recorded, by kind."""

    by_kind: Mapping[str, int]
    cancelled: bool = False

    def of(self, recorded: Sequence[RecordedRun], run_id: int | None) -> int | None:
        """The project's run for the number of a recorded one."""
        return None if run_id is None else self.by_kind[recorded[index_of(run_id)].kind]


@contextmanager
def merge_runs(dictionary: Dictionary, parts: Sequence[Part]) -> Iterator[MergeRuns]:
    """One run of each kind for all shards of a job: a new one, or that of an earlier merge."""
    manifest = parts[0].manifest
    recorded = [run for part in parts for run in part.manifest.runs]
    told = {"inputs": manifest.inputs.sha256, "shards": manifest.shard[1]}
    before = {
        run.kind: run.id
        for run in dictionary.runs.all()
        if run.configuration.get("inputs") == told["inputs"]
    }
    runs = MergeRuns({})
    by_kind: dict[str, int] = {}
    try:
        for run in recorded:
            if run.kind in by_kind:
                continue
            if run.kind in before:
                by_kind[run.kind] = before[run.kind]
                dictionary.runs.resume(before[run.kind])
            else:
                by_kind[run.kind] = dictionary.runs.start(
                    run.kind,
                    configuration={**run.configuration, **told},
                    versions=run.versions,
                    seed=run.seed,
                )
        runs.by_kind = by_kind
        yield runs
    except BaseException:
        for run_id in by_kind.values():
            with suppress(DictionaryError):
                dictionary.runs.end(run_id, RunStatus.FAILED)
        raise
    status = RunStatus.CANCELLED if runs.cancelled else RunStatus.FINISHED
    for run_id in by_kind.values():
        dictionary.runs.end(run_id, status)
