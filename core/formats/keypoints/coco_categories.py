"""Which categories of a COCO file are people, and the order in which each lists its joints."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import AnnotationError
from core.formats.json_files import is_empty, whole_number_of
from core.formats.keypoints.joint_fields import FLAG_FIELDS, joint_count, read_joints
from core.formats.keypoints.joint_orders import (
    COCO,
    JOINT_ORDERS,
    ORDER_OF_COUNT,
    JointOrder,
    joint_order,
    order_of_names,
)
from core.formats.keypoints.person_names import is_person_name
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import BrokenEntryError, shown

PERSON_CATEGORY_ID = 1
"""COCO's own."""

ORDER_BY_COUNT = "joints in COCO's order (--joints says another)"
LONE_CATEGORY = "the only category of the file is taken for people"


class PersonCategories:
    """Tells people from other entries, and how many joints of which order an entry has.

    Args:
        document: with ``categories``, where it has any.
        file: of the document, for messages.
        joints: name of the order the user gave; None: as the file says.
        notes: takes assumptions.

    Raises:
        AnnotationError: people whose joints have names that are no body's.
        StudioError: an order the program does not know.
    """

    def __init__(
        self, document: Mapping[str, Any], file: Path, joints: str | None, notes: ReadNotes
    ) -> None:
        self._requested = None if joints is None else joint_order(joints)
        people = _people_among(document, file, notes)
        self._orders: dict[int | None, JointOrder | None] = {
            number: self._requested or _named_order(category, file)
            for number, category in people.items()
        }
        if None not in self._orders:  # entries without a category
            orders = set(self._orders.values())
            self._orders[None] = orders.pop() if len(orders) == 1 else self._requested
        self._counts = {
            category: [] if order is None else _counts_of(order)
            for category, order in self._orders.items()
        }

    def is_person(self, entry: Mapping[str, Any]) -> bool:
        """An entry without a category is a person: files of people alone may leave it out."""
        return _category_of(entry) in self._orders

    def order_of(self, entry: Mapping[str, Any], notes: ReadNotes) -> JointOrder:
        """The order of a person's joints, as many as the entry has.

        Raises:
            BrokenEntryError: another number of joints than the order has.
        """
        category = _category_of(entry)
        order = self._orders[category]
        if order is None:
            return _order_of_count(entry, notes)
        found = order.first(joint_count(entry, "keypoints", self._counts[category]))
        if None in found.keypoint_indices:
            notes.leave_unused([_unknown_joints(found)])
        return found

    def with_coco_joints(self, entry: Mapping[str, Any]) -> Mapping[str, Any]:
        """An entry with its joints in COCO's order and form; the same one where it has them so.

        Raises:
            BrokenEntryError: its joints cannot be read.
        """
        if not self.is_person(entry):
            return entry
        unheard = ReadNotes()
        order = self.order_of(entry, unheard)
        if order.joints == COCO.joints and len(entry["keypoints"]) == 3 * len(COCO):
            return entry
        joints = read_joints(entry, "keypoints", len(order), unheard)
        joints[joints[:, 2] < 0] = 0
        rows = [
            joints[order.joints.index(name)] if name in order.joints else np.zeros(3)
            for name in COCO.joints
        ]
        numbers = [
            int(each_row) if each_row.is_integer() else each_row
            for each_row in np.concatenate(rows).tolist()
        ]
        kept = {name: value for name, value in entry.items() if name not in FLAG_FIELDS}
        labelled = sum(row[2] > 0 for row in rows)
        return {**kept, "keypoints": numbers, "num_keypoints": int(labelled)}


def _counts_of(order: JointOrder) -> list[int]:
    """How many joints an entry may have: all, or those at the beginning that are COCO's 17.

    Files that name face and hands as well may hold the body alone.
    """
    count = len(COCO)
    begins_with_body = set(order.joints[:count]) == set(COCO.joints) and len(order) > count
    return [len(order), count] if begins_with_body else [len(order)]


def _order_of_count(entry: Mapping[str, Any], notes: ReadNotes) -> JointOrder:
    """The order of joints without names, told by their number."""
    others = [count for count in ORDER_OF_COUNT if count != len(COCO)]
    try:
        order = ORDER_OF_COUNT[joint_count(entry, "keypoints", [len(COCO), *others])]
    except BrokenEntryError as error:
        raise BrokenEntryError(f"{error}; --joints says the order of others") from error
    notes.assume(ORDER_BY_COUNT if order is COCO else f"joints in the order of {order.title}")
    if None in order.keypoint_indices:
        notes.leave_unused([_unknown_joints(order)])
    return order


def _unknown_joints(order: JointOrder) -> str:
    count = order.keypoint_indices.count(None)
    return f"{count} of {len(order)} joints, which have no place here"


def _category_of(entry: Mapping[str, Any]) -> int | None:
    if entry.get("category_id") is None:
        return None
    return whole_number_of(entry, "category_id")


def _people_among(
    document: Mapping[str, Any], file: Path, notes: ReadNotes
) -> dict[int | None, Mapping[str, Any]]:
    categories = document.get("categories")
    if categories is None:
        return {PERSON_CATEGORY_ID: {}}
    if type(categories) is not list:
        raise AnnotationError(f"categories: found {shown(categories)}, expected a list.", path=file)
    by_number: dict[int | None, Mapping[str, Any]] = {}
    for category in categories:
        try:
            if type(category) is dict:
                by_number[whole_number_of(category, "id")] = category
        except BrokenEntryError:
            continue  # no entry can refer to it
    people = {number: one for number, one in by_number.items() if is_person_name(one.get("name"))}
    if not people and len(by_number) == 1:
        notes.assume(LONE_CATEGORY)
        people = by_number
    return people


def _named_order(category: Mapping[str, Any], file: Path) -> JointOrder | None:
    if is_empty(category, "keypoints"):
        return None
    names = category["keypoints"]
    order = order_of_names(names) if type(names) is list else None
    if order is None:
        raise AnnotationError(
            f"categories: its joints are {shown(names)}, expected names of a body's joints such "
            "as left_shoulder.",
            path=file,
            remedy=f"Say their order with --joints, one of {', '.join(JOINT_ORDERS)}.",
        )
    return order
