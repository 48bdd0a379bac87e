"""The images that a COCO file lists: which picture an id means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import AnnotationError
from core.formats.json_files import field_of, is_empty
from core.formats.keypoints.named_pictures import picture_of_name
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import BrokenEntryError, shown

ImageId = int | str


@dataclass(frozen=True)
class _Image:
    """A picture as the file lists it, not yet looked for on disk."""

    file_name: str
    size_px: tuple[int, int] | None


class CocoImages:
    """Pictures by the ids of a file; what is wrong with an image is told with its people."""

    def __init__(self, images: Sequence[Any], folder: PictureFolder) -> None:
        self._folder = folder
        self._usable, self._faults = _images_by_id(images)
        folder.expect(image.file_name for image in self._usable.values())

    def picture_of(self, entry: Mapping[str, Any], notes: ReadNotes) -> Path:
        """The picture of an entry's ``image_id``, checked against the size the file gives.

        Raises:
            BrokenEntryError: an id that no image has, an image that cannot be used, or a picture of
                another size.
        """
        image_id = image_id_of(entry)
        image = self._usable.get(image_id)
        if image is None:
            fault = self._faults.get(image_id, "not among images")
            raise BrokenEntryError(f"image_id: found {shown(image_id)}, {fault}")
        return picture_of_name(self._folder, image.file_name, image.size_px, notes)


def images_of(document: Mapping[str, Any], file: Path) -> list[Any]:
    """The list ``images`` of a document; raises ``AnnotationError`` where it has none."""
    return list_of(document, "images", file)


def list_of(document: Mapping[str, Any], name: str, file: Path) -> list[Any]:
    """A list of a document; raises ``AnnotationError`` where it has none."""
    value = document.get(name)
    if type(value) is not list:
        found = f"found {shown(value)}" if name in document else "no such field"
        raise AnnotationError(
            f"{name}: {found}, expected a list.",
            path=file,
            remedy="Give a COCO keypoints file, e.g. person_keypoints_val2017.json.",
        )
    return value


def image_id_of(entry: Mapping[str, Any], name: str = "image_id") -> ImageId:
    """An id: a whole number, 7.0 as tables write it included, or a text.

    Raises:
        BrokenEntryError: it is missing, or anything else.
    """
    value = entry.get(name)
    if type(value) is float and value.is_integer():
        return int(value)
    if type(value) is str and value:
        return value
    return int(field_of(entry, name, int))


def _images_by_id(
    images: Sequence[Any],
) -> tuple[dict[ImageId, _Image], dict[ImageId, str]]:
    """The usable images by id, and what is wrong with the others."""
    usable: dict[ImageId, _Image] = {}
    faults: dict[ImageId, str] = {}
    for entry in images:
        try:
            image_id = image_id_of(entry if type(entry) is dict else {}, "id")
        except BrokenEntryError:
            continue  # no annotation can refer to it
        if image_id in usable:
            faults[image_id] = "listed twice in images"
            continue
        try:
            usable[image_id] = _Image(field_of(entry, "file_name", str), _listed_size(entry))
        except BrokenEntryError as error:
            faults[image_id] = f"whose image is broken: {error}"
    for image_id in faults:
        usable.pop(image_id, None)
    return usable, faults


def _listed_size(image: Mapping[str, Any]) -> tuple[int, int] | None:
    """Width and height in pixels; None where the file gives none.

    Raises:
        BrokenEntryError: it gives something that is no number of pixels.
    """
    if is_empty(image, "width") and is_empty(image, "height"):
        return None
    return _pixels(image, "width"), _pixels(image, "height")


def _pixels(image: Mapping[str, Any], name: str) -> int:
    """640, 640.0 and "640" are one size: whatever is written there must be compared."""
    value = image.get(name)
    try:
        number = float(value) if type(value) in (int, float, str) else -1.0  # type: ignore[arg-type]
    except (ValueError, OverflowError):
        number = -1.0
    if number < 1 or not number.is_integer():
        found = f"found {shown(value)}" if name in image else "missing"
        raise BrokenEntryError(f"{name}: {found}, expected a number of pixels")
    return int(number)
