"""What came of an import, in words and as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.formats.reader_results import ReadProblem
from core.types.counted_nouns import counted

_NAMES_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What came of an import.

    added, already_there: samples. different: those that are there with other joints or another box
    and stay so, kept_by_hand of them since a person corrected them. updated: those that took what
    the source has now. without_keypoints: those that cannot be fitted. projected: those besides
    whose own bodies' joints show where they are.
    cameras: pictures whose camera is known, by where it comes from.
    skipped: entries left out on purpose, by reason. dropped, assumed, unused_fields, notices: as in
    ``ReadNotes``. problems: the first broken entries; problem_count: all of them.
    import_id: what the project remembers the import by; None where there was none.
    """

    added: int
    already_there: int
    different: int = 0
    kept_by_hand: int = 0
    updated: int = 0
    without_keypoints: int = 0
    projected: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    assumed: Mapping[str, int] = field(default_factory=dict)
    unused_fields: Mapping[str, int] = field(default_factory=dict)
    notices: Sequence[str] = ()
    cameras: Mapping[str, int] = field(default_factory=dict)
    problems: list[ReadProblem] = field(default_factory=list)
    problem_count: int = 0
    import_id: int | None = None

    @property
    def people(self) -> int:
        """All people of the source that are in the project now."""
        return self.added + self.already_there + self.different + self.updated

    def short(self) -> str:
        """How many people are in, and how much there is to read about it, in one line."""
        counts = [f"{counted(self.added, 'person', 'people')} added"]
        if self.updated:
            counts.append(f"{self.updated} updated")
        if self.already_there or self.different:
            counts.append(f"{self.already_there + self.different} already there")
        if self.notices:
            counts.append(counted(len(self.notices), "notice", "notices"))
        if self.problem_count:
            counts.append(counted(self.problem_count, "problem", "problems"))
        return " · ".join(counts)

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to read beyond ``short``."""
        remarks = (self.dropped, self.assumed, self.unused_fields, self.notices, self.problems)
        has_others = self.different or self.skipped or self.projected
        return not any(remarks) and not has_others

    def summary(self) -> str:
        """The report in a few lines, without the list of problems."""
        lines = [f"{counted(self.added, 'person', 'people')} added"]
        if self.already_there:
            lines.append(f"{self.already_there} already there")
        if self.updated:
            lines.append(f"{self.updated} already there took the new joints")
        if self.different > self.kept_by_hand:
            lines.append(
                f"{self.different - self.kept_by_hand} already there, with other joints "
                "or another box (--update takes the new ones)"
            )
        if self.kept_by_hand:
            lines.append(
                f"{self.kept_by_hand} already there, with other joints or another box: kept, since "
                "a person corrected them"
            )
        if self.without_keypoints:
            lines.append(f"{self.without_keypoints} without keypoints: they cannot be fitted")
        if self.projected:
            lines.append(
                f"{self.projected} without 2D keypoints: their bodies' joints, projected, show "
                "where they are and are no evidence. Place keypoints, or let the detector find "
                "them, to measure and refit their bodies"
            )
        lines += [f"{count} skipped: {reason}" for reason, count in sorted(self.skipped.items())]
        lines += [f"{count} dropped: {what}" for what, count in sorted(self.dropped.items())]
        lines += [
            f"assumed for {counted(count, 'entry', 'entries')}: {what}"
            for what, count in sorted(self.assumed.items())
        ]
        if self.unused_fields:
            fields = [f"{name} ({count})" for name, count in sorted(self.unused_fields.items())]
            lines.append(f"not used: {_listed(fields)}")
        lines += [
            f"{counted(count, 'picture has', 'pictures have')} a camera from {source}"
            for source, count in sorted(self.cameras.items())
        ]
        lines += [f"notice: {notice}" for notice in self.notices]
        if self.problem_count:
            lines.append(f"{counted(self.problem_count, 'problem', 'problems')}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """The report as plain values, with the problems that were kept as texts."""
        return {
            "added": self.added,
            "already_there": self.already_there,
            "different": self.different,
            "kept_by_hand": self.kept_by_hand,
            "updated": self.updated,
            "without_keypoints": self.without_keypoints,
            "projected": self.projected,
            "skipped": dict(self.skipped),
            "dropped": dict(self.dropped),
            "assumed": dict(self.assumed),
            "unused_fields": dict(self.unused_fields),
            "notices": list(self.notices),
            "cameras": dict(self.cameras),
            "problem_count": self.problem_count,
            "problems": [str(problem) for problem in self.problems],
        }


def _listed(names: Sequence[str]) -> str:
    hidden = len(names) - _NAMES_SHOWN
    shown = ", ".join(names[:_NAMES_SHOWN])
    return f"{shown} and {hidden} more" if hidden > 0 else shown
