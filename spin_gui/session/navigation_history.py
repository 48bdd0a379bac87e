"""Back and forward, as a browser has them. Knows nothing of Qt."""

from __future__ import annotations

from typing import Generic, TypeVar

Stop = TypeVar("Stop")

REMEMBERED = 500


class NavigationHistory(Generic[Stop]):
    """The samples that were visited, the present one included."""

    def __init__(self, first: Stop) -> None:
        self._stops = [first]
        self._at = 0
        self._passing = False

    @property
    def here(self) -> Stop:
        """The present stop."""
        return self._stops[self._at]

    @property
    def can_go_back(self) -> bool:
        """Whether there is a stop before."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether one went back before."""
        return self._at < len(self._stops) - 1

    def visit(self, stop: Stop, *, passing: bool = False) -> None:
        """Go on to a stop; what lay ahead is forgotten. A passing one is replaced by the next."""
        if stop == self.here and not self._passing:
            return
        if self._passing:
            self._at -= 1
        del self._stops[self._at + 1 :]
        if stop != self.here or passing:
            self._stops.append(stop)
        del self._stops[:-REMEMBERED]
        self._at = len(self._stops) - 1
        self._passing = passing

    def back(self) -> Stop:
        """The stop before; the present one where there is none."""
        self._passing = False
        self._at = max(self._at - 1, 0)
        return self.here

    def forward(self) -> Stop:
        """The stop after the present one, None where there is none."""
        self._passing = False
        self._at = min(self._at + 1, len(self._stops) - 1)
        return self.here
