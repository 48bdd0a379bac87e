"""``import PROJECT [FORMAT] SOURCE``: pictures with 2D keypoints become samples."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from core.cli.arguments.import_annotations import IMPORTED
from core.cli.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.flag import flag_what_changed
from core.cli.groups.group import tell_moments
from core.cli.import_predictions import prediction_options, tell_import
from core.cli.projects import existing_or_new
from core.errors import AnnotationError, StudioError
from core.formats.cameras.calibration_files import read_calibration
from core.formats.keypoints.datasets.people_of_bodies import BODIES_FORMAT
from core.formats.read_options import as_typed
from core.formats.reader_results import ReadProblem
from core.formats.registry import guess_format, recognise_source
from core.types.foreign.imported_bodies import BODIES_FORMAT_NAME
from core.workflows.annotations.import_annotations import (
    ImportReport,
    ReadOptions,
    check_options,
    import_annotations,
)
from core.workflows.new_projects import NewProject
from core.workflows.photos.picture_files import PHOTOS, VIDEO, guess_plain

PROBLEMS_SHOWN = 20


def _read_options(options: argparse.Namespace) -> ReadOptions:
    return ReadOptions(
        joints=options.joints,
        annotations=options.annotations,
        ids_are_names=options.ids_are_names,
        size_px=options.size,
        min_score=options.min_score,
        min_person_score=options.min_person_score,
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Import; broken entries are listed, the rest goes in."""
    if options.look:
        return _look(options, console)
    name = options.format or _guessed(options.source)
    if name != BODIES_FORMAT_NAME:
        _check_for_bodies_only(options)
    if name in (PHOTOS, VIDEO):
        from core.cli.photos.import_photos import run as run_photos

        return run_photos(options, console)
    if options.every is not None:
        raise StudioError("--every is for videos only.", remedy="Leave it out for this format.")
    target = existing_or_new(options)
    if name == BODIES_FORMAT_NAME:
        return _run_bodies(options, target, console)
    with cancel_on_interrupt() as cancel:
        report = import_annotations(
            target,
            name,
            options.source,
            images=options.images,
            options=_read_options(options),
            update=options.update,
            cameras=options.cameras,
            progress=ProgressLine(console),
            cancel=cancel,
        )
    if options.json:
        console.json(report.as_json())
    else:
        _tell(report, console)
    return _ended(report, target, options, console)


def _ended(
    report: ImportReport, target: Path | NewProject, options: argparse.Namespace, console: Console
) -> int:
    if report.people:
        tell_moments(options.project, options.cameras, console)
        return 0
    console.note(
        f"No project was made at {options.project}."
        if isinstance(target, NewProject)
        else "The project is as it was."
    )
    return 1


def _run_bodies(options: argparse.Namespace, target: Path | NewProject, console: Console) -> int:
    """People and their bodies from one file: the bodies become fits, in the same step."""
    check_options(BODIES_FORMAT, _read_options(options))
    with loading_engine(console):
        from core.workflows.predictions.import_bodies import import_bodies

    with cancel_on_interrupt() as cancel:
        report = import_bodies(
            target,
            options.source,
            images=options.images,
            update=options.update,
            cameras=options.cameras,
            betas=options.betas,
            options=prediction_options(options),
            own_body=options.source_body,
            progress=ProgressLine(console),
            cancel=cancel,
        )
        if options.json:
            console.json(report.as_json())
        else:
            _tell(report.people, console)
            if report.fits is not None:
                tell_import(report.fits.bodies, console)
                console.result(report.fits.fits.summary())
        if report.fits is not None:
            flag_what_changed(options.project, console, cancel)
    if report.cancelled:
        return INTERRUPTED
    if report.fits is None:
        return _ended(report.people, target, options, console)
    tell_moments(options.project, options.cameras, console)
    return 0


def _check_for_bodies_only(options: argparse.Namespace) -> None:
    """Raises ``StudioError`` for what is said of bodies where the source holds none."""
    said = prediction_options(options).given()
    said |= {"betas"} if options.betas != "auto" else set()
    said |= {"source_body"} if options.source_body is not None else set()
    if said:
        raise StudioError(
            f"Only files of bodies have the option {as_typed(said)}.",
            remedy="Leave it out for this format.",
        )


def _look(options: argparse.Namespace, console: Console) -> int:
    """Say what the source is; the project is neither made nor opened."""
    # Late: the readers of all bodies, which an import of annotations does without.
    from core.workflows.sources.inspect_source import inspect_source

    with cancel_on_interrupt() as cancel:
        found = inspect_source(
            options.source,
            format_name=options.format,
            images=options.images,
            options=_read_options(options),
            prediction_options=prediction_options(options),
            cancel=cancel,
        )
    if options.json:
        console.json(found.as_json())
    else:
        console.result(found.summary())
        _tell_problems(found.problems, found.problem_count, console)
    return 0


def _guessed(source: Path) -> str:
    """The format that a source seems to have; one that is of no use is named with what to do."""
    name = guess_plain(source) or guess_format(source)
    if name is not None:
        return name
    known = recognise_source(source) if source.exists() else None
    if known is not None and known.holds_bodies:
        return BODIES_FORMAT_NAME
    if known is not None:
        raise AnnotationError(f"this is {known.what}.", path=source, remedy=known.remedy)
    if source.is_file() and _is_calibration(source):
        raise AnnotationError(
            "this is a calibration of cameras.",
            path=source,
            remedy="Give it beside annotations as --cameras, or to pictures that are there with "
            "the command cameras.",
        )
    found = "the format cannot be guessed" if source.exists() else "no such file or folder"
    raise AnnotationError(
        f"{found}.", path=source, remedy=f"Name the format: {', '.join(IMPORTED)}."
    )


def _is_calibration(source: Path) -> bool:
    try:
        read_calibration(source)
    except AnnotationError:
        return False
    return True


def _tell(report: ImportReport, console: Console) -> None:
    console.result(report.summary())
    _tell_problems(report.problems, len(report.problems), console)


def _tell_problems(problems: Sequence[ReadProblem], count: int, console: Console) -> None:
    for problem in problems[:PROBLEMS_SHOWN]:
        console.note(f"  {problem}")
    hidden = count - PROBLEMS_SHOWN
    if hidden > 0:
        console.note(f"  and {hidden} more")
