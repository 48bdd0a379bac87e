"""The rate of late, by times that the tests give."""

from __future__ import annotations

import pytest

from core.recent_rate import RecentRate


def test_nothing_is_known_of_one_step() -> None:
    rate = RecentRate()
    assert rate.per_s == 0
    rate.note(64, 12.0)
    assert rate.per_s == 0


def test_slow_steps_are_remembered_however_long_they_take() -> None:
    rate = RecentRate()
    for step in range(1, 6):
        rate.note(step, 60.0 * step)
    assert rate.per_s == pytest.approx(1 / 60)


def test_thousands_a_second_are_counted_right_and_remembered_in_few_steps() -> None:
    rate = RecentRate()
    for step in range(1, 50_001):
        rate.note(step, step / 2_000)
    assert rate.per_s == pytest.approx(2_000, rel=0.01)
    assert len(rate._steps) < 200


def test_a_pause_is_forgotten() -> None:
    rate = RecentRate()
    for step in range(1, 4):
        rate.note(step, float(step))
    rate.forget()
    rate.note(4, 1_000.0)
    rate.note(5, 1_001.0)
    assert rate.per_s == pytest.approx(1.0)
