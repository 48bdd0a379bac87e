"""What arrives too late is never shown, and a sample that is left is never shown as the next."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core.body.display_body import DisplayBody
from core.rendering.views import MeshView
from spin_gui.session.session import ProjectSession
from spin_gui.viewer.fit_views import FitViewsPanel
from spin_gui.viewer.sample_scene import Column
from spin_gui.viewer.view_state import ViewKind

TOP = (1, Column.CURRENT)


@pytest.fixture
def panel(
    qtbot: QtBot, session: ProjectSession, display_body: DisplayBody, held_rendering
) -> Iterator[FitViewsPanel]:
    panel = FitViewsPanel(session, display_body, held_rendering)
    qtbot.addWidget(panel)
    panel.resize(760, 640)
    panel.show()
    yield panel
    panel.close()


def finish_drawing(qtbot: QtBot, panel: FitViewsPanel, held_rendering, *, level: int) -> None:
    def finished() -> bool:
        while held_rendering.asked:
            held_rendering.draw(level=level)
        return panel.shown_sample_id is not None

    qtbot.waitUntil(finished, timeout=10_000)


def test_a_body_drawn_too_late_is_not_shown(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession, held_rendering
) -> None:
    qtbot.waitUntil(lambda: len(held_rendering.asked) >= 4)
    late = held_rendering.asked[:]
    for _view, future, _priority in late:
        assert future.set_running_or_notify_cancel()
    held_rendering.asked.clear()
    session.go_next()
    for view, future, _priority in late:
        future.set_result(np.full((view.height, view.width, 4), 250, dtype=np.uint8))
    finish_drawing(qtbot, panel, held_rendering, level=90)
    assert panel.shown_sample_id == session.current_id
    assert panel.board.canvases[TOP].frame.mesh.image.pixelColor(2, 2).red() == 90


def test_the_former_sample_is_marked_while_the_next_one_loads(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession, held_rendering
) -> None:
    finish_drawing(qtbot, panel, held_rendering, level=250)
    canvas = panel.board.canvases[TOP]
    clear = canvas.grab().toImage().pixelColor(5, canvas.height() - 5).red()
    session.go_next()
    assert canvas.shows_former_sample
    assert panel.shown_sample_id is None
    dimmed = canvas.grab().toImage().pixelColor(5, canvas.height() - 5).red()
    assert dimmed < clear / 2
    finish_drawing(qtbot, panel, held_rendering, level=90)
    assert not canvas.shows_former_sample


def test_turning_waits_for_the_images_it_asked_for(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession, held_rendering
) -> None:
    """Asking again at each step of a drag would cancel every image before it is drawn."""
    finish_drawing(qtbot, panel, held_rendering, level=250)
    session.go_next()  # whose first fit is another one than the current
    finish_drawing(qtbot, panel, held_rendering, level=250)
    canvas = panel.board.canvases[TOP]
    rough_px = panel.board.cell_size_px // 2

    def rough() -> list[tuple[MeshView, Future[object], int]]:
        """What was asked for the row being turned; neighbours are asked for, too."""
        return [asked for asked in held_rendering.asked if asked[0].width == rough_px]

    for _ in range(5):
        canvas.orbited.emit(0.02, 0.0)
    first = rough()
    assert len(first) == 2, "both bodies of the row, once"
    assert not any(future.cancelled() for _view, future, _priority in first)
    held_rendering.draw_all()
    qtbot.waitUntil(lambda: len(rough()) == 2, timeout=5000)
    azimuth = rough()[0][0].angle.azimuth_rad
    assert azimuth == pytest.approx(panel.view_state[ViewKind.TOP].angle.azimuth_rad)
