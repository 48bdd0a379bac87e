"""Worth a touch: one key asks, one click places, the body follows, one undo takes it all back."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from core.dictionary.assessment.assessments import Assessment
from core.types.fits import Origin

LEFT, NOTHING = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
LEFT_KNEE, WORTH_ID, NEXT_ID = 29, 3, 5


@pytest.fixture
def queue(window, qtbot):
    """A window whose third person's left knee is most worth a touch, and the fifth's after it."""
    session = window.page.session
    dictionary = session.dictionary
    ids = dictionary.search.ids().tolist()
    for sample_id in ids:
        keypoints = dictionary.samples.get(sample_id).keypoints_px.copy()
        keypoints[25:45, 0] = np.linspace(50, 110, 20)
        keypoints[25:45, 1] = np.linspace(30, 90, 20)
        dictionary.corrections.set_keypoints(sample_id, keypoints, compare=lambda *_: None)
    bases = dictionary.assessments.inputs(ids)
    dictionary.assessments.store([assessment(basis) for basis in bases.values()])
    session.records.forget_samples(ids)
    correcting = window.page.correcting
    yield correcting.touches
    qtbot.waitUntil(lambda: not correcting.touches.busy, timeout=60000)


def assessment(basis) -> Assessment:
    gains = np.full(49, np.nan, np.float32)
    gains[LEFT_KNEE] = {WORTH_ID: 9.0, NEXT_ID: 5.0}.get(basis.sample_id, 0.1)
    return Assessment(basis=basis, suspicion=0.5, informativeness=0.5, touch_gains_mm=gains)


def test_a_key_asks_a_click_places_and_the_body_follows_as_one_step_of_undo(window, queue, qtbot):
    session, editor = window.page.session, window.page.correcting.editor
    window.commands["correct.worth_a_touch"].trigger()
    qtbot.waitUntil(editor.isVisible)
    assert session.current_id == WORTH_ID
    assert editor.chosen == LEFT_KNEE
    before = session.records.sample(WORTH_ID).keypoints_px.copy()
    fit_before = session.records.current_fit(WORTH_ID)
    steps = session.undo_stack.count()
    view = editor.canvas.view
    at = QPoint(*(int(value) for value in view.to_view(80.0, 70.0)))
    with qtbot.waitSignal(queue.followed, timeout=30000):
        QTest.mouseClick(editor.canvas, LEFT, NOTHING, at)
    placed = session.records.sample(WORTH_ID).keypoints_px[LEFT_KNEE]
    np.testing.assert_allclose(placed, [80, 70, 1], atol=1.0)
    followed = session.records.current_fit(WORTH_ID)
    assert followed.origin is Origin.REFIT
    assert session.undo_stack.count() == steps + 1
    session.undo_stack.undo()
    np.testing.assert_array_equal(session.records.sample(WORTH_ID).keypoints_px, before)
    assert session.records.current_fit(WORTH_ID).id == fit_before.id
    session.undo_stack.redo()
    assert session.records.current_fit(WORTH_ID).id == followed.id
    window.commands["correct.worth_a_touch"].trigger()
    assert session.current_id == NEXT_ID
    assert editor.chosen == LEFT_KNEE
