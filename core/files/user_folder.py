"""The user's own folder of the program: files that serve every project of one person."""

from __future__ import annotations

import os
import sys
from pathlib import Path

VARIABLE = "SPIN_STUDIO_DATA"
"""Names another folder in its place."""

_OFFICIAL = "official"


def user_data_folder() -> Path:
    """Where desktop programs keep data of a user on this system; it need not be there yet.

    Source: the XDG Base Directory Specification, and Windows' and Apple's rules.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData/Roaming") / "SPIN Studio"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/SPIN Studio"
    given = os.environ.get("XDG_DATA_HOME", "")
    # The specification: a path that is not absolute is to be ignored.
    base = Path(given) if Path(given).is_absolute() else Path.home() / ".local/share"
    return base / "spin-studio"


def official_folder() -> Path:
    """Where official files lie that the user put in place, such as SMPL's bodies."""
    return user_data_folder() / _OFFICIAL
