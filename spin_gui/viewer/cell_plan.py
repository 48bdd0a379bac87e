"""Which image belongs into which cell of the views. Knows nothing of Qt's widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.geometry.boxes import Box
from core.rendering.colors import (
    CURRENT_FIT_COLOR,
    FIRST_FIT_COLOR,
    PREDICTION_COLOR,
    MeshColor,
)
from spin_gui.images.picture_cache import PictureKey
from spin_gui.images.plane_view import PlaneView, Window
from spin_gui.images.render_cache import MeshKey, OverPicture, PersonBeside
from spin_gui.viewer.body_style import BodyStyle
from spin_gui.viewer.sample_scene import Column, SampleScene, ShownBody
from spin_gui.viewer.view_state import ViewKind, ViewState

ROWS = 3
COLUMN_COLORS: dict[Column, MeshColor] = {
    Column.PREDICTION: PREDICTION_COLOR,
    Column.CURRENT: CURRENT_FIT_COLOR,
    Column.FIRST: FIRST_FIT_COLOR,
}
EMPTY_TEXTS: dict[Column, str] = {
    Column.PREDICTION: (
        "No prediction yet.\n\nTrain or predict (menu Training), and the body that the "
        "regressor estimates for this person appears here, next to the fits."
    ),
    Column.CURRENT: "No fit yet.\n\nFitting ▸ Fit samples… makes one from the keypoints.",
    Column.FIRST: "No SMPLify fit yet.\n\nThe first one that is made stays here for comparison.",
}
UNUSABLE_TEXT = (
    "No fit.\n\nThis person has too few keypoints to fit a body to. Press E to place them; then F5 "
    "makes a fit."
)
SHORT_EMPTY_TEXTS: dict[Column, str] = {
    Column.PREDICTION: "No prediction",
    Column.CURRENT: "No fit",
    Column.FIRST: "No fit",
}
"""Below the first row, which says what to do."""

OVER_PICTURE = frozenset({ViewKind.CAMERA, ViewKind.PICTURE})
"""The kinds of view that bodies lie over the picture in."""

WHOLE_BODY = frozenset({ViewKind.TOP, ViewKind.SIDE})
"""The kinds that look at a body alone, for its shape."""

Cell = tuple[int, Column]
"""Row and column."""

SUMMARY_CELL: Cell = (2, Column.PICTURE)
"""Holds the summary of the keypoints in place of a view."""


@dataclass(frozen=True)
class CellSpec:
    """What one cell shows.

    mesh and picture: the images it needs, None where it needs none.
    body: whose mesh and reprojected keypoints are drawn.
    beside: the bodies of the other people that the mesh shows.
    message: said in place of any image.
    draws_keypoints: whether its plane is one that keypoints lie in.
    ghost: the mesh that is shown faintly behind it.
    under: what the other side of a wipe shows, of the same kind and size.
    """

    kind: ViewKind
    view: PlaneView
    turned: bool = False
    picture: PictureKey | None = None
    mesh: MeshKey | None = None
    body: ShownBody | None = None
    message: str = ""
    draws_keypoints: bool = False
    beside: tuple[ShownBody, ...] = ()
    ghost: MeshKey | None = None
    under: CellSpec | None = None


def empty_text(scene: SampleScene, column: Column) -> str:
    """Why a column has no body, and what to do."""
    if column is not Column.PREDICTION and not scene.usable:
        return UNUSABLE_TEXT
    return EMPTY_TEXTS[column]


def first_row_kind(*, whole_picture: bool) -> ViewKind:
    """What the top row looks at."""
    return ViewKind.PICTURE if whole_picture else ViewKind.CAMERA


def row_kinds(*, whole_picture: bool) -> tuple[ViewKind, ViewKind, ViewKind]:
    """What the bodies of each row are seen from."""
    return first_row_kind(whole_picture=whole_picture), ViewKind.TOP, ViewKind.SIDE


def plane_square(scene: SampleScene, kind: ViewKind) -> Box:
    """The square of the picture, in its pixels, that is the plane of a kind of view."""
    return scene.picture_square if kind is ViewKind.PICTURE else scene.box


def window_in_picture(plane: Box, window: Window) -> Box:
    """The part of a plane that a window shows, in picture pixels."""
    return Box(
        plane.center_x_px + (window.center_x - 0.5) * plane.side_px,
        plane.center_y_px + (window.center_y - 0.5) * plane.side_px,
        window.side * plane.side_px,
    )


@dataclass(frozen=True, eq=False)
class SceneLayout:
    """Plans the cells of one sample.

    sizes_px: the side of each cell that is shown, in pixels of the screen.
    large: the cell that is shown large, if one is.
    wiped: whose body the other side of a wipe over the large cell shows.
    style: how bodies are drawn.
    rough: the kind of view that is being turned; its bodies are drawn at half the size.
    """

    scene: SampleScene
    views: ViewState
    whole_picture: bool
    sizes_px: Mapping[Cell, int]
    large: Cell | None = None
    wiped: Column | None = None
    style: BodyStyle = BodyStyle.MESH
    rough: ViewKind | None = None

    def cells(self) -> dict[Cell, CellSpec]:
        """The plans of the cells that are shown."""
        return {cell: self._cell(cell) for cell in self.sizes_px}

    def _cell(self, cell: Cell) -> CellSpec:
        row, column = cell
        kind = row_kinds(whole_picture=self.whole_picture)[row]
        if column is not Column.PICTURE:
            spec = self._body_cell(cell, column, kind)
            if self.wiped is None or cell != self.large or spec.body is None:
                return spec
            return replace(spec, under=self._body_cell(cell, self.wiped, kind))
        return self._picture_cell(cell, kind) if row == 0 else self._context_cell(cell)

    def _picture_cell(self, cell: Cell, kind: ViewKind) -> CellSpec:
        return CellSpec(
            kind=kind,
            view=self.views[kind],
            picture=self._picture(cell, kind),
            draws_keypoints=True,
        )

    def _context_cell(self, cell: Cell) -> CellSpec:
        """The whole picture with the current body while the top row shows the crop; or else."""
        kind = first_row_kind(whole_picture=not self.whole_picture)
        bodies = self.scene.bodies
        column = next((c for c in (Column.CURRENT, Column.PREDICTION) if c in bodies), None)
        turned = self.views.turned(kind)
        return CellSpec(
            kind=kind,
            view=self.views[kind],
            turned=turned,
            picture=self._picture(cell, kind),
            mesh=None if column is None else self._mesh(cell, column, kind),
            body=None if column is None else bodies[column],
            draws_keypoints=cell == self.large and not turned,
            beside=self._beside(cell, kind),
            ghost=None if column is None else self._ghost(cell, column, kind),
        )

    def _body_cell(self, cell: Cell, column: Column, kind: ViewKind) -> CellSpec:
        body = self.scene.bodies.get(column)
        view = self.views[kind]
        over_picture = kind in OVER_PICTURE
        if body is None and cell == self.large and over_picture:
            # There is a picture to look at, and the header says why there is no body.
            return self._picture_cell(cell, kind)
        if body is None:
            return CellSpec(kind=kind, view=view, message=self._empty_text(cell[0], column))
        turned = self.views.turned(kind)
        return CellSpec(
            kind=kind,
            view=view,
            turned=turned,
            picture=self._picture(cell, kind) if over_picture else None,
            mesh=self._mesh(cell, column, kind),
            body=body,
            draws_keypoints=over_picture and not turned,
            beside=self._beside(cell, kind),
            ghost=self._ghost(cell, column, kind),
        )

    def _beside(self, cell: Cell, kind: ViewKind) -> tuple[ShownBody, ...]:
        shown = self._shows_everyone(cell, kind)
        return tuple(person.body for person in self.scene.others) if shown else ()

    def _shows_everyone(self, cell: Cell, kind: ViewKind) -> bool:
        """Over the whole picture always; over the crop in a view that is large enough for it.

        A crop that is turned turns one body about its own middle: the others have no place there.
        """
        if kind is not ViewKind.CAMERA:
            return kind is ViewKind.PICTURE
        is_small = self.large is not None and cell != self.large
        return not is_small and not self.views.turned(kind)

    def _empty_text(self, row: int, column: Column) -> str:
        return SHORT_EMPTY_TEXTS[column] if row else empty_text(self.scene, column)

    def _picture(self, cell: Cell, kind: ViewKind) -> PictureKey:
        plane = plane_square(self.scene, kind)
        square = window_in_picture(plane, self.views[kind].window)
        return PictureKey(self.scene.picture_path, square, self.sizes_px[cell])

    def _mesh(self, cell: Cell, column: Column, kind: ViewKind) -> MeshKey:
        return self._mesh_of(self.scene.bodies[column], cell, column, kind)

    def _mesh_of(self, body: ShownBody, cell: Cell, column: Column, kind: ViewKind) -> MeshKey:
        size_px = self.sizes_px[cell]
        return MeshKey(
            digest=body.digest,
            color=COLUMN_COLORS[column],
            view=self.views[kind],
            size_px=size_px // 2 if kind is self.rough or body.held is not None else size_px,
            over_picture=self._over_picture(cell, kind),
            lens=self.scene.lens_of(body) if kind in OVER_PICTURE else None,
            whole_body=kind in WHOLE_BODY,
            wireframe=self.style is BodyStyle.WIREFRAME,
            plain=self.style is BodyStyle.PLAIN,
            held=body.held,
        )

    def _ghost(self, cell: Cell, column: Column, kind: ViewKind) -> MeshKey | None:
        """The body that was there before a drag, drawn as it was until then."""
        former = self.scene.bodies[column].former
        if former is None:
            return None
        return self._mesh_of(former, cell, column, kind)

    def _over_picture(self, cell: Cell, kind: ViewKind) -> OverPicture | None:
        """None where one body alone is drawn over its crop, or over no picture."""
        shows_everyone = self._shows_everyone(cell, kind)
        others = self.scene.others if shows_everyone else ()
        if kind is not ViewKind.PICTURE and not others:
            return None
        return OverPicture(
            self.scene.box,
            self.scene.picture_size_px,
            tuple(PersonBeside(other.body.digest, other.box) for other in others),
            cropped=kind is ViewKind.CAMERA,
        )
