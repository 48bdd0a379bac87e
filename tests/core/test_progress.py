"""Progress reports and the cancel token."""

from __future__ import annotations

import pytest

from core.errors import Cancelled
from core.progress import CancelToken, Progress, ProgressMeter


def test_first_and_last_item_are_always_reported() -> None:
    reports: list[Progress] = []
    meter = ProgressMeter("fitting", 1000, reports.append)
    for _ in range(1000):
        meter.advance()
    assert (reports[0].done, reports[-1].done) == (0, 1000)
    assert len(reports) < 50, "a report an item would flood the window's event queue"


def test_eta_is_unknown_before_the_first_item_and_zero_at_the_end() -> None:
    assert Progress("x", 0, 10).eta_s is None
    assert Progress("x", 10, 10, rate_per_s=2.0).eta_s == 0
    assert Progress("x", 4, 10, rate_per_s=2.0).eta_s == pytest.approx(3.0)


class Clock:
    """Time as a test sets it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def told(steps: list[tuple[float, int]], total: int) -> list[Progress]:
    """The reports of work of this many seconds a step and items in it."""
    reports: list[Progress] = []
    clock = Clock()
    meter = ProgressMeter("fitting", total, reports.append, clock=clock)
    for seconds, items in steps:
        clock.now += seconds
        meter.advance(items)
    return reports


def test_what_it_takes_to_begin_is_no_part_of_the_time_left() -> None:
    first, second = told([(30.0, 64), (5.0, 64)], total=704)[1:]
    assert first.eta_s is None, "one step that loads libraries tells nothing"
    assert second.eta_s == pytest.approx(45.0)


def test_the_time_left_follows_a_change_of_pace() -> None:
    slow, fast = [(2.0, 1)] * 10, [(0.5, 1)] * 60
    reports = told([*slow, *fast], total=170)
    assert reports[10].rate_per_s == pytest.approx(0.5)
    assert reports[-1].eta_s == pytest.approx(50.0)


def test_one_late_step_does_not_throw_the_estimate_about() -> None:
    reports = told([*[(0.5, 1)] * 40, (3.0, 1)], total=141)
    assert reports[-1].eta_s == pytest.approx(50.0, rel=0.3)


def test_the_last_report_tells_the_rate_of_the_whole() -> None:
    assert told([(4.0, 8)], total=8)[-1].rate_per_s == pytest.approx(2.0)


def test_cancelled_token_raises() -> None:
    token = CancelToken()
    token.raise_if_cancelled()
    token.cancel()
    with pytest.raises(Cancelled):
        token.raise_if_cancelled()
