"""Whether a process lives, and which one it is: numbers come round again, starts do not."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def start_of(process: int) -> int | None:
    """When a process of this machine started, in the system's own units; None where it is no more.

    Where the system does not tell, 0 for every process that lives.
    """
    if sys.platform.startswith("linux"):
        try:
            text = Path(f"/proc/{process}/stat").read_text(errors="replace")
        except OSError:
            return None
        # The name in parentheses may hold anything; the start is the 20th word after it.
        return int(text.rpartition(")")[2].split()[19])
    if sys.platform == "win32":
        return 0  # os.kill would interrupt the process there
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return None
    except OSError:
        pass  # it lives, and is another user's
    return 0
