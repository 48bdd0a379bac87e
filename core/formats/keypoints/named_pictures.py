"""The picture that an annotation names, checked against the size that its file gives."""

from __future__ import annotations

from pathlib import Path

from core.formats.picture_folders import GUESSED_NAME, PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import BrokenEntryError, shown

TURNED = "joints of pictures that an EXIF tag turns are taken to be upright, as no size is given"


def picture_of_name(
    folder: PictureFolder,
    file_name: str,
    listed_size_px: tuple[int, int] | None,
    notes: ReadNotes,
) -> Path:
    """The picture of a name. listed_size_px: width and height that the file gives, if it does.

    Raises:
        BrokenEntryError: no such picture, several that may be it, or one of another size.
    """
    picture = folder.picture_named(file_name)
    size_px = folder.size_px(picture, listed_size_px)
    if listed_size_px is not None and listed_size_px != size_px:
        raise BrokenEntryError(_size_mismatch(file_name, listed_size_px, size_px))
    if listed_size_px is None and folder.is_turned(picture):
        notes.assume(TURNED)
    if folder.is_guessed(file_name):
        notes.assume(GUESSED_NAME)
    return picture


def picture_of_stem(folder: PictureFolder, name: str) -> Path:
    """The picture of a name without suffix, which may have folders.

    Raises:
        BrokenEntryError: no such picture, or several that may be it.
    """
    picture = folder.picture_named(name)
    if not picture.is_file():
        raise BrokenEntryError(
            f"no picture {name}.jpg, .png, … in {folder.folder}; --images says where pictures are"
        )
    return picture


def _size_mismatch(file_name: str, listed_px: tuple[int, int], found_px: tuple[int, int]) -> str:
    hint = ""
    if listed_px == found_px[::-1]:
        hint = "; its EXIF tag turns the picture, so save it upright and without the tag"
    return (
        f"picture: {shown(file_name)} has {found_px[0]}×{found_px[1]} px, expected "
        f"{listed_px[0]}×{listed_px[1]} as the file says{hint}"
    )
