"""PyTorch in the window's process: loaded by the first job that needs it, on that job's thread.

Looking at a project, judging and correcting keypoints do without; see docs/decisions/0008.
"""

from __future__ import annotations

import os
import sys
import threading
import time

LOADING_TEXT = "Loading PyTorch, once for this session…"
"""What the window says meanwhile: it takes seconds, on a slow disk half a minute."""

_PAINT_S = 0.05
"""Until the window has painted that; the import leaves it little time for anything."""

_loading = threading.Lock()


def torch_is_loaded() -> bool:
    """Whether a job need not wait for PyTorch; not yet while another thread loads it."""
    return "torch" in sys.modules and not _loading.locked()


def worker_threads() -> int:
    """Cores for the tensors of a job: all but one, which keeps the window smooth."""
    return max(1, (os.cpu_count() or 1) - 1)


def load_torch() -> None:
    """Load PyTorch on this thread, and leave one core to the window in what it computes here."""
    if not torch_is_loaded():
        time.sleep(_PAINT_S)
        with _loading:
            import torch  # noqa: PLC0415 - the whole point
    import torch  # noqa: PLC0415

    torch.set_num_threads(worker_threads())


def load_torch_ahead() -> None:
    """Begin to load PyTorch on a thread of its own: the user is about to start what needs it."""
    if "torch" not in sys.modules:
        threading.Thread(target=_load_quietly, name="loading PyTorch", daemon=True).start()


def _load_quietly() -> None:
    try:
        load_torch()
    except ImportError:
        return  # the job itself will say what is amiss
