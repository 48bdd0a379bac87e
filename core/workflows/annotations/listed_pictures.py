"""Which of the pictures that imported files list are written, and as which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from core.dictionary.samples.sources import StoredPicture


class ListedPictures:
    """The pictures of all files. The file that listed a picture first says how it is written.

    A file may list one picture under several ids; they stay apart. In later files, the picture is
    the one with the same id, or else the first.
    """

    def __init__(self, pictures: Iterable[StoredPicture]) -> None:
        self._pictures = {picture.id: picture for picture in pictures}
        self._paths = {picture.id: picture.picture.path for picture in self._pictures.values()}
        self._written: dict[int, int] = {}
        self._first_at: dict[Path, int] = {}

    def found_at(self, picture_id: int, path: Path) -> None:
        """Say where the people of a picture are: it may have been found elsewhere since."""
        if self._paths[picture_id] != path:
            self._paths[picture_id] = path
            self._written.clear()

    def path_of(self, picture_id: int) -> Path:
        """Where a picture is."""
        return self._paths[picture_id]

    def written(self) -> Iterator[StoredPicture]:
        """The pictures to write, in the order of import."""
        self._settle()
        for picture_id, picture in self._pictures.items():
            if self._written[picture_id] == picture_id:
                yield picture

    def written_as(self, picture_id: int) -> int:
        """The picture that stands for another one."""
        self._settle()
        return self._written[picture_id]

    def at(self, path: Path) -> int | None:
        """The picture that people without an entry are in; None where no file lists it."""
        self._settle()
        return self._first_at.get(path)

    def _settle(self) -> None:
        if len(self._written) == len(self._pictures):
            return
        self._first_at = {}
        of_path: dict[Path, list[StoredPicture]] = {}
        for picture_id, picture in self._pictures.items():
            path = self._paths[picture_id]
            others = of_path.setdefault(path, [])
            if not others or others[0].document_id == picture.document_id:
                others.append(picture)
                self._written[picture_id] = picture_id
            else:
                same = [
                    other for other in others if other.picture.image_id == picture.picture.image_id
                ]
                self._written[picture_id] = (same or others)[0].id
            self._first_at.setdefault(path, picture_id)
