"""Predictions of a regressor for the people of a project, stored with the run that made them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch

from core.dictionary.fits.prediction_sets import SetKind
from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.data.augmentation import NO_AUGMENTATION_SETTINGS
from core.engine.data.training_samples import CropBatch, CropDataset, TrainingRecord, crop_loader
from core.engine.project_models import project_body, record_body
from core.engine.regression.backbones import can_build_backbones
from core.engine.regression.checkpoints import (
    demo_regressor_path,
    regressor_from_state,
    shares_betas,
)
from core.engine.regression.head_checkpoints import (
    detector_head_path,
    head_from_state,
    is_head_state,
)
from core.engine.regression.input_pictures import normalise_pictures
from core.engine.regression.regressor import Regressor
from core.engine.regression.weight_files import read_weight_file
from core.engine.smplify.inputs import BodyEstimate, cameras_like
from core.engine.training.checkpointing import trained_iterations
from core.engine.training.device import choose_device
from core.errors import Cancelled, SetupError, StudioError
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.runs.run_folder import RunFolder
from core.types.bodies import BodyParameters
from core.types.counted_nouns import counted
from core.types.detections import DETECTOR_NETWORKS
from core.types.predictions import NewPrediction
from core.types.requested_numbers import refuse_below_one
from core.types.samples import Sample
from core.workflows.photos.detect_project import PHASE as MEASURING_PHASE
from core.workflows.photos.detect_project import Measuring
from core.workflows.predictions.head_predictor import HeadPredictor, seen_samples
from core.workflows.shards.work_source import WHOLE_PROJECT, WorkSource
from core.workflows.shared_work import IN_OTHER_HANDS, SharedWork, shared_work

PHASE = "Predicting"
SHIPPED_HEAD = "the shipped head behind the detector"
_ALL_SAMPLES = SampleQuery()
_READ_AT_ONCE = 1024
"""Samples read with one query, and loaded by one set of worker processes."""


@dataclass(frozen=True)
class PredictReport:
    """What a prediction did.

    predicted: people with a prediction now. source: where the regressor came from.
    picture_problems: a line for each sample whose picture could not be used.
    without_betas: the regressor belongs to another body, so shapes are the mean one.
    kept_as: the prediction set they went into; empty where they became the latest predictions.
    left_to_others: people whom another process was predicting with the same regressor.
    """

    predicted: int = 0
    source: str = ""
    picture_problems: tuple[str, ...] = ()
    without_betas: bool = False
    kept_as: str = ""
    left_to_others: int = 0
    seconds: float = 0.0
    cancelled: bool = False

    def summary(self) -> str:
        """One or two sentences for the status bar and the command line."""
        text = (
            f"Predicted {counted(self.predicted, 'person', 'people')} in {self.seconds:.1f} s "
            f"with {self.source}"
        )
        if self.kept_as:
            text += f", kept as '{self.kept_as}'"
        if self.left_to_others:
            text += f"; {self.left_to_others} {IN_OTHER_HANDS}"
        if self.picture_problems:
            text += (
                f"; {counted(len(self.picture_problems), 'picture', 'pictures')} could not be used"
            )
        text += "; cancelled, the others keep what they had." if self.cancelled else "."
        if self.without_betas:
            text += " It was trained with another body: poses are kept, shapes are the mean one."
        return text


@dataclass(frozen=True)
class ChosenCheckpoint:
    """A regressor's file, the run it belongs to where it is the project's, and words for both."""

    path: Path
    run_id: int | None
    source: str


def predict_samples(
    project: Path,
    *,
    checkpoint: Path | None = None,
    run_id: int | None = None,
    keep_as: str = "",
    where: SampleQuery = _ALL_SAMPLES,
    missing_only: bool = False,
    batch_size: int = 32,
    workers: int = 0,
    device: str = "auto",
    source: WorkSource = WHOLE_PROJECT,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> PredictReport:
    """Store what a regressor says of each selected person, in the place of what was there.

    Args:
        project: folder of the project; its dictionary is opened here, for this thread.
        checkpoint: of a regressor; None takes the newest run's, or else the shipped one.
        run_id: take the regressor of this run; not together with ``checkpoint``.
        keep_as: name of a prediction set; the latest predictions then stay what they are. A set
            of this name and the same regressor is gone on with.
        where: which samples.
        missing_only: leave out those that have a prediction.
        batch_size: people predicted together, and stored in one transaction.
        workers: processes that load pictures; 0 loads them in this one.
        device: as for training.
        source: where people are read and predictions stored, and whose turn it is here.
        progress: told after each batch.
        cancel: asked between batches; the batches before it stay.

    Raises:
        StudioError: checkpoint, body or device cannot be used, or the dictionary not be written.
    """
    refuse_below_one("batch size", batch_size)
    started, cancel = time.monotonic(), cancel or CancelToken()
    with source.open(project) as dictionary:
        chosen = choose_checkpoint(dictionary, checkpoint, run_id)
        loaded = _loaded(dictionary, chosen, device)
        ids = _selected(dictionary, where, missing_only=missing_only)
        ids = source.share.of(ids, together=batch_size)
        if ids:
            record_body(dictionary, loaded.body)
        report = PredictReport(
            source=chosen.source, without_betas=not loaded.keeps_betas, kept_as=keep_as.strip()
        )
        parts = _PredictionParts(dictionary, ids, batch_size, missing_only=missing_only)
        with parts.shared(f"predict {chosen.path} {keep_as}") as shared:
            measuring = _Measurements(dictionary, progress, cancel)
            work = _PredictionWork(
                batches=_batches(parts, shared, loaded.predictor, measuring, workers),
                store=_keeper(dictionary, chosen, keep_as, loaded.body.name),
                run_id=chosen.run_id,
                iteration=loaded.iteration,
            )
            report = _predict_all(work, ProgressMeter(PHASE, len(ids), progress), cancel, report)
    seconds = time.monotonic() - started
    return replace(report, left_to_others=shared.left_to_others, seconds=seconds)


@dataclass(frozen=True)
class _LoadedRegressor:
    """A regressor on its device, and the project's body.

    keeps_betas: whether its betas mean that body. iteration: of the run that it belongs to.
    """

    predictor: Predictor | HeadPredictor
    body: BodyModel
    keeps_betas: bool
    iteration: int | None


def _loaded(dictionary: Dictionary, chosen: ChosenCheckpoint, device: str) -> _LoadedRegressor:
    state = read_weight_file(chosen.path)
    body = project_body(dictionary)
    iteration = None if chosen.run_id is None else trained_iterations(state)
    if is_head_state(state):
        head = head_from_state(state, chosen.path)
        keeps_betas = head.body_name == body.name
        seer = HeadPredictor(head, KeypointBody(body), keep_betas=keeps_betas)
        return _LoadedRegressor(seer, body, keeps_betas, iteration)
    regressor = regressor_from_state(state, chosen.path)
    keeps_betas = shares_betas(regressor, body.name)
    predictor = Predictor(regressor, choose_device(device), keep_betas=keeps_betas)
    return _LoadedRegressor(predictor, body, keeps_betas, iteration)


@dataclass(frozen=True)
class _PredictionParts:
    """What is to be predicted; few samples are read, and in memory, at a time."""

    dictionary: Dictionary
    sample_ids: Sequence[int]
    batch_size: int
    missing_only: bool

    def shared(self, name: str) -> AbstractContextManager[SharedWork]:
        """The parts that no other process is at, whole batches each."""
        at_once = max(1, _READ_AT_ONCE // self.batch_size) * self.batch_size
        return shared_work(self.dictionary, name, self.sample_ids, batch_size=at_once)

    def samples(self, claimed: Sequence[int]) -> list[Sample]:
        """The samples of a part, without those that another process has predicted meanwhile."""
        if self.missing_only:
            claimed = self.dictionary.predictions.missing(claimed)
        return self.dictionary.samples.still_there(claimed)


@dataclass(frozen=True)
class _PredictedBatch:
    """Bodies of some samples, and why others of the batch have none or know less.

    left_out: how many of the problems are samples without a body.
    """

    sample_ids: list[int]
    bodies: list[BodyParameters]
    problems: tuple[str, ...] = ()
    left_out: int = 0


@dataclass(frozen=True)
class _PredictionWork:
    """Predicted batches, and where predictions go."""

    batches: Iterator[_PredictedBatch]
    store: Callable[[list[NewPrediction]], None]
    run_id: int | None
    iteration: int | None


def _predict_all(
    work: _PredictionWork, meter: ProgressMeter, cancel: CancelToken, report: PredictReport
) -> PredictReport:
    try:
        cancel.raise_if_cancelled()
        for batch in work.batches:
            work.store(_new_predictions(batch, work.run_id, work.iteration))
            report = replace(
                report,
                predicted=report.predicted + len(batch.bodies),
                picture_problems=(*report.picture_problems, *batch.problems),
            )
            meter.advance(len(batch.bodies) + batch.left_out)
            # Before the next batch is predicted, of which nothing would be stored.
            cancel.raise_if_cancelled()
    except Cancelled:
        return replace(report, cancelled=True)
    return report


def _selected(dictionary: Dictionary, where: SampleQuery, *, missing_only: bool) -> list[int]:
    ids: list[int] = dictionary.search.ids(where).tolist()
    return dictionary.predictions.missing(ids) if missing_only else ids


def choose_checkpoint(
    dictionary: Dictionary, checkpoint: Path | None, run_id: int | None = None
) -> ChosenCheckpoint:
    """The named checkpoint, or that of a run (None: the newest with one), or a shipped one.

    Raises:
        SetupError: none was named, and there is neither a run nor a shipped regressor; or the run
            has no checkpoint.
        StudioError: both a checkpoint and a run were named.
    """
    if checkpoint is not None and run_id is not None:
        raise StudioError(
            f"Both the checkpoint {checkpoint} and run {run_id} were named.", remedy="Name one."
        )
    run_ids = sorted((run.id for run in dictionary.runs.all()), reverse=True)
    of_runs = [
        (run_id, path)
        for run_id in run_ids
        for folder in (RunFolder.of(dictionary.project, run_id),)
        for path in (folder.final, folder.last)
        if path.is_file()
    ]
    if checkpoint is not None:
        named = checkpoint.resolve()
        owner = next((one for one, path in of_runs if path.resolve() == named), None)
        return ChosenCheckpoint(checkpoint, owner, str(checkpoint))
    candidates = [(one, path) for one, path in of_runs if run_id in (None, one)]
    if candidates:
        newest, path = candidates[0]
        return ChosenCheckpoint(path, newest, f"the regressor of run {newest}")
    if run_id is not None:
        with_one = ", ".join(
            str(fromkey) for fromkey in dict.fromkeys(one for one, _path in of_runs)
        )
        raise SetupError(
            f"Run {run_id} has no trained regressor.",
            remedy=f"Runs with one: {with_one or 'none'}.",
        )
    head = detector_head_path()
    if head is not None:
        return ChosenCheckpoint(head, None, SHIPPED_HEAD)
    shipped = demo_regressor_path()
    if shipped is None:
        raise SetupError(
            "The project has no trained regressor, and this copy of the program ships none.",
            remedy="Train one (main.py train PROJECT), or name a checkpoint.",
        )
    return ChosenCheckpoint(shipped, None, "the demo regressor")


def predict_the_unpredicted(
    project: Path,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> PredictReport | None:
    """Predict everyone without a prediction, where a regressor exists and can run; else None.

    For the end of other jobs, so that the column of predictions fills without being asked for.
    A machine without ``timm`` makes fits all the same, so that its absence does not fail them.

    Raises:
        StudioError: as ``predict_samples``, except for the want of a regressor or of ``timm``.
    """
    with Dictionary.open(project) as dictionary:
        waiting = dictionary.predictions.missing(dictionary.search.ids().tolist())
        if not waiting or not _can_predict(dictionary):
            return None
    return predict_samples(project, missing_only=True, progress=progress, cancel=cancel)


def _can_predict(dictionary: Dictionary) -> bool:
    try:
        chosen = choose_checkpoint(dictionary, None)
    except SetupError:
        return False
    # The shipped head needs no network that timm builds; a run's checkpoint is not looked into.
    return chosen.source == SHIPPED_HEAD or can_build_backbones()


class Predictor:
    """A regressor in use on a device."""

    def __init__(self, regressor: Regressor, device: torch.device, *, keep_betas: bool) -> None:
        """``keep_betas``: False gives everyone the mean shape."""
        self._regressor = regressor.eval().to(device).to(memory_format=torch.channels_last)
        self._device, self._keep_betas = device, keep_betas
        self.input_size_px = regressor.input_size_px

    @torch.no_grad()
    def __call__(self, batch: CropBatch) -> list[BodyParameters]:
        """A body for each crop, in its camera."""
        if not len(batch):
            return []
        output = self._regressor(normalise_pictures(batch.pictures.to(self._device)))
        betas = output.betas if self._keep_betas else 0 * output.betas
        translation = output.translation_before(cameras_like(output.camera, batch.cameras))
        return BodyEstimate(output.rotations, betas, translation).to_parameters(batch.cameras)


class _Measurements:
    """Lets the detector look at people whom it has not seen, before they are predicted."""

    def __init__(
        self, dictionary: Dictionary, progress: ProgressCallback, cancel: CancelToken
    ) -> None:
        self._dictionary, self._progress, self._cancel = dictionary, progress, cancel

    def of(self, sample_ids: Sequence[int]) -> tuple[str, ...]:
        """Measure those of the samples who wait for it; returns what could not be read."""
        waiting = self._dictionary.detections.waiting(DETECTOR_NETWORKS, among=sample_ids)
        meter = ProgressMeter(MEASURING_PHASE, len(waiting), self._progress)
        measuring = Measuring(self._dictionary, None, meter, self._cancel)
        measuring.measure_all(waiting)
        return tuple(measuring.problems)


def _batches(
    parts: _PredictionParts,
    shared: SharedWork,
    predictor: Predictor | HeadPredictor,
    measurements: _Measurements,
    workers: int,
) -> Iterator[_PredictedBatch]:
    if isinstance(predictor, HeadPredictor):
        return _seen_batches(parts, shared, predictor, measurements)
    return _crop_batches(parts, shared, predictor, workers)


def _seen_batches(
    parts: _PredictionParts,
    shared: SharedWork,
    predictor: HeadPredictor,
    measurements: _Measurements,
) -> Iterator[_PredictedBatch]:
    """Bodies of what the detector saw; where a picture cannot be read, of the keypoints alone."""
    for claimed in shared.batches():
        samples = parts.samples(claimed)
        problems = measurements.of([sample.id for sample in samples])
        for start in range(0, len(samples), parts.batch_size):
            some = samples[start : start + parts.batch_size]
            bodies = predictor(some, seen_samples(parts.dictionary, some))
            yield _PredictedBatch([sample.id for sample in some], bodies, problems)
            problems = ()


def _crop_batches(
    parts: _PredictionParts, shared: SharedWork, predictor: Predictor, workers: int
) -> Iterator[_PredictedBatch]:
    """Bodies of un-augmented crops, part after part."""
    for claimed in shared.batches():
        samples = parts.samples(claimed)
        dataset = CropDataset(
            [TrainingRecord.of(sample, with_truth=False) for sample in samples],
            size_px=predictor.input_size_px,
            settings=NO_AUGMENTATION_SETTINGS,
            seed=0,
        )
        rows, size = range(len(samples)), parts.batch_size
        keys = [[(0, row) for row in rows[start : start + size]] for start in rows[::size]]
        for batch in crop_loader(dataset, batches=keys, workers=workers):
            problems = [
                f"sample {problem.sample_id}: {problem.reason}" for problem in batch.problems
            ]
            yield _PredictedBatch(
                batch.sample_ids.tolist(), predictor(batch), tuple(problems), len(problems)
            )


def _keeper(
    dictionary: Dictionary, chosen: ChosenCheckpoint, keep_as: str, body_name: str
) -> Callable[[list[NewPrediction]], None]:
    """Where predictions go: among the latest ones, or into a set."""
    if not keep_as:
        return partial(dictionary.predictions.store, body_name=body_name)
    sets = dictionary.prediction_sets
    set_id = sets.open(keep_as, SetKind.RUN, source=chosen.source, run_id=chosen.run_id)
    return partial(sets.add, set_id, body_name=body_name)


def _new_predictions(
    batch: _PredictedBatch, run_id: int | None, iteration: int | None
) -> list[NewPrediction]:
    return [
        NewPrediction(sample_id=sample_id, parameters=body, run_id=run_id, iteration=iteration)
        for sample_id, body in zip(batch.sample_ids, batch.bodies, strict=True)
    ]
