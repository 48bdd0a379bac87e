"""Bodies are dragged by real drags and keys in the real window; each drag is one step of undo."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from core.body.conventions import SKELETON_JOINT_NAMES
from core.types.fits import Origin
from spin_gui.correcting.editor_strip import EditorStrip
from spin_gui.viewer.drag_handles import HANDLE_JOINTS, in_view
from spin_gui.viewer.sample_scene import Column
from tests.core.dictionary.samples.test_corrections import rows

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NOTHING, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT_WRIST = SKELETON_JOINT_NAMES.index("left_wrist")
LEFT_ELBOW = SKELETON_JOINT_NAMES.index("left_elbow")
LEFT_ANKLE = SKELETON_JOINT_NAMES.index("left_ankle")
CAMERA_VIEW, SIDE_VIEW = (0, Column.CURRENT), (2, Column.CURRENT)


def key(window, what, modifiers=NOTHING):
    target = QApplication.focusWidget()
    QTest.keyClick(window if target is None else target, what, modifiers)


@pytest.fixture
def dragging(window, qtbot):
    """The first sample's body with its handles, once bodies can be drawn."""
    key(window, Qt.Key.Key_Z)
    drags, page = window.page.correcting.dragging, window.page
    assert drags.enabled
    qtbot.waitUntil(lambda: page.correcting.correctors.is_ready, timeout=60000)
    qtbot.waitUntil(lambda: canvas_of(page, CAMERA_VIEW).frame.handles is not None, timeout=20000)
    yield drags
    qtbot.waitUntil(lambda: not drags.is_live, timeout=20000)


def canvas_of(page, cell):
    return page.views.board.canvases[cell]


def place_of(page, cell, joint) -> QPoint:
    canvas = canvas_of(page, cell)
    drawing = canvas.frame.handles
    place = drawing.places[HANDLE_JOINTS.index(joint)]
    return in_view(place, canvas.frame.window, canvas.side).toPoint()


def lies_at(page, cell, joint, where: QPoint) -> bool:
    """Whether the handle is there; for a moment after a change there is none."""
    if canvas_of(page, cell).frame.handles is None:
        return False
    return (place_of(page, cell, joint) - where).manhattanLength() <= 4


def joints_of(page, parameters):
    return page.correcting.correctors.get().dragger.joints_m(parameters)


def drag(page, cell, joint, by: QPoint):
    canvas, start = canvas_of(page, cell), place_of(page, cell, joint)
    QTest.mousePress(canvas, LEFT, NOTHING, start)
    for share in (0.3, 0.7, 1.0):
        QTest.mouseMove(canvas, start + by * share)
    QTest.mouseRelease(canvas, LEFT, NOTHING, start + by)


def current(page):
    return page.session.records.current_fit(1)


