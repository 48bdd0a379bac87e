"""Bodies of another method become fits in one step: of people who are there, or who come with them.

``import_bodies`` makes people of a file and fits of its bodies; ``import_fits`` is for people whom
the project has already. Both keep the file as a prediction set, as ``import_predictions`` does.
Where a file states the cameras of whole pictures, ``import_bodies`` makes them those of the
pictures that neither a calibration file, a person nor EXIF says anything about.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.errors import Cancelled
from core.formats.bodies.options import NO_PREDICTION_OPTIONS, PredictionOptions
from core.progress import CancelToken, ProgressCallback, ignore_progress
from core.types.foreign.imported_bodies import BODIES_FORMAT_NAME
from core.workflows.annotations.import_annotations import import_annotations
from core.workflows.annotations.import_report import ImportReport
from core.workflows.cameras.picture_cameras import STATED
from core.workflows.new_projects import NewProject
from core.workflows.predictions.body_conversion import BetasRule, ReadBodies
from core.workflows.predictions.import_bodies_report import (
    ImportBodiesReport,
    ImportFitsReport,
)
from core.workflows.predictions.import_predictions import import_predictions, read_bodies
from core.workflows.predictions.people_of_file import PeopleOfBodies
from core.workflows.predictions.take_over import take_over

_EVERYTHING = SampleQuery()


def import_fits(
    project: Path,
    name: str,
    source: Path,
    *,
    where: SampleQuery = _EVERYTHING,
    beside: bool = False,
    betas: BetasRule = "auto",
    options: PredictionOptions = NO_PREDICTION_OPTIONS,
    own_body: Path | None = None,
    read: ReadBodies | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ImportFitsReport:
    """Make a prediction set of a file of bodies, and fits of the set.

    Args:
        project: folder of the project.
        name: of the set.
        source: the file.
        where: which of its people become fits.
        beside: they enter the histories; whatever is current stays so.
        betas: as ``import_predictions``, as are the three that follow.
        options: what the user says of the file.
        own_body: a file of the body that the betas belong to.
        read: what was read of the file already.
        progress: told after each batch.
        cancel: asked between batches; what was stored before stays.

    Raises:
        StudioError: as both of these do.
        Cancelled: the user asked to stop while the bodies were read.
    """
    bodies = import_predictions(
        project,
        name,
        source,
        betas=betas,
        options=options,
        own_body=own_body,
        read=read,
        progress=progress,
        cancel=cancel,
    )
    fits = take_over(
        project, bodies.kept_as, where=where, beside=beside, progress=progress, cancel=cancel
    )
    return ImportFitsReport(bodies=bodies, fits=fits)


def import_bodies(
    project: Path | NewProject,
    source: Path,
    images: Path | None = None,
    *,
    update: bool = False,
    cameras: Path | None = None,
    betas: BetasRule = "auto",
    options: PredictionOptions = NO_PREDICTION_OPTIONS,
    own_body: Path | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ImportBodiesReport:
    """Make people of a file of bodies, and fits of the bodies.

    Where the file states no 2D keypoints of people, their bodies' projected joints stand in for
    them, marked so. Such people are first looked for in the project, by their place in the picture,
    and their bodies become fits of those who are there.

    Args:
        project: folder of the project; or a project that is made once someone can go into it.
        source: the file; its name without the suffix is that of the prediction set.
        images: the folder of the pictures; None: beside the file.
        update: as ``import_annotations``, as is what follows: give people new keypoints.
        cameras: a calibration file.
        betas: as ``import_predictions``, as are the two that follow.
        options: what the user says of the file.
        own_body: a file of the body that the betas belong to.
        progress: told as it goes on.
        cancel: once the people are in, they stay.

    Raises:
        StudioError: as ``import_annotations`` and ``import_fits`` do.
        Cancelled: the user asked to stop before anyone came in.
    """
    cancel = cancel or CancelToken()
    found = read_bodies(source, options, cancel)
    people = PeopleOfBodies(project, found, source, betas=betas, own_body=own_body)
    report = import_annotations(
        project,
        BODIES_FORMAT_NAME,
        source,
        update=update,
        cameras=cameras,
        opened=people.opened(images),
        progress=progress,
        cancel=cancel,
    )
    if not (report.people or people.met):
        return ImportBodiesReport(people=report)
    folder = project.folder if isinstance(project, NewProject) else project
    report = _with_cameras(folder, people, report)
    read, name = people.placed(_import_of_all(people, report)), source.stem
    try:
        fits = import_fits(
            folder, name, source, options=options, read=read, progress=progress, cancel=cancel
        )
    except Cancelled:
        return ImportBodiesReport(people=report, cancelled=True)
    return ImportBodiesReport(people=report, fits=fits, cancelled=fits.cancelled)


def _some_were_there(people: PeopleOfBodies, report: ImportReport) -> bool:
    """Whether any of the people were in the project before."""
    return bool(people.met) or report.added < report.people


def _import_of_all(people: PeopleOfBodies, report: ImportReport) -> int | None:
    """The import that brought everybody; None where some were there before."""
    return None if _some_were_there(people, report) else report.import_id


def _with_cameras(folder: Path, people: PeopleOfBodies, report: ImportReport) -> ImportReport:
    """The report, once the pictures that were in the project have their cameras, too."""
    if not _some_were_there(people, report):
        return report
    with Dictionary.open(folder) as dictionary:
        stated = people.cameras.give(dictionary)
    counts = {name: count for name, count in report.cameras.items() if name != STATED}
    return replace(report, cameras={**counts, STATED: stated} if stated else counts)
