"""The cells of a contact sheet: a person's crop, and bodies from the camera, the top, the side."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from numpy.typing import NDArray

from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.inputs import BodyEstimate
from core.errors import PictureError
from core.geometry.boxes import Box
from core.pictures.decoding import crop_picture, load_picture
from core.rendering.colors import MeshColor
from core.rendering.compositing import Picture, overlay
from core.rendering.render_thread import RenderService
from core.rendering.sheets import SheetCell
from core.rendering.views import CAMERA, SIDE, TOP, ViewAngle, bending_lens, crop_view
from core.types.bodies import BodyParameters
from core.types.samples import Sample

CELL_PX = 400
"""33 mm at 300 dots an inch."""

PAPER = np.array([243, 244, 246], dtype=np.uint8)
"""Behind turned bodies, and beyond the edge of a picture."""

PICTURE_MISSING = "picture missing"
_SUPERSAMPLING = 2


class Viewpoint(StrEnum):
    """From where a body is seen."""

    CAMERA = "camera"
    TOP = "top"
    SIDE = "side"


ANGLES: dict[Viewpoint, ViewAngle] = {
    Viewpoint.CAMERA: CAMERA,
    Viewpoint.TOP: TOP,
    Viewpoint.SIDE: SIDE,
}


@dataclass(frozen=True, eq=False)
class BodyCells:
    """One body to draw: from where, in which colour, and what it is called. None: there is none."""

    title: str
    parameters: BodyParameters | None
    color: MeshColor
    seen: tuple[Viewpoint, ...]


class CellPainter:
    """Draws cells with a project's body; several views are drawn while others are composed."""

    def __init__(
        self, body: BodyModel, rendering: RenderService, *, size_px: int = CELL_PX
    ) -> None:
        self._body, self._rendering, self._size_px = body, rendering, size_px

    def row(self, sample: Sample, bodies: Sequence[BodyCells]) -> list[SheetCell]:
        """The picture's cell, then those of each body in turn."""
        crop, problem = self._crop(sample)
        vertices = self._posed([body.parameters for body in bodies])
        asked = [
            [self._ask(sample, one, mesh, seen) for seen in one.seen]
            for one, mesh in zip(bodies, vertices, strict=True)
        ]
        cells = [SheetCell(f"Picture of {sample.name}", crop, problem)]
        for one, futures in zip(bodies, asked, strict=True):
            for seen, future in zip(one.seen, futures, strict=True):
                cells.append(self._cell(sample, one, seen, future, crop))
        return cells

    def _cell(
        self,
        sample: Sample,
        body: BodyCells,
        seen: Viewpoint,
        future: Future[NDArray[np.uint8]] | None,
        crop: Picture | None,
    ) -> SheetCell:
        described = f"{body.title} of {sample.name} from the {seen}"
        if future is None:
            return SheetCell(f"{described}: there is none", note="none")
        ground = crop if seen is Viewpoint.CAMERA and crop is not None else self._paper()
        return SheetCell(described, overlay(ground, future.result()))

    def _crop(self, sample: Sample) -> tuple[Picture | None, str]:
        try:
            picture = load_picture(sample.picture_path)
        except PictureError:
            return None, PICTURE_MISSING
        crop = crop_picture(picture, sample.box, size_px=self._size_px)
        outside = ~_inside(sample.box, sample.picture_size_px, self._size_px)
        crop[outside] = PAPER
        return crop, ""

    def _paper(self) -> Picture:
        return np.broadcast_to(PAPER, (self._size_px, self._size_px, 3)).copy()

    def _posed(self, bodies: Sequence[BodyParameters | None]) -> list[NDArray[np.float32] | None]:
        """Vertices of all bodies at once, None where there is no body."""
        there = [each_body for each_body in bodies if each_body is not None]
        if not there:
            return [None] * len(bodies)
        body = self._body
        with torch.inference_mode():
            estimate = BodyEstimate.from_parameters(there).to(device=body.device, dtype=body.dtype)
            vertices = iter(body(estimate.rotations, estimate.betas).vertices.float().cpu().numpy())
        return [None if each_body is None else next(vertices) for each_body in bodies]

    def _ask(
        self,
        sample: Sample,
        body: BodyCells,
        vertices: NDArray[np.float32] | None,
        seen: Viewpoint,
    ) -> Future[NDArray[np.uint8]] | None:
        if vertices is None or body.parameters is None:
            return None
        view = crop_view(
            vertices,
            body.parameters.camera_translation,
            camera=body.parameters.camera,
            lens=bending_lens(body.parameters.camera, sample.camera, sample.box),
            size_px=self._size_px,
            angle=ANGLES[seen],
        )
        return self._rendering.submit(view, color=body.color, supersampling=_SUPERSAMPLING)


def _inside(box: Box, picture_size_px: tuple[int, int], size_px: int) -> NDArray[np.bool_]:
    """``(size, size)``: which pixels of a crop lie within the picture."""
    centers = (np.arange(size_px) + 0.5) / size_px - 0.5
    x = box.center_x_px + centers * box.side_px
    y = box.center_y_px + centers * box.side_px
    width, height = picture_size_px
    return ((y >= -0.5) & (y < height))[:, None] & ((x >= -0.5) & (x < width))[None, :]
