"""The report of a search for failures; the window reads it without loading PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FlagReport:
    """How many fits were assessed, and what was raised.

    assessed: fits that have an assessment now; flagged: those among them with a flag that comes
    from it; outdated: fits, predictions or keypoints that changed while they were looked at, and
    wait for the next time. left_to_others: fits that another process was assessing. notices:
    sentences about whole data sets.
    """

    assessed: int = 0
    flagged: int = 0
    outdated: int = 0
    left_to_others: int = 0
    seconds: float = 0.0
    cancelled: bool = False
    notices: Sequence[str] = ()

    def summary(self) -> str:
        """One sentence for the status bar and the command line."""
        fits = "fit" if self.assessed == 1 else "fits"
        text = f"Assessed {self.assessed} {fits} in {self.seconds:.1f} s: {self.flagged} flagged"
        if self.outdated:
            text += f"; {self.outdated} changed meanwhile and are left for the next time"
        if self.left_to_others:
            text += f"; {self.left_to_others} in the hands of another process"
        return text + (
            "; cancelled, the rest is left for the next time." if self.cancelled else "."
        )
