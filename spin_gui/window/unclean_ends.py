"""Which windows ended without saying so: killed, crashed, or with the machine.

Each running window holds a lock file beside its log. The lock names the process, so that other
windows that are open at the same time count as running and not as crashed; a clean end removes it.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLockFile

LOCK_SUFFIX = ".running"
LOG_SUFFIX = ".log"


class RunningMark:
    """The lock of one window, held from its start to its clean end."""

    def __init__(self, log: Path) -> None:
        self._lock = _lock_file(log.with_suffix(LOCK_SUFFIX))

    def set(self) -> None:
        """Say that this window runs; raises ``OSError`` where that cannot be written."""
        if not self._lock.tryLock(0):
            raise OSError(f"{self._lock.fileName()} could not be written.")

    def clear(self) -> None:
        """Say that it ended well."""
        self._lock.unlock()


def take_unclean_logs(folder: Path) -> list[Path]:
    """The logs of windows that ended uncleanly, newest first; each is told of once."""
    taken = []
    for path in folder.glob(f"*{LOCK_SUFFIX}"):
        lock = _lock_file(path)
        if lock.tryLock(0):  # only where no living process holds it
            lock.unlock()
            taken.append(path.with_suffix(LOG_SUFFIX))
    return sorted(taken, reverse=True)


def _lock_file(path: Path) -> QLockFile:
    lock = QLockFile(str(path))
    lock.setStaleLockTime(0)  # a window may be open for weeks
    return lock
