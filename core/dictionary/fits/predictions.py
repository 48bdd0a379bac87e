"""The regressor's latest output for each sample; kept apart from fits."""

from __future__ import annotations

from collections.abc import Iterable

from core.dictionary.assessment.assessments import forget_assessments
from core.dictionary.storage.blobs import are_finite, parameters_from_row, parameters_to_blobs
from core.dictionary.storage.body_ownership import BodyOwnership
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import id_list, removed_samples
from core.errors import DictionaryError
from core.types.predictions import NewPrediction, Prediction


class Predictions:
    """The latest predictions of one opened dictionary; reached as ``dictionary.predictions``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def store(
        self, new_predictions: Iterable[NewPrediction], *, body_name: str | None = None
    ) -> None:
        """Put predictions in the place of the ones before, in one transaction.

        Those of samples that were removed meanwhile are left out.

        Args:
            new_predictions: at most one of a sample.
            body_name: whose bodies they are; None where that is unknown.

        Raises:
            DictionaryError: a prediction is not finite, its sample does not exist, or the project
                belongs to another body; none is stored.
        """
        now = utc_now()
        rows = [_row_of(prediction, now) for prediction in new_predictions]
        with self._connection.writing():
            BodyOwnership(self._connection).hold(body_name)
            gone = removed_samples(self._connection, (row["sample_id"] for row in rows))
            rows = [row for row in rows if row["sample_id"] not in gone]
            self._connection.insert_all("predictions", rows, replace=True)
            forget_assessments(self._connection, [row["sample_id"] for row in rows])

    def latest(self, sample_ids: Iterable[int]) -> dict[int, Prediction]:
        """The latest predictions by sample id; samples without one are left out."""
        rows = self._connection.rows(
            "SELECT * FROM predictions WHERE sample_id IN (SELECT value FROM json_each(?))",
            (id_list(sample_ids),),
        )
        return {row["sample_id"]: _prediction_from(row) for row in rows}

    def latest_of(self, sample_id: int) -> Prediction | None:
        """The regressor's latest output for a sample, or None."""
        return self.latest([sample_id]).get(sample_id)

    def are_there(self) -> bool:
        """Whether anybody has one."""
        return bool(self._connection.scalar("SELECT EXISTS (SELECT 1 FROM predictions)"))

    def missing(self, sample_ids: Iterable[int]) -> list[int]:
        """Those of some samples that have no prediction, in the order given."""
        ids = [int(sample_id) for sample_id in sample_ids]
        rows = self._connection.execute(
            "SELECT sample_id FROM predictions WHERE sample_id IN (SELECT value FROM json_each(?))",
            (id_list(ids),),
        )
        predicted = {sample_id for (sample_id,) in rows}
        return [sample_id for sample_id in ids if sample_id not in predicted]


def _row_of(prediction: NewPrediction, created_at: str) -> Row:
    if not are_finite([prediction.parameters])[0]:
        raise DictionaryError(
            f"The prediction for sample {prediction.sample_id} holds numbers that are not finite."
        )
    return {
        "sample_id": int(prediction.sample_id),
        **parameters_to_blobs(prediction.parameters),
        "run_id": None if prediction.run_id is None else int(prediction.run_id),
        "iteration": None if prediction.iteration is None else int(prediction.iteration),
        "created_at": created_at,
    }


def _prediction_from(row: Row) -> Prediction:
    return Prediction(
        sample_id=row["sample_id"],
        parameters=parameters_from_row(row, what=f"prediction for sample {row['sample_id']}"),
        run_id=row["run_id"],
        iteration=row["iteration"],
        created_at=row["created_at"],
    )
