"""The job that makes errors in accepted fits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.progress import CancelToken, ProgressCallback
from spin_gui.jobs.job import Job, JobKind

if TYPE_CHECKING:
    from core.workflows.reviewing.errors_to_plant import ErrorsToPlant


def planting_job(project: Path, asked: ErrorsToPlant) -> Job:
    """Make errors and mix them into what reviewers judge."""

    def work(progress: ProgressCallback, cancel: CancelToken) -> object:
        from core.workflows.reviewing.plant_errors import plant_errors  # noqa: PLC0415 - PyTorch

        return plant_errors(project, asked, progress=progress, cancel=cancel)

    return Job(kind=JobKind.MAKE_ERRORS, title="Making errors", project=project, work=work)
