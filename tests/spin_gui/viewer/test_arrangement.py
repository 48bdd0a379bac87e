"""Which views are shown of a sample, and what number leads to which."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.geometry.boxes import Box
from core.types.bodies import BodyParameters
from core.types.cameras import PictureCamera
from spin_gui.viewer.arrangement import MOST_SMALL, NUMBERS, ViewChoice
from spin_gui.viewer.sample_scene import Column, SampleScene, ShownBody

BODY = BodyParameters(np.zeros(72, np.float32), np.zeros(10, np.float32), np.ones(3, np.float32))


def scene(*columns: Column, same: bool = False, title: str = "") -> SampleScene:
    """same: the first fit is the current one."""
    fit_ids = {Column.CURRENT: 1, Column.FIRST: 1 if same else 2}
    return SampleScene(
        sample_id=1,
        picture_path=Path("one.png"),
        picture_size_px=(100, 100),
        box=Box(50, 50, 80),
        keypoints_px=np.zeros((49, 3), np.float32),
        camera=PictureCamera(300.0, (50.0, 50.0)),
        bodies={
            column: ShownBody(
                BODY, fit_id=fit_ids.get(column), title=title if column is Column.FIRST else ""
            )
            for column in columns
        },
    )


ALL = scene(Column.PREDICTION, Column.CURRENT, Column.FIRST)


@pytest.fixture
def choice() -> ViewChoice:
    made = ViewChoice()
    made.one_large = True
    return made


def test_the_camera_is_large_at_first_and_every_other_view_next_to_it(choice: ViewChoice) -> None:
    arrangement = choice.arrangement(ALL)
    assert arrangement.large == (0, Column.CURRENT)
    assert arrangement.small == (
        (1, Column.CURRENT),
        (2, Column.CURRENT),
        (0, Column.PICTURE),
        (1, Column.PICTURE),
        (0, Column.PREDICTION),
        (0, Column.FIRST),
    )
    assert len(arrangement.small) == MOST_SMALL


def test_empty_and_equal_bodies_vanish(choice: ViewChoice) -> None:
    shown = choice.arrangement(scene(Column.CURRENT, Column.FIRST, same=True)).cells
    assert {column for _row, column in shown} == {Column.PICTURE, Column.CURRENT}


@pytest.mark.parametrize("number", NUMBERS)
def test_every_number_leads_to_the_view_that_bears_it(choice: ViewChoice, number: int) -> None:
    for before in NUMBERS:
        choice.enlarge(choice.cell_of(before))
        arrangement = choice.arrangement(ALL)
        for cell in arrangement.small:
            assert choice.cell_of(choice.number_of(cell, arrangement)) == cell
        cell = choice.cell_of(number)
        choice.enlarge(cell)
        assert choice.arrangement(ALL).large == cell


def test_one_stays_on_a_side_from_body_to_body(choice: ViewChoice) -> None:
    choice.enlarge(choice.cell_of(3))
    choice.enlarge(choice.cell_of(6))
    arrangement = choice.arrangement(ALL)
    assert arrangement.large == (2, Column.PREDICTION)
    assert (0, Column.PREDICTION) in arrangement.small
    assert (2, Column.CURRENT) in arrangement.small


def test_where_the_chosen_body_is_missing_the_current_fit_stands_in(choice: ViewChoice) -> None:
    choice.enlarge(choice.cell_of(6))
    alone = choice.arrangement(scene(Column.CURRENT))
    assert alone.large == (0, Column.CURRENT)
    assert all(choice.number_of(cell, alone) < 6 for cell in alone.small)
    assert choice.arrangement(ALL).large == (0, Column.PREDICTION)


def test_columns_that_the_user_hides_are_gone_in_both_modes(choice: ViewChoice) -> None:
    choice.enlarge(choice.cell_of(4))
    choice.hidden = frozenset({Column.PICTURE, Column.FIRST})
    shown = choice.arrangement(ALL)
    assert {column for _row, column in shown.cells} == {Column.PREDICTION, Column.CURRENT}
    assert shown.large == (0, Column.CURRENT)
    choice.one_large = False
    assert choice.arrangement(ALL).columns == (Column.PREDICTION, Column.CURRENT)


def test_a_changed_body_that_waits_is_looked_at_until_it_is_kept_or_let_go(
    choice: ViewChoice,
) -> None:
    waiting = scene(Column.CURRENT, Column.FIRST, title="Changed body")
    choice.enlarge(choice.cell_of(2))
    choice.note(waiting)
    assert choice.arrangement(waiting).large == (1, Column.FIRST)
    choice.enlarge(choice.cell_of(7))
    choice.note(waiting)
    assert choice.arrangement(waiting).large == (1, Column.CURRENT), "one may look at the other"
    choice.enlarge(choice.cell_of(8))
    choice.note(ALL)
    assert choice.arrangement(ALL).large == (1, Column.CURRENT)
