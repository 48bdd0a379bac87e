"""People of whom a tool keeps each joint as a point with a label, and what holds them together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.formats.keypoints.joint_orders import JointOrder, canonical_joint, order_of_names
from core.formats.keypoints.people_reader import PersonOf, ReadPerson
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import BrokenEntryError, SkippedEntry, shown

NO_NAMED_JOINTS = "points whose labels name no joints of a body"
ALONE = "points that belong to no group are one person's"

FindPicture = Callable[[ReadNotes], Path]
Point = tuple[float, float]


@dataclass(eq=False)
class LabelledPerson:
    """Points by label, several of one label where the file has them so, and boxes."""

    points: dict[str, list[Point]] = field(default_factory=lambda: defaultdict(list))
    boxes: list[NDArray[np.float64]] = field(default_factory=list)

    @property
    def labels(self) -> Collection[str]:
        """The labels, those of absent joints too."""
        return self.points.keys()


def labelled_people(
    people: Mapping[str, LabelledPerson], picture_of: FindPicture, *, grouped_by: str
) -> Iterator[PersonOf]:
    """The people of a picture by key; what a "head" is, all of their labels tell together.

    grouped_by: the field that holds a person's points together, for messages.
    """
    labels = sorted({label for person in people.values() for label in person.labels})

    def read(key: str, notes: ReadNotes) -> ReadPerson | SkippedEntry:
        person = people[key]
        named = [label for label in person.points if canonical_joint(label) is not None]
        if not named:
            return SkippedEntry(NO_NAMED_JOINTS)
        order = order_of_labels(labels)
        joints = joints_of_labels(order, labels, person.points, grouped_by)
        notes.leave_unused(
            f"points labelled {shown(label)}" for label in person.points if label not in named
        )
        return ReadPerson(
            picture=picture_of(notes),
            person_key=key,
            order=order,
            joints_px=joints,
            bbox_xywh=person.boxes[0] if len(person.boxes) == 1 else None,
        )

    for key in people:
        yield partial(read, key)


def order_of_labels(labels: list[str]) -> JointOrder:
    """The order that labels name; raises ``BrokenEntryError`` for two names of one joint."""
    order = order_of_names(labels, fewest=1)
    if order is None:
        named = [label for label in labels if canonical_joint(label) is not None]
        raise BrokenEntryError(
            f"labels: found {shown(', '.join(named))}, expected each joint under one name"
        )
    return order


def joints_of_labels(
    order: JointOrder,
    labels: list[str],
    points: Mapping[str, list[Point]],
    grouped_by: str,
) -> NDArray[np.float64]:
    """``(K, 3)`` in the order of the labels; those without a point are absent.

    Raises:
        BrokenEntryError: several points of one joint.
    """
    joints = np.zeros((len(order), 3))
    for row, label in enumerate(labels):
        found = points.get(label, [])
        if len(found) > 1 and order.joints[row] is not None:
            raise BrokenEntryError(
                f"{label}: {len(found)} points, expected one of each joint; people of a picture "
                f"are told apart by {grouped_by}"
            )
        if found and order.joints[row] is not None:
            joints[row] = (*found[0], 1)
    return joints
