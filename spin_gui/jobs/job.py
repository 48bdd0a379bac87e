"""What a job is, apart from any particular one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.progress import CancelToken, ProgressCallback

Work = Callable[[ProgressCallback, CancelToken], object]
"""A callable of the core: reports its way, stops between two items when asked, returns a report."""


class JobKind(StrEnum):
    """What a job does, for those who show its report."""

    IMPORT = "import"
    FIT = "fit"
    DEMO = "demo"


@dataclass(frozen=True, kw_only=True)
class Job:
    """One piece of work: its name on the screen, the project it writes to, and the callable."""

    kind: JobKind
    title: str
    project: Path
    work: Work


@dataclass(frozen=True, kw_only=True)
class ImportChoice:
    """What the import dialog asks for."""

    format: str
    source: Path
    images: Path | None


@dataclass(frozen=True, kw_only=True)
class FitChoice:
    """What the fit dialog asks for."""

    profile: str
    init: str = "mean"
