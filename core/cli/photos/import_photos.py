"""``import PROJECT photos FOLDER`` and ``import PROJECT video FILE``: people found in pictures."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.groups.group import tell_moments
from core.cli.projects import existing_or_new
from core.dictionary.storage.project_folder import is_project
from core.errors import StudioError
from core.workflows.new_projects import NewProject
from core.workflows.photos.photo_report import PhotoReport
from core.workflows.photos.picture_files import plain_files

LINES_SHOWN = 20
_OF_ANNOTATIONS = ("images", "joints", "annotations", "size", "min_person_score")


def run(options: argparse.Namespace, console: Console) -> int:
    """Look for people; Ctrl+C keeps what was found, and a second call goes on from there."""
    _check_options(options)
    files = plain_files([options.source])
    if options.every is not None and not files.videos:
        raise StudioError(
            f"--every chooses frames of videos, and {options.source} holds pictures only.",
            remedy="Leave it out.",
        )
    target = existing_or_new(options)
    with loading_engine(console):
        from core.workflows.photos.import_photos import import_photos

    with cancel_on_interrupt() as cancel:
        report = import_photos(
            target,
            [options.source],
            every=options.every,
            cameras=options.cameras,
            progress=ProgressLine(console),
            cancel=cancel,
        )
    if options.json:
        console.json(report.as_json())
    else:
        _tell(report, console)
    if report.cancelled:
        return INTERRUPTED
    if report.people:
        tell_moments(options.project, options.cameras, console)
    return _status(report, options.project, target, console)


def _status(report: PhotoReport, project: Path, target: Path | NewProject, console: Console) -> int:
    """The exit status, and a note where no person came in."""
    if report.without_people:
        console.note(
            "A person who was missed can be drawn in the window: Correct, "
            "Pictures without people (Shift+D)."
        )
    if report.people or report.found_before:
        return 0
    is_new = isinstance(target, NewProject)
    if is_new and not is_project(project):
        console.note(f"No project was made at {project}.")
        return 1
    console.note(
        f"The project at {project} has no people yet."
        if is_new
        else "The project has the same people as before."
    )
    return 1 if report.problems else 0


def _check_options(options: argparse.Namespace) -> None:
    given = [name for name in _OF_ANNOTATIONS if getattr(options, name) is not None]
    if options.update or options.ids_are_names or given:
        raise StudioError(
            "Plain pictures and videos take no option of annotations "
            "(--images, --joints, --update and the like).",
            remedy="Leave them out, or name the format of the annotations.",
        )


def _tell(report: PhotoReport, console: Console) -> None:
    console.result(report.summary())
    lines = [*report.problems, *(f"no person in {name}" for name in report.without_people)]
    for line in lines[:LINES_SHOWN]:
        console.note(f"  {line}")
    hidden = len(lines) - LINES_SHOWN
    if hidden > 0:
        console.note(f"  and {hidden} more")
