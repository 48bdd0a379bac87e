"""One number for the error, and one scale that says how large it is."""

from __future__ import annotations

import pytest

from core.types.limits import VALID_COMPARISON_LOSS_PX2
from spin_gui.session.error_scale import CLOSE, FAIR, FAR, error_text, grade_of, graded_text
from tests.spin_gui.window.readability import LEAST_CONTRAST_LARGE, contrast


@pytest.mark.parametrize(
    ("loss_px2", "text", "grade"),
    [
        (0.0, "0 px, close", CLOSE),
        (16.0, "4.00 px, close", CLOSE),
        (49.0, "7.00 px, fair", FAIR),
        (383.0, "19.6 px, far off", FAR),
    ],
)
def test_the_error_is_the_root_of_the_loss_with_its_unit_and_step(loss_px2, text, grade):
    assert graded_text(loss_px2) == text
    assert grade_of(loss_px2) is grade


def test_the_scale_ends_where_a_fit_is_flagged():
    assert grade_of(VALID_COMPARISON_LOSS_PX2) is FAIR
    assert grade_of(VALID_COMPARISON_LOSS_PX2 + 0.1) is FAR


@pytest.mark.parametrize(
    ("loss_px2", "said"), [(None, "–"), (float("nan"), "–"), (float("inf"), "unknown")]
)
def test_what_was_not_measured_has_no_step(loss_px2, said):
    assert error_text(loss_px2) == graded_text(loss_px2) == said
    assert grade_of(loss_px2) is None


def test_steps_differ_in_bars_and_their_colours_are_seen_on_light_and_dark(qapp):
    from PySide6.QtGui import QColor

    assert [grade.bars for grade in (CLOSE, FAIR, FAR)] == [1, 2, 3]
    for grade in (CLOSE, FAIR, FAR):
        for ground in ("#ffffff", "#f4f5f7", "#2b2f35"):
            assert contrast(QColor(grade.color), QColor(ground)) >= LEAST_CONTRAST_LARGE
