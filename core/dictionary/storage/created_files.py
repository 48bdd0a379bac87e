"""What a call makes in a project's folder, and how it goes again where the call fails."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from core.dictionary.storage.connection import REMEDY_TOO_LONG
from core.dictionary.storage.folder_names import CACHE_FOLDER, CHECKPOINT_FOLDER, DATABASE_FILE
from core.errors import DictionaryError


def remedy_of_folder(error: OSError) -> str:
    """What to do about a folder in which a project cannot be made."""
    if error.errno == errno.ENAMETOOLONG:
        return REMEDY_TOO_LONG
    return "Choose a folder that you can write to, with enough space."


class TakenBack:
    """Removes, when its block ends with an error, what was made through it; nothing else.

    ::

        with TakenBack(project) as made:
            made.project_folders()
            make_project(project, settings={}, migrations=MIGRATIONS)
            made.database()
            ...

    A folder that something else lies in stays, and so does everything once another process has made
    a project of the folder.

    Args:
        project: the folder; it may be there already.
    """

    def __init__(self, project: Path) -> None:
        self._project = project
        self._made: list[Path] = []
        self._is_ours = False

    def folder(self, folder: Path) -> None:
        """Make a folder and those it lies in, where they are missing; raises DictionaryError."""
        missing = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
        try:
            for path in reversed(missing):
                path.mkdir(exist_ok=True)
                self._made.append(path)
            folder.mkdir(exist_ok=True)  # raises where it is a file
        except OSError as error:
            raise DictionaryError(
                f"{self._project}: the project cannot be made here ({error.strerror}).",
                remedy=remedy_of_folder(error),
            ) from error

    def project_folders(self) -> None:
        """Make the folders of a project."""
        for name in ("", CACHE_FOLDER, CHECKPOINT_FOLDER):
            self.folder(self._project / name)

    def file(self, file: Path) -> None:
        """Name a file that was just made."""
        self._made.append(file)

    def database(self) -> None:
        """Name the project's database, which was just made: from now on the project is ours."""
        self._is_ours = True
        self._made += [self._project / f"{DATABASE_FILE}{end}" for end in ("", "-wal", "-shm")]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        is_anothers = not self._is_ours and os.path.lexists(self._project / DATABASE_FILE)
        if kind is None or is_anothers:
            return
        for path in reversed(self._made):
            try:
                path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
            except OSError:
                continue  # a folder with something in it, or a disk that is gone
