"""The window and its frame stay on the screen, whatever the screen and the frame are like."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMargins, QRect, QSize
from PySide6.QtWidgets import QWidget

from spin_gui.window.main_window import FIRST_SIZE, SMALLEST_SIZE, MainWindow
from spin_gui.window.window_placement import USUAL_FRAME, WindowPlacement, first_size, moved_inside

FRAME = QMargins(1, 20, 1, 5)
PLAIN = QRect(0, 0, 1280, 720)
WITH_PANELS = QRect(64, 30, 1216, 650)


@pytest.mark.parametrize(
    ("available", "expected"),
    [
        (QRect(0, 0, 2560, 1440), QSize(1600, 1000)),
        (QRect(0, 0, 1600, 1000), QSize(1592, 960)),
        (QRect(0, 0, 1366, 768), QSize(1358, 728)),
        (PLAIN, QSize(1272, 680)),
    ],
)
def test_the_first_size_leaves_room_for_a_frame(available, expected):
    size = first_size(FIRST_SIZE, available)
    assert size == expected
    assert available.size().expandedTo(size.grownBy(USUAL_FRAME)) == available.size()


def test_the_smallest_window_and_a_frame_fit_the_smallest_screen():
    assert first_size(SMALLEST_SIZE, PLAIN) == SMALLEST_SIZE


@pytest.mark.parametrize("available", [PLAIN, WITH_PANELS, QRect(1920, 0, 1280, 720)])
@pytest.mark.parametrize(
    "inside",
    [
        QRect(0, 0, 1280, 720),
        QRect(300, 200, 1600, 1000),
        QRect(-500, -400, 800, 600),
        QRect(5000, 3000, 800, 600),
        QRect(1, 20, 1280, 720),
    ],
)
def test_a_window_with_its_frame_is_moved_inside(available, inside):
    moved = moved_inside(inside, FRAME, available)
    assert available.contains(moved.marginsAdded(FRAME))
    assert moved.size() == inside.size().boundedTo(available.marginsRemoved(FRAME).size())


def test_a_window_that_fits_stays_where_it_is():
    inside = QRect(100, 50, 1000, 600)
    assert moved_inside(inside, FRAME, PLAIN) == inside


def _shown_beyond_the_screen(qtbot, window: QWidget) -> QRect:
    """Shows it as a geometry from a larger screen would; returns the screen."""
    available = window.screen().availableGeometry()
    window.setGeometry(60, 60, available.width() + 300, available.height() + 300)
    WindowPlacement(window)
    window.show()
    qtbot.waitUntil(lambda: available.contains(window.frameGeometry()), timeout=20_000)
    return available


def test_a_geometry_of_a_larger_screen_comes_back_onto_this_one(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    _shown_beyond_the_screen(qtbot, window)


def test_a_smallest_size_beyond_the_screen_gives_way(qtbot):
    """The status bar at the lower edge counts for more than room for every panel."""
    window = QWidget()
    qtbot.addWidget(window)
    screen = window.screen().availableGeometry()
    window.setMinimumSize(screen.width() + 100, screen.height() + 100)
    _shown_beyond_the_screen(qtbot, window)


def test_the_main_window_with_its_status_bar_is_put_on_the_screen(qtbot):
    window = MainWindow()
    qtbot.addWidget(window)
    available = _shown_beyond_the_screen(qtbot, window)
    status = window.statusBar()
    lower_edge = status.mapToGlobal(status.rect().bottomLeft()).y()
    assert lower_edge <= available.bottom()
    window.close()


def test_what_the_user_does_later_is_left_alone(qtbot, monkeypatch):
    monkeypatch.setattr("spin_gui.window.window_placement._FRAME_COMES_WITHIN_MS", 100)
    window = QWidget()
    qtbot.addWidget(window)
    available = _shown_beyond_the_screen(qtbot, window)
    qtbot.wait(300)
    beyond = QRect(available.right() - 100, 100, 400, 300)
    window.setGeometry(beyond)
    qtbot.wait(200)
    assert window.geometry() == beyond
