"""What stands beside a shard's part: of which inputs it is, which share, and what it holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.dictionary.fits.prediction_sets import SetKind
from core.dictionary.shards.recording import RecordedRun, RecordedSet
from core.dictionary.shards.snapshots import SnapshotFacts
from core.files.foreign_files import foreign_file
from core.files.foreign_json import read_json

PART_FORMAT = 1
_MOST_BYTES = 16 << 20
_COUNTS = ("people", "groups", "fits", "predictions", "detections")


@dataclass(frozen=True)
class JobInputs:
    """What decides on the results of a job, whichever share of it is done.

    job: fit, refit or predict. program_version: of the program that does it. options: its own, by
    the names of the command line, the number of shards among them.
    """

    job: str
    snapshot: SnapshotFacts
    program_version: str
    options: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        """The same for the same inputs; when the snapshot was made does not count."""
        facts = {**asdict(self.snapshot), "made_at": ""}
        told = {**asdict(self), "snapshot": facts, "options": dict(self.options)}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def difference(self, other: JobInputs) -> str:
        """What others have and have not, in words; empty where they are the same."""
        mine, theirs = self._told(), other._told()
        return ", ".join(
            f"{name} {theirs.get(name)} instead of {mine.get(name)}"
            for name in sorted(mine | theirs)
            if mine.get(name) != theirs.get(name)
        )

    def _told(self) -> dict[str, object]:
        return {
            "job": self.job,
            "program": self.program_version,
            "snapshot": self.snapshot.sha256[:16],
            "project": self.snapshot.project_key,
            **{f"--{name}": value for name, value in self.options.items()},
        }


@dataclass(frozen=True, kw_only=True)
class PartManifest:
    """What one part holds.

    shard: index from 0, and how many there are. part_sha256, part_bytes: of the Parquet file.
    fits, predictions, detections: its rows by kind. groups: of fits, offered all or none.
    people: the samples that its rows are of.
    body_name: whose bodies; empty where there are none. runs, sets: what the rows' columns ``run``
    and ``set`` count. versions: of what computed it.
    """

    inputs: JobInputs
    shard: tuple[int, int]
    part_sha256: str
    part_bytes: int
    people: int
    groups: int
    fits: int
    predictions: int
    detections: int
    body_name: str
    runs: tuple[RecordedRun, ...]
    sets: tuple[RecordedSet, ...]
    versions: Mapping[str, str]
    made_at: str

    @property
    def rows(self) -> int:
        """How many rows the Parquet file has."""
        return self.fits + self.predictions + self.detections

    def as_json(self) -> bytes:
        """The manifest as its file holds it."""
        told = {
            "format": PART_FORMAT,
            **asdict(self),
            "inputs": {**asdict(self.inputs), "sha256": self.inputs.sha256},
        }
        return (json.dumps(told, indent=1, sort_keys=True) + "\n").encode()


def read_manifest(path: Path) -> PartManifest:
    """The manifest in a file.

    Raises:
        UserFileError: it cannot be read, or is no manifest of this format.
    """
    remedy = "Remove it and its part, and let the shard make them again."
    with foreign_file(path, expected="the manifest of a shard's part", remedy=remedy):
        return _manifest_from(read_json(path, max_bytes=_MOST_BYTES))


def _manifest_from(told: dict[str, Any]) -> PartManifest:
    if told.pop("format") != PART_FORMAT:
        raise ValueError(f"its format is not {PART_FORMAT}")
    inputs = told.pop("inputs")
    sha256 = inputs.pop("sha256")
    job = JobInputs(**{**inputs, "snapshot": SnapshotFacts(**inputs["snapshot"])})
    if job.sha256 != sha256:
        raise ValueError("its inputs do not have the hash that it states")
    index, count = map(int, told.pop("shard"))
    counts = [int(told.pop(name)) for name in _COUNTS]
    if min(index, *counts) < 0 or index >= count:
        raise ValueError("it counts what cannot be counted")
    return PartManifest(
        inputs=job,
        shard=(index, count),
        people=counts[0],
        groups=counts[1],
        fits=counts[2],
        predictions=counts[3],
        detections=counts[4],
        runs=tuple(RecordedRun(**run) for run in told.pop("runs")),
        sets=tuple(
            RecordedSet(**{**opened, "kind": SetKind(opened["kind"])})
            for opened in told.pop("sets")
        ),
        **told,
    )
