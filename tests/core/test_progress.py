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


def test_cancelled_token_raises() -> None:
    token = CancelToken()
    token.raise_if_cancelled()
    token.cancel()
    with pytest.raises(Cancelled):
        token.raise_if_cancelled()
