"""The whole reproduction: people, initial dictionaries, and all cells of the tables.

The folder given holds everything::

    settings.json             what it was begun with; other settings need another folder
    people/{train,test}       a project for each set
    initial/{mean,lifter}     the training people with their initial fits
    cells/{pairing}_{start}_{method}_{seed}/result.json

Whatever is there is kept, so that a killed reproduction goes on where it was.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
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
    Start,
    load_result,
    run_cell,
    trained_run,
)
from core.paper.judging import ReproductionJudge
from core.paper.people import PeopleMaker, PeopleSet, people_made
from core.paper.settings import FITTING_PROFILE, Method, Pairing, ReproductionSettings
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.runs.observers import IterationMetrics, SilentObserver
from core.runs.run_folder import RunFolder, read_metrics
from core.workflows.fit_project import fit_samples

SETTINGS_FILE = "settings.json"
_CLOCK_FILE = "seconds.txt"
PHASE = "Reproducing"

UNITS_PER_FITTED_ITERATION = 7
"""An iteration with SMPLify in it takes about seven times one without."""

FITTED_AGAIN = 6
"""About as often as the loop fits a person."""


@dataclass(frozen=True)
class ReproductionResults:
    """All numbers of a reproduction.

    initial: errors of the initial dictionaries, on training people. fitted_again: of the same after
    SMPLify has begun with them a few times more, without a regressor. mean_body: what always saying
    the mean body gives on test people: a regressor that is no better has learned nothing.
    seconds: as clocks went, over all calls.
    """

    settings: ReproductionSettings
    initial: dict[Start, ErrorSummary]
    fitted_again: dict[Start, ErrorSummary]
    mean_body: ErrorSummary
    cells: dict[Cell, CellResult]
    seconds: float


def cells_of(settings: ReproductionSettings) -> list[Cell]:
    """All cells, seed by seed; a final training comes after the loop it needs."""
    order = (Method.STATIC, Method.IN_LOOP, Method.FINAL)
    return [
        Cell(pairing, start, method, seed)
        for seed in settings.seeds
        for pairing in Pairing
        for start in Start
        for method in order
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
            judge = ReproductionJudge(self._people(PeopleSet.TEST), self._body, self._prior)
            cells = {cell: self._cell(cell, judge) for cell in cells_of(self._settings)}
        return ReproductionResults(
            settings=self._settings,
            initial={start: judge.dictionary_errors(self._initial(start)) for start in Start},
            fitted_again={
                start: judge.fitted_again_errors(self._initial(start), FITTED_AGAIN, self._cancel)
                for start in Start
            },
            mean_body=judge.errors(judge.mean_bodies()),
            cells=cells,
            seconds=_seconds(self._out),
        )

    def _people(self, which: PeopleSet) -> Path:
        return self._out / "people" / which.value

    def _initial(self, start: Start) -> Path:
        return self._out / "initial" / start.value

    def _folder(self, cell: Cell) -> Path:
        return self._out / "cells" / cell.name

    def _make_people(self) -> None:
        maker = PeopleMaker(self._body, self._prior)
        for which, count in _people_needed(self._settings).items():
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

    def _cell(self, cell: Cell, judge: ReproductionJudge) -> CellResult:
        folder = self._folder(cell)
        stored = load_result(folder)
        if stored is not None:
            return stored
        self._cancel.raise_if_cancelled()
        source = self._initial(cell.start)
        if cell.method is Method.FINAL:
            loop = replace(cell, method=Method.IN_LOOP)
            source = self._folder(loop) / PROJECT_FOLDER
        return run_cell(
            folder,
            source,
            self._settings.training(pairing=cell.pairing, method=cell.method, seed=cell.seed),
            judge,
            refits=cell.method is Method.IN_LOOP,
            observer=_Counter(self._meter, units=_units_per_iteration(cell)),
            cancel=self._cancel,
        )

    def _units_left(self) -> int:
        """What is still to be done, in iterations without fitting; a person counts as some."""
        settings = self._settings
        people = sum(
            count - people_made(self._people(which))
            for which, count in _people_needed(settings).items()
        )
        cells = sum(
            _units_per_iteration(cell)
            * (settings.iterations - _iterations_done(self._folder(cell) / PROJECT_FOLDER))
            for cell in cells_of(settings)
            if load_result(self._folder(cell)) is None
        )
        return people + cells


class _Counter(SilentObserver):
    """Moves the meter on by what each iteration counts."""

    def __init__(self, meter: ProgressMeter, *, units: int) -> None:
        self._meter, self._units = meter, units

    def metrics(self, metrics: Sequence[IterationMetrics]) -> None:
        """Called at most ten times a second."""
        self._meter.advance(self._units * len(metrics))


def _people_needed(settings: ReproductionSettings) -> dict[PeopleSet, int]:
    """How many people each set holds."""
    return {PeopleSet.TRAIN: settings.train_people, PeopleSet.TEST: settings.test_people}


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
