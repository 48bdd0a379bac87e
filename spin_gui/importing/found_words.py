"""What was found, in lines for a reader."""

from __future__ import annotations

from core.formats.reader_results import ReadProblem
from core.types.counted_nouns import counted
from core.workflows.sources.found_source import FoundSource, SourceKind

STAND_INS = (
    "It holds no 2D keypoints: people who are made of it have their bodies' own joints in place of "
    "them, marked so, which count nowhere as evidence."
)
_MOST_LINES = 12
_PROBLEMS, _LONGEST = 4, 160
_MISSING = "no such picture"


def _problems(found: FoundSource) -> list[str]:
    """Entries that cannot be used: missing pictures together, of the others the first."""
    missing = [problem for problem in found.problems if _MISSING in problem.reason]
    others = [problem for problem in found.problems if _MISSING not in problem.reason]
    lines = []
    if missing:
        is_cut = len(found.problems) < found.problem_count
        named = counted(len(missing), "entry names a picture", "entries name pictures")
        least = "At least " if is_cut else ""
        lines.append(f"{least}{named} that cannot be found.")
    if others:
        count = found.problem_count - len(missing)
        lines.append(f"{counted(count, 'entry cannot be read', 'entries cannot be read')}:")
        lines += [f"    {_short(problem)}" for problem in others[:_PROBLEMS]]
        lines += ["    …"] if count > _PROBLEMS else []
    return lines


def _short(problem: ReadProblem) -> str:
    """Entry and reason; the file is named above, and pictures by their names alone."""
    where = "" if problem.index is None else f"entry {problem.index}: "
    text = f"{where}{problem.reason}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def headline_of(found: FoundSource) -> str:
    """What it is."""
    return f"{found.title[:1].upper()}{found.title[1:]}"


def counts_of(found: FoundSource) -> str:
    """How much of what there is."""
    counts = (
        (found.pictures, "picture", "pictures"),
        (found.videos, "video", "videos"),
        (found.people, "person", "people"),
        (found.bodies, "body", "bodies"),
        (found.cameras, "camera", "cameras"),
    )
    parts = [counted(count, one, many) for count, one, many in counts if count]
    if found.joints:
        parts.insert(_place_of_joints(parts), _joints(found))
    if found.body_names:
        parts.append(f"of {', '.join(found.body_names)}")
    text = " · ".join(parts)
    if not found.is_complete:
        text += (
            f"\nOnly the first part was looked at, of {found.entries:,} entries; all are imported."
        )
    return text


def _place_of_joints(parts: list[str]) -> int:
    return next(
        (at + 1 for at, part in enumerate(parts) if part.endswith(("person", "people"))), len(parts)
    )


def _joints(found: FoundSource) -> str:
    """How many joints people have, and which of them not everybody has."""
    return counted(len(found.joints), "joint by name", "joints by name")


def not_used_of(found: FoundSource) -> str:
    """What will be left out, and what was taken for granted; empty where there is nothing."""
    lines = [f"Not used: {what} ({count:,})" for what, count in sorted(found.not_used.items())]
    lines += [f"Assumed: {what} ({count:,})" for what, count in sorted(found.assumed.items())]
    lines += list(found.notices)
    if found.kind is SourceKind.BODIES and found.makes_people:
        lines.append(STAND_INS)
    lines += _problems(found)
    hidden = len(lines) - _MOST_LINES
    if hidden > 0:
        lines = [*lines[:_MOST_LINES], f"and {hidden} more"]
    return "\n".join(lines)
