"""Which image belongs into which cell of the views. Knows nothing of Qt's widgets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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
from spin_gui.viewer.sample_scene import BODY_COLUMNS, Column, SampleScene, ShownBody
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

    size_px: of a cell, in pixels of the screen.
    rough: the kind of view that is being turned; its bodies are drawn at half the size.
    """

    scene: SampleScene
    views: ViewState
    whole_picture: bool
    size_px: int
    rough: ViewKind | None = None

    def cells(self) -> dict[Cell, CellSpec]:
        """The plans of all cells but the summary's."""
        return dict(self._cells())

    def _cells(self) -> Iterator[tuple[Cell, CellSpec]]:
        kinds = row_kinds(whole_picture=self.whole_picture)
        yield (0, Column.PICTURE), self._picture_cell(kinds[0])
        yield (1, Column.PICTURE), self._context_cell()
        for row, kind in enumerate(kinds):
            for column in BODY_COLUMNS:
                yield (row, column), self._body_cell(row, column, kind)

    def _picture_cell(self, kind: ViewKind) -> CellSpec:
        return CellSpec(
            kind=kind, view=self.views[kind], picture=self._picture(kind), draws_keypoints=True
        )

    def _context_cell(self) -> CellSpec:
        """The whole picture with the current body while the top row shows the crop; or else."""
        kind = first_row_kind(whole_picture=not self.whole_picture)
        bodies = self.scene.bodies
        column = next((c for c in (Column.CURRENT, Column.PREDICTION) if c in bodies), None)
        return CellSpec(
            kind=kind,
            view=self.views[kind],
            turned=self.views.turned(kind),
            picture=self._picture(kind),
            mesh=None if column is None else self._mesh(column, kind),
            body=None if column is None else bodies[column],
            beside=self._beside(kind),
        )

    def _body_cell(self, row: int, column: Column, kind: ViewKind) -> CellSpec:
        body = self.scene.bodies.get(column)
        view = self.views[kind]
        if body is None:
            return CellSpec(kind=kind, view=view, message=self._empty_text(row, column))
        turned = self.views.turned(kind)
        over_picture = kind in OVER_PICTURE
        return CellSpec(
            kind=kind,
            view=view,
            turned=turned,
            picture=self._picture(kind) if over_picture else None,
            mesh=self._mesh(column, kind),
            body=body,
            draws_keypoints=over_picture and not turned,
            beside=self._beside(kind),
        )

    def _beside(self, kind: ViewKind) -> tuple[ShownBody, ...]:
        if kind is not ViewKind.PICTURE:
            return ()
        return tuple(person.body for person in self.scene.others)

    def _empty_text(self, row: int, column: Column) -> str:
        if row:
            return SHORT_EMPTY_TEXTS[column]
        if column is not Column.PREDICTION and not self.scene.usable:
            return UNUSABLE_TEXT
        return EMPTY_TEXTS[column]

    def _picture(self, kind: ViewKind) -> PictureKey:
        plane = plane_square(self.scene, kind)
        square = window_in_picture(plane, self.views[kind].window)
        return PictureKey(self.scene.picture_path, square, self.size_px)

    def _mesh(self, column: Column, kind: ViewKind) -> MeshKey:
        over_picture = None
        if kind is ViewKind.PICTURE:
            beside = tuple(
                PersonBeside(other.body.digest, other.box) for other in self.scene.others
            )
            over_picture = OverPicture(self.scene.box, self.scene.picture_size_px, beside)
        body = self.scene.bodies[column]
        return MeshKey(
            digest=body.digest,
            color=COLUMN_COLORS[column],
            view=self.views[kind],
            size_px=self.size_px // 2 if kind is self.rough else self.size_px,
            over_picture=over_picture,
            lens=self.scene.lens_of(body) if kind in OVER_PICTURE else None,
        )
