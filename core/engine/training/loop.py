"""The loop: one batch after the other until the run is done or is ended."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from core.engine.data.training_samples import CropBatch
from core.engine.training.checkpointing import save_run
from core.engine.training.distribution import World
from core.engine.training.metrics_reporter import Reporter, memory_mb
from core.engine.training.regressor_error import RegressorErrorEstimate
from core.engine.training.step import SpinStep, StepResult
from core.engine.training.visit_order import VisitPlan
from core.runs.observers import IterationMetrics, TrainingObserver
from core.runs.run_folder import RunFolder
from core.runs.training_configuration import TrainingConfiguration
from core.runs.training_control import TrainingControl, TrainingState

_PAUSE_POLL_S = 0.2
"""So often a paused first process tells the others that it is still there."""


@dataclass
class Tally:
    """The totals so far."""

    iteration: int
    improved: int = 0
    picture_problems: dict[str, None] = field(default_factory=dict)
    """Sentences, each once, in order."""


@dataclass(frozen=True)
class Loop:
    """All that the iterations need. reporter and folder: of the first process only.

    sample_ids: of the rows that ``plan`` deals out.
    """

    step: SpinStep
    plan: VisitPlan
    world: World
    configuration: TrainingConfiguration
    control: TrainingControl
    observer: TrainingObserver
    folder: RunFolder
    reporter: Reporter | None
    sample_ids: Sequence[int]

    def run(self, batches: Iterator[CropBatch], tally: Tally) -> TrainingState:
        """Iterate from ``tally.iteration`` on; says how it ended.

        A checkpoint is written every so often and at the end, but not of a cancelled run.
        """
        self.observer.state(TrainingState.RUNNING)
        last = self.configuration.iterations
        state = TrainingState.FINISHED
        while tally.iteration < last:
            requested = self._requested_state()
            if requested is not TrainingState.RUNNING:
                state = requested
                break
            self._iterate(batches, tally)
            if tally.iteration % self.configuration.checkpoint_every == 0:
                self.save(tally)
        if state is not TrainingState.CANCELLED:
            self.save(tally)
        return state

    def _iterate(self, batches: Iterator[CropBatch], tally: Tally) -> None:
        started = time.perf_counter()
        batch = next(batches)
        tally.iteration += 1
        result = self.step(batch, tally.iteration)
        tally.improved += result.improved
        tally.picture_problems.update(dict.fromkeys(problem.reason for problem in batch.problems))
        if self.reporter is not None:
            seconds = time.perf_counter() - started
            self.reporter.add(self._metrics(result, tally.iteration, seconds))
            self.reporter.show(batch, result, self.step.learner.body, tally.iteration)

    def _metrics(self, result: StepResult, iteration: int, seconds: float) -> IterationMetrics:
        count = max(result.samples, 1)
        fitting = self.step.fitting
        return IterationMetrics(
            iteration=iteration,
            epoch=self.plan.epoch_of(iteration),
            losses=result.losses,
            error_2d_px=result.error_2d_px,
            share_improved=result.improved / count,
            share_valid=result.valid / count,
            samples=result.samples,
            fit_seconds=result.fit_seconds,
            step_seconds=seconds,
            learning_rate=self.configuration.learning_rate,
            disagreement_deg=None if fitting is None else fitting.believed_deg,
            memory_mb=memory_mb(self.step.learner.device),
        )

    @property
    def regressor_error(self) -> RegressorErrorEstimate:
        """The estimate as it stands; unknown where nothing is fitted."""
        return (
            RegressorErrorEstimate.unknown()
            if self.step.fitting is None
            else self.step.fitting.regressor_error
        )

    def save(self, tally: Tally) -> None:
        """Write ``last.pt``; on the first process only.

        Metrics first: a checkpoint without them would leave a gap in the curves of a resumed run.
        """
        if not self.world.is_first:
            return
        if self.reporter is not None:
            self.reporter.settle()
        save_run(
            self.folder.last,
            network=self.step.learner.network,
            optimiser=self.step.learner.optimiser,
            regressor_error=self.regressor_error,
            iteration=tally.iteration,
            sample_ids=self.sample_ids,
            share_in_use=self.configuration.share_in_use,
        )
        self.folder.start.unlink(missing_ok=True)

    def _requested_state(self) -> TrainingState:
        """RUNNING, STOPPED or CANCELLED: the first process's control decides for all."""
        paused_before = False
        while True:
            requested = self.world.from_first(_asked(self.control) if self.world.is_first else None)
            if requested is not TrainingState.PAUSED:
                if paused_before and requested is TrainingState.RUNNING:
                    self.observer.state(TrainingState.RUNNING)
                return requested
            if not paused_before:
                paused_before = True
                if self.reporter is not None:
                    self.reporter.flush()
                self.observer.state(TrainingState.PAUSED)
            if self.world.is_first:
                self.control.wait_while_paused(_PAUSE_POLL_S)


def _asked(control: TrainingControl) -> TrainingState:
    if control.cancel_requested:
        return TrainingState.CANCELLED
    if control.stop_requested:
        return TrainingState.STOPPED
    return TrainingState.PAUSED if control.paused else TrainingState.RUNNING
