"""Which four numbers a box is: left, top, width, height as COCO has it, or something else.

A box believed in the wrong layout shows a crop without the person, and no later step notices it. A
person's own joints tell: they lie in their box.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.formats.reader_results import BrokenEntryError

Array = NDArray[np.float64]

CORNERS = "x1, y1, x2, y2"

_MOSTLY = 0.5
"""With fewer of its joints inside, a box is not the person's."""
_WELL = 0.9
"""As many of the joints lie in the box of a layout that fits."""
_MARGIN = 0.1
"""Joints may lie outside by this share of the longer side: boxes surround what is seen."""
_BEYOND = 0.02
"""A box that ends farther outside of the picture, in picture sides, is suspicious."""
_ALIKE = 0.9
"""Boxes that overlap by more are the same for this purpose."""
_SHARES_UP_TO = 1.5
"""Normalised numbers stay below 1, hardly above."""
_FEWEST_JOINTS = 3
_FEWEST_ENTRIES = 3
_NEARLY_ALL = 0.95
_SOME = 0.1


def _of_corners(box: Array) -> Array:
    return np.array([box[0], box[1], box[2] - box[0], box[3] - box[1]])


def _of_centre(box: Array) -> Array:
    return np.array([box[0] - box[2] / 2, box[1] - box[3] / 2, box[2], box[3]])


_EXPECTED = "Expected left, top, width, height"

_LAYOUTS: Mapping[str, Callable[[Array], Array]] = {
    "left, top, width, height": lambda box: box,
    CORNERS: _of_corners,
    "centre x, centre y, width, height": _of_centre,
}


def check_holds_joints(
    bbox_xywh: Array, joints_px: Array, picture_size_px: tuple[int, int]
) -> None:
    """Raise ``BrokenEntryError`` where most of the visible joints ``(K, 3)`` lie outside a box.

    The message names the layout in which the box would fit.
    """
    visible = joints_px[joints_px[:, 2] > 0, :2]
    if not len(visible):
        return
    inside = _inside(bbox_xywh, visible)
    if np.count_nonzero(inside) < _MOSTLY * len(inside):
        layout = fitting_layout(bbox_xywh, joints_px, picture_size_px)
        raise BrokenEntryError(
            f"{_shown(bbox_xywh)}, but {int((~inside).sum())} of the {len(visible)} visible joints "
            f"lie outside; is it {layout or 'the box of another person'}? {_EXPECTED}"
        )
    if (
        not _is_square(bbox_xywh)
        and _ends_outside(bbox_xywh, picture_size_px)
        and _corners_fit(bbox_xywh, visible, picture_size_px)
    ):
        raise BrokenEntryError(
            f"{_shown(bbox_xywh)}, which ends outside of the picture; is it {CORNERS}? {_EXPECTED}"
        )


def _is_square(bbox_xywh: Array) -> bool:
    """Whether width and height are equal, as in boxes of crops, which may end outside.

    Two corners whose last numbers agree to the digit do not occur by chance.
    """
    return bool(bbox_xywh[2] == bbox_xywh[3])


def refuse_corners(bbox_xywh: Array) -> None:
    """Raise ``BrokenEntryError``: a file whose boxes are corners has them throughout."""
    raise BrokenEntryError(
        f"{_shown(bbox_xywh)}, and as in the file's other boxes the joints fit {CORNERS} better; "
        f"is it that? {_EXPECTED}"
    )


def fitting_layout(
    numbers: Array, joints_px: Array, picture_size_px: tuple[int, int]
) -> str | None:
    """The layout in which four numbers hold the visible joints ``(K, 3)`` best; None if in none."""
    visible = joints_px[joints_px[:, 2] > 0, :2]
    if len(visible) < _FEWEST_JOINTS:
        return None
    scale, suffix = np.ones(4), ""
    if (np.abs(numbers) <= _SHARES_UP_TO).all():
        scale = np.tile(np.array(picture_size_px, dtype=float), 2)
        suffix = " as shares of the picture"
    boxes = {name: layout(numbers * scale) for name, layout in _LAYOUTS.items()}
    overlaps = {
        name: _overlap(box, _extent(visible))
        for name, box in boxes.items()
        if _inside(box, visible).mean() >= _WELL
    }
    best = max(overlaps, key=lambda name: overlaps[name], default=None)
    return None if best is None else f"{best}{suffix}"


@dataclass(frozen=True, eq=False)
class BoxedJoints:
    """A person's box ``(4,)`` and joints ``(K, 3)``, and width and height of the picture."""

    bbox: Array
    joints_px: Array
    picture_size_px: tuple[int, int]


def boxes_are_corners(people: Sequence[BoxedJoints]) -> bool:
    """Whether nearly all boxes of a file fit their joints better as corners.

    Square boxes and boxes that are nearly the same either way do not count; some must end
    outside of their picture if they were not corners, or people at the left and at the top
    would be mistaken.
    """
    better, outside = [], []
    for person in people:
        box, corners = person.bbox, _of_corners(person.bbox)
        visible = person.joints_px[person.joints_px[:, 2] > 0, :2]
        if len(visible) < _FEWEST_JOINTS or (box[2:] <= 0).any() or _is_square(box):
            continue
        if _overlap(box, corners) < _ALIKE:
            extent = _extent(visible)
            fits = _inside(corners, visible).mean() >= _WELL
            better.append(bool(fits) and _overlap(corners, extent) > _overlap(box, extent))
            outside.append(_ends_outside(box, person.picture_size_px))
    enough = len(better) >= _FEWEST_ENTRIES and float(np.mean(better)) >= _NEARLY_ALL
    return enough and float(np.mean(outside)) >= _SOME


def _corners_fit(numbers: Array, visible: Array, picture_size_px: tuple[int, int]) -> bool:
    box = _of_corners(numbers)
    if len(visible) < _FEWEST_JOINTS or (box[2:] <= 0).any():
        return False
    fits = _inside(box, visible).mean() >= _WELL
    return bool(fits) and not _ends_outside(box, picture_size_px)


def _ends_outside(box: Array, picture_size_px: tuple[int, int]) -> bool:
    size = np.array(picture_size_px, dtype=float)
    return bool((box[:2] + box[2:] > size + _BEYOND * size.max()).any())


def _inside(box: Array, points: Array) -> NDArray[np.bool_]:
    margin = _MARGIN * max(float(box[2:].max()), 0.0)
    low, high = box[:2] - margin, box[:2] + box[2:] + margin
    inside: NDArray[np.bool_] = np.all((points >= low) & (points <= high), axis=1)
    return inside


def _extent(points: Array) -> Array:
    low, high = points.min(axis=0), points.max(axis=0)
    return np.concatenate([low, high - low])


def _overlap(first: Array, second: Array) -> float:
    """Intersection over union of two boxes: left, top, width, height."""
    low = np.maximum(first[:2], second[:2])
    high = np.minimum(first[:2] + first[2:], second[:2] + second[2:])
    shared = float(np.prod(np.clip(high - low, 0, None)))
    union = float(np.prod(np.clip(first[2:], 0, None)) + np.prod(np.clip(second[2:], 0, None)))
    return shared / (union - shared) if union > shared else 0.0


def _shown(numbers: Array) -> str:
    return "bbox: found " + ", ".join(f"{number:g}" for number in numbers)
