"""What is in a file or folder that a user names, in words and as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from core.body.conventions import KEYPOINT_NAMES
from core.formats.reader_results import ReadProblem
from core.types.counted_nouns import counted
from core.types.samples import NewSample


class SourceKind(StrEnum):
    """What a source is for."""

    ANNOTATIONS = "annotations"
    BODIES = "bodies"
    PICTURES = "pictures"
    CALIBRATION = "calibration"
    PROJECT = "project"


@dataclass(frozen=True, kw_only=True)
class FoundSource:
    """What a source holds, before anything of it is imported.

    format_name: of an annotation format, ``photos`` or ``video``; empty for others. title: the
    format as a user reads it. pictures: those that people or bodies are in, or plain ones, the
    first of which is ``first_picture``. joints: people by the name of the keypoint that they have,
    in the order of ``KEYPOINT_NAMES``. first_person: of bodies without keypoints their own joints,
    where the file's camera sees them. first_is_on_paper: its picture is not there; where a size is
    not known it is that of a large sheet. likely_images: a folder that has that picture.
    can_be_told: the ``ReadOptions`` that mean something for the source, bodies_can_be_told: the
    ``PredictionOptions`` that do for its bodies. is_complete: False where only its first entries
    were looked at, of ``entries``. bodies: those that can be used; body_names: whose they are.
    cameras: pictures, bodies or entries of a calibration whose camera the source states. not_used:
    counts by what is left out and why. assumed, notices: as in ``ReadNotes``. problem_count: broken
    entries, with the first of them in ``problems``. what_next: how it comes into a project.
    """

    kind: SourceKind
    title: str
    what_next: str
    format_name: str = ""
    pictures: int = 0
    videos: int = 0
    first_picture: Path | None = None
    people: int = 0
    joints: Mapping[str, int] = field(default_factory=dict)
    first_person: NewSample | None = None
    first_is_on_paper: bool = False
    likely_images: Path | None = None
    can_be_told: frozenset[str] = frozenset()
    bodies_can_be_told: frozenset[str] = frozenset()
    is_complete: bool = True
    entries: int = 0
    bodies: int = 0
    body_names: Sequence[str] = ()
    cameras: int = 0
    not_used: Mapping[str, int] = field(default_factory=dict)
    assumed: Mapping[str, int] = field(default_factory=dict)
    notices: Sequence[str] = ()
    problems: Sequence[ReadProblem] = ()
    problem_count: int = 0

    @property
    def makes_people(self) -> bool:
        """Whether people can be made of it: they stand in it, or its cameras place its bodies."""
        return self.people > 0 or (self.bodies > 0 and self.cameras > 0)

    def summary(self) -> str:
        """The report in lines, without the list of problems."""
        lines = [f"found: {self.title}", *self._counts()]
        if self.joints:
            named = [
                name if count == self.people else f"{name} ({count})"
                for name, count in self.joints.items()
            ]
            lines.append(f"joints: {', '.join(named)}")
        if self.first_person is not None:
            paper = " (which is not there)" if self.first_is_on_paper else ""
            lines.append(f"first person: {_described(self.first_person, paper)}")
        if self.likely_images is not None:
            lines.append(f"pictures: they seem to lie in {self.likely_images} (--images)")
        lines += [f"not used: {what} ({count})" for what, count in sorted(self.not_used.items())]
        lines += [f"assumed: {what} ({count})" for what, count in sorted(self.assumed.items())]
        lines += [f"notice: {notice}" for notice in self.notices]
        if self.problem_count:
            lines.append(f"{counted(self.problem_count, 'problem', 'problems')}")
        return "\n".join([*lines, f"next: {self.what_next}"])

    def _counts(self) -> list[str]:
        counts = (
            (self.pictures, "picture", "pictures"),
            (self.videos, "video", "videos"),
            (self.people, "person", "people"),
            (self.bodies, "body", "bodies"),
            (self.cameras, "camera", "cameras"),
        )
        named = [counted(count, one, many) for count, one, many in counts if count]
        whose = f"body: {', '.join(self.body_names)}" if self.body_names else ""
        return [line for line in (", ".join(named), whose) if line]

    def as_json(self) -> dict[str, object]:
        """The report as plain values; joints of the first person in pixels of the picture."""
        first = self.first_person
        return {
            "kind": self.kind.value,
            "format": self.format_name,
            "title": self.title,
            "pictures": self.pictures,
            "videos": self.videos,
            "people": self.people,
            "joints": dict(self.joints),
            "first_person": None if first is None else _first_as_json(first),
            "first_is_on_paper": self.first_is_on_paper,
            "likely_images": None if self.likely_images is None else str(self.likely_images),
            "can_be_told": sorted(self.can_be_told),
            "bodies_can_be_told": sorted(self.bodies_can_be_told),
            "is_complete": self.is_complete,
            "entries": self.entries,
            "bodies": self.bodies,
            "body_names": list(self.body_names),
            "cameras": self.cameras,
            "not_used": dict(self.not_used),
            "assumed": dict(self.assumed),
            "notices": list(self.notices),
            "problem_count": self.problem_count,
            "problems": [str(problem) for problem in self.problems],
            "what_next": self.what_next,
        }


def joints_of(person: NewSample) -> dict[str, tuple[float, float]]:
    """The keypoints that a person has, by name, in pixels of the picture."""
    return {
        name: (float(x), float(y))
        for name, (x, y, confidence) in zip(KEYPOINT_NAMES, person.keypoints_px, strict=True)
        if confidence > 0
    }


def _described(person: NewSample, paper: str) -> str:
    placed = [f"{name} {x:.0f},{y:.0f}" for name, (x, y) in joints_of(person).items()]
    return f"in {person.picture_path.name}{paper}: {'; '.join(placed) or 'no joints'}"


def _first_as_json(person: NewSample) -> dict[str, object]:
    return {
        "picture": str(person.picture_path),
        "joints_px": {name: list(place) for name, place in joints_of(person).items()},
    }
