"""Names of pictures from the deepest folder that holds them all, as data-set files give them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path


def common_folder(pictures: Sequence[Path]) -> Path | None:
    """The deepest folder that holds all pictures; None where there is none, as on two drives."""
    if not pictures:
        return None
    try:
        return Path(os.path.commonpath({path.parent for path in pictures}))
    except ValueError:
        return None


def names_from(folder: Path | None, pictures: Sequence[Path]) -> list[str]:
    """The pictures' names from a folder, with slashes; their full paths where there is none."""
    return [
        path.as_posix() if folder is None else path.relative_to(folder).as_posix()
        for path in pictures
    ]
