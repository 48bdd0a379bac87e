"""Which samples a run trains on, and how their fits stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from core.dictionary.store import Dictionary
from core.engine.data.training_samples import TrainingRecord
from core.engine.regression.seen_people import SeenSample
from core.errors import StudioError
from core.runs.observers import DictionaryState
from core.runs.training_configuration import TrainingConfiguration
from core.types.fits import Fit, Origin, Verdict
from core.types.limits import is_valid_pose
from core.types.samples import Sample

_AT_ONCE = 2000
"""Samples read with one query: enough to be quick, few enough to be light."""


def training_records(
    dictionary: Dictionary, configuration: TrainingConfiguration
) -> list[TrainingRecord]:
    """The samples of the selection that can teach anything, by id.

    A sample teaches by a visible keypoint, by a fit, or, when paired, by ground truth. From a
    finished dictionary only those are taken whose fit is accepted or valid.

    Raises:
        StudioError: there are none.
    """
    ids = dictionary.search.ids(configuration.where.query())
    records = [
        TrainingRecord.of(sample, with_truth=True)
        for part in _parts(ids.tolist())
        for sample in _teaching(dictionary, part, configuration)
    ]
    if not records:
        raise StudioError(
            f"None of the {len(ids)} selected samples can be trained on.",
            remedy="Select samples with keypoints, or fit them first; a final training needs "
            "accepted or valid fits.",
        )
    return records


def records_of(dictionary: Dictionary, sample_ids: Sequence[int]) -> list[TrainingRecord]:
    """The samples that a run began with, whatever the selection would give now; gone ones left out.

    Raises:
        StudioError: none of them is left.
    """
    there = set(dictionary.search.ids().tolist())
    kept = [sample_id for sample_id in sample_ids if sample_id in there]
    if not kept:
        raise StudioError(
            f"None of the {len(sample_ids)} samples that the run began with is in the project.",
            remedy="Start a new run.",
        )
    return [
        TrainingRecord.of(sample, with_truth=True)
        for part in _parts(kept)
        for sample in dictionary.samples.get_many(part)
    ]


def with_detections(
    dictionary: Dictionary, records: Sequence[TrainingRecord]
) -> list[TrainingRecord]:
    """The same samples with what the detector saw of them; those it did not see by keypoints."""
    seen: list[TrainingRecord] = []
    for first in range(0, len(records), _AT_ONCE):
        part = records[first : first + _AT_ONCE]
        ids = [record.sample_id for record in part]
        landmarks = dictionary.detections.get_many(ids)
        features = dictionary.detections.trunk_features(ids)
        seen += [
            replace(
                record,
                seen=SeenSample(
                    keypoints_crop_px=record.box.keypoints_to_crop(record.keypoints_px),
                    landmarks=landmarks.get(record.sample_id),
                    trunk_features=features.get(record.sample_id),
                ),
            )
            for record in part
        ]
    return seen


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(ids), _AT_ONCE):
        yield ids[first : first + _AT_ONCE]


def _teaching(
    dictionary: Dictionary, ids: Sequence[int], configuration: TrainingConfiguration
) -> list[Sample]:
    fits = dictionary.fits.current(ids)
    return [
        sample
        for sample in dictionary.samples.get_many(ids)
        if _teaches(sample, fits.get(sample.id), configuration)
    ]


def _teaches(sample: Sample, fit: Fit | None, configuration: TrainingConfiguration) -> bool:
    truth = sample.ground_truth
    if configuration.paired and (truth.parameters is not None or truth.joints_3d is not None):
        return True
    if configuration.final:
        return fit is not None and _is_finished(fit, configuration)
    return fit is not None or bool((sample.keypoints_px[:, 2] > 0).any())


def _is_finished(fit: Fit, configuration: TrainingConfiguration) -> bool:
    if fit.verdict in (Verdict.ACCEPTED, Verdict.REJECTED):
        return fit.verdict is Verdict.ACCEPTED
    usable = configuration.paired or fit.origin is not Origin.GROUND_TRUTH
    return usable and fit.losses.comparison < configuration.valid_loss_px2


def dictionary_state(dictionary: Dictionary | None, ids: Sequence[int]) -> DictionaryState:
    """How the current fits of some samples stand; nothing is known without a dictionary.

    Samples that were removed meanwhile are left out.
    """
    if dictionary is None:
        return DictionaryState(0, 0, float("nan"))
    rows = [row for part in _parts(ids) for row in dictionary.search.rows_there(part)]
    fitted = [row for row in rows if row.loss is not None]
    losses = np.array([row.loss for row in fitted], dtype=np.float64)
    valid = sum(
        row.verdict is not Verdict.REJECTED and is_valid_pose(row.loss or 0.0) for row in fitted
    )
    median = float(np.median(losses)) if len(losses) else float("nan")
    return DictionaryState(len(fitted), valid, median)
