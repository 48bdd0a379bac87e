"""Cells are equal squares inside the panel at every size that the window may have."""

from __future__ import annotations

import pytest

from spin_gui.viewer.view_grid import plan_grid


@pytest.mark.parametrize(("width", "height"), [(1040, 880), (620, 600), (1600, 500), (500, 1000)])
def test_cells_are_equal_squares_inside_the_panel(width: int, height: int) -> None:
    plan = plan_grid(width, height, rows=3, columns=4, header_height=50, gap=6)
    cells = [cell for row in plan.cells for cell in row]
    assert {(cell.width, cell.height) for cell in cells} == {(plan.cell_side, plan.cell_side)}
    assert min(cell.x for cell in cells) >= 0
    assert max(cell.x + cell.width for cell in cells) <= width
    assert max(cell.y + cell.height for cell in cells) <= height
    assert [header.x for header in plan.headers] == [cell.x for cell in plan.cells[0]]
    for first, second in zip(plan.cells[0], plan.cells[0][1:], strict=False):
        assert first.x + first.width + 6 == second.x


def test_a_tiny_panel_still_has_cells() -> None:
    assert plan_grid(10, 10, rows=3, columns=4, header_height=50, gap=6).cell_side > 0
