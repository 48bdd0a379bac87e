"""Files that a process holds while it lives, so that others can tell whether it still does.

The kernel keeps the lock and lets go of it when the process ends, however it ends: neither a
process number that was given out again nor a clock can mislead. The file says who holds it. Where a
file system knows no locks, the process number in the file has to do.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Self

from core.files.foreign_files import foreign_content
from core.system.processes import start_of

SUFFIX = ".lock"
_TRIES = 20
_MOST_BYTES = 4096


@dataclass(frozen=True)
class Holder:
    """The process that holds a file. since: ISO 8601 with the offset of its clock."""

    host: str
    process: int
    since: str

    @classmethod
    def here(cls) -> Self:
        """This process, from now on."""
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        return cls(socket.gethostname(), os.getpid(), now)

    def words(self) -> str:
        """Who it is, for messages."""
        if not self.process:
            return "another process"
        return f"process {self.process} on {self.host}, since {self.since}"


class HeldFile:
    """A file of its own name in a folder, held from ``take`` until ``release``."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path, self._file = path, file

    @classmethod
    def take(cls, folder: Path) -> Self:
        """Make a file that this object holds, and its folder, but not the one above.

        Raises:
            OSError: none can be made.
        """
        folder.mkdir(exist_ok=True)
        for _ in range(_TRIES):
            path = folder / f"{uuid.uuid4().hex}{SUFFIX}"
            file = path.open("x+b")
            # One that sweeps the folder may have found the file before it was locked.
            if _try_lock(file) is not False and path.exists():
                file.write(json.dumps(asdict(Holder.here())).encode())
                file.flush()
                return cls(path, file)
            file.close()
        raise OSError(f"no file could be held in {folder}")

    def release(self) -> None:
        """Remove the file and let go of it; a second call does nothing."""
        if self._file.closed:
            return
        with suppress(OSError):  # Windows removes no open file; a sweep will
            self.path.unlink()
        self._file.close()


def holder_of(path: Path) -> Holder | None:
    """Who holds a file; None where it is gone or its process ended."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    except OSError:
        return _UNKNOWN
    with file:
        return _holder(file)


def sweep(folder: Path) -> None:
    """Remove the files of processes that ended."""
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(OSError):
            with path.open("rb") as file:
                if _holder(file) is not None:
                    continue
                if sys.platform != "win32":  # which removes no open file
                    # A process that is just making this file cannot hold it, and makes another.
                    path.unlink()
            path.unlink(missing_ok=True)


_UNKNOWN = Holder("", 0, "")


def _holder(file: BinaryIO) -> Holder | None:
    """Who holds an open file; one that no process holds cannot be held until it is closed."""
    holder = _stated_holder(file)
    locked = _try_lock(file, shared=True)
    if locked is None:
        return holder if _is_alive(holder) else None
    return None if locked else holder


def _stated_holder(file: BinaryIO) -> Holder:
    try:
        with foreign_content(ValueError):
            words = json.loads(file.read(_MOST_BYTES))
            return Holder(str(words["host"]), int(words["process"]), str(words["since"]))
    except ValueError:
        return _UNKNOWN


def _is_alive(holder: Holder) -> bool:
    """By its number, on this machine; a process of another one counts as alive."""
    if not holder.process or holder.host != socket.gethostname():
        return True
    return start_of(holder.process) is not None


if sys.platform == "win32":
    import msvcrt

    _FAR_BEYOND = 1 << 30
    """Windows forbids others to read locked bytes; these hold nothing."""

    def _try_lock(file: BinaryIO, *, shared: bool = False) -> bool | None:
        """Whether the lock was free; None where the file system knows none."""
        del shared  # Windows knows no other kind by this call
        offset = file.tell()
        try:
            file.seek(_FAR_BEYOND)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        except OSError:
            return None
        finally:
            file.seek(offset)
        return True

else:
    import fcntl

    def _try_lock(file: BinaryIO, *, shared: bool = False) -> bool | None:
        """Whether the lock was free; None where the file system knows none.

        A shared lock keeps out those who want to hold the file, not those who ask at the same time.
        """
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return None
        return True
