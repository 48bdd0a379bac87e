"""Stands in for the training: the same calls in the same order, without a network."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch

from core.dictionary.store import Dictionary
from core.engine.smplify.inputs import BodyEstimate
from core.errors import StudioError
from core.runs.observers import (
    BatchPreview,
    DictionaryState,
    IterationMetrics,
    TrainingObserver,
    TrainingReport,
)
from core.runs.run_folder import RunFolder
from core.runs.training_configuration import TrainingConfiguration
from core.runs.training_control import TrainingControl, TrainingState
from core.types.bodies import BodyParameters
from core.types.fits import NewFit, Origin
from core.types.runs import RunStatus

NOTHING = DictionaryState(0, 0, 0.0)


class ScriptedEngine:
    """Iterates every ``step_s`` seconds until told to end; ``improve`` samples get better fits.

    held: set as soon as it waits to be told to go on; until then it may still be in an iteration.
    """

    def __init__(self, *, step_s: float = 0.02, improve: tuple[int, ...] = ()) -> None:
        self.step_s, self.improve = step_s, improve
        self.fails = False
        self.held = threading.Event()
        self.began_at: list[int] = []

    def __call__(
        self,
        project: Path,
        configuration: TrainingConfiguration | None,
        *,
        resume_run: int | None,
        control: TrainingControl,
        observer: TrainingObserver,
    ) -> TrainingReport:
        with Dictionary.open(project) as dictionary:
            run_id, configuration, first = self._open(dictionary, configuration, resume_run)
            self.began_at.append(first)
            observer.started(run_id, configuration, "cpu, scripted")
            observer.state(TrainingState.RUNNING)
            folder = RunFolder.of(project, run_id)
            iteration = first
            with folder.metrics.open("a", encoding="utf-8") as log:
                while iteration < configuration.iterations and not control.ending:
                    if control.paused:
                        observer.state(TrainingState.PAUSED)
                        self.held.set()
                        control.wait_while_paused()
                        observer.state(TrainingState.RUNNING)
                        continue
                    iteration += 1
                    self._step(dictionary, run_id, iteration, observer, log)
                    time.sleep(self.step_s)
            folder.last.write_bytes(b"weights")
            state = _ending(control)
            if state is TrainingState.FINISHED:
                folder.final.write_bytes(b"weights")
            done = state is TrainingState.FINISHED
            dictionary.runs.end(run_id, RunStatus.FINISHED if done else RunStatus.CANCELLED)
        observer.state(state)
        return TrainingReport(
            run_id=run_id,
            iterations=iteration,
            state=state,
            checkpoint=folder.last,
            before=NOTHING,
            after=NOTHING,
        )

    def _open(self, dictionary, configuration, resume_run):
        if resume_run is not None:
            folder = RunFolder.of(dictionary.project, resume_run)
            dictionary.runs.resume(resume_run)
            lines = folder.metrics.read_text(encoding="utf-8").splitlines()
            return resume_run, folder.stored_configuration(), len(lines)
        run_id = dictionary.runs.start(
            "train", configuration=json.loads(configuration.to_json()), versions={}
        )
        RunFolder.of(dictionary.project, run_id).prepare(configuration)
        return run_id, configuration, 0

    def _step(self, dictionary, run_id, iteration, observer, log) -> None:
        if self.fails and iteration == 3:
            raise StudioError("The disk is full.", remedy="Make room.")
        if iteration == 2:
            for sample_id in self.improve:
                offer_better(dictionary, sample_id, run_id=run_id, iteration=iteration)
        metrics = metrics_of(iteration)
        log.write(json.dumps(asdict(metrics)) + "\n")
        log.flush()
        observer.metrics([metrics])
        if iteration % 5 == 1:
            observer.preview(preview_of(iteration))


def _ending(control: TrainingControl) -> TrainingState:
    if control.cancel_requested:
        return TrainingState.CANCELLED
    return TrainingState.STOPPED if control.stop_requested else TrainingState.FINISHED


def offer_better(dictionary: Dictionary, sample_id: int, *, run_id: int, iteration: int) -> None:
    """A fit with half the loss, somewhat turned."""
    fit = dictionary.fits.current_of(sample_id)
    pose = fit.parameters.pose_axis_angle + np.float32(0.05)
    body = BodyParameters(pose, fit.parameters.betas, fit.parameters.camera_translation)
    losses = replace(fit.losses, comparison=fit.losses.comparison / 2)
    dictionary.fits.offer(
        [
            NewFit(
                sample_id=sample_id,
                parameters=body,
                losses=losses,
                origin=Origin.IN_LOOP,
                run_id=run_id,
                iteration=iteration,
            )
        ]
    )


def metrics_of(iteration: int) -> IterationMetrics:
    """Falling losses."""
    loss = 10.0 / iteration
    return IterationMetrics(
        iteration=iteration,
        epoch=0,
        losses={"keypoints_2d": loss, "keypoints_3d": 0.0, "pose": loss / 2, "total": 1.5 * loss},
        error_2d_px=20.0 / iteration,
        share_improved=0.25,
        share_valid=0.75,
        samples=4,
        fit_seconds=0.002,
        step_seconds=0.02,
        learning_rate=1e-4,
        memory_mb=512.0,
    )


def preview_of(iteration: int, *, count: int = 2) -> BatchPreview:
    """Grey crops; the first fit was kept, the second was not."""
    camera = torch.tensor([[0.0, 0.0, 45.0]]).expand(count, 3)
    bodies = replace(BodyEstimate.at_rest(count), camera_translation=camera).to_parameters()
    return BatchPreview(
        iteration=iteration,
        pictures=np.full((count, 64, 64, 3), 128, np.uint8),
        prediction=bodies,
        fit=bodies,
        sample_ids=np.arange(1, count + 1),
        kept=np.arange(count) == 0,
        loss_before=np.full(count, 80.0, np.float32),
        loss_after=np.full(count, 20.0, np.float32),
    )
