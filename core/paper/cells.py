"""One cell of the tables: a training of one kind, start, method and seed, and its errors.

A cell is a folder with a project of its own. What is finished stays: a cell with a result is never
run again, and an interrupted training goes on from its newest checkpoint.
"""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from core.dictionary.storage.folder_names import DATABASE_FILE
from core.dictionary.store import Dictionary
from core.engine.evaluation.body_errors import ErrorSummary
from core.engine.training.train import train
from core.errors import Cancelled, StudioError
from core.files.foreign_files import foreign_file
from core.files.foreign_json import read_json
from core.paper.judging import ReproductionJudge
from core.paper.settings import Method, Pairing
from core.progress import CancelToken
from core.runs.observers import TrainingObserver
from core.runs.run_folder import RunFolder, read_metrics
from core.runs.training_configuration import TrainingConfiguration
from core.runs.training_control import TrainingControl

RESULT_FILE = "result.json"
_MAX_RESULT_BYTES = 1 << 20
REGRESSOR_FILE = "regressor.pt"
PROJECT_FOLDER = "project"
_RAN_AWAY = 10
"""A loss this many times the first one is no loss of a training that learns."""


class Start(StrEnum):
    """Where the initial dictionary's fits began."""

    MEAN = "mean"
    LIFTER = "lifter"


@dataclass(frozen=True)
class Cell:
    """Which training."""

    pairing: Pairing
    start: Start
    method: Method
    seed: int

    @property
    def name(self) -> str:
        """``unpaired_mean_in-loop_0``: of its folder."""
        return f"{self.pairing.value}_{self.start.value}_{self.method.value}_{self.seed}"


@dataclass(frozen=True)
class CellResult:
    """What a cell gave.

    test: errors of its regressor on test people. dictionary: errors of the fits its project ended
    with, on training people. refitted: errors of test people after SMPLify from the regressor, by
    the name of the 2D joints; only where asked for. seconds: of the training, as clocks go.
    """

    test: ErrorSummary
    dictionary: ErrorSummary
    refitted: Mapping[str, ErrorSummary]
    seconds: float


def load_result(folder: Path) -> CellResult | None:
    """The stored result of a cell, or None while it has none.

    Raises:
        UserFileError: the file is damaged.
    """
    path = folder / RESULT_FILE
    with foreign_file(path, expected="a result", remedy="Delete it to run it again."):
        if not path.exists():
            return None
        values = read_json(path, max_bytes=_MAX_RESULT_BYTES)
        return CellResult(
            test=ErrorSummary(**values["test"]),
            dictionary=ErrorSummary(**values["dictionary"]),
            refitted={name: ErrorSummary(**one) for name, one in values["refitted"].items()},
            seconds=float(values["seconds"]),
        )


def run_cell(
    folder: Path,
    source: Path,
    configuration: TrainingConfiguration,
    judge: ReproductionJudge,
    *,
    refits: bool,
    observer: TrainingObserver,
    cancel: CancelToken,
) -> CellResult:
    """Train, judge and store the result; or go on with what was interrupted.

    Args:
        folder: of the cell.
        source: project whose dictionary is copied and trained on.
        configuration: of the training.
        judge: knows the people and their truth.
        refits: whether SMPLify is to fit on from the regressor (table 2).
        observer: told how the training goes.
        cancel: asked between iterations and batches.

    Raises:
        StudioError: as ``train``.
        Cancelled: when asked to stop; the training's newest checkpoint stays.
    """
    project = folder / PROJECT_FOLDER
    began = time.monotonic()
    train_copy(project, source, configuration, observer=observer, cancel=cancel)
    seconds = time.monotonic() - began
    regressor = folder / REGRESSOR_FILE
    shutil.copyfile(RunFolder.of(project, trained_run(project)[0]).final, regressor)
    predicted = judge.predictions(regressor)
    result = CellResult(
        test=judge.errors(predicted),
        dictionary=judge.dictionary_errors(project),
        refitted=judge.refitted(predicted, cancel) if refits else {},
        seconds=seconds,
    )
    _store(folder / RESULT_FILE, result)
    shutil.rmtree(project / "checkpoints")
    return result


def train_copy(
    project: Path,
    source: Path,
    configuration: TrainingConfiguration,
    *,
    observer: TrainingObserver,
    cancel: CancelToken,
) -> None:
    """Train on a copy of a project, or go on with it.

    Raises:
        StudioError: as ``train``, or the training ran away.
        Cancelled: when asked to stop.
    """
    run_id, done = trained_run(project)
    if done:
        return
    if not run_id:
        # Without a checkpoint the loop's fits are no state to begin from.
        shutil.rmtree(project, ignore_errors=True)
        with Dictionary.open(source) as dictionary:
            dictionary.file.copy_to(project)
    report = train(
        project,
        None if run_id else configuration,
        resume_run=run_id or None,
        control=TrainingControl(stop_token=cancel),
        observer=observer,
    )
    if report.stopped or report.cancelled:
        raise Cancelled
    _check_learned(RunFolder.of(project, report.run_id))


def _check_learned(run: RunFolder) -> None:
    """Adam at a steady rate may run away; tables of such a regressor would mean nothing."""
    totals = [metrics.losses["total"] for metrics in read_metrics(run.metrics)]
    if not totals or (math.isfinite(totals[-1]) and totals[-1] < _RAN_AWAY * totals[0]):
        return
    run.final.unlink(missing_ok=True)
    run.last.unlink(missing_ok=True)
    raise StudioError(
        f"The training in {run.path} ran away: its loss went from {totals[0]:.1f} to "
        f"{totals[-1]:.3g}.",
        remedy="Its checkpoints were removed. Lower the learning rate in "
        "core/paper/settings.py, and begin in another folder.",
    )


def trained_run(project: Path) -> tuple[int, bool]:
    """The project's training with a checkpoint, and whether it is finished; 0 where there is none.

    Copies know the runs of the project they were made from; those have no files here. Checkpoints
    without a dictionary are what an unfinished clearing left behind, and no training.
    """
    if not (project / DATABASE_FILE).is_file():
        return 0, False
    folders = {
        int(path.name.rpartition("_")[2]): RunFolder(path)
        for path in project.glob("checkpoints/run_*")
        if (path / "last.pt").is_file()
    }
    if not folders:
        return 0, False
    newest = max(folders)
    return newest, folders[newest].final.is_file()


def _store(path: Path, result: CellResult) -> None:
    half = path.with_suffix(".part")
    half.write_text(json.dumps(asdict(result), indent=1), encoding="utf-8")
    half.replace(path)
