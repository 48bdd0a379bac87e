"""The whole reproduction: people, initial dictionaries, warm start, and all cells of the tables.

The folder given holds everything::

    settings.json             what it was begun with; other settings need another folder
    people/{lab,train,…}      a project for each set
    initial/{mean,lifter}     the training people with their initial fits
    warm_start/stage_N        the projects and runs that all trainings begin with
    cells/{start}_{method}_{seed}/result.json

Whatever is there is kept, so that a killed reproduction goes on where it was.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from core.dictionary.store import Dictionary
from core.engine.body.load_body import load_body
from core.engine.evaluation.body_errors import ErrorSummary
from core.engine.smplify.pose_prior import PosePrior
from core.errors import Cancelled, StudioError
from core.files.foreign_files import foreign_file
from core.paper.cells import (
    PROJECT_FOLDER,
    Cell,
    CellResult,
    Method,
    Start,
    load_result,
    run_cell,
    train_copy,
    trained_run,
)
from core.paper.judging import ReproductionJudge
from core.paper.people import PeopleMaker, PeopleSet, people_made, people_needed
from core.paper.settings import ReproductionSettings
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.runs.observers import IterationMetrics, SilentObserver
from core.runs.run_folder import RunFolder, read_metrics
from core.workflows.fit_project import fit_samples

SETTINGS_FILE = "settings.json"
_CLOCK_FILE = "seconds.txt"
PHASE = "Reproducing"
FITTING_PROFILE = "paper"

UNITS_PER_FITTED_ITERATION = 6
"""An iteration with SMPLify in it takes about six times one without."""


@dataclass(frozen=True)
class ReproductionResults:
    """All numbers of a reproduction.

    initial: errors of the initial dictionaries, on training people. warm_start: errors of the
    regressor that all trainings begin with, on test people. validation, validation_mean_body: the
    same on validation people, and what always saying the mean body would give there: a warm start
    that is no better has learned nothing. seconds: as clocks went, over all calls.
    """

    settings: ReproductionSettings
    initial: dict[Start, ErrorSummary]
    warm_start: ErrorSummary
    validation: ErrorSummary
    validation_mean_body: ErrorSummary
    cells: dict[Cell, CellResult]
    seconds: float


def cells_of(settings: ReproductionSettings) -> list[Cell]:
    """All cells, seed by seed; a final training comes after the loop it needs."""
    order = (Method.STATIC, Method.IN_LOOP, Method.FINAL)
    return [
        Cell(start, method, seed) for seed in settings.seeds for start in Start for method in order
    ]


def reproduce(
    out: Path,
    settings: ReproductionSettings,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ReproductionResults:
    """Run what is not done yet, and gather the numbers of it all.

    Args:
        out: folder for everything; an interrupted reproduction in it goes on.
        settings: how large.
        progress: told of people and iterations, weighted by what they take.
        cancel: asked between people, batches and iterations; what is done is kept.

    Raises:
        StudioError: the folder holds another reproduction, or anything its parts raise.
        Cancelled: when asked to stop.
    """
    return _Reproduction(out, settings, progress, cancel or CancelToken()).run()


class _Reproduction:
    """One call of ``reproduce``."""

    def __init__(
        self,
        out: Path,
        settings: ReproductionSettings,
        progress: ProgressCallback,
        cancel: CancelToken,
    ) -> None:
        self._out, self._settings, self._cancel = out, settings, cancel
        _claim(out, settings)
        self._body, self._prior = load_body(), PosePrior.load()
        self._meter = ProgressMeter(PHASE, self._units_left(), progress)

    def run(self) -> ReproductionResults:
        with _clock(self._out):
            self._make_people()
            for start in Start:
                self._fit_initially(start)
            warm_start = self._warm_start()
            validation = self._judge(PeopleSet.VALIDATION)
            judge = self._judge(PeopleSet.TEST)
            cells = {cell: self._cell(cell, warm_start, judge) for cell in cells_of(self._settings)}
        return ReproductionResults(
            settings=self._settings,
            initial={item: judge.dictionary_errors(self._initial(item)) for item in Start},
            warm_start=judge.errors(judge.predictions(warm_start)),
            validation=validation.errors(validation.predictions(warm_start)),
            validation_mean_body=validation.errors(validation.mean_bodies()),
            cells=cells,
            seconds=_seconds(self._out),
        )

    def _people(self, which: PeopleSet) -> Path:
        return self._out / "people" / which.value

    def _initial(self, start: Start) -> Path:
        return self._out / "initial" / start.value

    def _folder(self, cell: Cell) -> Path:
        return self._out / "cells" / cell.name

    def _judge(self, which: PeopleSet) -> ReproductionJudge:
        return ReproductionJudge(
            self._people(which),
            self._body,
            self._prior,
            noise_factors=self._settings.noise_factors,
        )

    def _make_people(self) -> None:
        maker = PeopleMaker(self._body, self._prior)
        for which, count in people_needed(self._settings).items():
            maker.make(self._people(which), which, count, self._meter, self._cancel)

    def _fit_initially(self, start: Start) -> None:
        project = self._initial(start)
        if not project.is_dir():
            with Dictionary.open(self._people(PeopleSet.TRAIN)) as dictionary:
                dictionary.file.copy_to(project)
        report = fit_samples(
            project, profile=FITTING_PROFILE, init=start.value, cancel=self._cancel
        )
        if report.cancelled:
            raise Cancelled

    def _warm_start(self) -> Path:
        """The checkpoint that all trainings begin with."""
        before: Path | None = None
        for stage in range(len(self._settings.warm_stages)):
            project = self._stage(stage)
            train_copy(
                project,
                self._people(PeopleSet.LAB),
                self._settings.warm_start(stage, before),
                observer=_Counter(self._meter, units=1),
                cancel=self._cancel,
            )
            before = RunFolder.of(project, trained_run(project)[0]).final
        if before is None:
            raise StudioError("The warm start has no stage.")
        return before

    def _stage(self, stage: int) -> Path:
        return self._out / "warm_start" / f"stage_{stage}"

    def _cell(self, cell: Cell, warm_start: Path, judge: ReproductionJudge) -> CellResult:
        folder = self._folder(cell)
        stored = load_result(folder)
        if stored is not None:
            return stored
        self._cancel.raise_if_cancelled()
        source = self._initial(cell.start)
        if cell.method is Method.FINAL:
            loop = Cell(cell.start, Method.IN_LOOP, cell.seed)
            source = self._folder(loop) / PROJECT_FOLDER
        return run_cell(
            folder,
            source,
            self._settings.training(warm_start, seed=cell.seed, method=cell.method.value),
            judge,
            refits=cell.method is Method.IN_LOOP,
            observer=_Counter(self._meter, units=_units_per_iteration(cell)),
            cancel=self._cancel,
        )

    def _units_left(self) -> int:
        """What is still to be done, in iterations without fitting; a person counts as one, too."""
        settings = self._settings
        people = sum(
            count - people_made(self._people(which))
            for which, count in people_needed(settings).items()
        )
        warm = sum(
            iterations - _iterations_done(self._stage(stage))
            for stage, (iterations, _) in enumerate(settings.warm_stages)
        )
        cells = sum(
            _units_per_iteration(cell)
            * (settings.iterations - _iterations_done(self._folder(cell) / PROJECT_FOLDER))
            for cell in cells_of(settings)
            if load_result(self._folder(cell)) is None
        )
        return people + warm + cells


class _Counter(SilentObserver):
    """Moves the meter on by what each iteration counts."""

    def __init__(self, meter: ProgressMeter, *, units: int) -> None:
        self._meter, self._units = meter, units

    def metrics(self, metrics: Sequence[IterationMetrics]) -> None:
        """Called at most ten times a second."""
        self._meter.advance(self._units * len(metrics))


def _units_per_iteration(cell: Cell) -> int:
    return UNITS_PER_FITTED_ITERATION if cell.method is Method.IN_LOOP else 1


def _iterations_done(project: Path) -> int:
    """Of the project's training, as far as its checkpoint reaches; read from the metrics."""
    run_id, _ = trained_run(project)
    if not run_id:
        return 0
    newest = read_metrics(RunFolder.of(project, run_id).metrics)
    return newest[-1].iteration if newest else 0


def _claim(out: Path, settings: ReproductionSettings) -> None:
    """Write down what the folder is for, or see that it is for the same."""
    path = out / SETTINGS_FILE
    settings_json = json.loads(json.dumps(asdict(settings)))
    if not path.exists():
        out.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings_json, indent=1), encoding="utf-8")
        return
    with foreign_file(path, expected="the settings of a reproduction"):
        found = dict(json.loads(path.read_text(encoding="utf-8")))
    if found != settings_json:
        raise StudioError(
            f"{out} holds a reproduction with other settings ({found.get('name')!r}).",
            remedy="Give the same options, or another folder.",
        )


@contextmanager
def _clock(out: Path) -> Iterator[None]:
    """Adds the seconds of this call to those of the calls before."""
    before, started = _seconds(out), time.monotonic()
    try:
        yield
    finally:
        total = before + time.monotonic() - started
        (out / _CLOCK_FILE).write_text(f"{total:.1f}", encoding="utf-8")


def _seconds(out: Path) -> float:
    try:
        return float((out / _CLOCK_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0.0
