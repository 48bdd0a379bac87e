"""Imports as Python makes them, without PySide6's look into the source of every module.

For its feature switches (``from __feature__ import snake_case``) PySide6 puts an import function of
its own in the place of Python's. That one reads the source of each module imported afterwards, any
package's, and Python keeps the text: a sixth of the time until the list of samples is painted, and
40 MB once PyTorch is loaded. This program uses no such switches.
"""

from __future__ import annotations

import builtins
import gc
from collections.abc import Iterator
from contextlib import contextmanager

import PySide6.QtCore  # noqa: F401 - puts its import function in place

_PYTHONS_OWN = "__orig_import__"
"""Where PySide6 keeps the function that was there before."""


def keep_imports_plain() -> None:
    """Import modules as before PySide6 was loaded; a second call does nothing."""
    own = getattr(builtins, _PYTHONS_OWN, None)
    if own is not None:
        builtins.__import__ = own


@contextmanager
def collecting_later() -> Iterator[None]:
    """Let Python look for garbage after the block, not in it.

    Modules that are imported stay: to look through them again and again while more come takes a
    twelfth of the time until the list is painted.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
