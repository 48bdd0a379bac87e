"""People that a detector found, with a score for each joint, once they are out of their file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formats.keypoints.joint_fields import detected, joint_count, too_few_joints
from core.formats.keypoints.joint_orders import ORDER_OF_COUNT, JointOrder
from core.formats.keypoints.people_reader import PeopleReader, ReadPerson
from core.formats.keypoints.pixel_sizes import to_picture_pixels
from core.formats.keypoints.tools.labelled_people import FindPicture
from core.formats.read_notes import ReadNotes
from core.formats.read_options import ReadOptions
from core.formats.reader_results import SkippedEntry

_FEWEST_JOINTS = 2


def order_of_joints(
    entry: Mapping[str, Any], name: str, requested: JointOrder | None, notes: ReadNotes
) -> JointOrder:
    """The order of a field's joints: as requested, else as their number tells.

    Raises:
        BrokenEntryError: another number of joints than the order has, or none that is known.
    """
    if requested is not None:
        joint_count(entry, name, [len(requested)])
        return requested
    order = ORDER_OF_COUNT[joint_count(entry, name, list(ORDER_OF_COUNT))]
    notes.assume(f"joints in the order of {order.title}")
    return order


@dataclass(frozen=True, eq=False)
class DetectedPeople:
    """Makes people of joints with scores, as the options say."""

    reader: PeopleReader
    options: ReadOptions

    def person(
        self,
        picture_of: FindPicture,
        key: str,
        order: JointOrder,
        joints: NDArray[np.float64],
        notes: ReadNotes,
        *,
        bbox_xywh: NDArray[np.float64] | None = None,
    ) -> ReadPerson | SkippedEntry:
        """A person with joints ``(K, 3)`` in pixels and with scores, those below the threshold out.

        Raises:
            BrokenEntryError: no such picture, or one of another shape than the pixels' size.
        """
        joints = detected(joints, self.options.min_score, notes)
        if np.count_nonzero(joints[:, 2]) < _FEWEST_JOINTS:
            return SkippedEntry(too_few_joints(self.options.min_score))
        picture = picture_of(notes)
        size_px = self.reader.folder.size_px(picture)
        pixels_of = self.options.size_px
        if bbox_xywh is not None and pixels_of is not None:
            bbox_xywh = bbox_xywh * np.tile(np.array(size_px) / np.array(pixels_of), 2)
        return ReadPerson(
            picture=picture,
            person_key=key,
            order=order,
            joints_px=to_picture_pixels(joints, pixels_of, size_px, notes),
            bbox_xywh=bbox_xywh,
        )
