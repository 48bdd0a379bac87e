"""The large view is a square that takes what room there is, and nothing lies over anything."""

from __future__ import annotations

from itertools import combinations

import pytest

from spin_gui.viewer.large_layout import plan_large
from spin_gui.viewer.view_grid import CellRectangle

SIZES = [(956, 875), (740, 560), (700, 480), (1580, 900), (420, 900), (372, 280)]


def overlap(first: CellRectangle, second: CellRectangle) -> bool:
    apart = first.x + first.width <= second.x or second.x + second.width <= first.x
    below = first.y + first.height <= second.y or second.y + second.height <= first.y
    return not (apart or below)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_overlaps_and_all_lies_inside(width: int, height: int) -> None:
    plan = plan_large(width, height, small=6, header_height=20, caption_height=18, gap=6)
    places = [plan.header, plan.large, *plan.small]
    places += [] if plan.summary is None else [plan.summary]
    assert plan.large.width == plan.large.height
    assert len(plan.small) == 6
    assert len({(place.width, place.height) for place in plan.small}) == 1
    assert min(place.x for place in places) >= 0
    assert max(place.x + place.width for place in places) <= width
    assert max(place.y + place.height for place in places) <= height
    assert not any(overlap(first, second) for first, second in combinations(places, 2))
    assert plan.small_side < plan.large.width / 2


def test_the_window_of_a_common_screen_has_a_view_of_600_pixels_and_more() -> None:
    plan = plan_large(956, 800, small=6, header_height=20, caption_height=18, gap=6)
    assert plan.large.width >= 600


def test_in_a_tall_panel_the_small_views_lie_below() -> None:
    plan = plan_large(420, 900, small=6, header_height=20, caption_height=18, gap=6)
    assert plan.large.width == 420
    assert min(place.y for place in plan.small) >= plan.large.y + plan.large.height
