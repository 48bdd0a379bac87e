"""Which images the cells of a gallery row show. Knows nothing of Qt's widgets."""

from __future__ import annotations

from collections.abc import Sequence

from core.types.bodies import BodyParameters
from spin_gui.gallery.gallery_columns import FIT, LIFTER, PREDICTION, GalleryColumn
from spin_gui.gallery.gallery_rows import GalleryRow
from spin_gui.images.picture_cache import PictureKey
from spin_gui.images.render_cache import MeshKey
from spin_gui.viewer.cell_plan import WHOLE_BODY, CellSpec
from spin_gui.viewer.sample_scene import ShownBody
from spin_gui.viewer.view_state import HOME, ViewKind


def row_plans(
    shown: GalleryRow,
    lifted: BodyParameters | None,
    columns: Sequence[GalleryColumn],
    *,
    size_px: int,
) -> list[CellSpec | None]:
    """The plan of each column's cell; None where there is no body to show."""
    bodies = {
        FIT: None if shown.fit is None else ShownBody(shown.fit.parameters),
        PREDICTION: None if shown.prediction is None else ShownBody(shown.prediction.parameters),
        LIFTER: None if lifted is None else ShownBody(lifted),
    }
    picture = PictureKey(shown.sample.picture_path, shown.sample.box, size_px)
    return [_plan(column, bodies.get(column.group), picture, size_px) for column in columns]


def _plan(
    column: GalleryColumn, body: ShownBody | None, picture: PictureKey, size_px: int
) -> CellSpec | None:
    view = HOME[column.kind]
    if column.color is None:
        return CellSpec(kind=column.kind, view=view, picture=picture)
    if body is None:
        return None
    return CellSpec(
        kind=column.kind,
        view=view,
        picture=picture if column.kind is ViewKind.CAMERA else None,
        mesh=MeshKey(
            digest=body.digest,
            color=column.color,
            view=view,
            size_px=size_px,
            whole_body=column.kind in WHOLE_BODY,
        ),
        body=body,
    )
