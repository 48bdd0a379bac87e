"""Numbers and pictures of a training on their way to the observers, not too many of them."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.data.augmentation import augment_cameras
from core.engine.data.training_samples import CropBatch, TrainingRecord
from core.engine.smplify.inputs import BodyEstimate
from core.engine.training.augmented_frames import to_augmented
from core.engine.training.preview_pictures import pictures_of
from core.engine.training.step import StepResult
from core.geometry.crop_camera import CropCameras
from core.geometry.row_selection import put_rows, take_rows
from core.runs.observers import (
    METRICS_INTERVAL_S,
    PREVIEW_INTERVAL_S,
    BatchPreview,
    IterationMetrics,
    TrainingObserver,
)
from core.runs.run_folder import MetricsLog
from core.types.bodies import BodyParameters

PREVIEWED_SAMPLES = 6


class Reporter:
    """Collects metrics and hands them on, to the log and to the observer, at most ten a second."""

    def __init__(
        self, observer: TrainingObserver, log: MetricsLog, records: Sequence[TrainingRecord]
    ) -> None:
        """``records``: of everybody who is trained on, to find their pictures."""
        self._observer, self._log = observer, log
        self._records = {record.sample_id: record for record in records}
        self._waiting: list[IterationMetrics] = []
        self._reported_at = self._shown_at = float("-inf")

    def add(self, metrics: IterationMetrics) -> None:
        """One more iteration."""
        self._waiting.append(metrics)
        if time.monotonic() - self._reported_at >= METRICS_INTERVAL_S:
            self.flush()

    def flush(self) -> None:
        """Hand on what is waiting."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._log.append(waiting)
            self._observer.metrics(waiting)
        self._reported_at = time.monotonic()

    def settle(self) -> None:
        """Hand on what is waiting, and put it on the disk."""
        self.flush()
        self._log.sync()

    def close(self) -> None:
        """Hand on the rest and close the log."""
        self.flush()
        self._log.close()

    def show(
        self, batch: CropBatch, result: StepResult, body: KeypointBody, iteration: int
    ) -> None:
        """The newest batch, when it is time for one."""
        is_early = time.monotonic() - self._shown_at < PREVIEW_INTERVAL_S
        if is_early or not result.samples or not self._observer.watches_batches:
            return
        shown = min(PREVIEWED_SAMPLES, result.samples)
        pictures = batch.pictures[:shown].numpy()
        if batch.seen is not None:  # The head looks at no picture.
            records = [self._records[each] for each in batch.sample_ids[:shown].tolist()]
            pictures = pictures_of(records, batch.augmentations)
        self._observer.preview(preview_of(batch, result, body, iteration, pictures))
        # What opening pictures took is not counted, so that most of the time is the training's.
        self._shown_at = time.monotonic()


def preview_of(
    batch: CropBatch,
    result: StepResult,
    body: KeypointBody,
    iteration: int,
    pictures: NDArray[np.uint8],
) -> BatchPreview:
    """The first few samples of a batch: pictures, predictions, and fits in the same frame.

    pictures: (n, S, S, 3) of the first n samples.
    """
    shown = len(pictures)
    first = torch.arange(shown)
    kept = np.zeros(result.samples, dtype=np.bool_)
    before = result.current_before.loss
    after = torch.full_like(before, torch.nan)
    fits = None
    if result.offered is not None:
        rows = result.offered.rows
        kept[rows.numpy()] = result.offered.kept
        after[rows] = result.offered.fits.comparison.cpu().float()
        fits = _fits_of_batch(batch, result, body)
    return BatchPreview(
        iteration=iteration,
        pictures=pictures,
        prediction=_shown(result.prediction, result.cameras, batch, first),
        fit=None if fits is None else _shown(fits, batch.cameras, batch, first),
        sample_ids=batch.sample_ids[:shown].numpy(),
        kept=kept[:shown],
        loss_before=torch.where(torch.isfinite(before), before, torch.nan)[:shown].numpy(),
        loss_after=after[:shown].numpy(),
    )


def _shown(
    bodies: BodyEstimate, plain: CropCameras[Tensor], batch: CropBatch, rows: Tensor
) -> list[BodyParameters]:
    """Some bodies of the augmented crops, whose plain cameras are given, with their own cameras."""
    cameras = take_rows(augment_cameras(plain, batch.augmentations), rows)
    return take_rows(bodies, rows).to_parameters(cameras)


def _fits_of_batch(batch: CropBatch, result: StepResult, body: KeypointBody) -> BodyEstimate | None:
    """The offered fits in the augmented frame; where none was made, the current one."""
    if result.offered is None:
        return None
    whole = take_rows(result.current_before.estimate, torch.arange(result.samples))
    made = result.offered.fits.under(take_rows(batch.cameras, result.offered.rows))
    put_rows(whole, result.offered.rows, made.to(device=torch.device("cpu"), dtype=torch.float32))
    return to_augmented(whole, batch.augmentations, body, batch.cameras)


def memory_mb(device: torch.device) -> float:
    """Memory in use: of the GPU where one trains, otherwise of this process."""
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device) / 2**20
    if sys.platform == "linux":
        resident_pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return resident_pages * 4096 / 2**20
    return 0.0
