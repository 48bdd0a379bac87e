"""The numbers of a run as arrays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from spin_gui.training.run_curves import RunCurves, smoothed
from tests.spin_gui.training.scripted_engine import metrics_of


def test_they_grow_beyond_their_first_room_and_keep_every_value():
    curves = RunCurves(metrics_of(index) for index in range(1, 1001))
    assert len(curves) == curves.last_iteration == 1000
    np.testing.assert_array_equal(curves.iterations, np.arange(1, 1001))
    np.testing.assert_allclose(curves.number("error_2d_px"), 20 / np.arange(1, 1001))


def test_an_iteration_that_comes_again_replaces_what_followed_it():
    curves = RunCurves(metrics_of(index) for index in range(1, 11))
    curves.add([replace(metrics_of(5), error_2d_px=99.0)])
    assert curves.iterations.tolist() == [1, 2, 3, 4, 5]
    assert curves.number("error_2d_px")[-1] == 99.0


def test_a_part_that_appears_later_is_unknown_before():
    late = replace(metrics_of(2), losses={"total": 1.0, "beauty": 0.5})
    curves = RunCurves([metrics_of(1), late])
    assert np.isnan(curves.loss("beauty")[0])
    assert np.isnan(curves.loss("pose")[1])
    assert curves.loss_parts == ["total", "keypoints_2d", "pose", "beauty"]


def test_parts_too_small_to_see_are_left_out():
    tiny = replace(metrics_of(1), losses={"total": 10.0, "pose": 1.0, "camera": 1e-6, "betas": 0.0})
    assert RunCurves([tiny]).loss_parts == ["total", "pose"]


def test_smoothing_never_looks_ahead_and_skips_the_unknown():
    values = np.array([1.0, 3.0, np.nan, 5.0, 100.0])
    means = smoothed(values, over=3)
    np.testing.assert_allclose(means, [1, 2, 2, 4, 52.5])
    np.testing.assert_allclose(smoothed(values[:4], over=3), means[:4])
    assert np.isnan(smoothed(np.array([np.nan]))[0])
    assert len(smoothed(np.empty(0))) == 0
