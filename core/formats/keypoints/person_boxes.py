"""The square box of a person from an annotation, and checks that it belongs to its picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formats.json_files import is_empty, numbers_of
from core.formats.keypoints.box_layouts import check_holds_joints, fitting_layout
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import BrokenEntryError
from core.geometry.boxes import Box, box_around

BOX_MARGIN = 1.2
"""How much larger than the annotation the crop is."""

_MAX_BOX_TO_PICTURE = 4.0
"""A box with a larger side, in picture sides, is no person of that picture."""
_MAX_OUTSIDE = 1.0
"""Detectors guess joints outside the picture; farther than this, in picture sides, is another's."""
_MIN_EXTENT_PX = 2.0


BOX_FROM_JOINTS = "the box of a person without one is that of the joints"
HUGE_PX = 1e12
"""Whatever is larger is refused with the same words, and cannot overflow before."""
_NO_BOX = (0.0, 0.0, 0.0, 0.0)


def bbox_in(entry: Mapping[str, Any], name: str) -> NDArray[np.float64] | None:
    """The four numbers of an entry's box; None where it has none: missing, null, [], or zeros.

    Raises:
        BrokenEntryError: anything else than four numbers.
    """
    if is_empty(entry, name):
        return None
    numbers = numbers_of(entry, name, (4,))
    return None if tuple(numbers) == _NO_BOX else np.clip(numbers, -HUGE_PX, HUGE_PX)


def box_of_corners(corners: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Left, top, width, height of two opposite corners ``(4,)``; None where all are zero.

    Whatever is larger than any picture is cut, and refused by what is asked next.
    """
    x1, y1, x2, y2 = np.clip(corners, -HUGE_PX, HUGE_PX)
    if not corners.any():
        return None
    return np.array([min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1)])


def person_box(
    bbox_xywh: NDArray[np.float64] | None,
    joints_px: NDArray[np.float64],
    picture_size_px: tuple[int, int],
    notes: ReadNotes,
) -> Box:
    """The square of a person with joints ``(K, 3)``: about its box, else about its joints.

    Raises:
        BrokenEntryError: a box that is none, or that does not hold the person's own joints; neither
            a box nor two visible joints.
    """
    if bbox_xywh is None:
        box = box_around_visible(joints_px)
        notes.assume(BOX_FROM_JOINTS)
        return box
    _check_extent(joints_px[joints_px[:, 2] > 0, :2])
    try:
        box = box_from_bbox(bbox_xywh, picture_size_px)
    except BrokenEntryError as error:
        layout = fitting_layout(bbox_xywh, joints_px, picture_size_px)
        hint = f"; is it {layout}?" if layout else ""
        raise BrokenEntryError(f"{error}{hint}") from error
    check_holds_joints(bbox_xywh, joints_px, picture_size_px)
    return box


def box_from_bbox(bbox_xywh: NDArray[np.floating], picture_size_px: tuple[int, int]) -> Box:
    """The square about a box ``(4,)``: left, top, width, height in pixels; side = max(w, h) × 1.2.

    Raises:
        BrokenEntryError: no width or height, beside the picture, or absurdly large.
    """
    left, top, width, height = bbox_xywh.tolist()
    if width <= 0 or height <= 0:
        raise _no_box(bbox_xywh, "a width and a height above 0")
    picture_width, picture_height = picture_size_px
    if max(width, height) > _MAX_BOX_TO_PICTURE * max(picture_size_px):
        raise _no_box(bbox_xywh, "a box that fits the", picture_size_px)
    beside_x = left >= picture_width or left + width <= 0
    if beside_x or top >= picture_height or top + height <= 0:
        raise _no_box(bbox_xywh, "a box inside the", picture_size_px)
    return Box(left + width / 2, top + height / 2, BOX_MARGIN * max(width, height))


def _no_box(
    bbox_xywh: NDArray[np.floating], expected: str, picture_size_px: tuple[int, int] | None = None
) -> BrokenEntryError:
    """What is found and expected of a box ``(4,)``, and of which picture."""
    numbers = ", ".join(f"{number:g}" for number in bbox_xywh.tolist())
    if picture_size_px is not None:
        expected += " picture of {}×{} px".format(*picture_size_px)
    return BrokenEntryError(f"bbox: found {numbers}, expected {expected}")


def box_around_visible(keypoints_px: NDArray[np.floating]) -> Box:
    """The square about the joints ``(K, 3)`` with confidence: tight extent × 1.2.

    Raises:
        BrokenEntryError: fewer than two such joints, or all in one spot.
    """
    visible = keypoints_px[keypoints_px[:, 2] > 0, :2]
    if len(visible) < 2:
        raise BrokenEntryError(f"{len(visible)} visible keypoints, expected 2 or more for a box")
    _check_extent(visible)
    return box_around(visible, margin=BOX_MARGIN)


def _check_extent(visible_px: NDArray[np.floating]) -> None:
    """Raise ``BrokenEntryError`` where all joints ``(K, 2)`` lie in one spot."""
    if len(visible_px) < 2:
        return
    if (visible_px.max(axis=0) - visible_px.min(axis=0)).max() < _MIN_EXTENT_PX:
        raise BrokenEntryError(
            f"all {len(visible_px)} visible keypoints lie within {_MIN_EXTENT_PX:g} px, expected "
            "coordinates in pixels, not scaled to 0..1 (OpenPose: --keypoint_scale 0)"
        )


def check_near_picture(
    keypoints_px: NDArray[np.floating], picture_size_px: tuple[int, int]
) -> None:
    """Raise ``BrokenEntryError`` when a visible joint of ``(K, 3)`` lies far outside the picture.

    That happens when the keypoints belong to another picture, or to one of another size.
    """
    visible = keypoints_px[keypoints_px[:, 2] > 0, :2]
    margin = _MAX_OUTSIDE * max(picture_size_px)
    far = (visible < -margin) | (visible > np.array(picture_size_px) + margin)
    if far.any():
        x, y = visible[far.any(axis=1)][0]
        width, height = picture_size_px
        raise BrokenEntryError(
            f"keypoints: found one at ({x:g}, {y:g}), expected them near the picture of "
            f"{width}×{height} px"
        )
