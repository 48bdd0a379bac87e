"""What became of an export of bodies, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.body.conventions import OPEN_BODY_NAME
from core.types.counted_nouns import counted

OPEN_BODY_NOTICE = (
    "notice: betas and translations are those of the open body, and SMPL makes another person of "
    "the same betas. For programs that pose SMPL itself, fit with your own SMPL file (--body), or "
    "take the poses alone"
)


def notices_of_body(body_name: str) -> tuple[str, ...]:
    """What has to be said of bodies whose numbers go to programs that pose SMPL."""
    return (OPEN_BODY_NOTICE,) if body_name == OPEN_BODY_NAME else ()


@dataclass(frozen=True, kw_only=True)
class BodyExport:
    """What was written: bodies, in how many files, who was left out and why, what was lost.

    people: all of the request, with a body or not.
    """

    out: Path
    people: int
    bodies: int
    left_out: Mapping[str, int] = field(default_factory=Counter)
    files: int | None = None
    notices: tuple[str, ...] = ()

    def summary(self) -> str:
        """The report in some lines, the path at the end."""
        line = (
            f"{counted(self.people, 'sample', 'samples')}: {counted(self.bodies, 'body', 'bodies')}"
        )
        if self.files is not None:
            line += f" in {counted(self.files, 'file', 'files')}"
        reasons = [f"{count} {reason}" for reason, count in self.left_out.items() if count]
        if reasons:
            line += f"; left out: {', '.join(reasons)}"
        return "\n".join([line, *self.notices, str(self.out)])
