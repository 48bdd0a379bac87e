"""Python's search for garbage in cycles, done only when it is asked for, and only where.

Python looks for such garbage on whatever thread happens to make the object that is one too many.
Windows often end in cycles; if a thread that draws finds one of them, Qt takes its widgets apart
there, while the main thread may hold a lock of Qt's and wait for Python: both wait for ever.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

_OLD_BEFORE_FULL = 4
"""A full search waits until what survived is a quarter of what is old, as in CPython's collector:
searching costs the same for each object, however many of them were looked at before."""


STARTING_S = 60.0
"""What grows old meanwhile is the program itself, its modules and its window, and is no reason for
a full search: those took 80 to 600 ms while a project was opened."""


_MADE_IN_BULK = 100_000
"""Objects more than were freed, until a search, where work makes many that are no garbage."""


@contextmanager
def rare_searches() -> Iterator[None]:
    """Let Python search seldom, as long as work makes very many objects and keeps them.

    By its own thresholds it looks at young objects after every 700, and so at each of them many
    times; an import of annotations spends a sixth of its time there. Nothing is changed where the
    search is not Python's own, as in the window.
    """
    thresholds = gc.get_threshold()
    if not gc.isenabled() or thresholds[0] >= _MADE_IN_BULK:
        yield
        return
    gc.set_threshold(_MADE_IN_BULK, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


class GarbageSearch:
    """Takes the search over from Python until `end`; `look` then does what is due."""

    def __init__(self, *, starting_s: float = STARTING_S) -> None:
        self._was_on = gc.isenabled()
        gc.disable()
        self._settled_at = time.monotonic() + starting_s
        self._old: int | None = None
        self._grown = 0

    def look(self) -> int:
        """Search as deeply as Python itself would by now; returns how many objects were found.

        Call it on the thread on which garbage may be taken apart, every second or so.
        """
        young, searched, _ = gc.get_count()
        enough_young, enough_searched, _ = gc.get_threshold()
        if young <= enough_young:
            return 0
        found = gc.collect(1 if searched > enough_searched else 0)
        self._grown += max(0, young - found)
        return found + self._look_everywhere_if_due()

    def end(self) -> None:
        """Leave it to Python again, if it was before."""
        if self._was_on:
            gc.enable()

    def _look_everywhere_if_due(self) -> int:
        if time.monotonic() < self._settled_at:
            return 0
        if self._old is not None and self._grown * _OLD_BEFORE_FULL <= self._old:
            return 0
        found = 0 if self._old is None else gc.collect()
        self._old = len(gc.get_objects())
        self._grown = 0
        return found
