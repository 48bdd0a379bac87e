"""Times as they are stored: UTC in ISO 8601, which sorts as text; and who does something."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime

PROGRAM_AUTHOR = "program"
"""The author of changes that no person made."""


def utc_now() -> str:
    """The present moment, as ``2026-05-04T12:30:00.123456+00:00``."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def file_stamp() -> str:
    """The present moment for a file name, different at each call in practice."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")


def default_author() -> str:
    """The name of the user at the keyboard; ``unknown`` where the system has none."""
    try:
        return getpass.getuser() or "unknown"
    except (OSError, KeyError, ImportError):
        return "unknown"  # a container's user without a name, or no user database at all
