"""Train a project's regressor: the whole of a run, from opening the project to the report.

Example::

    configuration = profile_configuration("studio")
    report = train(project, configuration, control=TrainingControl(), observer=SilentObserver())
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch

from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.engine.data.replayed_people import ReplayedPeople
from core.engine.data.training_samples import TrainingRecord
from core.engine.project_models import project_body, project_prior, record_body, tool_files
from core.engine.regression.detector_head import DetectorHead
from core.engine.regression.regressor import Regressor
from core.engine.smplify.detected_directions import DetectedDirections
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.smplify import Smplify
from core.engine.training.batch_stream import crop_batches
from core.engine.training.checkpointing import StoredRun, save_run
from core.engine.training.device import choose_device, describe_device
from core.engine.training.distribution import World, joined_world, parallel
from core.engine.training.fit_store import DistributedFitStore
from core.engine.training.fitting_in_loop import InLoopFitting
from core.engine.training.head_learner import JUDGED_SHARE, HeadLearner
from core.engine.training.loop import Loop, Tally
from core.engine.training.metrics_reporter import Reporter
from core.engine.training.regressor_error import RegressorErrorEstimate
from core.engine.training.run_lifecycle import OpenRun, begin_run, resume_run
from core.engine.training.selection import (
    dictionary_state,
    records_of,
    training_records,
    with_detections,
)
from core.engine.training.starting_weights import new_head, new_regressor
from core.engine.training.step import Learner, SpinStep, adam
from core.engine.training.visit_order import VisitPlan
from core.errors import DictionaryError, StudioError
from core.runs.observers import SilentObserver, TrainingObserver, TrainingReport
from core.runs.run_folder import MetricsLog, RunFolder
from core.runs.training_configuration import TrainingConfiguration, resumed_configuration
from core.runs.training_control import TrainingControl, TrainingState
from core.types.runs import RunStatus


def train(
    project: Path,
    configuration: TrainingConfiguration | None,
    *,
    resume_run: int | None = None,
    control: TrainingControl | None = None,
    observer: TrainingObserver | None = None,
) -> TrainingReport:
    """Train until the configuration's iterations are done, or ``control`` ends it.

    Under ``torchrun`` every process calls this alike; the first one writes everything.

    Args:
        project: folder of the project; its dictionary is opened here, for this thread.
        configuration: of a new run; for a resumed one None, or its own with other loose values,
            such as more iterations.
        resume_run: the run to go on with from its newest checkpoint.
        control: told from another thread to pause, stop or cancel.
        observer: told how it goes.

    Raises:
        StudioError: nothing to train on, weights or a device that cannot be had, another
            configuration than the resumed run's, a dictionary or disk that cannot be written.
            The checkpoints written before stay, and so does what the dictionary took.
    """
    started = time.monotonic()
    observer = observer or SilentObserver()
    observer.state(TrainingState.PREPARING)
    requested = "auto" if configuration is None else configuration.device
    device_type = choose_device(requested).type
    with ExitStack() as stack:
        world = stack.enter_context(joined_world(device_type))
        dictionary = None
        if world.is_first:
            dictionary = stack.enter_context(Dictionary.open(project))
        job = _TrainingJob(project, world, dictionary, control or TrainingControl(), observer)
        report = job.run(configuration, resume_run)
    report = replace(report, seconds=time.monotonic() - started)
    observer.finished(report)
    return report


@dataclass(frozen=True)
class _TrainingJob:
    """One call of ``train`` on one process. dictionary: of the first process only."""

    project: Path
    world: World
    dictionary: Dictionary | None
    control: TrainingControl
    observer: TrainingObserver

    def run(
        self, configuration: TrainingConfiguration | None, run_id: int | None
    ) -> TrainingReport:
        stored = None
        if run_id is not None:
            # Before its checkpoint is read: another process may be writing the next one.
            if self.dictionary is not None:
                self.dictionary.runs.hold(run_id)
            folder = RunFolder.of(self.project, run_id)
            configuration = resumed_configuration(folder.stored_configuration(), configuration)
            stored = StoredRun(folder.newest())
        if configuration is None:
            raise StudioError("A new run needs a configuration.")
        device = choose_device(configuration.device, local_rank=self.world.local_rank)
        body, prior = self._tools(device)
        records = self._records(configuration, stored)
        frozen = configuration.freezes_normalisation(len(records))
        learner, origin = _learner(
            configuration, stored, body, prior, device=device, world=self.world, frozen=frozen
        )
        ids = [record.sample_id for record in records]
        with self._opened(configuration, run_id, stored, learner, sample_ids=ids, body=body) as run:
            messages = [f"{describe_device(device)}; begins with {origin}", run.withdrawal.words()]
            self.observer.started(run.id, configuration, "; ".join(filter(None, messages)))
            smplify = Smplify(body, prior, run.fitting)
            loop = self._loop(run, learner, stored, smplify, records, body_name=body.name)
            return self._train(run, loop, records)

    def _tools(self, device: torch.device) -> tuple[BodyModel, PosePrior]:
        """Body and prior of the project, the same files on every process."""
        files = self.world.from_first(tool_files(self.dictionary) if self.dictionary else None)
        if self.dictionary is not None:
            body, prior = project_body(self.dictionary), project_prior(self.dictionary)
        else:
            body, prior = load_body(files[0]), PosePrior.load(files[1])
        if device.type == "cpu":
            return body, prior
        return BodyModel(body.arrays, name=body.name, device=device), prior

    def _records(
        self, configuration: TrainingConfiguration, stored: StoredRun | None
    ) -> list[TrainingRecord]:
        """What is trained on: what the run began with, or else what the selection gives."""
        records = None
        if self.dictionary is not None:
            ids = None if stored is None else stored.sample_ids
            if ids is None:
                records = training_records(self.dictionary, configuration)
            else:
                records = records_of(self.dictionary, ids)
            if configuration.trains_head:
                records = with_detections(self.dictionary, records)
        return self.world.from_first(records)

    def _detected(self, sample_ids: Sequence[int], body: KeypointBody) -> DetectedDirections:
        """Where the detector saw the bones of samples point, the same on every process."""
        found = None
        if self.dictionary is not None:
            samples = self.dictionary.samples.still_there(sample_ids)
            detections = self.dictionary.detections.get_many(sample_ids, with_features=True)
            found = DetectedDirections.of(samples, detections, HeadWitness(body))
        return self.world.from_first(found)

    @contextmanager
    def _opened(
        self,
        configuration: TrainingConfiguration,
        run_id: int | None,
        stored: StoredRun | None,
        learner: Learner,
        *,
        sample_ids: Sequence[int],
        body: BodyModel,
    ) -> Iterator[OpenRun]:
        """The run in the dictionary and its folder; it counts as failed until told otherwise."""
        run = None
        if self.dictionary is not None:
            record_body(self.dictionary, body)
            if run_id is None or stored is None:
                save_start = partial(_save_start, learner, sample_ids)
                run = begin_run(self.dictionary, configuration, save_start=save_start)
            else:
                run = resume_run(self.dictionary, run_id, configuration, after=stored.iteration)
        run = self.world.from_first(run)
        try:
            yield run
        except BaseException:
            self.observer.state(TrainingState.FAILED)
            # Where the disk is full or the file damaged, that first error is the one to tell.
            with suppress(DictionaryError):
                if self.dictionary is not None:
                    self.dictionary.runs.end(run.id, RunStatus.FAILED)
            raise

    def _loop(
        self,
        run: OpenRun,
        learner: Learner,
        stored: StoredRun | None,
        smplify: Smplify,
        records: Sequence[TrainingRecord],
        *,
        body_name: str,
    ) -> Loop:
        configuration, world = run.configuration, self.world
        corrections = {record.sample_id: record.corrections for record in records}
        fit_store = DistributedFitStore(world, self.dictionary, corrections, body_name=body_name)
        plan = VisitPlan(len(records), configuration.batch_size, configuration.seed, world.size)
        fitting = None
        if configuration.fits_in_loop:
            regressor_error = (
                RegressorErrorEstimate.unknown() if stored is None else stored.regressor_error
            )
            fitting = InLoopFitting(
                smplify,
                fit_store,
                world,
                configuration,
                plan,
                run_id=run.id,
                regressor_error=regressor_error,
                detected=self._detected([record.sample_id for record in records], smplify.body),
            )
        log = MetricsLog(run.folder, after_iteration=run.begins_after) if world.is_first else None
        return Loop(
            step=SpinStep(learner, fitting, fit_store, configuration, world),
            plan=plan,
            world=world,
            configuration=configuration,
            control=self.control,
            observer=self.observer,
            folder=run.folder,
            reporter=None if log is None else Reporter(self.observer, log, records),
            sample_ids=[record.sample_id for record in records],
        )

    def _train(self, run: OpenRun, loop: Loop, records: Sequence[TrainingRecord]) -> TrainingReport:
        ids = [record.sample_id for record in records]
        before = dictionary_state(self.dictionary, ids)
        tally = Tally(run.begins_after)
        try:
            with crop_batches(
                records,
                loop.plan,
                run.configuration,
                after=run.begins_after,
                process=self.world.rank,
            ) as batches:
                state = loop.run(batches, tally)
        finally:
            if loop.reporter is not None:
                loop.reporter.close()
        improved = int(self.world.summed(torch.tensor([tally.improved]))[0])
        withdrawn = run.withdrawal.samples
        if self.dictionary is not None:
            withdrawn = run.close(self.dictionary, state)
        self.observer.state(state)
        cancelled = state is TrainingState.CANCELLED
        return TrainingReport(
            run_id=run.id,
            iterations=run.begins_after if cancelled else tally.iteration,
            state=state,
            checkpoint=run.folder.last if run.folder.last.is_file() else None,
            before=before,
            after=dictionary_state(self.dictionary, ids),
            improved=improved,
            withdrawn=withdrawn,
            picture_problems=tuple(tally.picture_problems),
        )


def _save_start(learner: Learner, sample_ids: Sequence[int], path: Path) -> None:
    """Write the checkpoint of a run that has not iterated yet."""
    save_run(
        path,
        network=learner.network,
        optimiser=learner.optimiser,
        regressor_error=RegressorErrorEstimate.unknown(),
        iteration=0,
        sample_ids=sample_ids,
    )


def _learner(
    configuration: TrainingConfiguration,
    stored: StoredRun | None,
    body: BodyModel,
    prior: PosePrior,
    *,
    device: torch.device,
    world: World,
    frozen: bool,
) -> tuple[Learner, str]:
    """The network with its optimiser, and a few words on where its weights come from."""
    regressor: Regressor | DetectorHead
    if stored is not None:
        regressor, origin = stored.regressor(), f"its checkpoint of iteration {stored.iteration}"
    elif configuration.trains_head:
        regressor, origin = new_head(configuration, prior, body)
    else:
        regressor, origin = new_regressor(configuration, prior, body)
    regressor = regressor.to(device)
    if device.type == "cuda":
        regressor = regressor.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = adam(regressor, configuration)
    if stored is not None:
        stored.restore(optimiser)
    regressor.train().freeze_normalisation(frozen=frozen)
    # How far the head says it is off is not asked for by any loss of bodies.
    uses_all = not isinstance(regressor, DetectorHead)
    network = parallel(regressor, world, device, uses_all=uses_all)
    if isinstance(regressor, DetectorHead):
        head_learner = HeadLearner(
            network,
            optimiser,
            KeypointBody(body),
            device,
            0,
            regressor,
            *_made_people(configuration),
        )
        return head_learner, origin
    learner = Learner(network, optimiser, KeypointBody(body), device, regressor.input_size_px)
    return learner, origin


def _made_people(
    configuration: TrainingConfiguration,
) -> tuple[ReplayedPeople | None, ReplayedPeople | None]:
    """Made people to rehearse, and others to judge the head by; None where there are none."""
    is_judged = configuration.evidence_rule == "judged"
    if not is_judged and not configuration.replayed_people:
        return None, None
    replayed, judged = ReplayedPeople.load().split(JUDGED_SHARE if is_judged else 0)
    return replayed if configuration.replayed_people else None, judged
