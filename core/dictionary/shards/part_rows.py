"""A shard's record as the columns of a Parquet table, and back; docs/shards.md names them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

import numpy as np

from core.dictionary.shards.recording import (
    RecordedOffer,
    RecordedPrediction,
    ShardRecord,
    index_of,
    number_of,
)
from core.types.arrays import NUM_BETAS, NUM_JOINTS, FloatArray
from core.types.bodies import BodyParameters, CropCamera
from core.types.detected_landmarks import NUM_LANDMARKS, DetectedLandmarks
from core.types.fits import FitLosses, NewFit, Origin
from core.types.predictions import NewPrediction
from core.types.trunk_features import TRUNK_SIZE

FIT, PREDICTION, DETECTION = "fit", "prediction", "detection"

SINGLE, DOUBLE = "float32", "float64"
WIDTHS: Mapping[str, tuple[int, str]] = {
    "pose_axis_angle": (3 * NUM_JOINTS, SINGLE),
    "betas": (NUM_BETAS, SINGLE),
    "camera_translation": (3, SINGLE),
    "crop_camera": (5, DOUBLE),
    "landmarks_px": (3 * NUM_LANDMARKS, SINGLE),
    "landmarks_m": (3 * NUM_LANDMARKS, SINGLE),
    "trunk_features": (2 * TRUNK_SIZE, SINGLE),
}
"""Columns of numbers: how many to a row, and of which precision."""

WHOLE_NUMBERS = (
    "sample_id", "together", "run", "iteration", "annotation_revision", "supersedes_fit_id",
    "group_id", "set",
)  # fmt: skip
LOSSES: Mapping[str, str] = {f"{field.name}_loss": field.name for field in fields(FitLosses)}
"""Columns of the terms of a fit's objective, px², and the terms."""

NUMBERS = (*LOSSES, "agreement", "score")
TEXTS = ("kind", "origin", "networks")
TRUTHS = ("runner_up",)

COLUMNS = (*TEXTS[:1], *WHOLE_NUMBERS, *TEXTS[1:], *TRUTHS, *NUMBERS, *WIDTHS)

Row = dict[str, Any]

_MADE_BY_JOBS = frozenset({Origin.MEAN, Origin.LIFTER, Origin.NETWORK, Origin.REFIT})


@dataclass(frozen=True, eq=False)
class PartRows:
    """Some rows of a part, by kind, each in its order."""

    offers: Sequence[RecordedOffer]
    predictions: Sequence[RecordedPrediction]
    detections: Mapping[int, DetectedLandmarks]


def rows_of(record: ShardRecord) -> Iterator[Row]:
    """The rows of a record: offers first, in their order; columns that are not there are empty."""
    yield from map(_offer_row, record.offers)
    yield from map(_prediction_row, record.predictions)
    yield from (_detection_row(*item) for item in record.detections.items())


def from_rows(rows: Sequence[Row]) -> PartRows:
    """What rows hold.

    Raises:
        ValueError, KeyError, TypeError, StudioError: a row is none that a shard writes.
    """
    found: dict[str, list[Any]] = {FIT: [], PREDICTION: [], DETECTION: []}
    for row in rows:
        if row["sample_id"] is None:
            raise ValueError("a row names no sample")
        found[row["kind"]].append(_READERS[row["kind"]](row))
    return PartRows(found[FIT], found[PREDICTION], dict(found[DETECTION]))


def _offer_row(offer: RecordedOffer) -> Row:
    fit = offer.fit
    return {
        "kind": FIT,
        "sample_id": int(fit.sample_id),
        "together": offer.together,
        "run": None if fit.run_id is None else index_of(fit.run_id),
        "iteration": fit.iteration,
        "annotation_revision": fit.annotation_revision,
        "supersedes_fit_id": fit.supersedes_fit_id,
        "group_id": fit.group_id,
        "origin": str(fit.origin),
        "runner_up": fit.runner_up,
        **{column: getattr(fit.losses, term) for column, term in LOSSES.items()},
        **_body_columns(fit.parameters),
    }


