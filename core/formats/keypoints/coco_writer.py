"""COCO keypoints JSON, written: people as they stand, and what their files held beside them.

What people did not change is written as it was imported: ids, areas, boxes, visibility, crowds,
pictures without people. An evaluation against the new file gives what it gave against the old one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.files.atomic_write import atomic_write
from core.formats.keypoints.coco_entries import CocoPerson, person_entry
from core.formats.keypoints.coco_headings import JoinedHeadings, joined_headings

UNMATCHED_ID = 0
"""pycocotools takes an annotation of this id for no match at all."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CocoPicture:
    """A picture to write.

    key: what entries refer to it by. path: absolute; a file may list one picture several times.
    entry: as its file lists it, empty without one.
    """

    key: Hashable
    path: Path
    size_px: tuple[int, int] | None
    document: int | None
    file_name: str
    entry: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class CocoOther:
    """An entry that is no person of the project: a crowd, another category, what was refused."""

    refused: bool = False
    picture: Hashable
    document: int
    position: int
    entry: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class CocoContents:
    """What a file is made of. headings: of the files, by number."""

    people: Sequence[CocoPerson]
    others: Sequence[CocoOther]
    pictures: Sequence[CocoPicture]
    headings: Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class CocoDocument:
    """A document to write. notices: what it could not keep as it was, in sentences."""

    fields: Mapping[str, Any]
    notices: tuple[str, ...]


def coco_document(contents: CocoContents) -> CocoDocument:
    """The document of people, their pictures, and what else their files held.

    Ids stay what they were where they are still free, the file imported first before the others;
    an annotation's id 0 does not. All others become numbers above the largest one.
    """
    headings = joined_headings(contents.headings, _person_categories(contents.people))
    folder, names = _file_names(contents.pictures)
    image_ids = _Ids(
        [_requested_image_id(picture) for picture in contents.pictures],
        texts=bool(contents.pictures),
    )
    id_of_picture = {
        one.key: number for one, number in zip(contents.pictures, image_ids.numbers, strict=True)
    }
    entries: list[CocoPerson | CocoOther] = [*contents.people, *contents.others]
    ordered = sorted(entries, key=_position)
    ids = _Ids([_requested_id(person) for person in ordered], never=(UNMATCHED_ID,))
    fields = {
        **headings.fields,
        "images": [
            _image(picture, id_of_picture[picture.key], names[picture.key], headings)
            for picture in contents.pictures
        ],
        "annotations": [
            _annotation(one, number, id_of_picture[one.picture], headings)
            for one, number in zip(ordered, ids.numbers, strict=True)
        ],
    }
    fields["info"] = {**fields["info"], "pictures_folder": str(folder)}
    return CocoDocument(fields=fields, notices=tuple(_notices(ids, image_ids)))


