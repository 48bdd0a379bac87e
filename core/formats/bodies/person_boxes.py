"""Boxes of people, in the forms that files hold them in, as centre and side in picture pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.formats.bodies.fields import FileFields
from core.formats.bodies.options import BoxLayout, PredictionOptions, ScaleUnit
from core.geometry.boxes import BOX_SCALE_PX

BOXES = ("bboxes", "bbox", "boxes")
CORNER_BOXES = ("bboxes_xyxy", "bbox_xyxy", "boxes_xyxy")
CENTERS = ("center", "box_center", "bbox_center")
SCALES = ("scale", "bbox_scale")
SIDES_PX = ("box_size", "bbox_size")


_FARTHEST_PX = 1e7


@dataclass(frozen=True, eq=False)
class ReadBoxes:
    """centers_px: (N, 2), sides_px: (N,), NaN without. raw: (N, 4) as written, where so written.

    scaled: whether sides come from a scale in units of 200 px.
    """

    centers_px: NDArray[np.float64]
    sides_px: NDArray[np.float64]
    raw: NDArray[np.float64] | None = None
    scaled: bool = False

    def faults(self) -> dict[int, str]:
        """Why the boxes of rows cannot be used; a box that is not given has no fault."""
        numbers = np.column_stack([self.centers_px, self.sides_px])
        if np.isnan(numbers).all():
            return {}
        usable = (np.abs(numbers) < _FARTHEST_PX).all(axis=1) & (self.sides_px > 0)
        return {
            int(row): "box: found {:g}, {:g} with a side of {:g} px".format(*numbers[row])
            for row in np.flatnonzero(~usable)
        }


def read_boxes(fields: FileFields, options: PredictionOptions) -> ReadBoxes:
    """The boxes of a file: a centre with a scale or a size, or four numbers.

    Raises:
        AnnotationError: an array has another shape.
    """
    center, scale, side = (fields.first(names) for names in (CENTERS, SCALES, SIDES_PX))
    if center is not None and side is not None:
        return ReadBoxes(fields.columns(center, 2), _longer(fields, side))
    if center is not None and scale is not None:
        in_units = options.scale is ScaleUnit.UNITS
        unit_px = BOX_SCALE_PX if in_units else 1.0
        sides = unit_px * _longer(fields, scale)
        return ReadBoxes(fields.columns(center, 2), sides, scaled=in_units)
    for names, layout in ((CORNER_BOXES, BoxLayout.CORNERS), (BOXES, options.boxes)):
        name = fields.first(names)
        if name is not None:
            boxes = fields.columns(name, 4)
            centers, sides = boxes_as(boxes, layout)
            return ReadBoxes(centers, sides, raw=boxes if names is BOXES else None)
    return ReadBoxes(np.full((fields.count, 2), np.nan), np.full(fields.count, np.nan))


def boxes_as(
    boxes: NDArray[np.float64], layout: BoxLayout
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres ``(N, 2)`` and longer sides ``(N,)`` of boxes ``(N, 4)`` read by a layout."""
    boxes = np.where(np.isfinite(boxes).all(axis=1, keepdims=True), boxes, np.nan)
    first, second = boxes[:, :2], boxes[:, 2:]
    if layout is BoxLayout.CENTER_SIZE:
        return first, second.max(axis=1)
    if layout is BoxLayout.CORNER_SIZE:
        return first + second / 2, second.max(axis=1)
    return (first + second) / 2, (second - first).max(axis=1)


def _longer(fields: FileFields, name: str) -> NDArray[np.float64]:
    """``(N,)``: one number a row, or the larger of width and height (MMPose)."""
    array = fields.numbers(name)
    width = 2 if array.shape == (fields.count, 2) else 1
    longer: NDArray[np.float64] = fields.columns(name, width).max(axis=1)
    return longer
