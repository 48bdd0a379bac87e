"""People with their bodies as pictures: over crops and whole pictures, from other sides."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from core.body.display_body import DisplayBody
from core.pictures.decoding import crop_picture
from core.rendering.colors import CURRENT_FIT_COLOR
from core.rendering.compositing import Picture, overlay
from core.rendering.render_thread import RenderService
from core.rendering.views import (
    CAMERA,
    SIDE,
    TOP,
    MeshView,
    ViewAngle,
    bending_lens,
    crop_view,
    picture_view,
)
from core.types.bodies import BodyParameters
from core.types.samples import Sample
from core.workflows.exports.export_request import DrawnView

PAPER = np.array([243, 244, 246], dtype=np.uint8)
"""Behind bodies seen from above and from the side."""

MOST_DRAWN_PX = 4096
"""Larger pictures get a body drawn in this size and enlarged: a drawing takes memory four times."""
_SMOOTH_UP_TO_PX = 2048

ANGLES: dict[DrawnView, ViewAngle] = {DrawnView.TOP: TOP, DrawnView.SIDE: SIDE}
"""Of the views that have no picture behind the body."""


class PeopleDrawer:
    """Draws with one body and one service, which the caller closes."""

    def __init__(self, body: DisplayBody, rendering: RenderService, *, size_px: int) -> None:
        self._body, self._rendering, self._size_px = body, rendering, size_px

    def over_crop(self, picture: Picture, sample: Sample, body: BodyParameters) -> Picture:
        """The crop ``(size, size, 3)`` with the body over it."""
        crop = crop_picture(picture, sample.box, size_px=self._size_px)
        return self._over(crop, [self._crop_view(sample, body, CAMERA)])

    def turned(self, sample: Sample, body: BodyParameters, view: DrawnView) -> Picture:
        """The body alone ``(size, size, 3)``, from above or from the side."""
        paper = np.broadcast_to(PAPER, (self._size_px, self._size_px, 3)).copy()
        return self._over(paper, [self._crop_view(sample, body, ANGLES[view])])

    def over_picture(
        self, picture: Picture, people: Sequence[tuple[Sample, BodyParameters]]
    ) -> Picture:
        """A whole picture ``(H, W, 3)`` with everybody over it; the nearer hide the farther."""
        views = [self._picture_view(sample, body) for sample, body in people]
        return self._over(picture, views)

    def _over(self, ground: Picture, views: Sequence[MeshView]) -> Picture:
        width, height = views[0].width, views[0].height
        smooth = 2 if max(width, height) <= _SMOOTH_UP_TO_PX else 1
        drawn = self._rendering.submit_people(
            views, colors=[CURRENT_FIT_COLOR] * len(views), supersampling=smooth
        ).result()
        if drawn.shape[:2] != ground.shape[:2]:
            size = (ground.shape[1], ground.shape[0])
            drawn = np.asarray(cv2.resize(drawn, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        return overlay(ground, drawn)

    def _crop_view(self, sample: Sample, body: BodyParameters, angle: ViewAngle) -> MeshView:
        return crop_view(
            self._body.vertices(body),
            body.camera_translation,
            camera=body.camera,
            lens=bending_lens(body.camera, sample.camera, sample.box),
            size_px=min(self._size_px, MOST_DRAWN_PX),
            angle=angle,
        )

    def _picture_view(self, sample: Sample, body: BodyParameters) -> MeshView:
        width, height = sample.picture_size_px
        smaller = min(1.0, MOST_DRAWN_PX / max(width, height))
        return picture_view(
            self._body.vertices(body),
            body.camera_translation,
            camera=body.camera,
            box=sample.box,
            picture_size_px=sample.picture_size_px,
            size_px=(max(1, round(width * smaller)), max(1, round(height * smaller))),
            lens=bending_lens(body.camera, sample.camera, sample.box),
        )


def png_bytes(picture: Picture) -> bytes:
    """A picture ``(H, W, 3)``, RGB, as PNG."""
    _done, encoded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return bytes(encoded)
