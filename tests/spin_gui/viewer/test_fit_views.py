"""The centre of the window, driven with the mouse as a person would."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.body.display_body import DisplayBody
from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.rendering.render_thread import RenderService
from core.types.bodies import BodyParameters
from core.types.fits import Verdict
from core.types.predictions import NewPrediction
from spin_gui.session.session import ProjectSession
from spin_gui.session.verdict_edits import judge_selected
from spin_gui.viewer.fit_views import FitViewsPanel
from spin_gui.viewer.missing_picture import PictureTrouble
from spin_gui.viewer.sample_scene import Column
from spin_gui.viewer.view_canvas import BACKDROP, ViewCanvas
from spin_gui.viewer.view_state import HOME, ViewKind

TIMEOUT_MS = 20_000
CURRENT_CAMERA, CURRENT_TOP = (0, Column.CURRENT), (1, Column.CURRENT)
MakePanel = Callable[[], FitViewsPanel]


@pytest.fixture
def make_panel(
    qtbot: QtBot, session: ProjectSession, display_body: DisplayBody, rendering: RenderService
) -> Iterator[MakePanel]:
    """Opens the panel and waits for the first sample."""
    panels: list[FitViewsPanel] = []

    def make() -> FitViewsPanel:
        panel = FitViewsPanel(session, display_body, rendering)
        panels.append(panel)
        qtbot.addWidget(panel)
        panel.resize(760, 640)
        with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
            panel.show()
        return panel

    yield make
    for panel in panels:
        panel.close()


@pytest.fixture
def panel(make_panel: MakePanel) -> FitViewsPanel:
    return make_panel()


def center(canvas: ViewCanvas) -> QPoint:
    return canvas.rect().center()


def drag(
    qtbot: QtBot,
    canvas: ViewCanvas,
    by: QPoint,
    *,
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    start = center(canvas)
    qtbot.mousePress(canvas, button, modifier, start)
    for part in (1, 2):
        qtbot.mouseMove(canvas, start + by * (part / 2))
    qtbot.mouseRelease(canvas, button, modifier, start + by)


def turn_wheel(canvas: ViewCanvas, place: QPointF, steps: int) -> None:
    event = QWheelEvent(
        place,
        canvas.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def wait_until_sharp(qtbot: QtBot, panel: FitViewsPanel) -> None:
    """Until every cell paints what it is meant to."""

    def sharp() -> None:
        for _cell, canvas in panel.board:
            frame = canvas.painted_frame
            assert frame is not None
            assert frame is canvas.frame, "painted since it was changed"
            assert frame.complete
            for layer in (frame.picture, frame.mesh):
                assert layer is None or layer.window == frame.window

    qtbot.waitUntil(sharp, timeout=TIMEOUT_MS)


def pixels(image: QImage) -> np.ndarray:
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    data = np.frombuffer(rgb.constBits(), dtype=np.uint8)
    return data.reshape(rgb.height(), rgb.bytesPerLine())[:, : 3 * rgb.width()].astype(int)


def grabbed(canvas: ViewCanvas) -> np.ndarray:
    return pixels(canvas.grab().toImage())


def test_every_cell_shows_what_there_is_of_the_sample(
    panel: FitViewsPanel, session: ProjectSession
) -> None:
    assert panel.shown_sample_id == session.current_id
    shown = dict(panel.board)
    assert set(shown) == {
        *((row, Column.CURRENT) for row in range(3)),
        *((row, Column.PICTURE) for row in range(2)),
    }
    for (row, column), canvas in shown.items():
        frame = canvas.frame
        assert frame is not None
        assert canvas.isVisible()
        assert frame.note == ""
        assert (frame.picture is not None) == (row == 0 or column is Column.PICTURE)
        assert (frame.mesh is not None) == ((row, column) != (0, Column.PICTURE))


def test_a_column_comes_with_the_first_sample_that_has_something_of_its_own_in_it_and_stays(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    assert not panel.board.headers[Column.FIRST].isVisible(), "it would repeat the current fit"
    assert not panel.board.headers[Column.PREDICTION].isVisible(), "there is none"
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
        session.go_next()
    assert panel.board.headers[Column.FIRST].isVisible()
    assert panel.board.canvases[0, Column.FIRST].frame.mesh is not None
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
        session.go_previous()
    assert panel.board.headers[Column.FIRST].isVisible(), "cells must not jump about"
    panel.set_column_shown(Column.FIRST, shown=False)
    assert not panel.board.headers[Column.FIRST].isVisible()


def test_the_body_lies_on_its_keypoints(panel: FitViewsPanel) -> None:
    facts = panel.board.summary.facts
    assert facts is not None
    assert facts.present == 49
    assert facts.median_error_crop_px == pytest.approx(0, abs=0.05)
    canvas = panel.board.canvases[CURRENT_CAMERA]
    frame = canvas.frame
    assert frame is not None
    assert frame.mesh is not None
    assert frame.keypoints is not None
    hip_x, hip_y = frame.keypoints.detected[8] * frame.mesh.image.width()
    assert frame.mesh.image.pixelColor(int(hip_x), int(hip_y)).alpha() == 255


def test_headers_say_origin_loss_verdict_and_when_two_fits_are_one(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    headers = panel.board.headers
    assert headers[Column.CURRENT].text.first == "mean pose · error 2.24 px, close"
    assert headers[Column.CURRENT].text.second == "not reviewed"
    assert headers[Column.FIRST].text.second == "same fit as the current one"
    judge_selected(session, Verdict.UNSURE)
    session.go_previous()
    assert headers[Column.CURRENT].text.second == "unsure"
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
        session.go_next()
    assert headers[Column.CURRENT].text.first == "refit · error 1.41 px, close"
    assert headers[Column.FIRST].text.first == "mean pose · error 2.24 px, close"
    assert headers[Column.FIRST].text.second == "not reviewed"


def test_a_left_drag_turns_all_bodies_of_the_row_alike_and_no_other_row(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
        session.go_next()
    before = {cell: grabbed(canvas) for cell, canvas in panel.board}
    drag(qtbot, panel.board.canvases[CURRENT_TOP], QPoint(40, 0))
    wait_until_sharp(qtbot, panel)
    assert panel.view_state.turned(ViewKind.TOP)
    assert not panel.view_state.turned(ViewKind.SIDE)
    for column in (Column.CURRENT, Column.FIRST):
        assert not np.array_equal(before[1, column], grabbed(panel.board.canvases[1, column]))
        assert np.array_equal(before[2, column], grabbed(panel.board.canvases[2, column]))
        assert np.array_equal(before[0, column], grabbed(panel.board.canvases[0, column]))


def test_a_body_being_turned_is_rough_and_sharp_once_let_go(
    qtbot: QtBot, panel: FitViewsPanel
) -> None:
    canvas = panel.board.canvases[CURRENT_TOP]
    full = canvas.frame.mesh.image.width()
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=center(canvas))
    qtbot.mouseMove(canvas, center(canvas) + QPoint(30, 0))
    qtbot.waitUntil(lambda: canvas.frame.mesh.image.width() == full // 2, timeout=TIMEOUT_MS)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: canvas.frame.mesh.image.width() == full, timeout=TIMEOUT_MS)


def test_turning_the_camera_row_dims_the_picture_and_a_double_click_returns(
    qtbot: QtBot, panel: FitViewsPanel
) -> None:
    canvas = panel.board.canvases[CURRENT_CAMERA]
    bare = grabbed(canvas)
    drag(qtbot, canvas, QPoint(30, 10))
    wait_until_sharp(qtbot, panel)
    assert canvas.frame.turned
    assert canvas.frame.keypoints is None, "keypoints belong to the picture, not to a turned body"
    corner = QColor(canvas.grab().toImage().pixelColor(3, canvas.height() - 40))
    assert abs(corner.red() - BACKDROP.red()) < 20
    qtbot.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=center(canvas))
    wait_until_sharp(qtbot, panel)
    assert panel.view_state[ViewKind.CAMERA] == HOME[ViewKind.CAMERA]
    assert np.array_equal(bare, grabbed(canvas))


def test_zoom_keeps_the_point_under_the_pointer_and_stays_for_the_next_sample(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    canvas = panel.board.canvases[CURRENT_CAMERA]
    place = QPointF(canvas.width() * 0.3, canvas.height() * 0.25)
    turn_wheel(canvas, place, 4)
    wait_until_sharp(qtbot, panel)
    zoomed = panel.view_state[ViewKind.CAMERA]
    assert zoomed.zoom == pytest.approx(1.2**4)
    assert zoomed.window.to_plane(0.3, 0.25) == pytest.approx((0.3, 0.25), abs=1e-6)
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
        session.go_next()
    assert panel.view_state[ViewKind.CAMERA] == zoomed
    for column in (Column.PICTURE, Column.CURRENT, Column.FIRST):
        assert panel.board.canvases[0, column].frame.window == zoomed.window
    panel.reset_view()
    assert panel.view_state[ViewKind.CAMERA] == HOME[ViewKind.CAMERA]


@pytest.mark.parametrize(
    ("button", "modifier"),
    [
        (Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier),
        (Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier),
        (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier),
    ],
)
def test_other_drags_move_the_row(
    qtbot: QtBot,
    panel: FitViewsPanel,
    button: Qt.MouseButton,
    modifier: Qt.KeyboardModifier,
) -> None:
    canvas = panel.board.canvases[CURRENT_CAMERA]
    drag(qtbot, canvas, QPoint(canvas.width() // 5, 0), button=button, modifier=modifier)
    view = panel.view_state[ViewKind.CAMERA]
    assert view.center_x == pytest.approx(0.3, abs=0.01)
    assert view.angle == HOME[ViewKind.CAMERA].angle
    wait_until_sharp(qtbot, panel)


def test_the_overlay_is_hidden_only_while_held(panel: FitViewsPanel) -> None:
    canvas = panel.board.canvases[CURRENT_CAMERA]
    with_overlay = grabbed(canvas)
    top = grabbed(panel.board.canvases[CURRENT_TOP])
    panel.set_overlay_hidden(True)
    bare = grabbed(canvas)
    inside = bare[60:-60, 60:-60]
    assert np.ptp(inside) <= 1, "nothing but the plain picture"
    assert np.array_equal(top, grabbed(panel.board.canvases[CURRENT_TOP]))
    panel.set_overlay_hidden(False)
    assert np.array_equal(with_overlay, grabbed(canvas))


def test_keypoints_can_be_switched_off_here_and_by_the_shell(
    qtbot: QtBot, panel: FitViewsPanel
) -> None:
    canvas = panel.board.canvases[0, Column.PICTURE]
    assert canvas.frame.keypoints is not None
    with qtbot.waitSignal(panel.keypoints_shown_changed) as changed:
        panel.controls.keypoints.click()
    assert changed.args == [False]
    assert canvas.frame.keypoints is None
    panel.set_keypoints_shown(True)
    assert panel.controls.keypoints.isChecked()
    assert canvas.frame.keypoints is not None


def test_bodies_over_pictures_can_be_made_thinner(panel: FitViewsPanel) -> None:
    panel.set_keypoints_shown(False)
    canvas, top = panel.board.canvases[CURRENT_CAMERA], panel.board.canvases[CURRENT_TOP]
    opaque, from_above = grabbed(canvas), grabbed(top)
    bare = canvas.frame.picture.image.pixelColor(5, 60).red()
    panel.controls.opacity.setValue(30)
    below_label = slice(50, None)
    thick = np.abs(opaque - bare)[below_label]
    thin = np.abs(grabbed(canvas) - bare)[below_label]
    body = thick > 40
    assert thin[body].mean() == pytest.approx(0.3 * thick[body].mean(), rel=0.1)
    assert np.array_equal(from_above, grabbed(top)), "there is no picture behind to look at"


def test_the_whole_picture_shows_the_body_where_the_crop_shows_it(
    qtbot: QtBot, panel: FitViewsPanel
) -> None:
    with qtbot.waitSignal(panel.whole_picture_changed):
        panel.controls.whole_picture.click()
    wait_until_sharp(qtbot, panel)
    frame = panel.board.canvases[CURRENT_CAMERA].frame
    assert frame.kind is ViewKind.PICTURE
    assert panel.board.canvases[1, Column.PICTURE].frame.kind is ViewKind.CAMERA
    hip_x, hip_y = frame.keypoints.detected[8] * frame.mesh.image.width()
    assert frame.mesh.image.pixelColor(int(hip_x), int(hip_y)).alpha() == 255
    half = 0.5 / 320  # the first pixel begins half a pixel before its centre, 0
    assert frame.picture_bounds == pytest.approx((-half, 0.125 - half, 1, 0.75))


def test_a_tool_tip_names_the_keypoint(panel: FitViewsPanel) -> None:
    canvas = panel.board.canvases[CURRENT_CAMERA]
    wrist = canvas.frame.keypoints.detected[7] * canvas.width()
    text = canvas.keypoint_text(QPointF(wrist[0], wrist[1]))
    assert "left wrist" in text
    assert "confidence 0.90" in text
    assert "error 0.0 px" in text
    assert canvas.keypoint_text(QPointF(2, canvas.height() - 2)) == ""


def test_a_missing_picture_is_told_once_and_the_bodies_stay(
    qtbot: QtBot, session: ProjectSession, make_panel: MakePanel
) -> None:
    path = Path(session.records.sample(int(session.sample_ids[1])).picture_path)
    path.unlink()
    panel = make_panel()
    told: list[PictureTrouble | None] = []
    panel.picture_missing.connect(told.append)
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
        session.go_next()
    last = told[-1]
    assert last is not None
    assert last.is_missing
    assert str(path) in last.text
    for cell in ((0, Column.PICTURE), CURRENT_CAMERA):
        assert panel.board.canvases[cell].frame.note == ""
    assert panel.board.canvases[CURRENT_CAMERA].frame.mesh is not None
    assert panel.board.canvases[CURRENT_TOP].frame.note == ""


def test_a_sample_without_fit_says_so(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
        session.go_last()
    assert "No fit yet" in panel.board.canvases[CURRENT_CAMERA].frame.message
    assert panel.board.canvases[0, Column.PICTURE].frame.picture is not None


def test_a_prediction_fills_its_column(
    qtbot: QtBot, session: ProjectSession, make_panel: MakePanel
) -> None:
    sample_id = int(session.sample_ids[0])
    fit = session.records.current_fit(sample_id)
    turned = fit.parameters.pose_axis_angle.copy()
    turned[3:6] = 0.4
    parameters = BodyParameters(turned, fit.parameters.betas, fit.parameters.camera_translation)
    prediction = NewPrediction(sample_id=sample_id, parameters=parameters)
    session.dictionary.predictions.store([prediction])
    panel = make_panel()
    frame = panel.board.canvases[0, Column.PREDICTION].frame
    assert frame.message == ""
    assert frame.mesh is not None
    assert panel.board.canvases[0, Column.PREDICTION].width() == panel.board.cell_side


def test_a_prediction_that_another_process_wrote_appears(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    sample_id = session.current_id
    parameters = session.records.current_fit(sample_id).parameters
    with Dictionary.open(session.project) as other:
        other.predictions.store([NewPrediction(sample_id=sample_id, parameters=parameters)])
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
        session.notice_external_changes()
    assert panel.board.canvases[0, Column.PREDICTION].frame.mesh is not None


def test_neighbours_are_ready_before_they_are_asked_for(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    def next_ready() -> bool:
        return panel.is_ready(int(session.sample_ids[1]))

    qtbot.waitUntil(next_ready, timeout=TIMEOUT_MS)
    session.go_next()
    for _cell, canvas in panel.board:
        assert canvas.frame.complete
        assert not canvas.shows_former_sample


def test_neighbours_of_another_filter_wait_until_the_user_rests(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    qtbot.waitUntil(lambda: panel.is_ready(int(session.sample_ids[1])), timeout=TIMEOUT_MS)
    session.set_query(SampleQuery(descending=not session.query.descending))
    assert not panel._loader._ahead
    qtbot.waitUntil(lambda: bool(panel._loader._ahead), timeout=TIMEOUT_MS)
    neighbours = panel._neighbours()
    assert neighbours
    qtbot.waitUntil(lambda: all(map(panel.is_ready, neighbours)), timeout=TIMEOUT_MS)


def test_verdict_of_the_shown_sample_updates_its_header_without_new_drawing(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
        judge_selected(session, Verdict.ACCEPTED)
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
        session.undo_stack.undo()
    assert panel.board.headers[Column.CURRENT].text.second == "not reviewed"


def test_a_hidden_panel_does_nothing_and_catches_up_when_shown(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    panel.hide()
    before = panel.board.canvases[CURRENT_CAMERA].frame
    session.go_next()
    session.go_next()
    assert panel.board.canvases[CURRENT_CAMERA].frame is before
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS) as shown:
        panel.show()
    assert shown.args == [session.current_id]


def test_every_size_of_the_window_keeps_the_cells_square(
    qtbot: QtBot, panel: FitViewsPanel
) -> None:
    for width, height in ((480, 560), (1000, 900)):
        panel.resize(width, height)
        wait_until_sharp(qtbot, panel)
        canvas = panel.board.canvases[CURRENT_CAMERA]
        assert canvas.width() == canvas.height() == panel.board.cell_side
        qtbot.waitUntil(
            lambda canvas=canvas: canvas.frame.mesh.image.width() == canvas.width(),
            timeout=TIMEOUT_MS,
        )


def test_no_thread_is_left_after_closing(
    session: ProjectSession, make_panel: MakePanel, rendering: RenderService
) -> None:
    before = set(threading.enumerate())
    panel = make_panel()
    assert set(threading.enumerate()) - before
    panel.close()
    assert set(threading.enumerate()) - before == set()
    session.go_next()


def test_every_control_has_an_accessible_name(panel: FitViewsPanel) -> None:
    canvases = list(panel.board.canvases.values())
    controls = panel.controls
    others = [controls.keypoints, controls.whole_picture, controls.opacity, controls.reset]
    names = [widget.accessibleName() for widget in (*canvases, *others, panel.board.summary)]
    assert all(names)
    assert len(set(names)) == len(names)
