"""How fast a person reviews in this sitting, and how long the rest will take at that pace."""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST_LOOK_S = 120.0
"""Who looks longer than this at one fit has left the desk."""


class ReviewSpeed:
    """Counts verdicts and the time spent on them; pauses do not count."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = self._last = clock()
        self.verdicts = 0
        self.busy_s = 0.0

    def note(self, verdicts: int) -> None:
        """Take note of verdicts that were just given."""
        now = self._clock()
        self.busy_s += min(now - self._last, LONGEST_LOOK_S)
        self._last = now
        self.verdicts += verdicts

    @property
    def per_minute(self) -> float | None:
        """Verdicts a minute; None before two were given."""
        if self.verdicts < 2 or self.busy_s <= 0:
            return None
        return 60.0 * self.verdicts / self.busy_s

    def seconds_for(self, left: int) -> float | None:
        """How long this many more will take; None while the pace is not known."""
        pace = self.per_minute
        return None if pace is None else 60.0 * left / pace
