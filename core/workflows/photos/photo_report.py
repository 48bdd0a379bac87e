"""What came of looking for people in pictures, in words and as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.types.counted_nouns import counted

PROBLEMS_KEPT = 1000


@dataclass(frozen=True, kw_only=True)
class PhotoReport:
    """What came of it.

    searched: pictures looked at, or frames of a video. found_before: pictures that were looked at
    in an earlier run. people: those added; doubtful: those among them on whom the two networks do
    not agree. without_people: names of pictures in which no person was found. problems: what could
    not be read, in sentences.
    """

    searched: int = 0
    found_before: int = 0
    people: int = 0
    doubtful: int = 0
    without_people: Sequence[str] = ()
    problems: Sequence[str] = ()
    cancelled: bool = False
    seconds: float = 0.0

    @property
    def is_plain(self) -> bool:
        """Whether ``short`` says all, as it does of pictures without people."""
        return not self.problems

    def short(self) -> str:
        """The counts in one line."""
        parts = [self._found()]
        if self.doubtful:
            parts.append(f"{self.doubtful} doubtful")
        if self.found_before:
            parts.append(f"{counted(self.found_before, 'picture', 'pictures')} looked at before")
        if self.without_people:
            parts.append(f"{len(self.without_people)} without people")
        if self.problems:
            parts.append(counted(len(self.problems), "problem", "problems"))
        if self.cancelled:
            parts.append("stopped; what was found is kept, and a second run goes on")
        return " · ".join(parts)

    def summary(self) -> str:
        """The report in a few lines, without the list of problems."""
        lines = [f"{self._found()} ({self.seconds:.0f} s)"]
        if self.doubtful:
            lines.append(f"{self.doubtful} doubtful: the two networks do not agree on them")
        if self.found_before:
            lines.append(f"{counted(self.found_before, 'picture', 'pictures')} looked at before")
        if self.without_people:
            lines.append(
                f"{counted(len(self.without_people), 'picture', 'pictures')} without people"
            )
        if self.problems:
            lines.append(counted(len(self.problems), "problem", "problems"))
        if self.cancelled:
            lines.append("stopped: what was found is kept, and a second run goes on from there")
        return "\n".join(lines)

    def _found(self) -> str:
        people = counted(self.people, "person", "people")
        return f"{people} found in {counted(self.searched, 'picture', 'pictures')}"

    def as_json(self) -> dict[str, object]:
        """The report as plain values."""
        return {
            "searched": self.searched,
            "looked_at_before": self.found_before,
            "people": self.people,
            "doubtful": self.doubtful,
            "without_people": list(self.without_people),
            "problems": list(self.problems),
            "cancelled": self.cancelled,
        }
