"""What a training tells its observers: numbers, pictures of the newest batch, how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.runs.training_configuration import TrainingConfiguration
from core.runs.training_control import TrainingState
from core.types.bodies import BodyParameters

METRICS_INTERVAL_S = 0.1
PREVIEW_INTERVAL_S = 2.0


@dataclass(frozen=True, kw_only=True)
class IterationMetrics:
    """The numbers of one iteration.

    losses: the weighted parts by name, as they add up to ``total``: ``keypoints_2d``,
        ``keypoints_3d``, ``pose``, ``betas``, ``camera``, ``total``.
    error_2d_px: mean distance of predicted joints from visible keypoints, crop pixels.
    share_improved: the share of the batch whose fit replaced the dictionary's.
    share_valid: the share of the batch whose pose was supervised by ground truth or a valid fit.
    fit_seconds, step_seconds: the time of SMPLify, and of the whole iteration.
    disagreement_deg: how far the regressor is believed to be off over all joints, from its
        disagreement with reliable fits and, where it says so itself, from that; None while too few
        are known.
    """

    iteration: int
    epoch: int
    losses: Mapping[str, float]
    error_2d_px: float
    share_improved: float
    share_valid: float
    samples: int
    fit_seconds: float
    step_seconds: float
    learning_rate: float
    disagreement_deg: float | None = None
    memory_mb: float = 0.0


@dataclass(frozen=True, kw_only=True, eq=False)
class BatchPreview:
    """The first few samples of the newest batch, n of them.

    pictures: (n, S, S, 3) RGB, as the regressor saw them, augmented.
    prediction: n bodies in the frame of those pictures: the 224 px crop camera scaled to S.
    fit: SMPLify's bodies in the same frame; None where nothing was fitted.
    sample_ids: (n,).
    kept: (n,) whether the fit replaced the dictionary's.
    loss_before, loss_after: (n,) comparison losses in px²; NaN where there was no fit.
    """

    iteration: int
    pictures: NDArray[np.uint8]
    prediction: Sequence[BodyParameters]
    fit: Sequence[BodyParameters] | None
    sample_ids: NDArray[np.int64]
    kept: NDArray[np.bool_]
    loss_before: NDArray[np.float32]
    loss_after: NDArray[np.float32]


@dataclass(frozen=True)
class DictionaryState:
    """The current fits at one moment: how many there are, how many are valid, their median loss."""

    fits: int
    valid: int
    median_loss_px2: float


@dataclass(frozen=True, kw_only=True)
class TrainingReport:
    """What a training did.

    iterations: how many the run has done, those before a resume included.
    state: ``FINISHED``, ``STOPPED`` (everything kept) or ``CANCELLED`` (discarded).
    checkpoint: the newest one, None after a cancelled run.
    improved: how many fits became current.
    withdrawn: how many fits were taken back, by a cancel or because a resumed run had made them
        after its checkpoint.
    picture_problems: one sentence for each picture that could not be used.
    """

    run_id: int
    iterations: int
    state: TrainingState
    checkpoint: Path | None
    before: DictionaryState
    after: DictionaryState
    improved: int = 0
    withdrawn: int = 0
    picture_problems: Sequence[str] = field(default_factory=tuple)
    seconds: float = 0.0

    @property
    def stopped(self) -> bool:
        """Whether it ended early and kept everything."""
        return self.state is TrainingState.STOPPED

    @property
    def cancelled(self) -> bool:
        """Whether it ended early and was discarded."""
        return self.state is TrainingState.CANCELLED

    def summary(self) -> str:
        """What happened, in a sentence for the status bar and the command line."""
        fits = "fit" if self.improved == 1 else "fits"
        text = (
            f"Run {self.run_id}: {self.state.value} at iteration {self.iterations} after "
            f"{self.seconds:.0f} s; {self.improved} {fits} improved, median loss "
            f"{self.before.median_loss_px2:.1f} → {self.after.median_loss_px2:.1f} px², "
            f"{self.before.valid} → {self.after.valid} valid of {self.after.fits}"
        )
        if self.cancelled or self.withdrawn:
            text += f"; {self.withdrawn} {'fit' if self.withdrawn == 1 else 'fits'} taken back"
        if self.picture_problems:
            text += f"; {len(self.picture_problems)} pictures could not be used"
        return f"{text}."


class TrainingObserver(Protocol):
    """What a training calls on its own thread, which waits; so methods hand over and return.

    watches_batches: whether it wants previews; pictures are opened for them that nothing else asks
        for.
    """

    watches_batches: bool

    def started(self, run_id: int, configuration: TrainingConfiguration, device: str) -> None:
        """The run has its number; ``device`` says what it runs on and where it begins."""

    def metrics(self, metrics: Sequence[IterationMetrics]) -> None:
        """Take all iterations since the last call; there are at most ten calls a second."""

    def preview(self, preview: BatchPreview) -> None:
        """Take the newest batch, at most every two seconds."""

    def state(self, state: TrainingState) -> None:
        """The state of the training has changed."""

    def finished(self, report: TrainingReport) -> None:
        """The run is over."""


class SilentObserver:
    """An observer that ignores everything; also a base whose single methods are overridden."""

    watches_batches = False

    def started(self, run_id: int, configuration: TrainingConfiguration, device: str) -> None:
        """Do nothing."""

    def metrics(self, metrics: Sequence[IterationMetrics]) -> None:
        """Do nothing."""

    def preview(self, preview: BatchPreview) -> None:
        """Do nothing."""

    def state(self, state: TrainingState) -> None:
        """Do nothing."""

    def finished(self, report: TrainingReport) -> None:
        """Do nothing."""
