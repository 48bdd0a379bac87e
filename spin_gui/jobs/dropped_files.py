"""What is dropped on the window: a project, annotations, bodies, or plain pictures and videos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QDropEvent

from core.dictionary.storage.project_folder import is_project


def dropped_paths(event: QDropEvent) -> list[Path]:
    """One folder or file, or any number of pictures and videos; empty for anything else.

    A file of no use is taken, too: the question that follows names it for what it is.
    """
    # Late, here and below: the readers of all formats, which the list does without.
    from core.workflows.photos.picture_files import is_plain_name  # noqa: PLC0415

    urls = event.mimeData().urls()
    if not urls or not all(url.isLocalFile() for url in urls):
        return []
    paths = [Path(url.toLocalFile()) for url in urls]
    if all(path.is_dir() or is_plain_name(path) for path in paths):
        return paths
    return paths if len(paths) == 1 else []


def are_plain(paths: Sequence[Path]) -> bool:
    """Whether people are to be found in what was dropped: pictures without annotations."""
    from core.workflows.photos.picture_files import guess_plain  # noqa: PLC0415

    return all(not is_project(path) and guess_plain(path) is not None for path in paths)


def holds_bodies(path: Path) -> bool:
    """Whether a file or folder is of another method's bodies, and not of annotations."""
    from core.formats.registry import recognise_source  # noqa: PLC0415

    known = recognise_source(path)
    return known is not None and known.holds_bodies
