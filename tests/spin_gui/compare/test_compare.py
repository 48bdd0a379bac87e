"""Comparing by keys and clicks: the bodies, their difference, and the way to the next sample."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from core.body.body_difference import body_difference
from core.rendering.colormaps import viridis
from spin_gui.compare.compare_plan import CompareColumn
from spin_gui.compare.comparisons import Alignment, Side
from spin_gui.jobs.sheet_jobs import ComparisonChoice
from spin_gui.viewer.view_state import HOME, ViewKind
from spin_gui.widgets.page import Page

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


@pytest.fixture
def project(flagged_project):
    return flagged_project


@pytest.fixture
def window_size():
    return 1400, 900


@pytest.fixture
def compare(qtbot, window, press):
    press(Key.Key_9, CTRL)
    assert window.page.shown_page is Page.COMPARE
    panel = window.page.shown_panel
    qtbot.waitUntil(lambda: difference(panel) is not None, timeout=20000)
    return panel


def difference(panel):
    """The plan of the difference from the camera, once it is known."""
    plan = panel.views._plans.get((0, CompareColumn.DIFFERENCE))
    return plan if plan is not None and plan.mesh is not None else None


def bodies(panel):
    plans = panel.views._plans
    return [plans[0, column].body for column in (CompareColumn.LEFT, CompareColumn.RIGHT)]


def choose(combo, text):
    combo.setCurrentIndex(combo.findText(text))
    combo.activated.emit(combo.currentIndex())


def test_fit_and_prediction_stand_side_by_side_with_their_difference(window, compare, display_body):
    left, right = bodies(compare)
    session = window.page.session
    fit = session.records.current_fit(1).parameters
    assert np.array_equal(left.parameters.pose_axis_angle, fit.pose_axis_angle)
    found = body_difference(display_body, left.parameters, right.parameters)
    assert compare.numbers.facts.value("Joints apart").startswith(f"{found.mean_joint_mm:.3g}"[:3])
    assert "2.00 m nearer" in compare.numbers.facts.value("Depth")
    tint = difference(compare).body.vertex_colors
    assert np.array_equal(tint, viridis(found.vertices_mm / np.float32(100)))
    hip = compare.numbers.table.item(1, 1).text()
    assert hip == f"{np.rad2deg(0.1):.0f}"


def test_colours_follow_alignment_and_scale(compare, display_body):
    found = body_difference(display_body, *(body.parameters for body in bodies(compare)))
    choose(compare.align, "After Procrustes")
    choose(compare.limit, "0 to 25 mm")
    expected = viridis(found.vertices_aligned_mm / np.float32(25))
    assert np.array_equal(difference(compare).body.vertex_colors, expected)
    assert compare.alignment is Alignment.PROCRUSTES
    assert "0 to 25 mm between vertices, after Procrustes" in (
        compare.numbers.bar.accessibleDescription()
    )


def test_the_usual_keys_lead_to_the_next_sample(qtbot, window, compare, press):
    compare.views.canvases[0, CompareColumn.LEFT].setFocus()
    press(Key.Key_J)
    assert window.page.session.current_id == 2
    assert compare.name.text().startswith("person_0002")
    qtbot.waitUntil(lambda: difference(compare) is not None, timeout=10000)
    press(Key.Key_K)
    assert compare.name.text().startswith("person_0001")


def test_a_prediction_set_is_a_side_and_says_where_it_has_nothing(window, compare, press):
    choose(compare.combos[1], "Other")
    assert compare.sides == [Side("current"), Side("Other")]
    assert bodies(compare)[1].parameters.pose_axis_angle[4] == np.float32(0.6)
    window.page.session.select(5)
    plans = compare.views._plans
    assert plans[0, CompareColumn.RIGHT].message == "Other: there is none for this sample."
    assert plans[0, CompareColumn.DIFFERENCE].message == "Nothing to compare."
    assert compare.numbers.table.item(0, 1).text() == ""


def test_sides_are_swapped_by_a_click(qtbot, compare):
    before = bodies(compare)
    qtbot.mouseClick(compare.swap_button, Qt.MouseButton.LeftButton)
    assert [body.digest for body in bodies(compare)] == [item.digest for item in reversed(before)]
    assert [combo.currentText() for combo in compare.combos] == ["Prediction", "Current fit"]


def test_all_columns_turn_and_zoom_together(qtbot, compare, press):
    canvas = compare.views.canvases[1, CompareColumn.RIGHT]
    middle = QPoint(canvas.width() // 2, canvas.height() // 2)
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(canvas, middle + QPoint(40, 10))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=middle + QPoint(40, 10))
    angles = {compare.views._plans[1, column].view.angle for column in CompareColumn}
    assert len(angles) == 1
    assert angles != {HOME[ViewKind.TOP].angle}
    assert compare.views._plans[2, CompareColumn.LEFT].view == HOME[ViewKind.SIDE]
    canvas.zoomed.emit(2.0, 0.5, 0.5)
    qtbot.waitUntil(
        lambda: all(compare.views._plans[1, column].view.zoom == 2 for column in CompareColumn)
    )
    press(Key.Key_R)
    qtbot.waitUntil(lambda: compare.views._plans[1, CompareColumn.LEFT].view == HOME[ViewKind.TOP])


def test_two_fits_of_the_history_are_compared_from_the_history(qtbot, window, press):
    session, history = window.page.session, window.page.parts.details.history
    session.select(2)
    qtbot.waitUntil(lambda: history.model.rowCount() == 2)
    assert not history.compare_button.isEnabled()
    history.table.selectAll()
    qtbot.mouseClick(history.compare_button, Qt.MouseButton.LeftButton)
    assert window.page.shown_page is Page.COMPARE
    panel = window.page.shown_panel
    fits = session.records.history(2)
    assert [side.fit_id for side in panel.sides] == [fits[1].id, fits[0].id]
    assert panel.combos[0].currentText().startswith(f"Fit {fits[1].id}, mean pose")
    qtbot.waitUntil(lambda: difference(panel) is not None, timeout=20000)
    session.go_next()
    assert panel.sides == [Side("current"), Side("prediction")]


def test_the_comparison_is_exported_from_the_sample_that_is_shown(window, compare, press):
    choices = []
    compare.export_asked.connect(choices.append)
    compare.export_asked.disconnect(window._handlers.sheets.ask)
    window.page.session.select(3)
    press(Key.Key_E, CTRL | SHIFT)
    assert choices == [
        ComparisonChoice(left="current", right="prediction", sample_ids=(3, 4, 5, 6, 1, 2))
    ]


def test_a_hidden_comparison_does_nothing(qtbot, window, compare, press):
    press(Key.Key_9, CTRL)
    assert window.page.shown_page is Page.SAMPLES
    shown = compare.views._scene.sample_id
    window.page.session.go_last()
    qtbot.wait(100)
    assert compare.views._scene.sample_id == shown
    press(Key.Key_9, CTRL)
    assert compare.views._scene.sample_id == 6


def test_every_control_has_a_name(compare):
    for widget in compare.findChildren(QWidget):
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisible():
            named = widget.accessibleName() or widget.parent().accessibleName()
            assert named, widget


def test_viridis_grows_lighter_all_along_and_keeps_its_ends():
    colors = viridis(np.linspace(-0.5, 1.5, 300))
    lightness = colors @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(lightness) >= -1e-6).all()
    assert colors[0].tolist() == pytest.approx([68 / 255, 1 / 255, 84 / 255])
    assert colors[-1].tolist() == pytest.approx([253 / 255, 231 / 255, 37 / 255])
    assert viridis(np.array(np.nan)).tolist() == colors[0].tolist()
