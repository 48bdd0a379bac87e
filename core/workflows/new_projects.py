"""Projects that are made together with their first people, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from core.dictionary.storage.created_files import TakenBack
from core.dictionary.storage.migrations import MIGRATIONS
from core.dictionary.storage.project_folder import make_project
from core.dictionary.store import Dictionary


@dataclass(frozen=True)
class NewProject:
    """A project that is still to be made: its folder, and the settings it gets."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def made_project(new: NewProject) -> Iterator[Dictionary]:
    """The new project's dictionary; where the block fails, everything that was made goes again.

    Raises:
        DictionaryError: the folder is a project already, or cannot be written.
    """
    with TakenBack(new.folder) as made:
        made.project_folders()
        make_project(new.folder, settings=new.settings, migrations=MIGRATIONS)
        made.database()
        with Dictionary.open(new.folder) as dictionary:
            yield dictionary
