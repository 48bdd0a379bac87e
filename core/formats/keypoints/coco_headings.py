"""What COCO files say beside pictures and annotations, joined: info, licences, categories.

A single file's heading stays what it was. Of several files the first keeps its numbers; a category
or licence of a later one that is the same in name takes the number it has there, and one whose
number is taken gets the next free one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from core.formats.keypoints.joint_orders import COCO_JOINT_NAMES

COCO_SKELETON = (
    (16, 14), (14, 12), (17, 15), (15, 13), (12, 13), (6, 12), (7, 13), (6, 7), (6, 8), (7, 9),
    (8, 10), (9, 11), (2, 3), (1, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 7),
)  # fmt: skip

DESCRIPTION = "made with SPIN Studio"
PERSON = "person"


@dataclass(frozen=True)
class JoinedHeadings:
    """The heading of the new file, and the numbers of each old file's categories and licences."""

    fields: Mapping[str, Any]
    categories: Mapping[tuple[int, int], int]
    licences: Mapping[tuple[int, int], int]
    person_category: int

    def category(self, document: int | None, category_id: object) -> int | None:
        """The new number of an old file's category; None where that file lists no such one."""
        if document is None or type(category_id) is not int:
            return None
        return self.categories.get((document, category_id))


def joined_headings(
    headings: Mapping[int, Mapping[str, Any]], person_categories: Collection[tuple[int, int]]
) -> JoinedHeadings:
    """Join the headings of files by their numbers.

    Args:
        headings: of the files, those imported first before the others.
        person_categories: file and number of the categories that people were imported as.
    """
    categories = _Numbered(headings, "categories")
    licences = _Numbered(headings, "licenses")
    named = {
        categories.numbers[person_category]
        for person_category in person_categories
        if person_category in categories.numbers
    }
    people = named or {
        number for number, one in categories.entries.items() if one.get("name") == PERSON
    }
    person = min(people) if people else categories.add({"id": 1, "name": PERSON})
    for number in people or {person}:
        _complete_person(categories.entries[number])
    fields: dict[str, Any] = {}
    if len(headings) == 1:
        fields |= next(iter(headings.values()))
    info = fields.get("info")
    fields["info"] = {"description": DESCRIPTION, **(info if isinstance(info, dict) else {})}
    if licences.entries:
        fields["licenses"] = list(licences.entries.values())
    fields["categories"] = list(categories.entries.values())
    return JoinedHeadings(fields, categories.numbers, licences.numbers, person)


class _Numbered:
    """Entries of several files under numbers of their own, by file and old number."""

    def __init__(self, headings: Mapping[int, Mapping[str, Any]], field: str) -> None:
        self.entries: dict[int, dict[str, Any]] = {}
        self.numbers: dict[tuple[int, int], int] = {}
        for document, heading in headings.items():
            listed = heading.get(field)
            for entry in listed if isinstance(listed, list) else ():
                if isinstance(entry, dict) and type(entry.get("id")) is int:
                    same = self._same(document, entry)
                    number = self.add(entry) if same is None else same
                    self.numbers[document, entry["id"]] = number

    def add(self, entry: Mapping[str, Any]) -> int:
        """Take an entry in under its number, or the next free one."""
        number: int = entry["id"]
        if number in self.entries:
            number = max(self.entries) + 1
        self.entries[number] = {**entry, "id": number}
        return number

    def _same(self, document: int, entry: Mapping[str, Any]) -> int | None:
        """An entry of an earlier file with the same name."""
        own = {number for (owner, _old), number in self.numbers.items() if owner == document}
        return next(
            (
                number
                for number, one in self.entries.items()
                if number not in own and one.get("name") == entry.get("name")
            ),
            None,
        )


def _complete_person(category: dict[str, Any]) -> None:
    """COCO's joints, which the annotations are written in, where the category does not say so."""
    category.setdefault("supercategory", PERSON)
    if category.get("keypoints") != list(COCO_JOINT_NAMES):
        category["keypoints"] = list(COCO_JOINT_NAMES)
        category["skeleton"] = [list(edge) for edge in COCO_SKELETON]
