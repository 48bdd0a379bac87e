"""PyTorch in the window's process: loaded by the first job that needs it, on that job's thread.

Looking at a project, judging and correcting keypoints do without; see docs/decisions/0008.
"""

from __future__ import annotations

import os
import threading
import time

from core.engine.torch_loading import load_torch, torch_is_loaded

LOADING_TEXT = "Loading PyTorch, once for this session…"
"""What the window says meanwhile: it takes seconds, on a slow disk half a minute."""

_PAINT_S = 0.05
"""Until the window has painted that; the import leaves it little time for anything."""


def worker_threads() -> int:
    """Cores for the tensors of a job: all but one, which keeps the window smooth."""
    return max(1, (os.cpu_count() or 1) - 1)


def load_torch_for_jobs() -> None:
    """Load PyTorch on this thread, and leave one core to the window in what it computes here."""
    if not torch_is_loaded():
        time.sleep(_PAINT_S)
    load_torch(worker_threads())


def load_torch_ahead() -> None:
    """Begin to load PyTorch on a thread of its own: the user is about to start what needs it."""
    if not torch_is_loaded():
        threading.Thread(target=_load_quietly, name="loading PyTorch", daemon=True).start()


def _load_quietly() -> None:
    try:
        load_torch_for_jobs()
    except ImportError:
        return  # the job itself will say what is amiss
