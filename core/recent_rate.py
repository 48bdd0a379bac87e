"""How fast work goes now: what it takes to begin, and what it took long ago, tells nothing."""

from __future__ import annotations

from collections import deque

WINDOW_S = 15.0
"""How far back the rate looks, unless that is fewer items than it takes to be steady."""

LEAST_STEPS = 5
_SPACING_S = 0.2
"""Closer steps are put together: thousands a second need not be remembered one by one."""


class RecentRate:
    """Items a second over the last quarter of a minute, or the last few steps where those are slow.

    The first step only sets the clock going. It pays for whatever is made once, such as libraries
    and processes: with it, the first estimates were ten times too long.
    """

    def __init__(self) -> None:
        self._steps: deque[tuple[float, int]] = deque()

    @property
    def per_s(self) -> float:
        """Items a second; 0 while nothing is known."""
        if len(self._steps) < 2:
            return 0.0
        (began, before), (ended, done) = self._steps[0], self._steps[-1]
        return (done - before) / (ended - began) if ended > began else 0.0

    def note(self, done: int, now: float) -> None:
        """A step is over: ``done`` items in all are done, at this moment in seconds."""
        if len(self._steps) > 2 and now - self._steps[-2][0] < _SPACING_S:
            self._steps[-1] = (now, done)
        else:
            self._steps.append((now, done))
        while len(self._steps) > LEAST_STEPS + 1 and self._steps[1][0] < now - WINDOW_S:
            self._steps.popleft()

    def forget(self) -> None:
        """Begin again: the work rested, and the pause is no part of its rate."""
        self._steps.clear()
