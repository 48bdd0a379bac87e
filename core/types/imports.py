"""Imports, as a project remembers them, and what was removed from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.types.counted_nouns import counted


@dataclass(frozen=True, kw_only=True)
class ImportSource:
    """What an import reads. format: its name, as on the command line. dataset: of its people."""

    format: str = ""
    sources: Sequence[Path] = ()
    dataset: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportRecord:
    """An import of a project.

    at: when it began. format: empty for what was imported before imports were told apart.
    sources: full paths. people, pictures: how many it added; updated: how many who were there
    before took its joints. people_now: how many of those it added are in the project.
    removal_id: the removal that took it back; None where it stands.
    """

    id: int
    at: str
    author: str
    format: str
    sources: tuple[str, ...]
    dataset: str
    people: int
    pictures: int
    updated: int
    people_now: int
    removal_id: int | None

    @property
    def title(self) -> str:
        """Format and source for people to read, such as ``coco: train.json``."""
        if not self.format and not self.sources:
            return "earlier imports"
        names = [Path(source).name or source for source in self.sources]
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        name = f"{names[0]}{more}" if names else ""
        return ": ".join(part for part in (self.format, name) if part)


_NOUNS = {
    "comments": ("comment", "comments"),
    "set_predictions": ("kept prediction", "kept predictions"),
}
"""What rows of further tables are called."""


@dataclass(frozen=True, kw_only=True)
class HangingOn:
    """What goes with people who are removed, as counts.

    pictures: those that show none of the others. judged: fits that bear a verdict. corrected:
    people whose keypoints, box or body a person made. grouped: people of a moment or a subject.
    in_work: people whom a process is fitting or measuring right now. others: rows of further
    tables by their name.
    """

    people: int = 0
    pictures: int = 0
    fits: int = 0
    judged: int = 0
    corrected: int = 0
    predictions: int = 0
    grouped: int = 0
    in_work: int = 0
    others: dict[str, int] = field(default_factory=dict)

    def words(self) -> str:
        """What goes, as a list for people: ``2 people, 1 whole picture, 5 fits (1 judged)``."""
        parts = [counted(self.people, "person", "people")]
        if self.pictures:
            parts.append(counted(self.pictures, "whole picture", "whole pictures"))
        fits = counted(self.fits, "fit", "fits")
        parts.append(f"{fits} ({self.judged} judged)" if self.judged else fits)
        for count, one, many in (
            (self.corrected, "person corrected by hand", "people corrected by hand"),
            (self.predictions, "prediction", "predictions"),
            (self.grouped, "place in a group", "places in groups"),
        ):
            if count:
                parts.append(counted(count, one, many))
        for table, count in self.others.items():
            one, many = _NOUNS.get(table, (f"row of {table}", f"rows of {table}"))
            parts.append(counted(count, one, many))
        if self.in_work:
            who = counted(self.in_work, "person is", "people are")
            parts.append(f"{who} being worked on right now")
        return ", ".join(parts)


@dataclass(frozen=True, kw_only=True)
class Removal:
    """What was removed in one step. kind: ``people``, ``pictures`` or ``import``.

    put_back_at: when it was put back. forgotten_at: when it was given up for good.
    """

    id: int
    at: str
    author: str
    kind: str
    import_id: int | None
    people: int
    pictures: int
    put_back_at: str | None
    forgotten_at: str | None

    @property
    def can_be_put_back(self) -> bool:
        """Whether it is away, and not for good."""
        return self.put_back_at is None and self.forgotten_at is None
