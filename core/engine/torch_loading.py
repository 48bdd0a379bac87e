"""PyTorch in this process: loading it takes seconds and 500 MB, so it happens on request."""

from __future__ import annotations

import sys
import threading

_loading = threading.Lock()


def torch_is_loaded() -> bool:
    """Whether PyTorch is there; not yet while another thread loads it."""
    return "torch" in sys.modules and not _loading.locked()


def load_torch(threads: int) -> None:
    """Load PyTorch on this thread, and let its operators use this many threads.

    Raises:
        ImportError: PyTorch is not installed, or a library of its own is missing.
    """
    if not torch_is_loaded():
        with _loading:
            import torch  # noqa: PLC0415 - the whole point
    import torch  # noqa: PLC0415

    torch.set_num_threads(threads)
