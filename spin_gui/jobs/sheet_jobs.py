"""Contact sheets and imported predictions as jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from core.dictionary.search.query import SampleQuery
from core.formats.bodies.options import NO_PREDICTION_OPTIONS, PredictionOptions
from core.progress import CancelToken, ProgressCallback
from core.types.flags import FlagName
from spin_gui.jobs.job import Job, JobKind


@dataclass(frozen=True, kw_only=True)
class FailuresChoice:
    """Rows of failures: of one kind by the filter, or exactly these samples in their order."""

    kind: FlagName | None = None
    where: SampleQuery = field(default_factory=SampleQuery)
    sample_ids: tuple[int, ...] | None = None

    @property
    def suggested_name(self) -> str:
        """Of the file."""
        return f"failures {self.kind}" if self.kind is not None else "failures"


@dataclass(frozen=True, kw_only=True)
class ComparisonChoice:
    """Rows of a comparison: sources by key, the samples in their order."""

    left: str
    right: str
    sample_ids: tuple[int, ...]

    @property
    def suggested_name(self) -> str:
        """Of the file."""
        return f"{self.left} beside {self.right}".replace("/", "-")


SheetChoice = FailuresChoice | ComparisonChoice


@dataclass(frozen=True, kw_only=True)
class SheetRequest:
    """What the export dialog makes of a choice: at most this many rows, into this file."""

    choice: SheetChoice
    rows: int
    out: Path


@dataclass(frozen=True, kw_only=True)
class ImportPredictionsChoice:
    """What the dialog for another method's predictions asks for."""

    name: str
    source: Path
    options: PredictionOptions = NO_PREDICTION_OPTIONS
    betas: Literal["auto", "keep", "mean"] = "auto"


def import_predictions_job(project: Path, choice: ImportPredictionsChoice) -> Job:
    """Read another method's predictions into a set."""

    def work(progress: ProgressCallback, cancel: CancelToken) -> object:
        from core.workflows.predictions.import_predictions import import_predictions  # noqa: PLC0415 - as below

        return import_predictions(
            project,
            choice.name,
            choice.source,
            betas=choice.betas,
            options=choice.options,
            progress=progress,
            cancel=cancel,
        )

    return Job(
        kind=JobKind.IMPORT_PREDICTIONS,
        title="Importing predictions",
        project=project,
        work=work,
    )


def import_fits_job(project: Path, choice: ImportPredictionsChoice, *, beside: bool = False) -> Job:
    """Read another method's bodies into a set, and take them over as fits of who is there.

    beside: whatever is current stays so; they enter the histories.
    """

    def work(progress: ProgressCallback, cancel: CancelToken) -> object:
        from core.workflows.predictions.import_bodies import import_fits  # noqa: PLC0415 - as below

        return import_fits(
            project,
            choice.name,
            choice.source,
            beside=beside,
            betas=choice.betas,
            options=choice.options,
            progress=progress,
            cancel=cancel,
        )

    title = "Importing bodies as fits"
    return Job(kind=JobKind.TAKE_OVER, title=title, project=project, work=work)


def sheet_job(project: Path, request: SheetRequest, *, reviewer: str) -> Job:
    """Draw and write a sheet for a reviewer; an existing file was agreed to be replaced."""

    def work(progress: ProgressCallback, cancel: CancelToken) -> object:
        # Late: only who exports needs it.
        from core.workflows import reports  # noqa: PLC0415

        choice = request.choice
        common: dict[str, Any] = {
            "rows": request.rows,
            "for_reviewer": reviewer,
            "overwrite": True,
            "progress": progress,
            "cancel": cancel,
        }
        if isinstance(choice, ComparisonChoice):
            return reports.report_comparison(
                project,
                request.out,
                left=choice.left,
                right=choice.right,
                sample_ids=choice.sample_ids[: request.rows],
                **common,
            )
        chosen = choice.sample_ids
        return reports.report_failures(
            project,
            request.out,
            kinds=() if choice.kind is None else (choice.kind,),
            where=choice.where,
            sample_ids=None if chosen is None else chosen[: request.rows],
            **common,
        )

    return Job(kind=JobKind.SHEET, title="Making a contact sheet", project=project, work=work)
