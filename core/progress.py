"""How long-running work reports progress and is told to stop, without knowing its observers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import Cancelled
from core.recent_rate import RecentRate

REPORT_INTERVAL_S = 0.1
"""Ten reports a second are as many as an eye follows; more only load the window's event queue."""

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400


@dataclass(frozen=True)
class Progress:
    """A point on the way: ``done`` of ``total`` items of ``phase``; rate in items per second.

    The rate is that of late; 0 where none is known yet.
    """

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


def duration_text(seconds: float) -> str:
    """``40 s``, ``3 min 20 s``, ``2 h 5 min``, ``3 days 4 h``."""
    whole = max(0, round(seconds))
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min {whole % _MINUTE_S} s"
    if whole < 2 * _DAY_S:
        return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S} min"
    return f"{whole // _DAY_S} days {whole % _DAY_S // _HOUR_S} h"


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
    The last report's rate is that of the whole.
    """

    def __init__(
        self,
        phase: str,
        total: int,
        callback: ProgressCallback,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._phase, self._total, self._callback = phase, total, callback
        self._done = 0
        self._rate = RecentRate()
        self._started = clock()
        self._reported = float("-inf")
        self._report(self._started)

    def advance(self, items: int = 1) -> None:
        """Add finished items."""
        self._done += items
        now = self._clock()
        self._rate.note(self._done, now)
        if self._done >= self._total or now - self._reported >= REPORT_INTERVAL_S:
            self._report(now)

    def _report(self, now: float) -> None:
        self._reported = now
        elapsed = now - self._started
        ended = self._done >= self._total and elapsed > 0
        rate = self._done / elapsed if ended else self._rate.per_s
        self._callback(Progress(self._phase, self._done, self._total, rate))
