"""What is said of orders of touches: ratios, their spread, and one touch after another."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import touches

SETS, PEOPLE = 2, 40


@pytest.fixture
def ours() -> np.ndarray:
    """Gains of 40 people of two sets: a few touched, by 40 mm and by 10."""
    gains = np.zeros(PEOPLE)
    gains[:4], gains[20:24] = 40.0, 10.0
    return gains


def test_the_first_set_comes_first_and_all_together_are_pooled(ours):
    theirs = np.zeros(PEOPLE)
    theirs[4:8], theirs[24:28] = 20.0, 20.0
    said = touches.ratios("gain", ours, theirs, SETS)
    assert said["gain"] == 2.0
    assert said["gain_of_each_set"] == [2.0, 0.5]
    assert said["gain_pooled"] == 1.25


def test_the_interval_holds_the_ratio_and_a_set_alone_says_less_than_all(ours):
    theirs = np.zeros(PEOPLE)
    theirs[10:16], theirs[30:36] = 10.0, 10.0
    said = touches.ratios("gain", np.tile(ours, 30), np.tile(theirs, 30), SETS)
    low, high = said["gain_pooled_interval"]
    least, middle, most = said["gain_of_300"]
    assert low < said["gain_pooled"] < high
    assert least < low < middle < high < most


def test_what_lowers_nothing_is_no_denominator(ours):
    said = touches.ratios("gain", ours, -ours, SETS)
    assert said["gain"] == touches.LARGEST_RATIO
    assert touches.ratios("gain", -ours, ours, SETS)["gain"] == -1.0
    assert touches.ratios("gain", -ours, -ours, SETS)["gain"] == 0.0
