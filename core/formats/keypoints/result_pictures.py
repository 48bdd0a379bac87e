"""Which picture an entry of a list of results means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import AnnotationError
from core.formats.json_files import field_of, is_empty, load_json
from core.formats.keypoints.coco_images import CocoImages, image_id_of, images_of
from core.formats.keypoints.named_pictures import TURNED
from core.formats.picture_folders import GUESSED_NAME, PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.read_options import ReadOptions
from core.formats.reader_results import BrokenEntryError, shown

COCO_NUMBERS = "ids of pictures are numbers in COCO's file names (785 is 000000000785.jpg)"
NUMBERS_ARE_NAMES = "ids of pictures are their names (785 is 785.jpg)"
TEXTS_ARE_NAMES = "ids of pictures are names of files"

_COCO_NAME = re.compile(r"(?:^|_)[0-9]{12}$")


class ResultPictures:
    """Finds pictures by file name, by the images of an annotation file, or by number.

    Args:
        entries: the list.
        folder: of the pictures.
        options: may name an annotation file, or say that numbers are names.

    Raises:
        AnnotationError: the annotation file cannot be read or lists no images.
    """

    def __init__(
        self,
        entries: Sequence[Any],
        folder: PictureFolder,
        options: ReadOptions,
    ) -> None:
        self._folder = folder
        self.document: Mapping[str, Any] | None = None
        """The annotation file, where there is one."""
        self._images: CocoImages | None = None
        if options.annotations is not None:
            self.document = _loaded(options.annotations)
            images = images_of(self.document, options.annotations)
            self._images = CocoImages(images, folder)
        objects = [entry for entry in entries if type(entry) is dict]
        names = (entry.get(name) for entry in objects for name in ("file_name", "image_id"))
        folder.expect({name for name in names if type(name) is str})
        numbers = {entry["image_id"] for entry in objects if type(entry.get("image_id")) is int}
        self._numbers_are_names = options.ids_are_names or self._cannot_be_positions(numbers)

    def picture_of(self, entry: Mapping[str, Any], notes: ReadNotes) -> Path:
        """The picture of an entry.

        Raises:
            BrokenEntryError: none, or several that it may be.
        """
        if self._images is not None and is_empty(entry, "file_name"):
            return self._images.picture_of(entry, notes)
        picture = self._found(entry, notes)
        if self._folder.is_turned(picture):
            notes.assume(TURNED)
        return picture

    def _found(self, entry: Mapping[str, Any], notes: ReadNotes) -> Path:
        if not is_empty(entry, "file_name"):
            return self._named(field_of(entry, "file_name", str), notes)
        image_id = image_id_of(entry)
        if isinstance(image_id, str):
            picture = self._named(image_id, notes)
            notes.assume(TEXTS_ARE_NAMES)
            return picture
        return self._numbered(image_id, notes)

    def _named(self, name: str, notes: ReadNotes) -> Path:
        picture = self._folder.picture_named(name)
        self._folder.size_px(picture)  # a name that no picture has is told as such
        if self._folder.is_guessed(name):
            notes.assume(GUESSED_NAME)
        return picture

    def _numbered(self, number: int, notes: ReadNotes) -> Path:
        found = self._folder.with_number(number)
        as_coco = [path for path in found if _COCO_NAME.search(path.stem)]
        if len(as_coco) == 1:
            notes.assume(COCO_NUMBERS)
            return as_coco[0]
        if not found:
            raise BrokenEntryError(
                f"image_id: found {number}, expected a picture {number:012d}.jpg in "
                f"{self._folder.folder}"
            )
        if len(found) > 1 or not self._numbers_are_names:
            raise BrokenEntryError(
                f"image_id: found {number}, which may mean {found[0].name} or the picture of that "
                "number in an annotation file. Give the file with --annotations, or say "
                "--ids-are-names"
            )
        notes.assume(NUMBERS_ARE_NAMES)
        return found[0]

    def _cannot_be_positions(self, numbers: set[int]) -> bool:
        """Whether every number names a picture, and they are too large to count the pictures."""
        named = all(self._folder.with_number(number) for number in numbers)
        return named and max(numbers, default=0) > len(self._folder.stems)


def _loaded(path: Path) -> Mapping[str, Any]:
    document = load_json(path)
    if type(document) is not dict:
        raise AnnotationError(
            f"found {shown(document)}, expected COCO's object with images.",
            path=path,
            remedy="Give the annotation file whose images the results mean.",
        )
    return document
