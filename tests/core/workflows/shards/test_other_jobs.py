"""Refits, predictions and what the detector saw go by shards as fits do."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.shards.snapshot_dictionary import SnapshotDictionary
from core.dictionary.shards.snapshots import make_snapshot
from core.dictionary.store import Dictionary
from core.types.detected_landmarks import DetectedLandmarks
from core.types.predictions import Prediction
from core.workflows.predict_project import predict_samples
from core.workflows.refit_project import refit_samples
from core.workflows.shards.merge_parts import merge_parts
from core.workflows.shards.merge_report import MergeReport
from core.workflows.shards.shard_job import ShardRequest, run_shard
from core.workflows.shards.share import Share
from core.workflows.shards.work_source import WorkSource
from tests.core.workflows.shards.conftest import PEOPLE
from tests.core.workflows.shards.fit_values import BATCH, current, histories, one_thread

pytest.importorskip("pyarrow")

Work = Callable[[WorkSource], bool]


def copied(project: Path, folder: Path) -> Path:
    return Path(shutil.copytree(project, folder / "project"))


def in_two_shards(project: Path, job: str, work: Work) -> Callable[[], MergeReport]:
    """Do both shards from a snapshot; what is returned merges them."""
    snapshot, out = project.parent / "people.snapshot", project.parent / "parts"
    make_snapshot(project, snapshot)
    for index in range(2):
        with one_thread():
            run_shard(ShardRequest(project, snapshot, out, job, Share(index, 2), {}), work)
    return lambda: merge_parts(project, [out])


def test_a_refit_in_shards_makes_the_fits_of_one_process(by_one_process, tmp_path):
    whole = copied(by_one_process, tmp_path / "whole")
    shared = copied(by_one_process, tmp_path / "shared")

    def refit(project: Path, **source: WorkSource) -> bool:
        return not refit_samples(project, starts=["mean"], batch_size=BATCH, **source).cancelled

    with one_thread():
        refit(whole)
    merge = in_two_shards(shared, "refit", lambda source: refit(shared, source=source))
    assert current(shared) == current(by_one_process)
    merge()
    assert current(shared) == current(whole)
    assert histories(shared) == histories(whole)
    assert merge().became_current == 0


def predicted(project: Path) -> dict[int, tuple[bytes, ...]]:
    with Dictionary.open(project) as dictionary:
        latest = dictionary.predictions.latest(dictionary.search.ids().tolist())
    return {sample_id: _bytes_of(prediction) for sample_id, prediction in latest.items()}


def _bytes_of(prediction: Prediction) -> tuple[bytes, ...]:
    body = prediction.parameters
    return tuple(
        array.tobytes() for array in (body.pose_axis_angle, body.betas, body.camera_translation)
    )


def test_predictions_in_shards_are_those_of_one_process(unfitted, tmp_path):
    whole = copied(unfitted, tmp_path / "whole")
    shared = copied(unfitted, tmp_path / "shared")
    with one_thread():
        predict_samples(whole, batch_size=6)
    merge = in_two_shards(
        shared,
        "predict",
        lambda source: not predict_samples(shared, batch_size=6, source=source).cancelled,
    )
    assert predicted(shared) == {}
    assert merge().predictions == PEOPLE
    assert predicted(shared) == predicted(whole)
    assert merge().predictions == 0


def test_predictions_that_are_kept_as_a_set_are_merged_into_it(unfitted, tmp_path):
    shared = copied(unfitted, tmp_path / "shared")

    def predict(source: WorkSource) -> bool:
        report = predict_samples(shared, batch_size=6, keep_as="head", source=source)
        return not report.cancelled

    merge = in_two_shards(shared, "predict", predict)
    assert merge().predictions == PEOPLE
    assert merge().predictions == 0
    assert predicted(shared) == {}
    with Dictionary.open(shared) as dictionary:
        assert dictionary.prediction_sets.named("head").size == PEOPLE


def test_what_a_shard_measured_is_seen_by_it_and_stored_by_the_merge(unfitted, tmp_path):
    shared = copied(unfitted, tmp_path / "shared")
    landmarks = np.ones((33, 3), np.float32)
    measured = DetectedLandmarks(
        landmarks_px=landmarks,
        landmarks_m=landmarks,
        agreement=0.5,
        score=0.5,
        networks="both",
        trunk_features=np.ones((2, 2304), np.float16),
    )
    seen: list[list[int]] = []

    def look(source: WorkSource) -> bool:
        dictionary = source.open(shared)
        assert isinstance(dictionary, SnapshotDictionary)
        with dictionary:
            own = source.share.of(dictionary.detections.waiting("both"))
            dictionary.detections.set(dict.fromkeys(own, measured))
            seen.append(own)
            found = dictionary.detections.get_many(own, with_features=True)
            assert [found[sample_id].score for sample_id in own] == [0.5] * len(own)
            assert set(dictionary.detections.trunk_features(own)) == set(own)
            assert not set(own) & set(dictionary.detections.waiting("both"))
        return True

    merge = in_two_shards(shared, "predict", look)
    assert sorted(sample_id for own in seen for sample_id in own) == list(range(1, PEOPLE + 1))
    assert merge().detections == PEOPLE
    assert merge().detections == 0
    with Dictionary.open(shared) as dictionary:
        assert dictionary.detections.waiting("both") == []
        assert dictionary.problems() == []
