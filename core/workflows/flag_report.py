"""The report of a search for failures; the window reads it without loading PyTorch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from core.types.counted_nouns import counted


@dataclass(frozen=True)
class LabelReport:
    """How many people's keypoints were checked, and how many of them bear a flag now."""

    checked: int = 0
    flagged: int = 0
    cancelled: bool = False


@dataclass(frozen=True)
class FlagReport:
    """How many fits were assessed, and what was raised.

    assessed: fits that have an assessment now; flagged: those among them with a flag that comes
    from it; outdated: fits, predictions or keypoints that changed while they were looked at, and
    wait for the next time. left_to_others: fits that another process was assessing. labels: what
    the checks of keypoints found. notices: sentences about whole data sets.
    """

    assessed: int = 0
    flagged: int = 0
    outdated: int = 0
    left_to_others: int = 0
    seconds: float = 0.0
    cancelled: bool = False
    notices: Sequence[str] = ()
    labels: LabelReport = field(default_factory=LabelReport)

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The inverse of ``dataclasses.asdict``."""
        return cls(**{**content, "labels": LabelReport(**content["labels"])})

    def as_json(self) -> dict[str, object]:
        """The counts, for programs."""
        return asdict(self) | {"notices": list(self.notices)}

    def summary(self) -> str:
        """One sentence for the status bar and the command line."""
        fits = "fit" if self.assessed == 1 else "fits"
        text = f"Assessed {self.assessed} {fits} in {self.seconds:.1f} s: {self.flagged} flagged"
        if self.outdated:
            text += f"; {self.outdated} changed meanwhile and are left for the next time"
        if self.left_to_others:
            text += f"; {self.left_to_others} in the hands of another process"
        if self.labels.checked:
            people = counted(self.labels.checked, "person", "people")
            text += f"; keypoints of {people} checked: {self.labels.flagged} flagged"
        return text + (
            "; cancelled, the rest is left for the next time." if self.cancelled else "."
        )
