"""Has what was written put on the disk, so that it survives a power cut."""

from __future__ import annotations

import errno
import os
from pathlib import Path

_NOT_POSSIBLE = frozenset({errno.EINVAL, errno.EBADF, errno.ENOTSUP})
"""What file systems answer that sync no folders, as those of shares and virtual machines."""


def put_on_disk(path: Path) -> None:
    """Have a file, or the names in a folder, written to the disk, where the system can.

    Raises:
        OSError: the disk has no room, or a fault.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return  # systems that cannot open folders do without
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NOT_POSSIBLE:
            raise
    finally:
        os.close(handle)
