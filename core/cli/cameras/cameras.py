"""``cameras PROJECT``: which camera took the pictures, and giving them another."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from core.cli.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.groups.group import tell_moments
from core.cli.projects import note_no_match, refuse_empty
from core.dictionary.samples.cameras import PictureWithCamera
from core.dictionary.search.query_parser import choice_from_text
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.progress import CancelToken
from core.types.cameras import CameraSource
from core.types.counted_nouns import counted
from core.workflows.cameras.find_focal_length import find_focal_lengths, found_camera
from core.workflows.cameras.give_cameras import (
    CameraOf,
    CamerasReport,
    FromFile,
    assumed,
    give_cameras,
    long_lens,
    looked_up,
    typed,
)
from core.workflows.cameras.picture_cameras import TypedLens

LINES_SHOWN = 20


def run(options: argparse.Namespace, console: Console) -> int:
    """List cameras, or give pictures others; Ctrl+C keeps what was given."""
    where = choice_from_text(options.where)
    wanted = _wanted(options)
    with Dictionary.open(options.project) as dictionary, cancel_on_interrupt() as cancel:
        refuse_empty(dictionary)
        note_no_match(dictionary, where, console)
        pictures = dictionary.cameras.of_samples(dictionary.search.ids(where))
        if options.find:
            wanted = _found(dictionary, pictures, console, cancel)
        if wanted is None:
            _list(pictures, console, as_json=options.json)
            return 0
        report = give_cameras(
            dictionary,
            pictures,
            wanted,
            problems=wanted.problems if isinstance(wanted, FromFile) else (),
            progress=ProgressLine(console),
            cancel=cancel,
        )
    _tell(report, options, console)
    tell_moments(options.project, options.file, console)
    if isinstance(wanted, FromFile) and wanted.unnamed:
        count = counted(wanted.unnamed, "picture is", "pictures are")
        console.note(f"{count} not named by {options.file}: kept as before.")
        if wanted.unnamed == report.pictures and not report.cancelled:
            console.note(
                "It names no picture of the project. Its cameras are called "
                f"{wanted.names_text()}; those names must stand in the names of pictures or of "
                "their folders."
            )
            return 1
    return INTERRUPTED if report.cancelled else 0


def _found(
    dictionary: Dictionary,
    pictures: Sequence[PictureWithCamera],
    console: Console,
    cancel: CancelToken,
) -> CameraOf:
    """The focal lengths that fits tell; says what was found of each camera."""
    with loading_engine(console):
        from core.workflows.cameras.fitted_objective import fitted_objective
    found = find_focal_lengths(
        dictionary,
        pictures,
        fitted_objective(dictionary),
        progress=ProgressLine(console),
        cancel=cancel,
    )
    if not found:
        console.note("The cameras of all these pictures are known.")
    for each in found:
        console.note(each.summary())
    return found_camera(found)


def _wanted(options: argparse.Namespace) -> CameraOf | None:
    lens = (options.focal_length_px, options.focal_length_35mm, options.field_of_view_deg)
    chosen: list[CameraOf] = []
    if any(number is not None for number in lens):
        chosen.append(typed(TypedLens(*lens)))
    if options.look:
        chosen.append(looked_up)
    if options.assume:
        chosen.append(assumed)
    if options.long_lens:
        chosen.append(long_lens)
    if options.file is not None:
        if chosen or options.find:
            raise StudioError(
                "A file and another camera are given, expected one of them.",
                remedy="Leave one of them out.",
            )
        return FromFile(options.file)
    return chosen[0] if chosen else None


def _tell(report: CamerasReport, options: argparse.Namespace, console: Console) -> None:
    if options.json:
        console.json(
            {
                "pictures": report.pictures,
                "changed": len(report.before),
                "sources": dict(report.sources),
                "problems": list(report.problems),
            }
        )
    else:
        console.result(report.summary())
    for problem in report.problems[:LINES_SHOWN]:
        console.note(f"  {problem}")
    if len(report.problems) > LINES_SHOWN:
        console.note(f"  and {len(report.problems) - LINES_SHOWN} more")
    if report.before and not options.json:
        console.note(
            "Fits keep the camera that they were made under; to fit under the new one: "
            f"main.py refit {options.project}"
        )


def _list(pictures: Sequence[PictureWithCamera], console: Console, *, as_json: bool) -> None:
    if as_json:
        console.json(
            {
                str(picture.path): {
                    "focal_length_px": picture.camera.focal_length_px
                    if picture.camera.source is not CameraSource.LONG_LENS
                    else None,
                    "principal_point_px": list(picture.camera.principal_point_px),
                    "distortion": list(picture.camera.distortion),
                    "source": str(picture.camera.source),
                    "note": picture.camera.note,
                    "pose": None if picture.camera.pose is None else asdict(picture.camera.pose),
                }
                for picture in pictures
            }
        )
        return
    kinds = Counter(_line(picture) for picture in pictures)
    for line, count in kinds.most_common():
        console.result(f"{count:6d}  {line}")


def _line(picture: PictureWithCamera) -> str:
    camera = picture.camera
    width, height = picture.size_px
    focal = (
        "5000 px on every crop"
        if camera.source is CameraSource.LONG_LENS
        else f"{camera.focal_length_px:.0f} px"
    )
    note = f" ({camera.note})" if camera.note else ""
    return f"{camera.source}: {focal}, pictures of {width}×{height} px{note}"
