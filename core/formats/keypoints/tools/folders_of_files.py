"""Sources that are a folder with one file a picture, or one such file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.errors import AnnotationError


def files_of(source: Path, suffix: str, expected: str) -> Sequence[Path]:
    """The files of a folder with a suffix, not those in folders in it; a file is itself.

    Raises:
        AnnotationError: no such source, or no such file in it.
    """
    if source.is_file():
        return [source]
    if not source.is_dir():
        raise AnnotationError(
            f"no such file or folder, expected {expected}.", path=source, remedy="Check the path."
        )
    files = sorted(
        path for path in source.iterdir() if path.suffix.lower() == suffix and path.is_file()
    )
    if not files:
        raise AnnotationError(
            f"no {suffix} files, expected {expected}.",
            path=source,
            remedy="Give the folder that holds them.",
        )
    return files
