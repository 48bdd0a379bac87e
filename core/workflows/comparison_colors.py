"""What the bodies of each source are drawn in."""

from __future__ import annotations

from core.rendering.colors import (
    CURRENT_FIT_COLOR,
    FIRST_FIT_COLOR,
    PREDICTION_COLOR,
    MeshColor,
)
from core.workflows.comparison_sources import CURRENT, FIRST, PREDICTION

SOURCE_COLORS: dict[str, MeshColor] = {
    CURRENT: CURRENT_FIT_COLOR,
    FIRST: FIRST_FIT_COLOR,
    PREDICTION: PREDICTION_COLOR,
}
_SIDE_COLORS: tuple[MeshColor, MeshColor] = (PREDICTION_COLOR, CURRENT_FIT_COLOR)


def side_colors(left: str, right: str) -> tuple[MeshColor, MeshColor]:
    """What two sources are drawn in: their own colours, or blue and amber where those are equal."""
    colors = (SOURCE_COLORS.get(left, _SIDE_COLORS[0]), SOURCE_COLORS.get(right, _SIDE_COLORS[1]))
    return _SIDE_COLORS if colors[0] == colors[1] else colors
