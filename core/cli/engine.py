"""Loading the engine: PyTorch takes seconds, in which a subcommand has not begun yet.

Subcommands check what they can without it, import what works inside ``loading_engine``, and begin.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from core.cli.console import Console


@contextmanager
def loading_engine(console: Console) -> Iterator[None]:
    """Around the imports of what works: says what takes so long, on a terminal.

    Ctrl+C in these seconds ends the program at once: nothing has begun, and torch's own modules
    would turn the exception into others.
    """
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        console.passing("Loading PyTorch …")
        yield
        console.passing("")
    finally:
        signal.signal(signal.SIGINT, handler)
