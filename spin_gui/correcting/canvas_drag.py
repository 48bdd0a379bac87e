"""What the mouse takes hold of in the editor's picture, and what a drag makes of it.

Functions of the drawing and the view; the canvas keeps the state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from PySide6.QtCore import QPointF

from core.formats.keypoints.person_boxes import BOX_MARGIN
from core.geometry.boxes import Box
from spin_gui.correcting.editor_painter import EditorDrawing, box_rect, corners, place
from spin_gui.correcting.keypoint_edits import moved
from spin_gui.correcting.picture_view import PictureView

HIT_RADIUS = 11.0
"""How near to a keypoint or a line, in pixels of the widget, a press takes hold of it."""


class Tool(StrEnum):
    """What a drag with the left button does."""

    KEYPOINTS = "keypoints"
    BOX = "box"
    PERSON = "person"


class Grip(StrEnum):
    """What a button that is down holds."""

    PAN = "pan"
    KEYPOINT = "keypoint"
    BOX = "box"
    CORNER = "corner"
    NEW_BOX = "new box"


@dataclass(frozen=True)
class EditorDrag:
    """A button that is down: what it holds, where it went down, and the point that stays fixed."""

    grip: Grip
    start: QPointF
    last: QPointF
    anchor_px: tuple[float, float] = (0.0, 0.0)
    keypoint: int | None = None

    def offset_px(self, here: QPointF, view: PictureView) -> tuple[float, float]:
        """How far the pointer went, in pixels of the picture."""
        from_px, to_px = picture_px(self.start, view), picture_px(here, view)
        return to_px[0] - from_px[0], to_px[1] - from_px[1]


def picture_px(here: QPointF, view: PictureView) -> tuple[float, float]:
    """A point of the widget in the picture."""
    return view.to_picture(here.x(), here.y())


def grasp(tool: Tool, here: QPointF, drawing: EditorDrawing, view: PictureView) -> EditorDrag:
    """What the left button takes hold of."""
    if tool is Tool.PERSON:
        return EditorDrag(Grip.NEW_BOX, here, here, picture_px(here, view))
    if tool is Tool.BOX:
        return _grasp_box(here, drawing, view)
    index = keypoint_at(here, drawing, view)
    return EditorDrag(Grip.PAN if index is None else Grip.KEYPOINT, here, here, keypoint=index)


def _grasp_box(here: QPointF, drawing: EditorDrawing, view: PictureView) -> EditorDrag:
    rect = box_rect(drawing.box, view)
    found = list(corners(rect))
    for number, corner in enumerate(found):
        if (corner - here).manhattanLength() <= 2 * HIT_RADIUS:
            opposite = found[3 - number]
            return EditorDrag(Grip.CORNER, here, here, picture_px(opposite, view))
    return EditorDrag(Grip.BOX if rect.contains(here) else Grip.PAN, here, here)


def dragged(
    drag: EditorDrag, here: QPointF, drawing: EditorDrawing, view: PictureView
) -> EditorDrawing:
    """The drawing while ``drag`` is at ``here``; a drag of the picture changes nothing in it."""
    offset, to_px = drag.offset_px(here, view), picture_px(here, view)
    if drag.grip is Grip.KEYPOINT and drawing.chosen is not None:
        together = (drawing.chosen, *drawing.linked)
        return replace(drawing, keypoints_px=moved(drawing.keypoints_px, together, offset))
    if drag.grip is Grip.BOX:
        box = drawing.box
        placed = Box(box.center_x_px + offset[0], box.center_y_px + offset[1], box.side_px)
        return replace(drawing, box=placed)
    if drag.grip is Grip.CORNER:
        return replace(drawing, box=square_between(drag.anchor_px, to_px))
    if drag.grip is Grip.NEW_BOX:
        return replace(drawing, drawn_box=square_about(drag.anchor_px, to_px))
    return drawing


def keypoint_at(here: QPointF, drawing: EditorDrawing, view: PictureView) -> int | None:
    """The nearest present keypoint; of several in one place the chosen one, then the last."""
    best, best_distance = None, HIT_RADIUS
    for index in np.flatnonzero(drawing.keypoints_px[:, 2] > 0):
        offset = place(drawing.keypoints_px[index], view) - here
        distance = float(np.hypot(offset.x(), offset.y()))
        if index == drawing.chosen:
            distance -= 1.0
        if distance <= best_distance:
            best, best_distance = int(index), distance
    return best


def other_person_at(
    here: QPointF, drawing: EditorDrawing, view: PictureView, *, name_height: float
) -> int | None:
    """The sample id of another person whose keypoint, name or box line is under the pointer."""
    for other in drawing.others:
        for index in np.flatnonzero(other.keypoints_px[:, 2] > 0):
            if (place(other.keypoints_px[index], view) - here).manhattanLength() <= HIT_RADIUS:
                return other.sample_id
    for other in drawing.others:
        rect = box_rect(other.box, view)
        outer = rect.adjusted(-HIT_RADIUS, -HIT_RADIUS, HIT_RADIUS, HIT_RADIUS)
        inner = rect.adjusted(HIT_RADIUS, HIT_RADIUS, -HIT_RADIUS, -HIT_RADIUS)
        name = rect.adjusted(0, 0, 0, 0)
        name.setHeight(name_height)
        on_line = outer.contains(here) and not inner.contains(here)
        if on_line or name.contains(here):
            return other.sample_id
    return None


def square_between(fixed_px: tuple[float, float], free_px: tuple[float, float]) -> Box:
    """The square with one corner fixed whose opposite corner is nearest to the pointer."""
    dx, dy = free_px[0] - fixed_px[0], free_px[1] - fixed_px[1]
    side = max(abs(dx), abs(dy), 1.0)
    return Box(
        fixed_px[0] + (side if dx >= 0 else -side) / 2,
        fixed_px[1] + (side if dy >= 0 else -side) / 2,
        side,
    )


def square_about(first_px: tuple[float, float], second_px: tuple[float, float]) -> Box:
    """The square about a dragged rectangle, with an import's margin: side = longer side × 1.2."""
    width, height = abs(second_px[0] - first_px[0]), abs(second_px[1] - first_px[1])
    return Box(
        (first_px[0] + second_px[0]) / 2,
        (first_px[1] + second_px[1]) / 2,
        BOX_MARGIN * max(width, height, 0.1),
    )
