"""One view large, the others small next to it, exchanged by clicks and by keys."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from core.body.display_body import DisplayBody
from core.rendering.render_thread import RenderService
from spin_gui.session.session import ProjectSession
from spin_gui.viewer.fit_views import FitViewsPanel
from spin_gui.viewer.sample_scene import Column
from spin_gui.viewer.view_canvas import ViewCanvas
from spin_gui.viewer.view_state import ViewKind
from spin_gui.window.main_window import MainWindow

TIMEOUT_MS = 20_000
CAMERA, TOP, SIDE = ((row, Column.CURRENT) for row in range(3))
WHOLE = (1, Column.PICTURE)
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
Key = Qt.Key


@pytest.fixture
def panel(
    qtbot: QtBot, session: ProjectSession, display_body: DisplayBody, rendering: RenderService
) -> Iterator[FitViewsPanel]:
    panel = FitViewsPanel(session, display_body, rendering)
    qtbot.addWidget(panel)
    panel.resize(760, 640)
    panel.set_one_large(True)
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
        panel.show()
    yield panel
    panel.close()


def grabbed(canvas: ViewCanvas) -> NDArray[np.int64]:
    """The pixels of a view, ``(H, W, 3)``."""
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    data = np.frombuffer(image.constBits(), dtype=np.uint8)
    rows = data.reshape(image.height(), image.bytesPerLine())[:, : 3 * image.width()]
    return rows.reshape(image.height(), image.width(), 3).astype(np.int64)


def shown_sharply(canvas: ViewCanvas) -> bool:
    """Whether what is painted was drawn for the size that it has on the screen."""
    frame = canvas.painted_frame
    if frame is None or frame is not canvas.frame or not frame.complete:
        return False
    wanted_px = round(canvas.width() * canvas.devicePixelRatioF())
    layers = [layer for layer in (frame.picture, frame.mesh) if layer is not None]
    return all(layer.image.width() == wanted_px for layer in layers)


def test_the_camera_is_large_and_drawn_for_its_size_and_the_others_are_small(
    qtbot: QtBot, panel: FitViewsPanel
) -> None:
    large = panel.board.canvases[CAMERA]
    small = [canvas for cell, canvas in panel.board if cell != CAMERA]
    assert large.width() == panel.board.cell_side
    assert all(canvas.width() < large.width() / 2 for canvas in small)
    assert len(small) == 4, "top, side, picture and whole picture; nothing that is empty or equal"
    for canvas in (large, *small):
        qtbot.waitUntil(lambda canvas=canvas: shown_sharply(canvas), timeout=TIMEOUT_MS)


def test_a_click_on_a_small_view_exchanges_it_with_the_large_one(
    qtbot: QtBot, panel: FitViewsPanel
) -> None:
    side = panel.board.canvases[SIDE]
    qtbot.mouseClick(side, LEFT, NONE, side.rect().center())
    assert panel.board.arrangement.large == SIDE
    assert side.width() == panel.board.cell_side
    assert CAMERA in panel.board.arrangement.small
    assert not panel.view_state.turned(ViewKind.SIDE), "a click turns nothing"
    qtbot.waitUntil(lambda: shown_sharply(side), timeout=TIMEOUT_MS)
    caption = panel.board.captions[CAMERA]
    assert (caption.number, caption.text) == (1, "camera")
    qtbot.mouseClick(caption, LEFT)
    assert panel.board.arrangement.large == CAMERA


def test_a_drag_on_a_small_view_turns_it_and_exchanges_nothing(
    qtbot: QtBot, panel: FitViewsPanel
) -> None:
    side = panel.board.canvases[SIDE]
    start = side.rect().center()
    qtbot.mousePress(side, LEFT, NONE, start)
    qtbot.mouseMove(side, start + QPoint(20, 0))
    qtbot.mouseRelease(side, LEFT, NONE, start + QPoint(20, 0))
    assert panel.view_state.turned(ViewKind.SIDE)
    assert panel.board.arrangement.large == CAMERA


def test_a_sample_without_fit_shows_its_picture_large_and_says_what_to_do(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
        session.go_last()
    frame = panel.board.canvases[CAMERA].frame
    assert frame.picture is not None
    assert frame.message == ""
    assert frame.keypoints is not None
    assert "Fit samples" in panel.board.headers[Column.CURRENT].text.second


def test_the_size_of_the_large_view_is_the_same_from_sample_to_sample(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    before = panel.board.canvases[CAMERA].geometry(), panel.board.canvases[TOP].geometry()
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
        session.go_next()
    assert panel.board.canvases[0, Column.FIRST].isVisible(), "it is another body now"
    after = panel.board.canvases[CAMERA].geometry(), panel.board.canvases[TOP].geometry()
    assert before == after


def test_bodies_are_drawn_as_wireframes_and_as_skeletons_that_leave_the_picture_free(
    qtbot: QtBot, panel: FitViewsPanel
) -> None:
    panel.set_keypoints_shown(False)
    large = panel.board.canvases[CAMERA]
    qtbot.waitUntil(lambda: shown_sharply(large), timeout=TIMEOUT_MS)
    panel.set_overlay_hidden(True)
    bare = grabbed(large)
    panel.set_overlay_hidden(False)

    def covered() -> float:
        qtbot.waitUntil(lambda: shown_sharply(large), timeout=TIMEOUT_MS)
        return float((np.abs(grabbed(large) - bare).max(axis=2) > 20).mean())

    solid = covered()
    assert panel.controls.style_box.currentText() == "Mesh"
    panel.next_style()
    assert panel.controls.style_box.currentText() == "Plain mesh"
    assert covered() == pytest.approx(solid, rel=0.01)
    panel.next_style()
    wires = covered()
    assert panel.controls.style_box.currentText() == "Wireframe"
    panel.next_style()
    bones = covered()
    assert panel.controls.style_box.currentText() == "Skeleton"
    assert 0 < bones < wires < solid
    panel.next_style()
    assert covered() == solid


def test_a_wipe_shows_one_body_left_of_its_line_and_another_one_right_of_it(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    panel.set_keypoints_shown(False)
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
        session.go_next()  # whose first fit is another body
    first, current = panel.board.canvases[0, Column.FIRST], panel.board.canvases[CAMERA]
    qtbot.waitUntil(lambda: shown_sharply(current), timeout=TIMEOUT_MS)
    current_alone = grabbed(current)
    panel.see(8)
    qtbot.waitUntil(lambda: shown_sharply(first), timeout=TIMEOUT_MS)
    first_alone = grabbed(first)
    panel.see(7)
    panel.set_wiping(True)
    qtbot.waitUntil(lambda: shown_sharply(current), timeout=TIMEOUT_MS)
    both = grabbed(current)
    middle = both.shape[1] // 2
    left, right = slice(0, middle - 20), slice(middle + 20, None)
    assert np.array_equal(both[:, left], current_alone[:, left])
    assert np.array_equal(both[:, right], first_alone[:, right])
    assert not np.array_equal(both[:, right], current_alone[:, right])
    panel.set_wiping(False)
    qtbot.waitUntil(lambda: shown_sharply(current), timeout=TIMEOUT_MS)
    assert np.array_equal(grabbed(current), current_alone)


def test_the_line_of_a_wipe_is_dragged_and_turns_nothing(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
        session.go_next()
    panel.set_wiping(True)
    large = panel.board.canvases[CAMERA]
    qtbot.waitUntil(lambda: shown_sharply(large), timeout=TIMEOUT_MS)
    start, end = large.rect().center(), large.rect().center() - QPoint(large.width() // 4, 0)
    qtbot.mousePress(large, LEFT, NONE, start)
    qtbot.mouseMove(large, end)
    qtbot.mouseRelease(large, LEFT, NONE, end)
    assert large.wipe.share == pytest.approx(0.25, abs=0.01)
    assert not panel.view_state.turned(ViewKind.CAMERA)
    session.go_previous()
    assert large.frame.under is None, "that one has no second body"


def test_digits_m_and_the_switches_of_columns_lead_through_the_views(window: MainWindow, press):
    board = window.page.views.board
    assert board.arrangement.large == CAMERA, "so it begins"
    for key, cell in ((Key.Key_3, SIDE), (Key.Key_5, WHOLE), (Key.Key_2, TOP)):
        press(key)
        assert board.arrangement.large == cell
    press(Key.Key_M)
    assert board.arrangement.large is None
    assert not window.commands["view.one_large"].isChecked()
    press(Key.Key_1)
    assert board.arrangement.large == CAMERA, "a digit leads from the grid to a large view"
    assert window.commands["view.one_large"].isChecked()
    window.commands["view.column_picture"].trigger()
    assert all(column is not Column.PICTURE for _row, column in board.arrangement.cells)


def test_the_views_alone_on_the_whole_screen_and_back_by_escape(window: MainWindow, press):
    page = window.page
    press(Key.Key_F11, Qt.KeyboardModifier.ShiftModifier)
    assert window.isFullScreen()
    assert not page.samples.isVisible()
    assert not page.parts.details.isVisible()
    press(Key.Key_Escape)
    assert not window.isFullScreen()
    assert page.samples.isVisible()
    assert page.parts.details.isVisible()
