"""Named sets of predictions, kept beside each other: another method's, or those of another run.

The latest prediction of a sample is in ``predictions`` and is replaced by the next; what is in a
set stays until the set is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.dictionary.assessment.assessments import forget_assessments
from core.dictionary.fits.imported_bodies import forget_unused_files
from core.dictionary.storage.blobs import are_finite, parameters_from_row, parameters_to_blobs
from core.dictionary.storage.body_ownership import BodyOwnership
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import SampleIds, id_list, removed_samples
from core.dictionary.storage.stored_values import word_of
from core.errors import DictionaryError, NoSuchRecordError
from core.types.bodies import BodyParameters
from core.types.predictions import NewPrediction


class SetKind(StrEnum):
    """Whose predictions a set holds."""

    RUN = "run"
    """This program's: a run's regressor, or a checkpoint."""
    IMPORTED = "imported"
    """Another method's, read from a file."""


@dataclass(frozen=True, kw_only=True)
class PredictionSet:
    """A set as stored. source: the regressor, or the file; size: how many samples it covers."""

    id: int
    name: str
    kind: SetKind
    run_id: int | None
    source: str
    created_at: str
    size: int


_SELECT_SETS = """
SELECT prediction_sets.*,
    (SELECT count(*) FROM set_predictions WHERE set_id = prediction_sets.id) AS size
FROM prediction_sets"""

_COPY_LATEST = """
INSERT INTO set_predictions (
    set_id, sample_id, pose_axis_angle, betas, camera_translation, crop_camera
)
SELECT ?, sample_id, pose_axis_angle, betas, camera_translation, crop_camera FROM predictions"""


