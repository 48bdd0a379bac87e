"""Parts come back from their files by value, and what is no part is refused by name."""

from __future__ import annotations

import json
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.fits.prediction_sets import SetKind
from core.dictionary.shards.manifests import JobInputs, PartManifest, read_manifest
from core.dictionary.shards.part_files import (
    checked_manifest,
    manifest_path,
    part_path,
    read_part,
    write_part,
)
from core.dictionary.shards.recording import (
    RecordedPrediction,
    RecordedRun,
    RecordedSet,
    ShardRecord,
)
from core.dictionary.shards.snapshots import SnapshotFacts
from core.errors import UserFileError
from core.types.bodies import BodyParameters, CropCamera
from core.types.detected_landmarks import DetectedLandmarks
from core.types.fits import FitLosses, NewFit, Origin
from core.types.predictions import NewPrediction

pytest.importorskip("pyarrow")

RANDOM = np.random.default_rng(0)
SNAPSHOT = SnapshotFacts("ab" * 32, "key", 22, "0.2.0", "2026-12-01T12:00:00+00:00", 12)
INPUTS = JobInputs("fit", SNAPSHOT, "0.2.0", {"profile": "studio", "shards": 4})


def numbers(*shape: int) -> np.ndarray:
    return RANDOM.normal(size=shape).astype(np.float32)


def body() -> BodyParameters:
    camera = CropCamera(1234.5678901234, 100.1, 120.2)
    return BodyParameters(numbers(72), numbers(10), numbers(3), camera)


def offer(sample_id: int, **values) -> NewFit:
    losses = FitLosses(
        reprojection=0.1, pose_prior=1 / 3, angle_prior=2.5, shape_prior=1e-9, comparison=7.7
    )
    return NewFit(
        sample_id=sample_id, parameters=body(), losses=losses, origin=Origin.NETWORK, **values
    )


@pytest.fixture
def record() -> ShardRecord:
    record = ShardRecord(
        body_name="open body",
        runs=[RecordedRun("fit", {"init": "network"}, {"torch": "2"})],
        sets=[RecordedSet("other", SetKind.RUN, "a regressor", 3)],
    )
    record.add_offers(
        [
            offer(1, run_id=-1, annotation_revision=2, supersedes_fit_id=17),
            offer(1, run_id=-1, runner_up=True),
        ]
    )
    record.add_offers([offer(2, group_id=5), offer(3, supersedes_fit_id=-1)], is_group=True)
    record.predictions += [
        RecordedPrediction(NewPrediction(sample_id=4, parameters=body(), run_id=3, iteration=9)),
        RecordedPrediction(NewPrediction(sample_id=5, parameters=body()), -1),
    ]
    record.detections[6] = DetectedLandmarks(
        landmarks_px=numbers(33, 3),
        landmarks_m=numbers(33, 3),
        agreement=0.7,
        score=0.9,
        networks="both",
        trunk_features=numbers(2, 2304).astype(np.float16),
    )
    record.detections[7] = DetectedLandmarks(
        landmarks_px=None, landmarks_m=None, agreement=0.0, score=0.0, networks="both"
    )
    return record


def written(folder: Path, record: ShardRecord) -> tuple[Path, PartManifest]:
    manifest = write_part(folder, record, inputs=INPUTS, shard=(1, 4), versions={"torch": "2"})
    return part_path(folder, 1), manifest


def plain(value: object) -> object:
    """Something to compare: arrays by their bytes."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    fields = getattr(value, "__dataclass_fields__", None)
    return {name: plain(getattr(value, name)) for name in fields} if fields else value


def test_what_a_shard_recorded_comes_back_by_value(tmp_path, record):
    path, manifest = written(tmp_path, record)
    (found,) = read_part(path, checked_manifest(path))
    assert list(map(plain, found.offers)) == list(map(plain, record.offers))
    assert list(map(plain, found.predictions)) == list(map(plain, record.predictions))
    assert {key: plain(one) for key, one in found.detections.items()} == {
        key: plain(one) for key, one in record.detections.items()
    }
    assert read_manifest(manifest_path(path)) == manifest
    assert (manifest.people, manifest.rows, manifest.runs) == (7, 8, tuple(record.runs))


def test_a_shard_without_people_has_a_part_all_the_same(tmp_path):
    path, _ = written(tmp_path, ShardRecord())
    assert list(read_part(path, checked_manifest(path))) == []


@pytest.mark.parametrize("place", [0, 0.5, 1])
def test_a_changed_byte_anywhere_is_noticed(tmp_path, record, place):
    path, _ = written(tmp_path, record)
    content = bytearray(path.read_bytes())
    content[int(place * (len(content) - 1))] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserFileError, match=r"part-1\.parquet: the part is damaged"):
        checked_manifest(path)


def test_a_part_without_a_manifest_is_not_whole(tmp_path, record):
    path, _ = written(tmp_path, record)
    manifest_path(path).unlink()
    with pytest.raises(UserFileError, match="ended before the part was whole"):
        checked_manifest(path)


def test_a_manifest_that_was_changed_is_refused(tmp_path, record):
    path, _ = written(tmp_path, record)
    told = json.loads(manifest_path(path).read_text())
    told["inputs"]["options"]["profile"] = "paper"
    manifest_path(path).write_text(json.dumps(told))
    with pytest.raises(UserFileError, match=r"part-1\.json: cannot be read as the manifest"):
        read_manifest(manifest_path(path))


@pytest.mark.parametrize(
    "forged", [{"origin": Origin.CORRECTED}, {"parameters": "short"}, {"sample_id": None}]
)
def test_rows_that_no_shard_writes_are_refused(tmp_path, forged, monkeypatch):
    """The manifest is right: who forges rows can compute a hash, too."""
    fit = offer(1)
    if forged.get("parameters") == "short":
        monkeypatch.setattr("core.types.bodies.check_shape", lambda *_: None)
        forged = {"parameters": replace(body(), betas=numbers(9))}
    if forged.get("sample_id", 1) is None:
        monkeypatch.setattr("builtins.int", lambda value=0: value)
    record = ShardRecord()
    record.add_offers([replace(fit, **forged)])
    path, manifest = written(tmp_path, record)
    monkeypatch.undo()
    with pytest.raises(UserFileError, match=r"part-1\.parquet: cannot be read as a part"):
        list(read_part(path, manifest))


def test_inputs_say_in_which_words_they_differ():
    other = replace(
        INPUTS, options={**INPUTS.options, "profile": "paper"}, snapshot=replace(SNAPSHOT)
    )
    assert INPUTS.difference(other) == "--profile paper instead of studio"
    assert other.sha256 != INPUTS.sha256
    later = replace(INPUTS, snapshot=replace(SNAPSHOT, made_at="later"))
    assert later.sha256 == INPUTS.sha256
    assert astuple(later.snapshot) != astuple(SNAPSHOT)
