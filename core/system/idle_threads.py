"""Threads that have nothing to do sleep, rather than keep a core busy with looking for work.

PyTorch's OpenMP lets a thread look for work some 300 000 times before it sleeps, which pays where
every thread has a core to itself. Beside other programs it takes the core from the very thread it
waits for: 64 fits took several times as long (docs/measurements.md).
"""

from __future__ import annotations

import os

_SETTINGS = {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"}
"""The second is of Intel's and LLVM's OpenMP, which some builds of PyTorch bring: milliseconds."""


def let_waiting_threads_sleep() -> None:
    """Call it before PyTorch is loaded: OpenMP reads its settings once, when its library loads.

    Processes started from this one inherit it. What the user has set stays.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
