"""The jobs of the window: each a thin adapter of a callable of the core.

A job gets plain values only (paths, names); it opens the project's dictionary again in its own
thread, and the window sees what it wrote through the database. What does the work is imported on
that thread: most of it loads PyTorch, which looking at a project does not need.
"""

from __future__ import annotations

from pathlib import Path

from core.progress import CancelToken, ProgressCallback
from core.types.foreign.imported_bodies import BODIES_FORMAT_NAME
from spin_gui.jobs.job import (
    ExportChoice,
    FitChoice,
    ImportChoice,
    Job,
    JobKind,
    PhotosChoice,
    RefitChoice,
    TakeOverChoice,
)


def import_job(project: Path, choice: ImportChoice, *, is_new: bool = False) -> Job:
    """Read annotations into a project; where bodies lie beside them, these become fits, too.

    is_new: the project is made once something was read that can go into it.
    """
    has_bodies = choice.format == BODIES_FORMAT_NAME

    def work(progress: ProgressCallback, cancel: CancelToken) -> object:
        from core.workflows.new_projects import NewProject  # noqa: PLC0415

        target = NewProject(project) if is_new else project
        if has_bodies:
            from core.workflows.predictions.import_bodies import import_bodies  # noqa: PLC0415

            return import_bodies(
                target,
                choice.source,
                choice.images,
                update=choice.update,
                cameras=choice.cameras,
                options=choice.body_options,
                progress=progress,
                cancel=cancel,
            )
        from core.workflows.annotations.import_annotations import import_annotations  # noqa: PLC0415

        return import_annotations(
            target,
            choice.format,
            choice.source,
            choice.images,
            options=choice.options,
            update=choice.update,
            cameras=choice.cameras,
            progress=progress,
            cancel=cancel,
        )

    return Job(
        kind=JobKind.IMPORT,
        title="Importing annotations",
        project=project,
        work=work,
        needs_torch=choice.update or has_bodies,  # fits are measured against their joints
    )


def find_people_job(choice: PhotosChoice) -> Job:
    """Find the people of pictures and videos, and add them to a project."""

    def work(progress: ProgressCallback, cancel: CancelToken) -> object:
        from core.workflows.new_projects import NewProject  # noqa: PLC0415
        from core.workflows.photos.import_photos import import_photos  # noqa: PLC0415

        return import_photos(
            NewProject(choice.project) if choice.is_new else choice.project,
            choice.sources,
            every=choice.every,
            progress=progress,
            cancel=cancel,
        )

    return Job(kind=JobKind.FIND_PEOPLE, title="Finding people", project=choice.project, work=work)


def measure_job(project: Path, sample_id: int) -> Job:
    """Let the detector look at one person; the window stores what it saw."""

    def work(_progress: ProgressCallback, cancel: CancelToken) -> object:
        from core.workflows.photos.measure_person import measure_person  # noqa: PLC0415

        return measure_person(project, sample_id, cancel=cancel)

    return Job(kind=JobKind.MEASURE, title="Finding keypoints", project=project, work=work)


def detect_job(project: Path) -> Job:
    """Measure everybody who has no landmarks yet; keypoints stay."""

    def work(progress: ProgressCallback, cancel: CancelToken) -> object:
        from core.workflows.photos.detect_project import detect_people  # noqa: PLC0415

        return detect_people(project, progress=progress, cancel=cancel)

    return Job(kind=JobKind.MEASURE, title="Measuring people", project=project, work=work)


def follow_job(project: Path) -> Job:
    """Follow people through videos and bursts."""

    def work(progress: ProgressCallback, cancel: CancelToken) -> object:
        from core.dictionary.store import Dictionary  # noqa: PLC0415
        from core.workflows.frames.follow_people import follow_people  # noqa: PLC0415

        with Dictionary.open(project) as dictionary:
            return follow_people(dictionary, progress=progress, cancel=cancel)

    title = "Following people"
    return Job(kind=JobKind.FOLLOW, title=title, project=project, work=work, needs_torch=False)


def export_job(project: Path, choice: ExportChoice) -> Job:
    """Write a project in another program's format."""

    def work(progress: ProgressCallback, cancel: CancelToken) -> object:
        from core.workflows.export_formats import export_project  # noqa: PLC0415

        return export_project(
            project,
            choice.format,
            choice.out,
            query=choice.where,
            sample_ids=choice.sample_ids,
            options=choice.options,
            overwrite=True,
            progress=progress,
            cancel=cancel,
        )

    title = "Exporting"
    return Job(kind=JobKind.EXPORT, title=title, project=project, work=work, needs_torch=False)


def fit_job(project: Path, choice: FitChoice) -> Job:
    """Fit what has no fit of this origin yet, and predict who was never predicted."""

    def work(progress: ProgressCallback, cancel: CancelToken) -> object:
        from core.workflows.fit_project import fit_samples  # noqa: PLC0415
        from core.workflows.predict_project import predict_the_unpredicted  # noqa: PLC0415

        report = fit_samples(
            project, profile=choice.profile, init=choice.init, progress=progress, cancel=cancel
        )
        if not report.cancelled:
            predict_the_unpredicted(project, progress=progress, cancel=cancel)
        return report

    return Job(kind=JobKind.FIT, title="Fitting samples", project=project, work=work)


def refit_job(project: Path, choice: RefitChoice) -> Job:
    """Fit samples again from several starts."""

    def work(progress: ProgressCallback, cancel: CancelToken) -> object:
        from core.workflows.refit_project import refit_samples  # noqa: PLC0415

        return refit_samples(
            project,
            starts=choice.starts,
            where=choice.where,
            sample_ids=choice.sample_ids,
            progress=progress,
            cancel=cancel,
        )

    return Job(kind=JobKind.REFIT, title="Refitting samples", project=project, work=work)


def take_over_job(project: Path, choice: TakeOverChoice) -> Job:
    """Make bodies of a prediction set fits."""

    def work(progress: ProgressCallback, cancel: CancelToken) -> object:
        from core.workflows.predictions.take_over import take_over  # noqa: PLC0415

        return take_over(
            project,
            choice.set_name,
            sample_ids=choice.sample_ids,
            beside=choice.beside,
            progress=progress,
            cancel=cancel,
        )

    return Job(kind=JobKind.TAKE_OVER, title="Taking over as fits", project=project, work=work)


def predict_job(project: Path, *, run_id: int | None = None, keep_as: str = "") -> Job:
    """Predict every sample with a run's regressor: the newest, or else the shipped one.

    keep_as: name of a prediction set, which leaves the latest predictions alone.
    """

    def work(progress: ProgressCallback, cancel: CancelToken) -> object:
        from core.workflows.predict_project import predict_samples  # noqa: PLC0415

        return predict_samples(
            project, run_id=run_id, keep_as=keep_as, progress=progress, cancel=cancel
        )

    return Job(kind=JobKind.PREDICT, title="Predicting samples", project=project, work=work)


def demo_job(project: Path) -> Job:
    """Copy the demo project that ships."""

    def work(progress: ProgressCallback, cancel: CancelToken) -> object:
        from core.workflows.shipped_demo import copy_demo_project  # noqa: PLC0415

        return copy_demo_project(project, progress=progress, cancel=cancel)

    title = "Making the demo project"
    return Job(kind=JobKind.DEMO, title=title, project=project, work=work, needs_torch=False)
