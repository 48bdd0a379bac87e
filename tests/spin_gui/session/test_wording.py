"""Numbers and times as people read them."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from core.errors import StudioError
from core.types.fits import FitLosses
from spin_gui.session.wording import (
    flag_words,
    full_time,
    local_time,
    loss_terms,
    number,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0123456, "0.0123"),
        (4.5678, "4.57"),
        (9.999, "10.0"),
        (99.96, "100"),
        (123.456, "123"),
        (12345.6, "12\u202f300"),
        (-3.14159, "-3.14"),
        (2.5e-7, "2.5e-07"),
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_numbers_have_three_digits_that_count(value, text):
    assert number(value) == text


def test_times_are_short_today_and_have_a_day_otherwise(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    now = datetime(2026, 5, 4, 20, 0, tzinfo=UTC)
    assert local_time("2026-05-04T12:30:05.123456+00:00", now=now) == "12:30:05"
    assert local_time("2026-05-03T12:30:05+00:00", now=now) == "03 May 12:30"
    assert local_time("2025-05-03T12:30:05+00:00", now=now) == "03 May 2025"
    assert full_time("2026-05-04T12:30:05+00:00").startswith("2026-05-04 12:30:05")


def test_a_damaged_time_is_named():
    with pytest.raises(StudioError, match="'yesterday'"):
        local_time("yesterday")


def test_shares_of_the_losses_add_up_to_one():
    losses = FitLosses(
        reprojection=30.0, pose_prior=50.0, angle_prior=10.0, shape_prior=10.0, comparison=1.0
    )
    terms = loss_terms(losses)
    assert sum(term.share for term in terms) == pytest.approx(1)
    assert terms[0].share == pytest.approx(0.3)


def test_a_loss_that_is_not_finite_takes_no_share():
    losses = FitLosses(
        reprojection=math.inf, pose_prior=1.0, angle_prior=0, shape_prior=0, comparison=1.0
    )
    assert [term.share for term in loss_terms(losses)][:2] == [0.0, 1.0]


def test_an_unknown_flag_is_shown_by_its_name():
    words = flag_words("tilted")
    assert (words.badge, words.title) == ("ti", "Tilted")
