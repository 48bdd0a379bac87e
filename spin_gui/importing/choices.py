"""What the import dialog asks for; one of these is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from spin_gui.jobs.job import ImportChoice, PhotosChoice
from spin_gui.jobs.sheet_jobs import ImportPredictionsChoice


class BodiesUse(StrEnum):
    """What bodies of a file become: with their people, for who is there, or to compare with."""

    PEOPLE = "people"
    FITS = "fits"
    PREDICTIONS = "predictions"


@dataclass(frozen=True, kw_only=True)
class OpenChoice:
    """A project, which is opened and not imported."""

    project: Path


@dataclass(frozen=True, kw_only=True)
class PeopleChoice:
    """Annotations into a project, which may have to be made. waiting: files to ask about next."""

    project: Path
    is_new: bool
    import_choice: ImportChoice
    waiting: tuple[Path, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BodiesChoice:
    """Bodies for people who are there. beside: as fits that leave the current ones alone."""

    project: Path
    predictions: ImportPredictionsChoice
    as_fits: bool
    beside: bool = False
    waiting: tuple[Path, ...] = ()


Choice = OpenChoice | PhotosChoice | PeopleChoice | BodiesChoice
