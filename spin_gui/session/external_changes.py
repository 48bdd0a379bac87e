"""Whether another process or job wrote to the dictionary since it was last looked at."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from core.dictionary.store import Dictionary

REST_AFTER_REFRESH = 20.0
"""While another process writes, reading again takes at most a twentieth of the window's time."""


class ExternalChanges:
    """Compares the dictionary's change counter, and rests after every refresh."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._counter = dictionary.file.change_counter()
        self._not_before = 0.0

    def happened(self) -> bool:
        """Whether there is something to read again now.

        Raises:
            ProjectGoneError: the project was moved, deleted or replaced.
            DictionaryError: it cannot be read.
        """
        self._dictionary.file.check_in_place()
        if time.monotonic() < self._not_before:
            return False
        former, self._counter = self._counter, self._dictionary.file.change_counter()
        return self._counter != former

    @contextmanager
    def refreshing(self) -> Iterator[None]:
        """Around a refresh: the longer it takes, the longer is the rest after it."""
        started = time.monotonic()
        yield
        ended = time.monotonic()
        self._not_before = ended + REST_AFTER_REFRESH * (ended - started)
