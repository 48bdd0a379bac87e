"""Versions of installed packages, told by the names of their folders.

``importlib.metadata`` would read whole descriptions with the parser for e-mail, whose import takes
a twentieth of the time until the window's list is painted.
"""

from __future__ import annotations

import sys
from pathlib import Path

_ENDING = ".dist-info"


def installed_version(package: str) -> str | None:
    """The version of a package, such as ``2.4.0+cpu``; None where it is not installed."""
    begin = f"{package.replace('-', '_')}-"
    for folder in sys.path:
        for found in Path(folder).glob(f"{begin}*{_ENDING}"):
            return found.name[len(begin) : -len(_ENDING)]
    from importlib import metadata  # noqa: PLC0415 - for what is installed in another way

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
