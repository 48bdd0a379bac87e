"""Threads that no one waits for yield to those that answer the user."""

from __future__ import annotations

import os
import sys
import threading

BACKGROUND_NICENESS = 5
"""A third of an ordinary thread's share where both want the same core, and all of it otherwise.

Measured on two cores: while bodies were posed and drawn, the thread of the window waited more for
a core than for the interpreter's lock (docs/measurements.md). Not lower: a thread that holds the
lock and gets no core holds everybody up.
"""


def give_way() -> None:
    """Lower the priority of the thread that calls; threads it starts inherit it.

    Only Linux knows priorities of threads; elsewhere, and where it is not allowed, nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return
    thread = threading.get_native_id()
    try:
        if os.getpriority(os.PRIO_PROCESS, thread) < BACKGROUND_NICENESS:
            os.setpriority(os.PRIO_PROCESS, thread, BACKGROUND_NICENESS)
    except OSError:
        return
