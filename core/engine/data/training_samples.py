"""Batches of augmented crops for training, made in worker processes.

What is done to a sample in an epoch follows from the seed, the epoch and the sample alone: not
from the order, the number of workers, or what was loaded before. Pictures that are missing or
damaged are named in the batch they were wanted in, and the batch continues without them.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from core.body.true_joints import truth_in_crop
from core.engine.data.augmentation import (
    Augmentation,
    AugmentationBatch,
    AugmentationSettings,
    augment_joints_3d,
    augment_keypoints,
    augmented_crop_of_part,
    draw_augmentation,
    part_for_augmentation,
)
from core.engine.regression.detector_head import SeenPeople
from core.engine.regression.seen_people import SeenSample
from core.engine.smplify.inputs import BodyEstimate, camera_tensors
from core.errors import PictureError
from core.geometry.boxes import Box
from core.geometry.crop_camera import CropCameras
from core.geometry.row_selection import put_rows, take_rows
from core.pictures.decoding import load_picture
from core.pictures.square_crops import PicturePart
from core.types.arrays import NUM_KEYPOINTS, FloatArray
from core.types.bodies import LONG_LENS, BodyParameters, CropCamera
from core.types.samples import GroundTruth, Sample

CropKey = tuple[int, int]
"""Epoch and row of a sample: what a ``CropDataset`` is asked for."""

PREFETCHED_BATCHES = 2
KEPT_PARTS_BYTES = 512 << 20
"""Of pictures' parts, in all loading processes together: some 1900 people at crops of 128 px, 600
at 224 px. Everybody beyond that is read from the disk at each visit."""
_AUGMENTATION_STREAM = 0xA46


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingRecord:
    """One sample to train on.

    picture_size_px: width, height as imported. keypoints_px: (49, 3) x, y in picture pixels, where
    a lens without distortion shows them, and confidence. ground_truth: its joints in the crop's
    frame, its body in that of the camera which it names.
    corrections: how many edits by people both had when they were read. camera: of the crop.
    seen: what the head behind the detector knows, where one is trained.
    """

    sample_id: int
    picture_path: Path
    picture_size_px: tuple[int, int]
    box: Box
    keypoints_px: FloatArray
    ground_truth: GroundTruth = field(default_factory=GroundTruth)
    corrections: int = 0
    camera: CropCamera = LONG_LENS
    seen: SeenSample | None = None

    @classmethod
    def of(cls, sample: Sample, *, with_truth: bool) -> TrainingRecord:
        """A stored sample; its ground truth only where something learns from it."""
        return cls(
            sample_id=sample.id,
            picture_path=sample.picture_path,
            picture_size_px=sample.picture_size_px,
            box=sample.box,
            keypoints_px=sample.camera.undistorted_keypoints(sample.keypoints_px),
            ground_truth=truth_in_crop(sample) if with_truth else GroundTruth(),
            corrections=sample.corrections,
            camera=sample.crop_camera,
        )


@dataclass(frozen=True)
class PictureProblem:
    """A sample that was left out, and why."""

    sample_id: int
    path: Path
    reason: str


@dataclass(frozen=True, eq=False)
class TrainingCrop:
    """One augmented sample; arrays as the rows of ``CropBatch``."""

    record: TrainingRecord
    augmentation: Augmentation
    picture: Tensor
    keypoints_crop_px: FloatArray
    joints_3d: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class CropBatch:
    """B samples; those of ``problems`` are not among them, so B may be anything down to 0.

    pictures: (B, S, S, 3) uint8 RGB, augmented.
    keypoints_crop_px: (B, 49, 3) augmented, in pixels of a 224 px crop whatever S is.
    keypoints_canonical_px: (B, 49, 3) the same in the un-augmented crop.
    cameras: of the un-augmented crops, B of them.
    truth: the true bodies in the un-augmented crop where has_truth (B,) says so, bodies at rest
    elsewhere.
    joints_3d: (B, 49, 4) metres about the pelvis in the augmented camera; confidence 0 where
    nothing is known.
    seen, seen_augmented: B people as the head behind the detector knows them, in the un-augmented
    and in the augmented crops; None where a network looks at pictures.
    """

    sample_ids: Tensor
    pictures: Tensor
    keypoints_crop_px: Tensor
    keypoints_canonical_px: Tensor
    cameras: CropCameras[Tensor]
    augmentations: AugmentationBatch
    truth: BodyEstimate
    has_truth: Tensor
    joints_3d: Tensor
    problems: tuple[PictureProblem, ...] = ()
    seen: SeenPeople | None = None
    seen_augmented: SeenPeople | None = None

    def __len__(self) -> int:
        return len(self.sample_ids)

    def to(self, device: torch.device | str) -> CropBatch:
        """The same on another device."""
        moved: dict[str, Any] = {
            field_.name: getattr(self, field_.name).to(device)
            for field_ in fields(self)
            if field_.name not in ("problems", "truth", "seen", "seen_augmented", "cameras")
        }
        truth = self.truth.to(device=torch.device(device), dtype=torch.float32)
        cameras = self.cameras.converted(lambda part: part.to(device))
        return replace(self, truth=truth, cameras=cameras, **moved)


class CropDataset(Dataset[TrainingCrop | PictureProblem]):
    """Augmented crops by (epoch, row).

    Args:
        records: the samples; a row is a place in this list.
        size_px: side of the crops.
        settings: how augmentations are drawn.
        seed: of the augmentation.
        kept_bytes: of pictures' parts that this dataset may keep for later epochs. Those that come
            first stay: in a random order nothing that is thrown out for others would do better.
    """

    def __init__(
        self,
        records: Sequence[TrainingRecord],
        *,
        size_px: int,
        settings: AugmentationSettings,
        seed: int,
        kept_bytes: int = 0,
    ) -> None:
        self._records, self._size_px = list(records), size_px
        self._settings, self._seed = settings, seed
        self._kept: dict[int, PicturePart] = {}
        self._free_bytes = kept_bytes

    def __len__(self) -> int:
        return len(self._records)

    def record(self, row: int) -> TrainingRecord:
        """The sample of a row."""
        return self._records[row]

    def augmentation(self, key: CropKey) -> Augmentation:
        """What is done to the sample of this row in this epoch."""
        epoch, row = key
        sample_id = self._records[row].sample_id
        drawn_from = np.random.default_rng([_AUGMENTATION_STREAM, self._seed, epoch, sample_id])
        return draw_augmentation(drawn_from, self._settings)

    def __getitem__(self, key: CropKey) -> TrainingCrop | PictureProblem:
        """A crop, or why there is none; never raises for a picture that cannot be used."""
        record = self._records[key[1]]
        try:
            part = self._part(key[1])
        except PictureError as error:
            return PictureProblem(record.sample_id, record.picture_path, str(error))
        augmentation = self.augmentation(key)
        crop = augmented_crop_of_part(part, record.box, augmentation, size_px=self._size_px)
        return TrainingCrop(
            record=record,
            augmentation=augmentation,
            picture=torch.from_numpy(np.rint(crop, out=crop).astype(np.uint8)),
            keypoints_crop_px=augment_keypoints(record.keypoints_px, record.box, augmentation),
            joints_3d=augmented_joints_3d(record, augmentation),
        )

    def _part(self, row: int) -> PicturePart:
        """What crops of a sample are cut from; the same whether it was kept or is read again."""
        kept = self._kept.get(row)
        if kept is not None:
            return kept
        record = self._records[row]
        picture = load_picture(record.picture_path)
        _check_size(picture.shape, record)
        part = part_for_augmentation(picture, record.box, self._settings, size_px=self._size_px)
        if part.pixels.nbytes <= self._free_bytes:
            self._kept[row] = part
            self._free_bytes -= part.pixels.nbytes
        return part

    def collate(self, items: Sequence[TrainingCrop | PictureProblem]) -> CropBatch:
        """One batch of what ``__getitem__`` gave."""
        crops = [item for item in items if isinstance(item, TrainingCrop)]
        size = self._size_px
        pictures = [crop.picture for crop in crops]
        truths = [crop.record.ground_truth.parameters for crop in crops]
        cameras = camera_tensors([crop.record.camera for crop in crops])
        return CropBatch(
            sample_ids=torch.tensor([crop.record.sample_id for crop in crops], dtype=torch.int64),
            pictures=torch.stack(pictures)
            if pictures
            else torch.zeros(0, size, size, 3, dtype=torch.uint8),
            keypoints_crop_px=_stacked(
                [crop.keypoints_crop_px for crop in crops], (NUM_KEYPOINTS, 3)
            ),
            keypoints_canonical_px=_stacked(
                [crop.record.box.keypoints_to_crop(crop.record.keypoints_px) for crop in crops],
                (NUM_KEYPOINTS, 3),
            ),
            cameras=cameras,
            augmentations=AugmentationBatch.of([crop.augmentation for crop in crops]),
            truth=_true_bodies(truths, cameras),
            has_truth=torch.tensor([truth is not None for truth in truths], dtype=torch.bool),
            joints_3d=_stacked([crop.joints_3d for crop in crops], (NUM_KEYPOINTS, 4)),
            problems=tuple(item for item in items if isinstance(item, PictureProblem)),
        )


def augmented_joints_3d(record: TrainingRecord, augmentation: Augmentation) -> FloatArray:
    """``(49, 4)`` of the true joints in the augmented camera; zeros where they are not known."""
    joints = record.ground_truth.joints_3d
    if joints is None:
        return np.zeros((NUM_KEYPOINTS, 4), np.float32)
    return augment_joints_3d(joints, augmentation)


def _true_bodies(
    truths: Sequence[BodyParameters | None], cameras: CropCameras[Tensor]
) -> BodyEstimate:
    """One body a crop; where the truth is not known, a body at rest."""
    bodies = BodyEstimate.at_rest(len(truths))
    rows = torch.tensor([row for row, truth in enumerate(truths) if truth is not None]).long()
    true_bodies = BodyEstimate.from_parameters(
        [truth for truth in truths if truth is not None], take_rows(cameras, rows)
    )
    put_rows(bodies, rows, true_bodies)
    return bodies


def crop_loader(
    dataset: CropDataset, *, batches: Iterable[Sequence[CropKey]], workers: int
) -> Iterable[CropBatch]:
    """Loads batches ahead of the training, in their order.

    Args:
        dataset: of what.
        batches: the keys of each batch. The caller decides on epochs, shares of processes and where
            a resumed run begins.
        workers: processes that load; 0 loads in this one. They are fresh processes: forks of one
            that draws windows or runs threads may hang.
    """
    if workers == 0:
        return DataLoader[Any](dataset, batch_sampler=_Batches(batches), collate_fn=dataset.collate)
    return DataLoader[Any](
        dataset,
        batch_sampler=_Batches(batches),
        collate_fn=dataset.collate,
        num_workers=workers,
        prefetch_factor=PREFETCHED_BATCHES,
        multiprocessing_context=multiprocessing.get_context("spawn"),
        worker_init_fn=_one_thread_each,
    )


class _Batches:
    """A batch sampler of given keys. Its keys are pairs, which torch's own type does not know."""

    def __init__(self, batches: Iterable[Sequence[CropKey]]) -> None:
        self._batches = batches

    def __iter__(self) -> Any:
        return (list(batch) for batch in self._batches)


def _one_thread_each(_worker: int) -> None:
    """More threads than cores would only slow the training down."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)


def _check_size(shape: tuple[int, ...], record: TrainingRecord) -> None:
    height, width = shape[:2]
    if (width, height) != record.picture_size_px:
        expected_width, expected_height = record.picture_size_px
        raise PictureError(
            f"the picture has {width}×{height} px, expected {expected_width}×{expected_height} as "
            "when it was imported.",
            path=record.picture_path,
            remedy="Put the former picture back, or import the new one.",
        )


def _stacked(rows: Sequence[Any], row_shape: tuple[int, ...]) -> Tensor:
    if not rows:
        return torch.zeros(0, *row_shape)
    return torch.from_numpy(np.stack(rows).astype(np.float32))
