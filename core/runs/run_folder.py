"""What a run leaves in its project: configuration, metrics, checkpoints.

``checkpoints/run_<id>/`` holds ``configuration.json``, ``metrics.jsonl`` (a line for each
iteration), ``tensorboard/`` (the same for TensorBoard), ``start.pt`` (until there is another
checkpoint, the weights it began with), ``last.pt`` (the newest checkpoint), ``final.pt`` (once all
iterations are done) and, after a resume, ``resumed_from.pt``.
"""

from __future__ import annotations

import json
import operator
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary

from core.dictionary.storage.clock import file_stamp
from core.dictionary.storage.folder_names import CHECKPOINT_FOLDER
from core.errors import StudioError, UserFileError
from core.files.atomic_write import atomic_write
from core.files.foreign_files import foreign_content, foreign_file, reason_of
from core.files.foreign_json import parse_json
from core.files.unfinished_files import unfinished_name
from core.runs.event_file import EventFile
from core.runs.observers import IterationMetrics
from core.runs.training_configuration import TrainingConfiguration

_FOLDER_START = "run_"
_REMEDY = "It was damaged or edited. Start a new run from the run's checkpoint (--start-from)."
_MAX_LINE_LENGTH = 1 << 16
"""Longer lines are cut: a line of metrics has 400 characters."""

_SCALARS = ("error_2d_px", "share_improved", "share_valid", "step_seconds", "disagreement_deg")


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run and the files in it."""

    path: Path

    @classmethod
    def of(cls, project: Path, run_id: int) -> RunFolder:
        """The folder of a run, whether it exists or not."""
        return cls(project / CHECKPOINT_FOLDER / f"{_FOLDER_START}{run_id:d}")

    @classmethod
    def runs_of(cls, project: Path) -> list[int]:
        """The numbers of the runs that a project has folders of, in order."""
        paths = (project / CHECKPOINT_FOLDER).glob(f"{_FOLDER_START}*/configuration.json")
        numbers = (path.parent.name.removeprefix(_FOLDER_START) for path in paths)
        return sorted(int(number) for number in numbers if number.isdecimal())

    @classmethod
    def unfinished(cls, project: Path) -> RunFolder:
        """A folder for a run that has no number yet."""
        return cls(unfinished_name(project / CHECKPOINT_FOLDER / "run"))

    @property
    def configuration(self) -> Path:
        """The file of the configuration, ``configuration.json``."""
        return self.path / "configuration.json"

    @property
    def metrics(self) -> Path:
        """The file of the metrics, ``metrics.jsonl``."""
        return self.path / "metrics.jsonl"

    @property
    def tensorboard(self) -> Path:
        """The folder of TensorBoard's event files."""
        return self.path / "tensorboard"

    @property
    def start(self) -> Path:
        """The weights a run began with, which it resumes from while there is no checkpoint."""
        return self.path / "start.pt"

    @property
    def last(self) -> Path:
        """The newest checkpoint."""
        return self.path / "last.pt"

    @property
    def final(self) -> Path:
        """The checkpoint after the last iteration."""
        return self.path / "final.pt"

    @property
    def resumable(self) -> bool:
        """Whether there is a checkpoint to resume from, and iterations are left to do."""
        return not self.final.is_file() and (self.last.is_file() or self.start.is_file())

    def newest(self) -> Path:
        """The checkpoint to resume from.

        Raises:
            UserFileError: the run has none.
        """
        for path in (self.last, self.start):
            if path.is_file():
                return path
        raise UserFileError(
            "the run has no checkpoint to go on from: it was discarded, or ended by an older "
            "program before its first one.",
            path=self.path,
            remedy="Start a new run with the same values.",
        )

    @property
    def resumed_from(self) -> Path:
        """The checkpoint that the latest resume began with, to which a cancel returns."""
        return self.path / "resumed_from.pt"

    def prepare(self, configuration: TrainingConfiguration) -> None:
        """Make the folder and write the configuration.

        Raises:
            UserFileError: the folder or the file cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        with atomic_write(self.configuration, overwrite=True) as stream:
            stream.write(configuration.to_json().encode())

    def become(self, named: RunFolder) -> None:
        """Take the name of a run's folder.

        A folder that has this name already, as after a dictionary was restored from an older
        backup, is set aside: it may hold a network that took a night to train.

        Raises:
            UserFileError: a folder cannot be renamed.
        """
        try:
            if named.path.exists():
                aside = f"{named.path.name}-set-aside-{file_stamp()}"
                named.path.rename(named.path.with_name(aside))
            self.path.rename(named.path)
        except OSError as error:
            raise _unwritable(named.path, error) from error

    def stored_configuration(self) -> TrainingConfiguration:
        """Read the configuration of the run.

        Raises:
            UserFileError: it cannot be read.
        """
        path = self.configuration
        with foreign_file(path, expected="the run's configuration", remedy=_REMEDY):
            text = path.read_text(encoding="utf-8")
            try:
                return TrainingConfiguration.from_stored(text)
            except StudioError as error:
                raise UserFileError(error.message, path=path, remedy=error.remedy) from error

    def copy(self, source: Path, target: Path) -> None:
        """Give a checkpoint a second name; the target is whole or not there.

        Checkpoints are replaced, never changed, so both names may stand for one file. Where the
        file system has no such names it is copied.
        """
        if target.exists() and target.samefile(source):
            return
        linked = unfinished_name(target)
        try:
            os.link(source, linked)
            linked.replace(target)
        except OSError:
            with atomic_write(target, overwrite=True) as stream, source.open("rb") as whole:
                shutil.copyfileobj(whole, stream)
        finally:
            linked.unlink(missing_ok=True)

    def forget_checkpoints(self) -> None:
        """Remove the checkpoints that a resume could begin with."""
        for path in (self.last, self.start):
            path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove the folder with everything in it."""
        shutil.rmtree(self.path, ignore_errors=True)


