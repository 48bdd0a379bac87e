"""What the line at the bottom says of the review."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from spin_gui.window.status_bar import StatusBar


@pytest.mark.parametrize(
    ("left", "fits", "text"),
    [
        (None, 0, ""),
        (0, 0, "No fits yet"),
        (0, 3, "All fits reviewed"),
        (2, 3, "2 left to review"),
    ],
)
def test_what_is_left_to_review_is_not_said_of_fits_that_are_not_there(
    qtbot: QtBot, left: int | None, fits: int, text: str
) -> None:
    status = StatusBar()
    qtbot.addWidget(status)
    status.show_left(left, fits=fits)
    assert status.left.text() == text
