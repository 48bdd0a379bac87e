"""A backup by a process of its own, which goes on when the program that started it has ended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from core.resource_files import RESOURCES

_PROGRAM = RESOURCES.parent / "main.py"


def start_backup(project: Path) -> int:
    """Begin a backup, if the dictionary has changed since the last one, and do not wait for it.

    It runs in a session of its own: closing the terminal or the window does not end it.

    Returns:
        The number of the process.
    """
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, str(_PROGRAM), "backup", "--if-changed", str(project.absolute())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    process.returncode = 0  # Python would warn of a process that is still running
    return process.pid
