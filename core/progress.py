"""How long work reports its way and is told to stop, without knowing who watches."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import Cancelled

REPORT_INTERVAL_S = 0.1
"""Ten reports a second are as many as an eye follows; more only load the window's event queue."""


@dataclass(frozen=True)
class Progress:
    """A point on the way: ``done`` of ``total`` items of ``phase``; rate in items per second."""

    phase: str
    done: int
    total: int
    rate_per_s: float = 0.0

    @property
    def eta_s(self) -> float | None:
        """Seconds to go, or None while nothing is known."""
        if self.rate_per_s <= 0:
            return None
        return (self.total - self.done) / self.rate_per_s


ProgressCallback = Callable[[Progress], None]


def ignore_progress(_progress: Progress) -> None:
    """The callback for callers who do not watch."""


class CancelToken:
    """Set from any thread; the work asks between items and stops there."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop at its next item."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether a stop was asked for."""
        return self._event.is_set()

    def raise_if_cancelled(self) -> None:
        """Raise ``Cancelled`` when a stop was asked for."""
        if self.cancelled:
            raise Cancelled


class ProgressMeter:
    """Counts finished items and reports at most ten times a second.

    The first and the last item are always reported, so that a bar starts at once and ends full.
    """

    def __init__(self, phase: str, total: int, callback: ProgressCallback) -> None:
        self._phase, self._total, self._callback = phase, total, callback
        self._done = 0
        self._started = time.monotonic()
        self._reported = float("-inf")
        self._report(self._started)

    def advance(self, items: int = 1) -> None:
        """Add finished items."""
        self._done += items
        now = time.monotonic()
        if self._done >= self._total or now - self._reported >= REPORT_INTERVAL_S:
            self._report(now)

    def _report(self, now: float) -> None:
        self._reported = now
        elapsed = now - self._started
        rate = self._done / elapsed if elapsed > 0 else 0.0
        self._callback(Progress(self._phase, self._done, self._total, rate))
