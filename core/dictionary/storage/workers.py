"""Who works on a project: each opened dictionary that takes something up, and whether it lives.

A worker's name in the database is that of a file in ``locks/`` which it holds. So what a killed
process had taken up is known at once, without a clock.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from core.errors import DictionaryError
from core.files.held_files import SUFFIX, HeldFile, Holder, holder_of, sweep

LOCK_FOLDER = "locks"
_NAME = re.compile(r"[0-9a-f]{32}")


class Workers:
    """The workers of a project, among them this one, which is none until its name is asked for."""

    def __init__(self, project: Path) -> None:
        self._folder = project / LOCK_FOLDER
        self._mine: HeldFile | None = None

    @property
    def my_name(self) -> str:
        """The name that what this worker takes up is noted under.

        Raises:
            DictionaryError: the project's folder cannot be written.
        """
        if self._mine is None:
            try:
                self._mine = HeldFile.take(self._folder)
                sweep(self._folder)
            except OSError as error:
                raise DictionaryError(
                    f"{self._folder}: nothing can be written here ({error.strerror or error}).",
                    remedy="Make the project's folder writable for you, with free space.",
                ) from error
        return self._mine.path.name.removesuffix(SUFFIX)

    def other(self, name: str | None) -> Holder | None:
        """Who bears a name, other than this worker; None where that one is no more."""
        if name is None or not _NAME.fullmatch(name) or self._is_me(name):
            return None
        return holder_of(self._folder / f"{name}{SUFFIX}")

    def is_at_work(self, name: str | None) -> bool:
        """Whether the worker of this name, perhaps this one, lives."""
        return name is not None and (self._is_me(name) or self.other(name) is not None)

    def gone(self, names: Collection[str]) -> list[str]:
        """Those of some names whose workers are no more."""
        return [name for name in names if not self.is_at_work(name)]

    def leave(self) -> None:
        """Give the name up: what is noted under it is free."""
        if self._mine is not None:
            self._mine.release()
            self._mine = None

    def _is_me(self, name: str) -> bool:
        return self._mine is not None and self._mine.path.name == f"{name}{SUFFIX}"