class PredictionSets:
    """The sets of one dictionary; every method that writes is one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[PredictionSet]:
        """Every set, the oldest first."""
        rows = self._connection.rows(f"{_SELECT_SETS} ORDER BY id")
        return [_set_from(row) for row in rows]

    def named(self, name: str) -> PredictionSet:
        """The set of a name, upper and lower case alike; raises ``NoSuchRecordError``."""
        rows = self._connection.rows(f"{_SELECT_SETS} WHERE name = ?", (name.strip(),))
        if not rows:
            names = ", ".join(f"'{stored_set.name}'" for stored_set in self.all()) or "none"
            raise NoSuchRecordError(
                f"The project has no prediction set called '{name}'; it has {names}.",
                remedy="Keep one with main.py predict PROJECT --keep-as NAME, or import one.",
            )
        return _set_from(rows[0])

    def open(self, name: str, kind: SetKind, *, source: str, run_id: int | None = None) -> int:
        """The id of a new set, or of the one with this name, kind, run and source, to go on with.

        Raises:
            DictionaryError: the name is empty, or belongs to a set from elsewhere.
        """
        name = _checked_name(name)
        with self._connection.writing():
            found = self._rows_named(name)
            if not found:
                return self._insert(name, kind, source=source, run_id=run_id)
            if (found[0]["kind"], found[0]["run_id"], found[0]["source"]) != (kind, run_id, source):
                raise _name_taken(name, found[0]["source"])
            return int(found[0]["id"])

    def add(
        self, set_id: int, predictions: Iterable[NewPrediction], *, body_name: str | None = None
    ) -> None:
        """Put predictions into a set; a sample's former one is replaced.

        Those of samples that were removed meanwhile are left out.

        Args:
            set_id: of the set.
            predictions: at most one of a sample.
            body_name: whose bodies they are; None where it is not known.

        Raises:
            DictionaryError: a prediction is not finite, there is no such sample or set, or the
                project belongs to another body; none is stored then.
        """
        rows = [_row_of(set_id, prediction) for prediction in predictions]
        with self._connection.writing():
            BodyOwnership(self._connection).hold(body_name)
            gone = removed_samples(self._connection, (row["sample_id"] for row in rows))
            rows = [row for row in rows if row["sample_id"] not in gone]
            self._connection.insert_all("set_predictions", rows, replace=True)
            forget_assessments(self._connection, [row["sample_id"] for row in rows])

    def keep_latest(self, name: str) -> int:
        """Copy the latest prediction of every sample into a new set; returns how many.

        Raises:
            DictionaryError: the name is empty or taken, or there is no prediction to keep.
        """
        name = _checked_name(name)
        with self._connection.writing():
            self._refuse_taken(name)
            runs = self._connection.execute(
                "SELECT run_id, count(*) FROM predictions GROUP BY run_id"
            )
            if not runs:
                raise DictionaryError(
                    "There are no predictions to keep.", remedy="Let a regressor predict first."
                )
            run_id = runs[0][0] if len(runs) == 1 else None
            source = _source_of([run for run, _count in runs])
            set_id = self._insert(name, SetKind.RUN, source=source, run_id=run_id)
            self._connection.execute(_COPY_LATEST, (set_id,))
        return sum(count for _run, count in runs)

    def rename(self, set_id: int, name: str) -> None:
        """Give a set another name.

        Raises:
            DictionaryError: the name is empty or another set's, or the set is gone.
        """
        name = _checked_name(name)
        with self._connection.writing():
            self._refuse_taken(name, but_by=set_id)
            renamed = self._connection.execute(
                "UPDATE prediction_sets SET name = ? WHERE id = ? RETURNING id", (name, set_id)
            )
            _check_there(renamed, set_id)

    def delete(self, set_id: int) -> None:
        """Delete a set with all of its predictions; raises ``NoSuchRecordError``."""
        with self._connection.writing():
            covered = self._connection.execute(
                "SELECT sample_id FROM set_predictions WHERE set_id = ?", (set_id,)
            )
            forget_assessments(self._connection, (sample_id for (sample_id,) in covered))
            deleted = self._connection.execute(
                "DELETE FROM prediction_sets WHERE id = ? RETURNING id", (set_id,)
            )
            _check_there(deleted, set_id)
            forget_unused_files(self._connection)

    def sample_ids(self, set_id: int) -> SampleIds:
        """``(N,)`` ids of the samples that a set covers, ascending."""
        rows = self._connection.execute(
            "SELECT sample_id FROM set_predictions WHERE set_id = ? ORDER BY sample_id", (set_id,)
        )
        return np.array([sample_id for (sample_id,) in rows], dtype=np.int64)

    def bodies(self, set_id: int, sample_ids: Iterable[int]) -> dict[int, BodyParameters]:
        """The bodies of a set by sample id; samples that it does not cover are left out."""
        rows = self._connection.rows(
            "SELECT * FROM set_predictions WHERE set_id = ? "
            "AND sample_id IN (SELECT value FROM json_each(?))",
            (set_id, id_list(sample_ids)),
        )
        return {
            row["sample_id"]: parameters_from_row(
                row, what=f"prediction of set {set_id} for sample {row['sample_id']}"
            )
            for row in rows
        }

    def imported_body_ids(self, set_id: int, sample_ids: Iterable[int]) -> dict[int, int]:
        """The bodies as they came, by sample id, where the rows of the file are known."""
        return dict(
            self._connection.execute(
                "SELECT sample_id, imported_body_id FROM set_predictions WHERE set_id = ? "
                "AND imported_body_id IS NOT NULL "
                "AND sample_id IN (SELECT value FROM json_each(?))",
                (set_id, id_list(sample_ids)),
            )
        )

    def _insert(self, name: str, kind: SetKind, *, source: str, run_id: int | None) -> int:
        return int(
            self._connection.scalar(
                "INSERT INTO prediction_sets (name, kind, run_id, source, created_at) "
                "VALUES (?, ?, ?, ?, ?) RETURNING id",
                (name, kind, run_id, source, utc_now()),
            )
        )

    def _rows_named(self, name: str) -> list[Row]:
        return self._connection.rows("SELECT * FROM prediction_sets WHERE name = ?", (name,))

    def _refuse_taken(self, name: str, *, but_by: int | None = None) -> None:
        for row in self._rows_named(name):
            if row["id"] != but_by:
                raise _name_taken(name, row["source"])


def _source_of(run_ids: Sequence[int | None]) -> str:
    """Words for the runs whose regressors made the latest predictions."""
    if len(run_ids) > 1:
        return "several regressors"
    return "a regressor of no run" if run_ids[0] is None else f"the regressor of run {run_ids[0]}"


def _row_of(set_id: int, prediction: NewPrediction) -> Row:
    if not are_finite([prediction.parameters])[0]:
        raise DictionaryError(
            f"The prediction for sample {prediction.sample_id} holds numbers that are not finite."
        )
    blobs = parameters_to_blobs(prediction.parameters)
    imported = prediction.imported_body_id
    return {
        "set_id": int(set_id),
        "sample_id": int(prediction.sample_id),
        **blobs,
        "imported_body_id": None if imported is None else int(imported),
    }


def _checked_name(name: str) -> str:
    if not name.strip():
        raise DictionaryError("A prediction set needs a name.", remedy="Give it one.")
    return name.strip()


def _name_taken(name: str, source: str) -> DictionaryError:
    return DictionaryError(
        f"A prediction set is called '{name}' already; it comes from {source}.",
        remedy="Choose another name, or rename or delete that set.",
    )


def _check_there(rows: Sequence[object], set_id: int) -> None:
    if not rows:
        raise NoSuchRecordError(f"The project has no prediction set {set_id}.")


def _set_from(row: Row) -> PredictionSet:
    return PredictionSet(
        id=row["id"],
        name=row["name"],
        kind=word_of(SetKind, row["kind"], column="kind of prediction_sets"),
        run_id=row["run_id"],
        source=row["source"],
        created_at=row["created_at"],
        size=row["size"],
    )