def test_a_drag_in_the_camera_view_is_the_current_fit_and_one_step_of_undo(window, qtbot, dragging):
    page = window.page
    before, rows_before = current(page), rows(page.session.dictionary, 1)
    stack, start = page.session.undo_stack, place_of(page, CAMERA_VIEW, LEFT_WRIST)
    drag(page, CAMERA_VIEW, LEFT_WRIST, QPoint(-30, -25))
    qtbot.waitUntil(lambda: stack.count() == 1, timeout=20000)
    after = current(page)
    assert after.origin is Origin.CORRECTED
    assert "left wrist" in stack.undoText()
    assert page.correcting.proposals.current is None
    moved = joints_of(page, after.parameters) - joints_of(page, before.parameters)
    assert np.linalg.norm(moved[LEFT_WRIST]) > 0.05
    assert np.linalg.norm(moved[LEFT_ANKLE]) < 0.03
    np.testing.assert_array_equal(after.parameters.betas, before.parameters.betas)

    end = start + QPoint(-30, -25)
    qtbot.waitUntil(lambda: lies_at(page, CAMERA_VIEW, LEFT_WRIST, end), timeout=20000)
    rows_after = rows(page.session.dictionary, 1)
    key(window, Qt.Key.Key_Z, CONTROL)
    assert current(page).id == before.id
    assert rows(page.session.dictionary, 1)["samples"] == rows_before["samples"]
    key(window, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert rows(page.session.dictionary, 1) == rows_after


def test_the_depth_moves_in_the_side_view(window, qtbot, dragging):
    page, before = window.page, current(window.page)
    # The camera is at the left, so the right is away from it.
    drag(page, SIDE_VIEW, LEFT_WRIST, QPoint(25, 0))
    qtbot.waitUntil(lambda: page.session.undo_stack.count() == 1, timeout=20000)
    moved = joints_of(page, current(page).parameters) - joints_of(page, before.parameters)
    assert moved[LEFT_WRIST][2] > 0.05
    assert abs(moved[LEFT_WRIST][1]) < 0.02


def test_a_body_is_seen_to_move_while_the_button_is_down_with_its_ghost(window, qtbot, dragging):
    page, canvas = window.page, canvas_of(window.page, CAMERA_VIEW)
    arrangement = page.views.board.arrangement
    start = place_of(page, CAMERA_VIEW, LEFT_WRIST)
    QTest.mousePress(canvas, LEFT, NOTHING, start)
    QTest.mouseMove(canvas, start + QPoint(-15, -15))
    QTest.mouseMove(canvas, start + QPoint(-30, -30))
    end = start + QPoint(-30, -30)
    qtbot.waitUntil(lambda: lies_at(page, CAMERA_VIEW, LEFT_WRIST, end), timeout=20000)
    assert canvas.frame.ghost is not None
    assert page.views.board.arrangement == arrangement, "no view may come or go meanwhile"
    assert page.session.undo_stack.count() == 0
    key(window, Qt.Key.Key_Escape)
    assert not dragging.is_live
    QTest.mouseRelease(canvas, LEFT, NOTHING, end)
    qtbot.waitUntil(lambda: canvas.frame.ghost is None, timeout=20000)
    qtbot.waitUntil(lambda: lies_at(page, CAMERA_VIEW, LEFT_WRIST, start), timeout=20000)
    assert page.session.undo_stack.count() == 0


def test_a_body_in_the_hand_stays_there_when_something_is_written_elsewhere(
    window, qtbot, dragging
):
    """Flags that come in, say, while a person drags."""
    page, canvas = window.page, canvas_of(window.page, CAMERA_VIEW)
    start = place_of(page, CAMERA_VIEW, LEFT_WRIST)
    end = start + QPoint(-30, -30)
    QTest.mousePress(canvas, LEFT, NOTHING, start)
    QTest.mouseMove(canvas, start + QPoint(-15, -15))
    QTest.mouseMove(canvas, end)
    qtbot.waitUntil(lambda: lies_at(page, CAMERA_VIEW, LEFT_WRIST, end), timeout=20000)
    page.session.rows_stale.emit()
    page.session.samples_changed.emit({1})
    assert lies_at(page, CAMERA_VIEW, LEFT_WRIST, end)
    assert canvas.frame.ghost is not None
    key(window, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, LEFT, NOTHING, end)
    qtbot.waitUntil(lambda: lies_at(page, CAMERA_VIEW, LEFT_WRIST, start), timeout=20000)
    assert canvas.frame.ghost is None


def test_the_mesh_and_the_joints_of_a_dragged_body_are_painted_together(window, qtbot, dragging):
    page, canvas = window.page, canvas_of(window.page, CAMERA_VIEW)
    painted = []
    canvas.painted.connect(lambda: painted.append(canvas.painted_frame))
    start = place_of(page, CAMERA_VIEW, LEFT_WRIST)
    QTest.mousePress(canvas, LEFT, NOTHING, start)
    for share in (1, 2, 3):
        end = start + share * QPoint(-10, -10)
        QTest.mouseMove(canvas, end)
        qtbot.waitUntil(lambda at=end: lies_at(page, CAMERA_VIEW, LEFT_WRIST, at), timeout=20000)
    places = [tuple(frame.handles.places[0]) for frame in painted if frame.ghost is not None]
    meshes = [frame.mesh.image for frame in painted if frame.ghost is not None]
    assert len(set(places)) > 1
    for before, after in zip(range(len(places)), range(1, len(places)), strict=False):
        assert (meshes[before] is meshes[after]) == (places[before] == places[after])
    key(window, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, LEFT, NOTHING, end)


def test_a_click_on_a_joint_chooses_it_and_changes_nothing(window, dragging):
    page = window.page
    canvas = canvas_of(page, CAMERA_VIEW)
    QTest.mouseClick(canvas, LEFT, NOTHING, place_of(page, CAMERA_VIEW, LEFT_ANKLE))
    assert dragging.marks.chosen == LEFT_ANKLE
    assert not dragging.is_live
    assert page.session.undo_stack.count() == 0


def test_a_drag_beside_the_joints_turns_the_body_as_ever(window, dragging):
    page, canvas = window.page, canvas_of(window.page, CAMERA_VIEW)
    angle = page.views.view_state[canvas.frame.kind].angle
    corner = QPoint(4, 4)
    QTest.mousePress(canvas, LEFT, NOTHING, corner)
    QTest.mouseMove(canvas, corner + QPoint(30, 0))
    QTest.mouseRelease(canvas, LEFT, NOTHING, corner + QPoint(30, 0))
    assert page.views.view_state[canvas.frame.kind].angle != angle
    assert page.session.undo_stack.count() == 0


def test_a_pinned_joint_stays_and_a_right_click_pins(window, qtbot, dragging):
    page, before = window.page, current(window.page)
    canvas = canvas_of(page, CAMERA_VIEW)
    QTest.mouseClick(canvas, RIGHT, NOTHING, place_of(page, CAMERA_VIEW, LEFT_WRIST))
    assert dragging.marks.pinned == {LEFT_WRIST}
    drag(page, CAMERA_VIEW, LEFT_ELBOW, QPoint(12, 12))
    qtbot.waitUntil(lambda: page.session.undo_stack.count() == 1, timeout=20000)
    moved = joints_of(page, current(page).parameters) - joints_of(page, before.parameters)
    assert np.linalg.norm(moved[LEFT_WRIST]) < 0.01
    qtbot.waitUntil(lambda: canvas.frame.handles is not None, timeout=20000)
    QTest.mouseClick(canvas, RIGHT, NOTHING, place_of(page, CAMERA_VIEW, LEFT_WRIST))
    assert not dragging.marks.pinned


def test_keys_alone_choose_a_joint_pin_it_and_move_it_as_one_step_of_undo(window, qtbot, dragging):
    page, before = window.page, current(window.page)
    while dragging.marks.chosen != LEFT_WRIST:
        key(window, Qt.Key.Key_N, SHIFT)
    key(window, Qt.Key.Key_P, SHIFT)
    assert dragging.marks.pinned == {LEFT_WRIST}
    key(window, Qt.Key.Key_P, SHIFT)
    key(window, Qt.Key.Key_Up, SHIFT)
    key(window, Qt.Key.Key_Up, SHIFT)
    key(window, Qt.Key.Key_Left)
    assert page.session.current_id == 1
    qtbot.waitUntil(lambda: page.session.undo_stack.count() == 1, timeout=20000)
    moved = joints_of(page, current(page).parameters) - joints_of(page, before.parameters)
    np.testing.assert_allclose(moved[LEFT_WRIST][:2], [-0.01, -0.10], atol=0.01)
    key(window, Qt.Key.Key_Z, CONTROL)
    assert current(page).id == before.id


def test_undo_while_keys_move_a_joint_takes_back_what_is_not_stored_yet(window, qtbot, dragging):
    page, before = window.page, current(window.page)
    key(window, Qt.Key.Key_N, SHIFT)
    key(window, Qt.Key.Key_Up)
    assert dragging.is_live
    key(window, Qt.Key.Key_Z, CONTROL)
    assert not dragging.is_live
    assert current(page).id == before.id
    assert page.session.undo_stack.count() == 0


def test_a_limb_is_mirrored_in_depth_and_keeps_its_pixels(window, qtbot, dragging):
    page, canvas = window.page, canvas_of(window.page, CAMERA_VIEW)
    drag(page, SIDE_VIEW, LEFT_WRIST, QPoint(25, 0))
    qtbot.waitUntil(lambda: page.session.undo_stack.count() == 1, timeout=20000)
    qtbot.waitUntil(lambda: canvas.frame.handles is not None, timeout=20000)
    before = current(page)
    QTest.mouseClick(canvas, LEFT, NOTHING, place_of(page, CAMERA_VIEW, LEFT_WRIST))
    seen = place_of(page, CAMERA_VIEW, LEFT_WRIST)
    key(window, Qt.Key.Key_M, SHIFT)
    qtbot.waitUntil(lambda: page.session.undo_stack.count() == 2, timeout=20000)
    after = current(page)
    assert after.origin is Origin.CORRECTED
    depths = [joints_of(page, fit.parameters)[:, 2] for fit in (before, after)]
    offsets = [depth[LEFT_WRIST] - depth[16] for depth in depths]
    assert offsets[0] > 0.05
    assert offsets[1] == pytest.approx(-offsets[0], abs=0.03)
    qtbot.waitUntil(lambda: lies_at(page, CAMERA_VIEW, LEFT_WRIST, seen), timeout=20000)


def test_another_sample_takes_the_handles_along_and_escape_puts_them_away(window, qtbot, dragging):
    page, canvas = window.page, canvas_of(window.page, CAMERA_VIEW)
    page.session.select(2)
    qtbot.waitUntil(
        lambda: canvas.frame.sample_id == 2 and canvas.frame.handles is not None, timeout=20000
    )
    key(window, Qt.Key.Key_Escape)
    assert not dragging.enabled
    assert canvas.frame.handles is None


def test_a_limb_is_mirrored_in_the_middle_of_a_drag_and_follows_on_from_there(
    window, qtbot, dragging
):
    page, canvas = window.page, canvas_of(window.page, CAMERA_VIEW)
    drag(page, SIDE_VIEW, LEFT_WRIST, QPoint(25, 0))
    qtbot.waitUntil(lambda: page.session.undo_stack.count() == 1, timeout=20000)
    qtbot.waitUntil(lambda: canvas.frame.handles is not None, timeout=20000)
    before = joints_of(page, current(page).parameters)[LEFT_WRIST]
    start = place_of(page, CAMERA_VIEW, LEFT_WRIST)
    end = start + QPoint(-15, 0)
    QTest.mousePress(canvas, LEFT, NOTHING, start)
    QTest.mouseMove(canvas, end)
    qtbot.waitUntil(lambda: lies_at(page, CAMERA_VIEW, LEFT_WRIST, end), timeout=20000)
    key(window, Qt.Key.Key_M, SHIFT)
    QTest.mouseMove(canvas, end + QPoint(-4, 0))
    QTest.mouseRelease(canvas, LEFT, NOTHING, end + QPoint(-4, 0))
    qtbot.waitUntil(lambda: page.session.undo_stack.count() == 2, timeout=20000)
    after = joints_of(page, current(page).parameters)[LEFT_WRIST]
    assert before[2] - after[2] > 0.08, "it points the other way"
    assert after[0] < before[0] - 0.02, "it went to the left"


def test_the_button_below_the_views_shows_the_handles_and_puts_them_away(window, dragging):
    button = window.page.views.controls.drag
    assert button.isChecked()
    QTest.mouseClick(button, LEFT)
    assert not dragging.enabled
    assert not button.isChecked()
    QTest.mouseClick(button, LEFT)
    assert dragging.enabled
    key(window, Qt.Key.Key_Escape)
    assert not button.isChecked()


def test_the_editor_of_keypoints_leads_to_dragging_the_body(window, dragging):
    key(window, Qt.Key.Key_Escape)
    key(window, Qt.Key.Key_E)
    correcting = window.page.correcting
    assert correcting.editing
    button = correcting.editor.strip.drag
    assert button.text().split("  ") == ["Drag the body", "Z"]
    QTest.mouseClick(button, LEFT)
    assert dragging.enabled
    assert not correcting.editing


@pytest.mark.parametrize(("width", "shown"), [(420, False), (900, True)])
def test_the_strip_over_the_editor_drops_what_has_a_key_where_there_is_little_room(
    qtbot, width, shown
):
    holder = QWidget()
    qtbot.addWidget(holder)
    strip = EditorStrip(holder)
    strip.resize(width, 40)
    holder.show()
    assert strip.drag.isVisible() == shown
