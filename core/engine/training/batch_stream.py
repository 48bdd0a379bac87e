"""The crops of a run, batch by batch, from any iteration on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from core.engine.data.augmentation import NO_AUGMENTATION_SETTINGS, AugmentationSettings
from core.engine.data.seen_crops import SeenDataset
from core.engine.data.training_samples import (
    KEPT_PARTS_BYTES,
    CropBatch,
    CropDataset,
    CropKey,
    TrainingRecord,
    crop_loader,
)
from core.engine.training.visit_order import VisitPlan
from core.runs.training_configuration import TrainingConfiguration


def visited_keys(
    plan: VisitPlan, *, after: int, until: int, process: int
) -> Iterator[list[CropKey]]:
    """Epoch and row of the samples a process visits in each iteration after ``after``."""
    for iteration in range(after + 1, until + 1):
        epoch = plan.epoch_of(iteration)
        yield [(epoch, int(row)) for row in plan.batch(iteration, process=process)]


@contextmanager
def crop_batches(
    records: Sequence[TrainingRecord],
    plan: VisitPlan,
    configuration: TrainingConfiguration,
    *,
    after: int,
    process: int,
) -> Iterator[Iterator[CropBatch]]:
    """Batches of one process for the iterations after ``after``; its workers end with the block."""
    kind = SeenDataset if configuration.trains_head else CropDataset
    dataset = kind(
        records,
        size_px=configuration.input_size_px,
        settings=AugmentationSettings() if configuration.augment else NO_AUGMENTATION_SETTINGS,
        seed=configuration.seed,
        kept_bytes=KEPT_PARTS_BYTES // max(configuration.workers, 1),
    )
    keys = visited_keys(plan, after=after, until=configuration.iterations, process=process)
    loader = crop_loader(dataset, batches=keys, workers=configuration.workers)
    batches = iter(loader)
    try:
        yield batches
    finally:
        # torch ends the workers of an iterator that is no longer held.
        del batches, loader