def _offer_from(row: Row) -> RecordedOffer:
    origin = Origin(row["origin"])
    if origin not in _MADE_BY_JOBS:
        raise ValueError(f"no shard makes fits of origin '{origin}'")
    fit = NewFit(
        sample_id=row["sample_id"],
        parameters=_body_from(row),
        losses=FitLosses(**{term: row[column] for column, term in LOSSES.items()}),
        origin=origin,
        run_id=None if row["run"] is None else number_of(row["run"]),
        iteration=row["iteration"],
        runner_up=row["runner_up"],
        annotation_revision=row["annotation_revision"],
        supersedes_fit_id=row["supersedes_fit_id"],
        group_id=row["group_id"],
    )
    return RecordedOffer(fit, row["together"])


def _prediction_row(recorded: RecordedPrediction) -> Row:
    """A prediction's run is one of the snapshot's, where a fit's is one of the part's."""
    prediction, set_id = recorded.prediction, recorded.set_id
    return {
        "kind": PREDICTION,
        "sample_id": int(prediction.sample_id),
        "run": prediction.run_id,
        "iteration": prediction.iteration,
        "set": None if set_id is None else index_of(set_id),
        **_body_columns(prediction.parameters),
    }


def _prediction_from(row: Row) -> RecordedPrediction:
    prediction = NewPrediction(
        sample_id=row["sample_id"],
        parameters=_body_from(row),
        run_id=row["run"],
        iteration=row["iteration"],
    )
    return RecordedPrediction(prediction, None if row["set"] is None else number_of(row["set"]))


def _detection_row(sample_id: int, measured: DetectedLandmarks) -> Row:
    return {
        "kind": DETECTION,
        "sample_id": sample_id,
        "networks": measured.networks,
        "agreement": float(measured.agreement),
        "score": float(measured.score),
        "landmarks_px": _flat(measured.landmarks_px),
        "landmarks_m": _flat(measured.landmarks_m),
        "trunk_features": _flat(measured.trunk_features),
    }


def _detection_from(row: Row) -> tuple[int, DetectedLandmarks]:
    features = _numbers_or_none(row, "trunk_features")
    shape = (NUM_LANDMARKS, 3)
    on_picture, in_space = (_numbers_or_none(row, name) for name in ("landmarks_px", "landmarks_m"))
    return row["sample_id"], DetectedLandmarks(
        landmarks_px=None if on_picture is None else on_picture.reshape(shape),
        landmarks_m=None if in_space is None else in_space.reshape(shape),
        agreement=row["agreement"],
        score=row["score"],
        networks=row["networks"],
        trunk_features=(
            None if features is None else features.astype(np.float16).reshape(2, TRUNK_SIZE)
        ),
    )


_READERS: Mapping[str, Callable[[Row], Any]] = {
    FIT: _offer_from,
    PREDICTION: _prediction_from,
    DETECTION: _detection_from,
}


def _body_columns(body: BodyParameters) -> Row:
    return {
        "pose_axis_angle": body.pose_axis_angle,
        "betas": body.betas,
        "camera_translation": body.camera_translation,
        "crop_camera": np.array(astuple(body.camera), np.float64),
    }


def _body_from(row: Row) -> BodyParameters:
    pose, betas, translation = (
        _numbers(row, name) for name in ("pose_axis_angle", "betas", "camera_translation")
    )
    return BodyParameters(pose, betas, translation, CropCamera(*_numbers(row, "crop_camera")))


def _numbers(row: Row, name: str) -> FloatArray:
    found = _numbers_or_none(row, name)
    if found is None:
        raise ValueError(f"{name} is missing")
    return found


def _numbers_or_none(row: Row, name: str) -> FloatArray | None:
    found: FloatArray | None = row[name]
    if found is not None and len(found) != WIDTHS[name][0]:
        raise ValueError(f"{name} has {len(found)} numbers, expected {WIDTHS[name][0]}")
    return found


def _flat(array: Any) -> Any:
    return None if array is None else np.asarray(array, np.float32).reshape(-1)
