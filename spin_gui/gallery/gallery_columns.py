"""The columns of the gallery. Knows nothing of Qt."""

from __future__ import annotations

from dataclasses import dataclass

from core.rendering.colors import (
    CURRENT_FIT_COLOR,
    LIFTER_COLOR,
    PREDICTION_COLOR,
    MeshColor,
)
from spin_gui.viewer.view_state import ViewKind


@dataclass(frozen=True)
class GalleryColumn:
    """A column: whose body (none for the picture), seen from where, in which colour."""

    group: str
    kind: ViewKind
    color: MeshColor | None = None


PICTURE, FIT, PREDICTION, LIFTER = "Picture", "Fit", "Prediction", "Lifted"

COLUMNS: tuple[GalleryColumn, ...] = (
    GalleryColumn(PICTURE, ViewKind.CAMERA),
    *(
        GalleryColumn(FIT, kind, CURRENT_FIT_COLOR)
        for kind in (ViewKind.CAMERA, ViewKind.TOP, ViewKind.SIDE)
    ),
    *(
        GalleryColumn(group, kind, color)
        for group, color in ((PREDICTION, PREDICTION_COLOR), (LIFTER, LIFTER_COLOR))
        for kind in (ViewKind.CAMERA, ViewKind.SIDE)
    ),
)
"""As in the paper's Figure 2, with what the regressor and the lifter believe beside it."""


def columns_shown(*, with_predictions: bool) -> tuple[GalleryColumn, ...]:
    """The columns, without those that would be empty from top to bottom."""
    return tuple(column for column in COLUMNS if with_predictions or column.group != PREDICTION)
