"""How long the window's thread waited for a core: what work in the background gives back to it.

Priorities alone do not help beside other busy programs. Linux shares the cores between programs
first: what a program's background threads use, its main thread waits for, 50 ms at a time and more,
whatever their priorities within the program (docs/measurements.md, "Reviewing 300 000 samples").
"""

from __future__ import annotations

import os
import time
from pathlib import Path

LONGEST_PAUSE_S = 0.05
_FORGOTTEN_AFTER_S = 0.5
"""What the main thread waited longer ago than this is no reason to pause now."""


class MainThreadWaits:
    """Of one background thread, which asks before each piece of work that no one waits for."""

    def __init__(self) -> None:
        self._asked_at, self._waited_s = time.monotonic(), main_thread_waited_s()

    def pause_s(self) -> float:
        """As long as the main thread waited since this was last asked, in seconds, within limits.

        On a machine with free cores that is next to nothing.
        """
        now, waited_s = time.monotonic(), main_thread_waited_s()
        recently = now - self._asked_at <= _FORGOTTEN_AFTER_S
        owed_s = waited_s - self._waited_s
        self._asked_at, self._waited_s = now, waited_s
        return min(owed_s, LONGEST_PAUSE_S) if recently else 0.0


def main_thread_waited_s() -> float:
    """For how long the main thread was ready to work and had no core, since it began; seconds.

    Only Linux tells; elsewhere it is 0.
    """
    try:
        told = Path(f"/proc/self/task/{os.getpid()}/schedstat").read_text(encoding="ascii")
        return int(told.split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
