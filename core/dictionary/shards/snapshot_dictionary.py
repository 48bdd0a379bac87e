"""A snapshot opened as a dictionary: jobs read from it, and what they would store is recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from core.dictionary.shards.recorded_fits import RecordedFits
from core.dictionary.shards.recorded_work import (
    RecordedBody,
    RecordedDetections,
    RecordedPredictions,
    RecordedRuns,
    RecordedSets,
    SoleClaims,
)
from core.dictionary.shards.recording import ShardRecord
from core.dictionary.shards.snapshots import SnapshotFacts, open_snapshot
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.picture_paths import PicturePaths
from core.dictionary.storage.workers import Workers
from core.dictionary.store import Dictionary


class SnapshotDictionary(Dictionary):
    """The dictionary of a snapshot; make one with ``of``.

    facts: what the snapshot is of. record: what was to be stored so far. Whatever else would write
    raises ``ReadOnlyProjectError``.
    """

    def __init__(
        self, project: Path, connection: Connection, facts: SnapshotFacts, record: ShardRecord
    ) -> None:
        super().__init__(project, connection)
        self.facts, self.record = facts, record
        self.body = RecordedBody(connection, record)
        self.fits = RecordedFits(connection, record)
        self.predictions = RecordedPredictions(connection, record)
        self.prediction_sets = RecordedSets(connection, record)
        self.detections = RecordedDetections(connection, PicturePaths(project), record)
        workers = Workers(project)
        self.runs = RecordedRuns(connection, workers, record)
        self.claims = SoleClaims(connection, workers)

    @classmethod
    def of(cls, snapshot: Path, project: Path) -> Self:
        """Open a snapshot.

        Args:
            snapshot: the file.
            project: the folder of the project that it is of, from which pictures, checkpoints and
                body files are found; its database is not opened.

        Raises:
            UserFileError, SchemaTooNewError: as ``open_snapshot``.
        """
        connection, facts = open_snapshot(snapshot)
        return cls(project, connection, facts, ShardRecord())
