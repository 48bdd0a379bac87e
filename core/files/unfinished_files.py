"""Names for what is not whole yet, by which the leftovers of killed programs are found and removed.

The name says which process writes: its number alone is not enough, since numbers come round again,
nor are number and start on a disk that several machines share.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import time
import uuid
import zlib
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from core.system.processes import start_of

UNFINISHED = ".unfinished"

_NAME = re.compile(
    r"\..+\.(?P<machine>[0-9a-f]{8})-(?P<process>\d+)-(?P<start>\d+)-[0-9a-f]{8}\.unfinished"
    r"(?:-wal|-shm|-journal)?"
)
_FORMER_NAMES = re.compile(
    # Those of versions that did not name the process well enough; some named none.
    r"\..+\.[0-9a-f]{32}\.unfinished|\..+\.\d+\.part"
    r"|dictionary\.db\.\d+-\d{8}T\d{12}\.unfinished(?:-wal|-shm|-journal)?"
    r"|dictionary-schema\d+-\d{8}T\d{12}\.unfinished"
)
_SURELY_DEAD_S = 24 * 3600.0
"""Nothing that the program writes takes a day."""


def unfinished_name(path: Path) -> Path:
    """A hidden name beside ``path``, on the same disk, for what becomes ``path`` once whole."""
    process = os.getpid()
    owner = f"{_machine():08x}-{process}-{start_of(process) or 0}"
    return path.with_name(f"{_beginning(path)}{owner}-{uuid.uuid4().hex[:8]}{UNFINISHED}")


def sweep(folders: Iterable[Path], *, of: Path | None = None) -> list[Path]:
    """Remove what killed processes left in folders, which may be missing; returns what went.

    Only names that this program gives are touched, and no file of a process that lives. ``of``:
    only what was to become this file.
    """
    removed = []
    begins = "" if of is None else _beginning(of)
    for folder in folders:
        for path in _listed(folder):
            if path.name.startswith(begins) and _is_left_over(path) and _removed(path):
                removed.append(path)  # noqa: PERF401 - nested, it would not be read
    return removed


def _beginning(path: Path) -> str:
    # File systems take 255 bytes, and the owner needs some of them.
    return f".{path.name[:40]}."


def _listed(folder: Path) -> list[Path]:
    try:
        return [Path(entry.path) for entry in os.scandir(folder)]
    except OSError:
        return []


def _removed(path: Path) -> bool:
    """Remove a file, or a folder with all in it; False where another process was faster."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError:
        return False
    return True


def _is_left_over(path: Path) -> bool:
    named = _NAME.fullmatch(path.name)
    if named and int(named["machine"], 16) == _machine():
        process = int(named["process"])
        return start_of(process) != int(named["start"])
    return bool(named or _FORMER_NAMES.fullmatch(path.name)) and _age_s(path) > _SURELY_DEAD_S


def _age_s(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


@cache
def _machine() -> int:
    """Tells machines, their starts and containers apart: each has process numbers of its own."""
    facts = [socket.gethostname()]
    with suppress(OSError):
        facts.append(Path("/proc/sys/kernel/random/boot_id").read_text())
    with suppress(OSError):
        facts.append(str(Path("/proc/self/ns/pid").readlink()))
    return zlib.crc32("\n".join(facts).encode(errors="replace"))
