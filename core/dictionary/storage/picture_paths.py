"""Where pictures are: those in the project's folder by their place in it, all others by full path.

A project whose pictures lie in its folder can so be moved, copied or shipped as a whole. Only this
module knows: the dictionary takes absolute paths in and hands absolute paths out.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.dictionary.storage.checksums import REMOVED
from core.dictionary.storage.connection import Connection
from core.errors import DictionaryError

if TYPE_CHECKING:
    from sqlite_utils import Database

SAMPLES = "samples"
CAMERAS = "cameras"
_IN_USE = (SAMPLES, "source_pictures", "searched_pictures", CAMERAS)
TABLES_WITH_PICTURES = (*_IN_USE, *(f"{REMOVED}{table}" for table in _IN_USE))
"""Every table with a column ``picture_path``, those of removed rows included."""

# Two spellings of one picture may meet; the second one then keeps what it has.
_REPLACE = "UPDATE OR IGNORE {} SET picture_path = ? WHERE picture_path = ?"
_MAYBE_OUTSIDE = "SELECT id, picture_path FROM {} WHERE picture_path LIKE '%..%' ORDER BY id"


class PicturePaths:
    """Turns paths of pictures into what the dictionary stores, and back.

    Args:
        project: the project's folder.
    """

    def __init__(self, project: Path) -> None:
        self._project = Path(os.path.realpath(project))
        self._relative_folders: dict[Path, Path | None] = {}

    def stored(self, picture: Path) -> str:
        """A picture in the project's folder as ``pictures/a.jpg``, any other as its full path.

        Where it really lies decides: a link in the folder that leads out of it does not count as
        inside, and neither spelling nor links on the way to the folder make a difference.
        """
        picture = picture.absolute()
        if picture.is_symlink() and self._relative(Path(os.path.realpath(picture)).parent) is None:
            return str(picture)
        relative = self._relative(picture.parent)
        return str(picture) if relative is None else (relative / picture.name).as_posix()

    def absolute(self, stored: str) -> Path:
        """The full path of a stored one.

        Raises:
            DictionaryError: it is relative and leads out of the project's folder.
        """
        path = Path(stored)
        if path.is_absolute():
            return path
        if leads_outside(stored):
            raise DictionaryError(
                f"The table samples has the picture_path {stored!r}, which leads out of the "
                f"project's folder {self._project}; expected a place inside it, or a full path.",
                remedy="Restore a backup of the project, or import its pictures again.",
            )
        return self._project / path

    def _relative(self, folder: Path) -> Path | None:
        """A folder's place in the project's folder; None where it is not in it."""
        if folder not in self._relative_folders:
            self._relative_folders[folder] = self._find_relative(Path(os.path.realpath(folder)))
        return self._relative_folders[folder]

    def _find_relative(self, folder: Path) -> Path | None:
        for ancestor in (folder, *folder.parents):
            try:
                # Not by name: some disks take upper and lower case for the same.
                if ancestor.samefile(self._project):
                    return folder.relative_to(ancestor)
            except OSError:
                continue  # it does not exist, or is nothing we may look at
        return None


def leads_outside(stored: str) -> bool:
    """Whether a relative path leaves the folder that it starts from."""
    path = Path(stored)
    return not path.is_absolute() and (".." in path.parts or bool(path.anchor))


def make_relative(database: Database) -> None:
    """Bring a file of schema 3 to schema 4: pictures in its folder by their place in it.

    Full paths were written with every link resolved; those that do not begin like the folder are
    not looked at, so that no disk that is away is waited for. The caller holds the transaction.
    """
    project = _folder_of(database)
    paths = PicturePaths(project)
    _replace(
        database,
        SAMPLES,
        {
            stored: paths.stored(Path(stored))
            for stored in _distinct_paths(database, SAMPLES)
            if Path(stored).is_relative_to(project)
        },
    )


def follow_to_copy(connection: Connection, *, source: Path, copy: Path) -> None:
    """Let a copied dictionary name the pictures of its source, which stay where they are."""
    before, after = PicturePaths(source), PicturePaths(copy)
    with connection.writing():
        for table in TABLES_WITH_PICTURES:
            paths = _distinct_paths(connection.database, table)
            _replace(
                connection.database,
                table,
                {stored: after.stored(before.absolute(stored)) for stored in paths},
            )


def path_problems(connection: Connection) -> list[str]:
    """Sentences about pictures whose stored path leads out of the project."""
    return [
        f"Row {row_id} of {table}: its picture_path {stored!r} leads out of the project's folder."
        for table in TABLES_WITH_PICTURES
        for row_id, stored in connection.execute(_MAYBE_OUTSIDE.format(table))
        if leads_outside(stored)
    ]


def _folder_of(database: Database) -> Path:
    # As bytes: the name of a folder need not be text.
    select = "SELECT CAST(file AS BLOB) FROM pragma_database_list WHERE name = 'main'"
    ((file,),) = database.execute(select)
    return Path(os.path.realpath(Path(os.fsdecode(file)).parent))


def _distinct_paths(database: Database, table: str) -> list[str]:
    select = f"SELECT DISTINCT picture_path FROM {table}"  # noqa: S608 - own names
    return [stored for (stored,) in database.execute(select)]


def _replace(database: Database, table: str, by_stored: Mapping[str, str]) -> None:
    changed = [(new, old) for old, new in by_stored.items() if new != old]
    database.conn.executemany(_REPLACE.format(table), changed)