def write_coco(path: Path, document: CocoDocument, *, overwrite: bool = False) -> None:
    """Write a document whole or not at all.

    Raises:
        UserFileError: ``path`` exists and ``overwrite`` is off, or cannot be written.
    """
    text = json.dumps(document.fields, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    with atomic_write(path, overwrite=overwrite) as stream:
        stream.write(text.encode(errors="backslashreplace"))


def _annotation(
    one: CocoPerson | CocoOther, number: int | str, image_id: int | str, headings: JoinedHeadings
) -> dict[str, Any]:
    category = headings.category(one.document, one.entry.get("category_id"))
    ids = {"id": number, "image_id": image_id}
    if isinstance(one, CocoPerson):
        if category is None:
            category = headings.person_category
        ids["category_id"] = category
        return {**ids, **person_entry(one), **ids}
    entry = {**one.entry, **ids}
    return entry if category is None else {**entry, "category_id": category}


def _image(
    picture: CocoPicture, number: int | str, file_name: str, headings: JoinedHeadings
) -> dict[str, Any]:
    size = {}
    if picture.size_px is not None:
        size = {"width": picture.size_px[0], "height": picture.size_px[1]}
    image = {"id": number, "file_name": file_name, **size, **picture.entry}
    image |= {"id": number, "file_name": file_name}
    licence = image.get("license")
    if picture.document is not None and type(licence) is int:
        image["license"] = headings.licences.get((picture.document, licence), licence)
    return image


def _person_categories(people: Iterable[CocoPerson]) -> set[tuple[int, int]]:
    found = ((person.document, person.entry.get("category_id")) for person in people)
    return {
        (document, number)
        for document, number in found
        if document is not None and type(number) is int
    }


def _position(one: CocoPerson | CocoOther) -> tuple[bool, int, int]:
    """Entries of files in their order, then all others in theirs."""
    return one.document is None, one.document or 0, one.position


def _requested_id(one: CocoPerson | CocoOther) -> object:
    return one.requested_id if isinstance(one, CocoPerson) else one.entry.get("id")


def _requested_image_id(picture: CocoPicture) -> object:
    """The id of the file, or 785 for ``000000000785.jpg``, as COCO names its pictures."""
    if "id" in picture.entry:
        return picture.entry["id"]
    stem = picture.path.stem
    return int(stem) if stem.isascii() and stem.isdigit() else None


class _Ids:
    """Each requested number for the first that asks for it, fresh ones for all others.

    texts: where all requested ids are different texts, they are given as they are.
    never: numbers that are not given. replaced: the requested ones among them. clashes: how many
    requested one that was taken.
    """

    def __init__(
        self, requested: Sequence[object], *, texts: bool = False, never: Sequence[int] = ()
    ) -> None:
        self.replaced = self.clashes = 0
        words = [name for name in requested if isinstance(name, str)]
        if texts and len(set(words)) == len(requested):
            self.numbers: list[int | str] = [*words]
            return
        requested_numbers = [given if type(given) is int else None for given in requested]
        fresh = max([0, *(number for number in requested_numbers if number is not None)])
        taken: set[int] = set()
        self.numbers = []
        for requested_number in requested_numbers:
            number = requested_number
            if number is None or number in taken or number in never:
                self.replaced += number in never
                self.clashes += number is not None and number not in never
                fresh += 1
                number = fresh
            taken.add(number)
            self.numbers.append(number)


def _notices(ids: _Ids, image_ids: _Ids) -> Iterable[str]:
    if ids.replaced:
        yield f"the id 0, which pycocotools never matches, became the next free id: {ids.replaced}"
    if ids.clashes:
        yield f"ids of annotations that were taken became the next free ids: {ids.clashes}"
    if image_ids.clashes:
        yield f"ids of pictures that were taken became the next free ids: {image_ids.clashes}"


def _file_names(pictures: Sequence[CocoPicture]) -> tuple[Path, dict[Hashable, str]]:
    """The folder that names start from, and the names: the files' own where one folder will do."""
    paths = {picture.path for picture in pictures}
    bases = {base for picture in pictures if picture.entry and (base := _base(picture)) is not None}
    if len(bases) == 1:
        (base,) = bases
        names = {picture.key: _name_in(base, picture) for picture in pictures}
        path_of_name = {(names[picture.key], picture.path) for picture in pictures}
        if None not in names.values() and len(path_of_name) == len(paths):
            return base, {key: name for key, name in names.items() if name is not None}
    if not pictures:
        return Path("/"), {}
    base = Path(os.path.commonpath([path.parent for path in paths]))
    return base, {picture.key: picture.path.relative_to(base).as_posix() for picture in pictures}


def _base(picture: CocoPicture) -> Path | None:
    """The folder that the file's name of a picture starts from; None where they do not agree."""
    parts = Path(picture.file_name).parts
    if not parts or picture.path.parts[-len(parts) :] != parts:
        return None
    return Path(*picture.path.parts[: -len(parts)])


def _name_in(base: Path, picture: CocoPicture) -> str | None:
    if picture.entry:
        return picture.file_name
    inside = picture.path.is_relative_to(base)
    return picture.path.relative_to(base).as_posix() if inside else None
