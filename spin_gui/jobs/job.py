"""What a job is, apart from any particular one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from core.dictionary.search.query import SampleQuery
from core.formats.bodies.options import NO_PREDICTION_OPTIONS, PredictionOptions
from core.formats.read_options import NO_OPTIONS, ReadOptions
from core.progress import CancelToken, ProgressCallback
from core.workflows.exports.export_request import ExportOptions

Work = Callable[[ProgressCallback, CancelToken], object]
"""A callable of the core: reports its way, stops between two items when asked, returns a report."""


class JobKind(StrEnum):
    """What a job does, for those who show its report."""

    IMPORT = "import"
    EXPORT = "export"
    FIT = "fit"
    DEMO = "demo"
    REFIT = "refit"
    TRAIN = "train"
    PREDICT = "predict"
    SHEET = "sheet"
    IMPORT_PREDICTIONS = "import predictions"
    CHECK = "check"
    RESTORE = "restore"
    FIND_PEOPLE = "find people"
    MEASURE = "measure"
    FOLLOW = "follow"
    TAKE_OVER = "take over"
    MAKE_ERRORS = "make errors"
    MERGE = "merge"


@dataclass(frozen=True, kw_only=True)
class Job:
    """One piece of work: its name on the screen, the project it writes to, and the callable.

    needs_torch: whether PyTorch has to be loaded for it.
    on_cancel: told on the main thread when the work is asked to stop, besides its token.
    """

    kind: JobKind
    title: str
    project: Path
    work: Work
    needs_torch: bool = True
    on_cancel: Callable[[], None] | None = None


@dataclass(frozen=True, kw_only=True)
class ImportChoice:
    """What the import dialog asks for. cameras: a calibration of the pictures."""

    format: str
    source: Path
    images: Path | None
    options: ReadOptions = NO_OPTIONS
    body_options: PredictionOptions = NO_PREDICTION_OPTIONS
    update: bool = False
    cameras: Path | None = None


@dataclass(frozen=True, kw_only=True)
class PhotosChoice:
    """Where people are to be found, and the project that they go into.

    every: of videos, each n-th frame is looked at; None: about one a second.
    """

    sources: tuple[Path, ...]
    project: Path
    is_new: bool
    every: int | None = None


@dataclass(frozen=True, kw_only=True)
class ExportChoice:
    """What the export dialog asks for; the user agreed to replace ``out`` where it exists."""

    format: str
    out: Path
    where: SampleQuery
    sample_ids: tuple[int, ...] | None = None
    options: ExportOptions = field(default_factory=ExportOptions)


@dataclass(frozen=True, kw_only=True)
class RestoreChoice:
    """What the restore dialog asks for; with_log: do again what people did since."""

    project: Path
    backup: Path
    with_log: bool


@dataclass(frozen=True, kw_only=True)
class FitChoice:
    """What the fit dialog asks for."""

    profile: str
    init: str = "network"


@dataclass(frozen=True, kw_only=True)
class RefitChoice:
    """What the refit dialog asks for; ``sample_ids`` None means the samples of ``where``."""

    starts: tuple[str, ...]
    where: SampleQuery
    sample_ids: tuple[int, ...] | None


@dataclass(frozen=True, kw_only=True)
class TakeOverChoice:
    """Whose bodies of a prediction set become fits; ``sample_ids`` None is everybody in it."""

    set_name: str
    sample_ids: tuple[int, ...] | None
    beside: bool