class MetricsLog:
    """Appends metrics to ``metrics.jsonl`` and to TensorBoard's events, and flushes every time."""

    def __init__(self, folder: RunFolder, *, after_iteration: int = 0) -> None:
        """Continue after an iteration; lines that a killed process wrote beyond it are dropped.

        Raises:
            UserFileError: the files cannot be written.
        """
        try:
            trim_metrics(folder.metrics, after_iteration)
            self._path = folder.metrics
            self._lines = folder.metrics.open("a", encoding="utf-8")
            self._events = EventFile(folder.tensorboard)
            restart = SessionLog(status=SessionLog.START)
            self._events.add(
                Event(wall_time=time.time(), step=after_iteration + 1, session_log=restart)
            )
        except OSError as error:
            raise _unwritable(folder.metrics, error) from error

    def append(self, metrics: Iterable[IterationMetrics]) -> None:
        """Write the metrics of some iterations.

        Raises:
            UserFileError: the disk takes no more.
        """
        with self._on_the_disk():
            for iteration in metrics:
                self._lines.write(json.dumps(asdict(iteration)) + "\n")
                self._events.add(_event(iteration))
            self._lines.flush()
            self._events.flush()

    def sync(self) -> None:
        """Put the lines on the disk, so that they outlive a power cut as a checkpoint does.

        Raises:
            UserFileError: the disk takes no more.
        """
        with self._on_the_disk():
            os.fsync(self._lines.fileno())

    def close(self) -> None:
        """Write everything out and close the files.

        Raises:
            UserFileError: the disk takes no more.
        """
        with self._on_the_disk():
            try:
                self._lines.close()
            finally:
                self._events.close()

    @contextmanager
    def _on_the_disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _unwritable(self._path, error) from error


def _event(metrics: IterationMetrics) -> Event:
    scalars = {f"loss/{name}": value for name, value in metrics.losses.items()}
    for name in _SCALARS:
        value = getattr(metrics, name)
        if value is not None:
            scalars[name] = value
    values = [Summary.Value(tag=tag, simple_value=value) for tag, value in scalars.items()]
    return Event(wall_time=time.time(), step=metrics.iteration, summary=Summary(value=values))


def trim_metrics(path: Path, last_iteration: int) -> None:
    """Drop the lines after an iteration, and a line that a killed process left half written."""
    if not path.exists():
        return
    kept = [metrics for metrics in read_metrics(path) if metrics.iteration <= last_iteration]
    with atomic_write(path, overwrite=True) as stream:
        stream.write("".join(json.dumps(asdict(metrics)) + "\n" for metrics in kept).encode())


def read_metrics(path: Path) -> list[IterationMetrics]:
    """The metrics of a run, oldest first; a half-written last line is left out.

    Raises:
        UserFileError: the file cannot be read.
    """
    with foreign_file(path, expected="the run's metrics"):
        if not path.exists():
            return []
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [metrics for line in lines if (metrics := _metrics_of(line)) is not None]


def _metrics_of(line: str) -> IterationMetrics | None:
    try:
        with foreign_content(lambda error: _BrokenLineError(reason_of(error))):
            values = parse_json(line[:_MAX_LINE_LENGTH].encode("utf-8", "backslashreplace"))
            numbers = [number for number in fields(IterationMetrics) if number.name in values]
            return IterationMetrics(
                **{
                    number.name: _checked(values[number.name], str(number.type))
                    for number in numbers
                }
            )
    except _BrokenLineError:
        return None


class _BrokenLineError(ValueError):
    """A line that holds no metrics."""


def _checked(value: Any, kind: str) -> Any:
    """The value of a field of ``IterationMetrics``, which must be of the annotated kind."""
    if kind == "Mapping[str, float]":
        return {str(name): _checked(part, "float") for name, part in value.items()}
    if value is None and kind.endswith("None"):
        return None
    if type(value) is not int and (kind == "int" or type(value) is not float):
        message = f"found {value!r:.40}, expected {kind}"
        raise TypeError(message)
    return operator.index(np.int64(value)) if kind == "int" else float(value)


def _unwritable(path: Path, error: OSError) -> UserFileError:
    return UserFileError(
        f"cannot be written ({error}).",
        path=path,
        remedy="Make room on the disk, and the project's folder writable for you.",
    )
