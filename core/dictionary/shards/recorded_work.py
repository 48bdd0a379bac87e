"""The other parts of a dictionary that a job writes through, with what they store recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.dictionary.fits.claims import Claims, Taken
from core.dictionary.fits.prediction_sets import PredictionSets, SetKind
from core.dictionary.fits.predictions import Predictions
from core.dictionary.fits.runs import Runs
from core.dictionary.samples.detections import Detections
from core.dictionary.shards.recording import (
    RecordedPrediction,
    RecordedRun,
    RecordedSet,
    ShardRecord,
    number_of,
)
from core.dictionary.storage.body_ownership import BodyOwnership
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.picture_paths import PicturePaths
from core.dictionary.storage.workers import Workers
from core.types.detected_landmarks import DetectedLandmarks
from core.types.predictions import NewPrediction
from core.types.runs import RunStatus


class RecordedBody(BodyOwnership):
    """Whose betas a snapshot holds; a claim is only recorded."""

    def __init__(self, connection: Connection, record: ShardRecord) -> None:
        super().__init__(connection)
        self._record = record

    def claim(self, name: str) -> None:
        """Note whose bodies will be made; raises as ``hold``."""
        self.refuse_other(name)
        self._record.body_name = name


class SoleClaims(Claims):
    """No other process works on a shard's samples: its claims need no database."""

    def take(
        self,
        work: str,  # noqa: ARG002
        sample_ids: Sequence[int],
        *,
        keep: Sequence[int] = (),  # noqa: ARG002
    ) -> list[int]:
        """All of the samples."""
        return [int(sample_id) for sample_id in sample_ids]

    def taken_by_others(self, work: str, sample_ids: Sequence[int]) -> Taken:  # noqa: ARG002
        """None of them."""
        return Taken([], [])

    def release(self, work: str) -> None:
        """There is nothing to give up."""


class RecordedRuns(Runs):
    """The runs of a snapshot; those that begin are recorded."""

    def __init__(self, connection: Connection, workers: Workers, record: ShardRecord) -> None:
        super().__init__(connection, workers)
        self._record = record

    def start(
        self,
        kind: str,
        *,
        configuration: Mapping[str, object],
        versions: Mapping[str, str],
        seed: int | None = None,
        prepare: Callable[[int], None] | None = None,
    ) -> int:
        """Record that a run begins; returns its number."""
        number = number_of(len(self._record.runs))
        self._record.runs.append(RecordedRun(kind, configuration, versions, seed))
        if prepare is not None:
            prepare(number)
        return number

    def end(self, run_id: int, status: RunStatus) -> None:
        """How it ends is the merge's to say."""


class RecordedPredictions(Predictions):
    """The predictions of a snapshot; new ones are recorded."""

    def __init__(self, connection: Connection, record: ShardRecord) -> None:
        super().__init__(connection)
        self._record = record

    def store(
        self, new_predictions: Iterable[NewPrediction], *, body_name: str | None = None
    ) -> None:
        """Record predictions, to be put in the place of the ones before."""
        self._record.body_name = body_name or self._record.body_name
        self._record.predictions += [RecordedPrediction(made) for made in new_predictions]


class RecordedSets(PredictionSets):
    """The prediction sets of a snapshot; what is put into one is recorded."""

    def __init__(self, connection: Connection, record: ShardRecord) -> None:
        super().__init__(connection)
        self._record = record

    def open(self, name: str, kind: SetKind, *, source: str, run_id: int | None = None) -> int:
        """Record that a set is opened; returns its number."""
        self._record.sets.append(RecordedSet(name.strip(), kind, source, run_id))
        return number_of(len(self._record.sets) - 1)

    def add(
        self, set_id: int, predictions: Iterable[NewPrediction], *, body_name: str | None = None
    ) -> None:
        """Record predictions of a set that was opened here."""
        self._record.body_name = body_name or self._record.body_name
        self._record.predictions += [RecordedPrediction(made, set_id) for made in predictions]


class RecordedDetections(Detections):
    """What the detector saw, by the snapshot, and what it has been recorded to see since."""

    def __init__(self, connection: Connection, pictures: PicturePaths, record: ShardRecord) -> None:
        super().__init__(connection, pictures)
        self._record = record

    def set(self, landmarks: Mapping[int, DetectedLandmarks]) -> None:
        """Record what was measured of samples."""
        self._record.detections.update(
            {int(sample_id): measured for sample_id, measured in landmarks.items()}
        )

    def get_many(
        self, sample_ids: Sequence[int], *, with_features: bool = False
    ) -> dict[int, DetectedLandmarks]:
        """What was measured, by sample, recorded measurements before the snapshot's."""
        found = super().get_many(sample_ids, with_features=with_features)
        return found | self._recorded(sample_ids)

    def trunk_features(self, sample_ids: Sequence[int]) -> dict[int, NDArray[np.float16]]:
        """Features of the detector's trunk, by sample, of those that have any."""
        recorded = {
            sample_id: measured.trunk_features
            for sample_id, measured in self._recorded(sample_ids).items()
            if measured.trunk_features is not None
        }
        return super().trunk_features(sample_ids) | recorded

    def waiting(self, networks: str, *, among: Iterable[int] | None = None) -> list[int]:
        """Samples that these networks have not measured, neither before nor here."""
        return [
            sample_id
            for sample_id in super().waiting(networks, among=among)
            if sample_id not in self._record.detections
        ]

    def _recorded(self, sample_ids: Sequence[int]) -> dict[int, DetectedLandmarks]:
        seen = self._record.detections
        ids = [int(sample_id) for sample_id in sample_ids]
        return {sample_id: seen[sample_id] for sample_id in ids if sample_id in seen}
