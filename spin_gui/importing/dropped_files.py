"""What is named or dropped: which of it is the source, and which of it the source's pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QDropEvent


@dataclass(frozen=True, kw_only=True)
class SortedSources:
    """plain: pictures, videos and folders of them; or else one source, and more that wait.

    images: the folder of the source's pictures, where one lay beside it. calibration: of cameras.
    """

    plain: tuple[Path, ...] = ()
    source: Path | None = None
    images: Path | None = None
    calibration: Path | None = None
    waiting: tuple[Path, ...] = ()


def dropped_paths(event: QDropEvent) -> list[Path]:
    """Everything that lies on this machine; empty for anything else.

    A file of no use is taken, too: the question that follows names it for what it is.
    """
    urls = event.mimeData().urls()
    if not urls or not all(url.isLocalFile() for url in urls):
        return []
    return [Path(url.toLocalFile()) for url in urls]


def sort_sources(paths: Sequence[Path]) -> SortedSources:
    """Tell pictures from what is said of them; looks into folders, so call it on a thread."""
    # Late: the readers of all formats, which the window begins without.
    from core.formats.registry import guess_format  # noqa: PLC0415
    from core.workflows.photos.picture_files import guess_plain  # noqa: PLC0415

    if len(paths) == 1 and not paths[0].exists():
        return SortedSources(source=paths[0])
    plain = [path for path in paths if guess_plain(path) is not None]
    others = [path for path in paths if path not in plain]
    if not others:
        return SortedSources(plain=tuple(plain))
    calibrations = [path for path in others if len(others) > 1 and _is_calibration(path)]
    sources = [path for path in others if path not in calibrations] or others
    if len(sources) > 1:
        together = sources[0].parent
        whole = all(path.parent == together for path in sources) and _is_whole(together, sources)
        if whole and guess_format(together) is not None:
            sources = [together]
    return SortedSources(
        source=sources[0],
        images=_folder_of(plain),
        calibration=calibrations[0] if calibrations else None,
        waiting=tuple(sources[1:]),
    )


def _is_whole(folder: Path, files: Sequence[Path]) -> bool:
    """Whether these are all files of their kind in a folder."""
    endings = {path.suffix.lower() for path in files}
    there = {path for path in folder.iterdir() if path.suffix.lower() in endings}
    return there == set(files)


def _folder_of(plain: Sequence[Path]) -> Path | None:
    """The one folder that pictures are or lie in."""
    folders = {path if path.is_dir() else path.parent for path in plain}
    return folders.pop() if len(folders) == 1 else None


def _is_calibration(path: Path) -> bool:
    from core.errors import AnnotationError  # noqa: PLC0415
    from core.formats.cameras.calibration_files import read_calibration  # noqa: PLC0415
    from core.formats.registry import guess_format  # noqa: PLC0415

    if path.is_dir() or guess_format(path) is not None:
        return False
    try:
        read_calibration(path)
    except AnnotationError:
        return False
    return True
