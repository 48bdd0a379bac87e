"""Correcting by real drags and keys in the real window; undo finds the rows as they were."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.dictionary.store import Dictionary
from core.types.fits import Origin, Verdict
from spin_gui.correcting.editor_painter import box_rect, place
from spin_gui.widgets.page import Page
from tests.core.dictionary.samples.test_corrections import rows
from tests.spin_gui.small_project import new_sample

LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
NOTHING = Qt.KeyboardModifier.NoModifier
LEFT_KNEE, LEFT_ANKLE = 29, 30


def key(window, what, modifiers=NOTHING):
    target = QApplication.focusWidget()
    QTest.keyClick(window if target is None else target, what, modifiers)


@pytest.fixture
def editor(window, qtbot, monkeypatch):
    """The editor open on the first sample, whose joints are spread out."""
    session = window.page.session
    keypoints = session.records.sample(1).keypoints_px.copy()
    keypoints[25:45, 0] = np.linspace(50, 110, 20)
    keypoints[25:45, 1] = np.linspace(30, 90, 20)
    session.dictionary.corrections.set_keypoints(1, keypoints, compare=lambda *_: None)
    session.records.forget_samples([1])
    key(window, Qt.Key.Key_E)
    correcting = window.page.correcting
    qtbot.waitUntil(correcting.editor.isVisible)
    yield correcting.editor
    qtbot.waitUntil(lambda: not correcting.proposals.busy, timeout=30000)


def drag(canvas, start: QPoint, end: QPoint):
    QTest.mousePress(canvas, LEFT, NOTHING, start)
    for step in (0.3, 0.7, 1.0):
        between = QPointF(start) + step * QPointF(end - start)
        QTest.mouseMove(canvas, between.toPoint())
    QTest.mouseRelease(canvas, LEFT, NOTHING, end)


def joint_place(editor, index: int) -> QPoint:
    drawing = editor.canvas.drawing
    return place(drawing.keypoints_px[index], editor.canvas.view).toPoint()


def test_a_drag_moves_a_keypoint_as_one_step_of_undo(window, editor):
    session, canvas = window.page.session, editor.canvas
    before, rows_before = session.records.sample(1).keypoints_px.copy(), rows(session.dictionary, 1)
    start = joint_place(editor, LEFT_KNEE)
    drag(canvas, start, start + QPoint(60, -45))
    after = session.records.sample(1).keypoints_px
    offset = after[LEFT_KNEE, :2] - before[LEFT_KNEE, :2]
    np.testing.assert_allclose(offset * canvas.view.zoom, [60, -45], atol=1.0)
    assert session.undo_stack.count() == 1
    assert "left knee" in session.undo_stack.undoText()
    rows_after = rows(session.dictionary, 1)
    key(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert rows(session.dictionary, 1) == rows_before
    np.testing.assert_array_equal(canvas.drawing.keypoints_px, before)
    key(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert rows(session.dictionary, 1) == rows_after


def test_arrow_keys_nudge_the_chosen_keypoint_and_otherwise_change_the_sample(window, editor):
    session = window.page.session
    before = session.records.sample(1).keypoints_px.copy()
    QTest.mouseClick(editor.canvas, LEFT, NOTHING, joint_place(editor, LEFT_KNEE))
    assert editor.chosen == LEFT_KNEE
    key(window, Qt.Key.Key_Right)
    key(window, Qt.Key.Key_Down, SHIFT)
    after = session.records.sample(1).keypoints_px
    assert (after[LEFT_KNEE, :2] - before[LEFT_KNEE, :2]).tolist() == pytest.approx([1, 10])
    assert session.current_id == 1
    editor.choose(None)
    key(window, Qt.Key.Key_Right)
    assert session.current_id == 2
    assert editor.canvas.drawing is not None


def test_keys_mark_swap_and_find_what_is_missing(window, editor):
    session = window.page.session
    QTest.mouseClick(editor.canvas, LEFT, NOTHING, joint_place(editor, LEFT_ANKLE))
    key(window, Qt.Key.Key_O)
    assert session.records.sample(1).keypoints_px[LEFT_ANKLE, 2] == 0.5
    key(window, Qt.Key.Key_V)
    assert session.records.sample(1).keypoints_px[LEFT_ANKLE, 2] == 1.0
    before = session.records.sample(1).keypoints_px.copy()
    key(window, Qt.Key.Key_S, SHIFT)
    np.testing.assert_array_equal(session.records.sample(1).keypoints_px[30], before[25])
    key(window, Qt.Key.Key_S, SHIFT)
    key(window, Qt.Key.Key_Delete)
    assert not session.records.sample(1).keypoints_px[LEFT_ANKLE].any()
    editor.choose(None)
    key(window, Qt.Key.Key_N)
    assert editor.chosen == 45
    editor.choose(LEFT_ANKLE)
    spot = QPoint(40, 50)
    QTest.mouseClick(editor.canvas, LEFT, NOTHING, spot)
    placed = session.records.sample(1).keypoints_px[LEFT_ANKLE]
    assert placed[:2] == pytest.approx(editor.canvas.view.to_picture(40, 50), abs=1e-3)
    assert placed[2] == 1.0


def test_joints_are_taken_from_the_fits_projection(window, editor):
    session, correcting = window.page.session, window.page.correcting
    editor.choose(LEFT_KNEE)
    key(window, Qt.Key.Key_T)
    sample, fit = session.records.sample(1), session.records.current_fit(1)
    seen = sample.box.crop_to_picture(correcting.correctors.get().keypoints_crop_px(fit.parameters))
    np.testing.assert_allclose(sample.keypoints_px[LEFT_KNEE, :2], seen[LEFT_KNEE], atol=1e-3)
    key(window, Qt.Key.Key_T, SHIFT)
    assert session.records.sample(1).keypoints_px[45, 2] == 0.5
    assert editor.joints.rowCount() == 51


def test_the_box_is_dragged_and_the_body_stays_in_the_picture(window, editor):
    session, canvas = window.page.session, editor.canvas
    before = rows(session.dictionary, 1)
    side = session.records.sample(1).box.side_px
    key(window, Qt.Key.Key_B)
    corner = box_rect(canvas.drawing.box, canvas.view).bottomRight().toPoint()
    drag(canvas, corner, corner + QPoint(50, 50))
    grown = session.records.sample(1).box
    assert grown.side_px == pytest.approx(side + 50 / canvas.view.zoom, rel=0.02)
    middle = box_rect(canvas.drawing.box, canvas.view).center().toPoint()
    drag(canvas, middle, middle + QPoint(30, 0))
    assert session.records.sample(1).box.center_x_px > grown.center_x_px
    key(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    key(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert rows(session.dictionary, 1) == before


def test_a_new_person_is_drawn_seen_beside_the_others_and_taken_back(window, editor):
    session, canvas = window.page.session, editor.canvas
    key(window, Qt.Key.Key_D)
    width, height = canvas.picture_size_px
    for corner in ((0, 0), (width - 1, height - 1)):  # The whole picture can be seen.
        assert canvas.rect().contains(QPointF(*canvas.view.to_view(*corner)).toPoint())
    drag(canvas, QPoint(60, 60), QPoint(160, 200))
    drawn = session.current_id
    assert drawn not in (1, None)
    sample = session.records.sample(drawn)
    assert sample.drawn_by
    assert editor.chosen is None  # The detector looks first.
    key(window, Qt.Key.Key_N)
    assert editor.chosen == 44
    assert [other.sample_id for other in canvas.drawing.others] == [1]
    QTest.mouseClick(canvas, LEFT, NOTHING, QPoint(110, 130))
    assert session.records.sample(drawn).keypoints_px[44, 2] == 1.0
    assert editor.chosen == 45
    key(window, Qt.Key.Key_Period)
    assert session.current_id == 1
    tag = box_rect(canvas.drawing.others[0].box, canvas.view).topLeft().toPoint()
    QTest.mouseClick(canvas, LEFT, NOTHING, tag)
    assert session.current_id == drawn
    for _ in range(2):
        key(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.dictionary.manual_people.in_picture(1) == [1]
    assert session.current_id == 1
    for _ in range(2):
        key(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert session.records.sample(drawn).keypoints_px[44, 2] == 1.0


def test_the_wheel_zooms_and_a_drag_beside_everything_pans(window, editor, qtbot):
    canvas = editor.canvas
    zoom = canvas.view.zoom
    canvas.zoom(1.5, QPointF(10, 10))
    assert canvas.view.zoom == pytest.approx(1.5 * zoom)
    before = canvas.view.center_x_px
    empty = QPoint(canvas.width() - 12, 40)
    drag(canvas, empty, empty - QPoint(60, 0))
    assert canvas.view.center_x_px == pytest.approx(before + 60 / canvas.view.zoom, abs=0.1)
    assert window.page.session.undo_stack.count() == 0


def test_escape_leaves_and_the_list_has_the_keys_again(window, editor, qtbot):
    key(window, Qt.Key.Key_Escape)
    assert not window.page.correcting.editing
    assert not window.commands["correct.edit"].isChecked()
    qtbot.waitUntil(window.page.views.isVisible)
    key(window, Qt.Key.Key_Right)
    assert window.page.session.current_id == 2


def test_a_changed_body_waits_beside_the_current_fit_until_it_is_kept(window, qtbot):
    session, proposals = window.page.session, window.page.correcting.proposals
    before = session.records.current_fit(1)
    key(window, Qt.Key.Key_R, SHIFT)
    assert window.status.saved.text() == "Loading the tools for bodies…"
    qtbot.waitUntil(lambda: proposals.current is not None, timeout=30000)
    assert session.records.current_fit(1).id == before.id
    assert window.commands["correct.keep"].isEnabled()
    header = window.page.views.board.headers
    texts = [item.text.second for item in header.values()]
    assert "Return keeps it, Esc discards it" in texts
    key(window, Qt.Key.Key_Return)
    kept = session.records.current_fit(1)
    assert (kept.origin, kept.made_from_fit_id) == (Origin.CORRECTED, before.id)
    assert kept.made_by
    assert kept.losses.comparison > before.losses.comparison
    assert proposals.current is None
    key(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.records.current_fit(1).id == before.id
    assert proposals.current is not None
    key(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert proposals.current is None
    for _ in range(2):
        key(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert session.records.current_fit(1).id == kept.id
    assert kept.id in [fit.id for fit in session.records.history(1)]


def test_changes_asked_for_while_their_tools_load_are_made_in_order(window, qtbot):
    proposals = window.page.correcting.proposals
    for number in (Qt.Key.Key_1, Qt.Key.Key_3):
        key(window, number, SHIFT)
    assert proposals.preparing
    qtbot.waitUntil(lambda: proposals.current is not None, timeout=30000)
    assert proposals.current.steps == ("Mirror the left arm", "Mirror the left leg")
    assert window.page.session.undo_stack.count() == 2


def test_a_change_asked_for_while_its_tools_load_is_not_made_on_another_sample(window, qtbot):
    proposals = window.page.correcting.proposals
    key(window, Qt.Key.Key_1, SHIFT)
    window.page.session.select(2)
    qtbot.waitUntil(lambda: not proposals.preparing, timeout=30000)
    assert not proposals.pending
    assert window.status.saved.text() == "Not changed: another sample was chosen meanwhile."


def test_a_refit_asked_for_while_a_change_waits_goes_on_from_it(window, qtbot):
    proposals = window.page.correcting.proposals
    key(window, Qt.Key.Key_1, SHIFT)
    key(window, Qt.Key.Key_F5)
    assert not proposals.busy
    qtbot.waitUntil(
        lambda: proposals.current is not None and proposals.current.is_refit, timeout=60000
    )
    assert proposals.current.steps == ("Mirror the left arm", "Refit")


def test_escape_discards_a_changed_body_and_undo_brings_it_back(window, qtbot):
    session, proposals = window.page.session, window.page.correcting.proposals
    key(window, Qt.Key.Key_1, SHIFT)
    qtbot.waitUntil(lambda: proposals.current is not None, timeout=30000)
    assert proposals.current.steps == ("Mirror the left arm",)
    session.select(2)
    assert not window.commands["correct.keep"].isEnabled()
    session.select(1)
    key(window, Qt.Key.Key_Escape)
    assert proposals.current is None
    key(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert proposals.current is not None


def test_what_is_said_of_a_waiting_body_goes_when_it_waits_no_longer(window, qtbot):
    proposals, status = window.page.correcting.proposals, window.status.saved
    key(window, Qt.Key.Key_1, SHIFT)
    qtbot.waitUntil(lambda: proposals.current is not None, timeout=30000)
    assert status.text().endswith("– not kept yet")
    key(window, Qt.Key.Key_A)
    assert "not kept yet" in status.text()
    key(window, Qt.Key.Key_Right)
    assert status.text() == "", "it is not true of the person who is shown now"
    key(window, Qt.Key.Key_Left)
    QTest.mouseClick(window.page.correcting.tools.keep, LEFT)
    assert status.text().endswith("– saved")
    key(window, Qt.Key.Key_F5)
    assert status.text().startswith("Refitting")
    qtbot.waitUntil(lambda: proposals.current is not None, timeout=30000)
    assert status.text().endswith("– not kept yet")
    QTest.mouseClick(window.page.correcting.tools.discard, LEFT)
    assert status.text().startswith("Discard the refit")


def test_a_refit_that_is_stopped_is_spoken_of_no_more(window, qtbot):
    proposals, status = window.page.correcting.proposals, window.status.saved
    key(window, Qt.Key.Key_F5)
    assert proposals.busy
    key(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not proposals.busy, timeout=30000)
    if proposals.current is None:  # it may have been done before it was stopped
        assert status.text() == ""


@pytest.mark.parametrize(
    ("pressed", "verdict"),
    [
        (Qt.Key.Key_A, Verdict.ACCEPTED),
        (Qt.Key.Key_X, Verdict.REJECTED),
        (Qt.Key.Key_U, Verdict.UNSURE),
    ],
)
def test_a_body_that_is_not_kept_yet_gives_no_verdict_to_the_current_one(
    window, qtbot, pressed, verdict
):
    session, proposals = window.page.session, window.page.correcting.proposals
    key(window, Qt.Key.Key_1, SHIFT)
    qtbot.waitUntil(lambda: proposals.current is not None, timeout=30000)
    key(window, pressed)
    assert session.current_id == 1
    assert session.records.current_fit(1).verdict is Verdict.NONE
    assert "Return keeps it" in window.status.saved.text()
    key(window, Qt.Key.Key_Escape)
    key(window, pressed)
    assert session.records.current_fit(1).verdict is verdict


def test_turning_a_joint_by_steps_is_one_step_of_undo(window, qtbot):
    session, correcting = window.page.session, window.page.correcting
    key(window, Qt.Key.Key_B, SHIFT)
    qtbot.waitUntil(lambda: not correcting.proposals.preparing, timeout=30000)
    tools = correcting.tools
    assert tools.isVisible()
    tools.joint.setCurrentText("left elbow")
    for _ in range(3):
        tools.turns[2].stepUp()
    turned = correcting.proposals.current.body.parameters.pose_axis_angle.reshape(24, 3)
    assert np.rad2deg(turned[18]).tolist() == pytest.approx([0, 0, 15], abs=1e-3)
    assert session.undo_stack.count() == 1
    session.undo_stack.undo()
    assert correcting.proposals.current is None
    assert tools.turns[2].value() == 0
    session.undo_stack.redo()
    turned = correcting.proposals.current.body.parameters.pose_axis_angle.reshape(24, 3)
    assert np.rad2deg(turned[18]).tolist() == pytest.approx([0, 0, 15], abs=1e-3)


def test_a_refit_runs_beside_the_window_and_is_kept_by_a_key(window, editor, qtbot):
    session, proposals = window.page.session, window.page.correcting.proposals
    before = session.records.current_fit(1).id
    key(window, Qt.Key.Key_F5)
    assert proposals.busy
    assert not window.page.correcting.editing
    qtbot.waitUntil(lambda: proposals.current is not None, timeout=30000)
    assert proposals.current.is_refit
    key(window, Qt.Key.Key_Return)
    kept = session.records.current_fit(1)
    assert (kept.origin, kept.made_from_fit_id) == (Origin.REFIT, before)
    key(window, Qt.Key.Key_A)
    assert session.records.current_fit(1).verdict is Verdict.ACCEPTED


def test_closing_the_project_ends_a_running_refit(window, editor):
    key(window, Qt.Key.Key_F5)
    assert window.page.correcting.proposals.busy
    page = window.page
    window.close_project()
    assert not page.correcting.proposals.busy


def test_keys_of_editing_do_nothing_outside_of_it(window):
    before = rows(window.page.session.dictionary, 1)
    for letter in (Qt.Key.Key_V, Qt.Key.Key_O, Qt.Key.Key_Delete, Qt.Key.Key_S, Qt.Key.Key_T):
        key(window, letter)
    assert rows(window.page.session.dictionary, 1) == before


def test_what_another_process_corrects_is_seen_in_the_editor(window, editor):
    session = window.page.session
    keypoints = session.records.sample(1).keypoints_px.copy()
    keypoints[LEFT_KNEE, 0] += 5
    with Dictionary.open(session.project) as other:
        other.corrections.set_keypoints(1, keypoints, compare=lambda *_: None, author="jörg")
    session.take_in_changes()
    np.testing.assert_array_equal(editor.canvas.drawing.keypoints_px, keypoints)


def test_the_bare_picture_is_seen_while_h_is_held(window, editor, qtbot):
    QTest.keyPress(editor.canvas, Qt.Key.Key_H)
    shown = editor.canvas.grab().toImage()
    QTest.keyRelease(editor.canvas, Qt.Key.Key_H)
    with_joints = editor.canvas.grab().toImage()
    at = joint_place(editor, LEFT_KNEE)
    assert shown.pixelColor(at) != with_joints.pixelColor(at)


def test_keys_of_editing_rest_while_another_place_is_shown(window, editor):
    assert window.commands["correct.visible"].isEnabled()
    window.page.show_page(Page.TRAINING)
    assert not window.commands["correct.visible"].isEnabled()
    assert not window.commands["correct.discard"].isEnabled()
    window.page.show_page(Page.SAMPLES)
    assert window.commands["correct.visible"].isEnabled()


def test_the_editor_takes_the_place_of_the_thumbnails_and_they_its(qtbot, window):
    window.commands["view.grid"].setChecked(True)
    assert window.page.samples_page.grid_shown
    window.commands["correct.edit"].setChecked(True)
    editor = window.page.correcting.editor
    qtbot.waitUntil(editor.isVisible)
    assert not window.page.samples_page.grid_shown
    assert editor.canvas.drawing is not None
    window.commands["view.grid"].setChecked(True)
    assert not window.page.correcting.editing
    assert not window.commands["correct.edit"].isChecked()


def test_a_person_without_keypoints_gets_them_by_a_click_in_the_details(qtbot, window, tmp_path):
    session = window.page.session
    bare = new_sample(tmp_path, 8, visible=0)
    with Dictionary.open(session.project) as other:
        added = other.samples.add([bare]).added_ids[0]
    session.notice_external_changes()
    session.select(added)
    button = window.page.parts.details.edit_button
    qtbot.waitUntil(button.isVisible)
    QTest.mouseClick(button, LEFT)
    assert window.page.correcting.editing
    assert window.commands["correct.edit"].isChecked()
    session.select(1)
    qtbot.waitUntil(lambda: not button.isVisible())
