"""Crops for training: the same whichever process loads them, and no stop at a broken picture."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from core.engine.data.augmentation import NO_AUGMENTATION_SETTINGS, AugmentationSettings
from core.engine.data.training_samples import CropDataset, TrainingRecord, crop_loader
from core.engine.smplify.inputs import BodyEstimate
from core.geometry.boxes import Box
from core.types.bodies import BodyParameters
from core.types.samples import GroundTruth


@pytest.fixture
def records(tmp_path):
    """Six people, the even ones with ground truth."""
    made = []
    for number in range(6):
        rng = np.random.default_rng(number)
        path = tmp_path / f"{number}.png"
        cv2.imwrite(str(path), rng.integers(0, 256, (120, 160, 3), dtype=np.uint8))
        keypoints = np.ones((49, 3), np.float32)
        keypoints[:, :2] = rng.uniform(20, 100, (49, 2))
        truth = BodyParameters(
            rng.normal(0, 0.3, 72).astype(np.float32),
            rng.normal(size=10).astype(np.float32),
            np.float32([0, 0, 50]),
        )
        joints = np.concatenate([rng.normal(size=(49, 3)), np.ones((49, 1))], 1)
        made.append(
            TrainingRecord(
                sample_id=100 + number,
                picture_path=path,
                picture_size_px=(160, 120),
                box=Box(80, 60, 100),
                keypoints_px=keypoints,
                ground_truth=GroundTruth(parameters=truth, joints_3d=joints.astype(np.float32))
                if number % 2 == 0
                else GroundTruth(),
            )
        )
    return made


def dataset_of(records, settings=AugmentationSettings()):  # noqa: B008 - frozen
    return CropDataset(records, size_px=64, settings=settings, seed=5)


def only_batch(dataset, keys, workers=0):
    (batch,) = crop_loader(dataset, batches=[keys], workers=workers)
    return batch


def test_batch_holds_what_its_records_hold(records):
    batch = only_batch(
        dataset_of(records, NO_AUGMENTATION_SETTINGS), [(0, row) for row in range(6)]
    )
    assert batch.sample_ids.tolist() == [100, 101, 102, 103, 104, 105]
    assert (batch.pictures.shape, batch.pictures.dtype) == ((6, 64, 64, 3), torch.uint8)
    wanted = np.stack([record.box.keypoints_to_crop(record.keypoints_px) for record in records])
    np.testing.assert_allclose(batch.keypoints_canonical_px, wanted, atol=1e-4)
    np.testing.assert_allclose(batch.keypoints_crop_px, wanted, atol=1e-4)
    assert batch.has_truth.tolist() == [True, False] * 3
    truth = BodyEstimate.from_parameters([records[2].ground_truth.parameters])
    assert torch.equal(batch.truth.rotations[2], truth.rotations[0])
    assert torch.equal(batch.truth.betas[2], truth.betas[0])
    assert not batch.truth.betas[1].any()
    np.testing.assert_allclose(batch.joints_3d[4], records[4].ground_truth.joints_3d, atol=1e-6)
    assert not batch.joints_3d[3].any()
    assert batch.problems == ()
    assert len(batch.to("cpu")) == len(batch) == 6


def test_only_the_augmented_keypoints_move(records):
    batch = only_batch(dataset_of(records), [(0, row) for row in range(6)])
    wanted = np.stack([record.box.keypoints_to_crop(record.keypoints_px) for record in records])
    np.testing.assert_allclose(batch.keypoints_canonical_px, wanted, atol=1e-4)
    assert np.abs(batch.keypoints_crop_px.numpy() - wanted).max() > 3


def test_augmentation_follows_from_seed_epoch_and_sample_alone(records):
    forward = dataset_of(records)
    backward = dataset_of(records[::-1])
    for row in range(6):
        assert forward.augmentation((3, row)) == backward.augmentation((3, 5 - row))
        assert forward.augmentation((3, row)) != forward.augmentation((4, row))
    other = CropDataset(records, size_px=64, settings=AugmentationSettings(), seed=6)
    assert other.augmentation((3, 0)) != forward.augmentation((3, 0))


def test_kept_parts_give_the_same_crops_and_need_no_file(records):
    keys = [(0, row) for row in range(6)]
    later = [(1, row) for row in range(6)]
    settings = AugmentationSettings()
    keeping = CropDataset(records, size_px=64, settings=settings, seed=5, kept_bytes=1 << 20)
    first = only_batch(keeping, keys)
    assert torch.equal(first.pictures, only_batch(dataset_of(records), keys).pictures)
    wanted = only_batch(dataset_of(records), later).pictures
    for record in records:
        record.picture_path.unlink()
    assert torch.equal(only_batch(keeping, later).pictures, wanted)
    assert len(only_batch(dataset_of(records), later)) == 0


def test_no_more_is_kept_than_allowed(records):
    settings = AugmentationSettings()
    two = 2 * 120 * 160 * 3
    keeping = CropDataset(records, size_px=64, settings=settings, seed=5, kept_bytes=two)
    only_batch(keeping, [(0, row) for row in range(6)])
    for record in records:
        record.picture_path.unlink()
    left = only_batch(keeping, [(1, row) for row in range(6)])
    assert 2 <= len(left) < 6


def test_workers_load_the_same_batches_in_the_same_order(records):
    batches = [[(0, 3), (0, 1)], [(0, 0), (0, 5)], [(1, 3), (1, 2)]]
    alone = list(crop_loader(dataset_of(records), batches=batches, workers=0))
    shared = list(crop_loader(dataset_of(records), batches=batches, workers=2))
    assert len(shared) == len(alone) == 3
    for one, other in zip(alone, shared, strict=True):
        assert torch.equal(one.sample_ids, other.sample_ids)
        assert torch.equal(one.pictures, other.pictures)
        assert torch.equal(one.keypoints_crop_px, other.keypoints_crop_px)
        assert torch.equal(one.augmentations.rotation_rad, other.augmentations.rotation_rad)


def test_bad_pictures_are_named_and_the_batch_goes_on(records, tmp_path):
    records[1].picture_path.unlink()
    records[2].picture_path.write_bytes(records[2].picture_path.read_bytes()[:200])
    records[3] = replace(records[3], picture_size_px=(320, 240))
    batch = only_batch(dataset_of(records), [(0, row) for row in range(6)])
    assert batch.sample_ids.tolist() == [100, 104, 105]
    assert len(batch.pictures) == len(batch.augmentations) == 3
    assert [problem.sample_id for problem in batch.problems] == [101, 102, 103]
    reasons = [problem.reason for problem in batch.problems]
    assert "no such picture" in reasons[0]
    assert "2.png" in reasons[1]
    assert "160×120" in reasons[2]


def test_batch_of_bad_pictures_alone_is_empty(records):
    records[0].picture_path.unlink()
    batch = only_batch(dataset_of(records), [(0, 0)])
    assert len(batch) == 0
    assert batch.pictures.shape == (0, 64, 64, 3)
    assert batch.keypoints_crop_px.shape == (0, 49, 3)
    assert len(batch.problems) == 1


def test_batches_are_asked_for_lazily(records):
    """An endless plan is a plan, too."""

    def endless():
        epoch = 0
        while True:
            yield [(epoch, 0)]
            epoch += 1

    loader = iter(crop_loader(dataset_of(records), batches=endless(), workers=0))
    assert len(next(loader)) == len(next(loader)) == 1
