"""Which image belongs into which cell of a comparison. Knows nothing of Qt's widgets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from core.rendering.colors import MeshColor
from core.types.arrays import FloatArray
from spin_gui.images.picture_cache import PictureKey
from spin_gui.images.render_cache import MeshKey
from spin_gui.viewer.cell_plan import WHOLE_BODY, CellSpec, plane_square, window_in_picture
from spin_gui.viewer.sample_scene import SampleScene, ShownBody
from spin_gui.viewer.view_state import ViewKind, ViewState

ROW_KINDS = (ViewKind.CAMERA, ViewKind.TOP, ViewKind.SIDE)
NEUTRAL: MeshColor = (1.0, 1.0, 1.0)
"""Vertex colours are multiplied with the body's own; white leaves them as they are."""


class CompareColumn(StrEnum):
    """The columns, from left to right."""

    LEFT = "left"
    RIGHT = "right"
    DIFFERENCE = "difference"


CompareCell = tuple[int, CompareColumn]


@dataclass(frozen=True, eq=False)
class ComparePlanner:
    """Plans the cells of one sample.

    colors: of the left and the right body. vertex_colors: (V, 3) of the difference, which is drawn
    on the left body; None while it is not known. rough: the kind of view that is being turned.
    """

    scene: SampleScene
    left: ShownBody | None
    right: ShownBody | None
    titles: tuple[str, str]
    colors: tuple[MeshColor, MeshColor]
    vertex_colors: FloatArray | None
    views: ViewState
    size_px: int
    rough: ViewKind | None = None

    def cells(self) -> dict[CompareCell, CellSpec]:
        """The plan of every cell."""
        return {
            (row, column): self._cell(kind, column, first=row == 0)
            for row, kind in enumerate(ROW_KINDS)
            for column in CompareColumn
        }

    def _cell(self, kind: ViewKind, column: CompareColumn, *, first: bool) -> CellSpec:
        view = self.views[kind]
        body, color = self._body(column)
        if body is None:
            message = self._why_empty(column) if first else ""
            return CellSpec(kind=kind, view=view, message=message or "–")
        mesh = MeshKey(
            digest=body.digest,
            color=color,
            view=view,
            size_px=self.size_px // 2 if kind is self.rough else self.size_px,
            lens=self.scene.lens_of(body) if kind is ViewKind.CAMERA else None,
            whole_body=kind in WHOLE_BODY,
        )
        picture = None
        if kind is ViewKind.CAMERA and column is not CompareColumn.DIFFERENCE:
            plane = plane_square(self.scene, kind)
            square = window_in_picture(plane, view.window)
            picture = PictureKey(self.scene.picture_path, square, self.size_px)
        turned = self.views.turned(kind)
        return CellSpec(kind=kind, view=view, turned=turned, picture=picture, mesh=mesh, body=body)

    def _body(self, column: CompareColumn) -> tuple[ShownBody | None, MeshColor]:
        if column is CompareColumn.LEFT:
            return self.left, self.colors[0]
        if column is CompareColumn.RIGHT:
            return self.right, self.colors[1]
        if self.left is None or self.right is None or self.vertex_colors is None:
            return None, NEUTRAL
        return replace(self.left, vertex_colors=self.vertex_colors), NEUTRAL

    def _why_empty(self, column: CompareColumn) -> str:
        missing = [
            title
            for title, body in zip(self.titles, (self.left, self.right), strict=True)
            if body is None
        ]
        if column is CompareColumn.DIFFERENCE:
            return "Nothing to compare." if missing else "comparing…"
        title = self.titles[0] if column is CompareColumn.LEFT else self.titles[1]
        return f"{title}: there is none for this sample."
