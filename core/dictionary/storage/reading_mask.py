"""Which of a dictionary's two connections reads: the one that writes, or one that shows less."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class ReadingMask:
    """A second connection, through which everything outside of write transactions is read.

    Temporary views on it take the place of tables: what the user is not to see is left out of
    whatever is read, while writers see all there is. Without one, the writing connection reads.

    Args:
        writer: the connection that writes.
        open_reader: opens the same file once more.
    """

    def __init__(
        self, writer: sqlite3.Connection, open_reader: Callable[[], sqlite3.Connection]
    ) -> None:
        self._writer, self._open_reader = writer, open_reader
        self._masked: sqlite3.Connection | None = None
        self._is_lifted = False

    @property
    def is_made(self) -> bool:
        """Whether there is a second connection."""
        return self._masked is not None

    def made(self) -> sqlite3.Connection:
        """The second connection, opened by the first call; raises ``sqlite3.Error``."""
        if self._masked is None:
            self._masked = self._open_reader()
        return self._masked

    @contextmanager
    def lifted(self) -> Iterator[None]:
        """Read everything there is, for counts that tell of no particular person."""
        former, self._is_lifted = self._is_lifted, True
        try:
            yield
        finally:
            self._is_lifted = former

    def reader(self, sql: str = "") -> sqlite3.Connection:
        """The connection that runs a statement; what a PRAGMA asks is about the writing one."""
        if self._masked is None or self._is_lifted or self._writer.in_transaction:
            return self._writer
        return self._writer if sql.startswith("PRAGMA") else self._masked

    def interrupt(self) -> None:
        """End what another thread reads through it."""
        if self._masked is not None:
            self._masked.interrupt()

    def close(self) -> None:
        """Close the second connection."""
        if self._masked is not None:
            self._masked.close()
