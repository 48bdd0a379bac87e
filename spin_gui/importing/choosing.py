"""What an import dialog's answers come to: a choice, or why there is none yet."""

from __future__ import annotations

from pathlib import Path

from core.types.foreign.imported_bodies import BODIES_FORMAT_NAME
from core.workflows.sources.found_source import FoundSource, SourceKind
from spin_gui.importing.choices import (
    BodiesChoice,
    BodiesUse,
    Choice,
    OpenChoice,
    PeopleChoice,
)
from spin_gui.importing.found_sheet import FoundSheet
from spin_gui.importing.looking import Looked
from spin_gui.importing.target_question import TargetQuestion
from spin_gui.jobs.job import ImportChoice, PhotosChoice

_BODIES_NEED_PEOPLE = (
    "These bodies come without 2D keypoints and without cameras, so no people can be made of them. "
    "Open the project of their people first, or import their pictures."
)
_NO_PICTURES = "Name the folder of the pictures: nothing can be imported without them."
_CALIBRATION_NEEDS_PEOPLE = (
    "Drop it together with the annotations of its pictures, or give it to pictures that are there: "
    "main.py cameras PROJECT --calibration FILE."
)


def choice_of(
    looked: Looked, sheet: FoundSheet, target: TargetQuestion, open_project: Path | None
) -> Choice | None:
    """What is to be done with what was found; None while an answer is missing."""
    source, found = looked.sources.source, looked.found
    if found is None:
        return None
    if found.kind is SourceKind.PROJECT:
        return None if source is None else OpenChoice(project=source)
    if not sheet.makes_people and source is not None:
        return _bodies(looked, source, sheet, open_project)
    if target.project is None:
        return None
    if found.kind is SourceKind.PICTURES:
        return PhotosChoice(
            sources=looked.sources.plain,
            project=target.project,
            is_new=not target.adds,
            every=sheet.frames_apart,
        )
    if source is None:
        return None
    return PeopleChoice(
        project=target.project,
        is_new=not target.adds,
        import_choice=ImportChoice(
            format=found.format_name or BODIES_FORMAT_NAME,
            source=source,
            images=looked.images,
            options=looked.request.options,
            body_options=sheet.bodies.options,
            update=sheet.annotations.update_there.isChecked(),
            cameras=looked.sources.calibration,
        ),
        waiting=looked.sources.waiting,
    )


def _bodies(
    looked: Looked, source: Path, sheet: FoundSheet, open_project: Path | None
) -> BodiesChoice | None:
    predictions = sheet.bodies.choice(source)
    if predictions is None or open_project is None:
        return None
    as_fits = sheet.bodies.use is BodiesUse.FITS
    return BodiesChoice(
        project=open_project,
        predictions=predictions,
        as_fits=as_fits,
        beside=as_fits and sheet.bodies.beside.isChecked(),
        waiting=looked.sources.waiting,
    )


def obstacle_of(
    found: FoundSource, sheet: FoundSheet, target: TargetQuestion, open_project: Path | None
) -> str:
    """Why what was found cannot be imported so; empty when it can."""
    if found.kind is SourceKind.PROJECT:
        return ""
    if found.kind is SourceKind.CALIBRATION:
        return _CALIBRATION_NEEDS_PEOPLE
    if found.kind is SourceKind.ANNOTATIONS and not found.people and found.is_complete:
        return (
            _NO_PICTURES
            if found.first_is_on_paper
            else "Nothing of it can be imported; the list above says why."
        )
    if not sheet.makes_people:
        if open_project is None:
            return _BODIES_NEED_PEOPLE
        return "" if sheet.bodies.name.text().strip() else "Give the set a name."
    if found.kind is SourceKind.BODIES and not found.bodies:
        return "None of its bodies can be used; the list above says why."
    if found.kind is SourceKind.BODIES and found.first_is_on_paper:
        return _NO_PICTURES
    return target.problem()


def needs_target(found: FoundSource | None, sheet: FoundSheet) -> bool:
    """Whether people come in, who need a project to go to."""
    if found is None:
        return False
    if found.kind is SourceKind.PICTURES:
        return True
    can_make = found.kind is SourceKind.ANNOTATIONS or found.makes_people
    return can_make and sheet.makes_people


def agreement(found: FoundSource | None) -> str:
    """What the button says."""
    if found is None:
        return "Import"
    if found.kind is SourceKind.PROJECT:
        return "Open project"
    return "Find people" if found.kind is SourceKind.PICTURES else "Import"


def caption(looked: Looked | None) -> str:
    """What the picture shows."""
    if looked is None or looked.found is None or looked.first is None:
        return ""
    found, name = looked.found, looked.first.name
    if found.kind is SourceKind.PICTURES:
        return name
    who = "The first person"
    if found.kind is SourceKind.BODIES:
        who = "The first body, as its own camera sees it"
    elif found.format_name == BODIES_FORMAT_NAME:
        who = "The keypoints of the first person"
    on = f"{name}, which is not there: drawn on blank paper" if found.first_is_on_paper else name
    return f"{who}, in {on}. Blue is the person's left, orange the right."
