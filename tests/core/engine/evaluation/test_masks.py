"""Accuracy and F1 of masks against plain counting, pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest

from core.engine.evaluation.masks import MaskCounts
from core.errors import ShapeError


def plain_scores(pairs, classes):
    """The same by loops over pixels."""
    counts = [[0, 0, 0] for _ in range(classes)]
    equal = pixels = 0
    for predicted, true in pairs:
        for said, meant in zip(predicted.ravel(), true.ravel(), strict=True):
            pixels += 1
            if meant == 255:
                equal += 1
                continue
            equal += said == meant
            for label in range(classes):
                counts[label][0] += said == label and meant == label
                counts[label][1] += said == label and meant != label
                counts[label][2] += said != label and meant == label
    f1 = [2 * tp / (2 * tp + fp + fn) for tp, fp, fn in counts]
    return equal / pixels, float(np.mean(f1)), f1


@pytest.mark.parametrize("classes", [2, 7])
def test_scores_of_a_set_agree_with_plain_counts(classes):
    rng = np.random.default_rng(0)
    pairs = []
    for height, width in ((9, 12), (7, 5)):
        true = rng.integers(0, classes, (height, width))
        predicted = np.where(rng.random(true.shape) < 0.7, true, rng.integers(0, classes))
        true[rng.random(true.shape) < 0.1] = 255
        pairs.append((predicted, true))
    total = MaskCounts.none(classes)
    for predicted, true in pairs:
        total += MaskCounts.of(predicted, true, classes=classes)
    accuracy, f1, by_class = plain_scores(pairs, classes)
    scores = total.scores()
    assert scores.accuracy == pytest.approx(accuracy)
    assert scores.f1 == pytest.approx(f1)
    np.testing.assert_allclose(scores.f1_by_class, by_class)


def test_a_square_shifted_by_one_pixel():
    true = np.zeros((10, 10), int)
    true[2:6, 2:6] = 1
    scores = MaskCounts.of(np.roll(true, 1, axis=1), true, classes=2).scores()
    # 16 pixels each, 12 in common: 4 wrong on either side of 100.
    assert scores.accuracy == pytest.approx(0.92)
    assert scores.f1_by_class[1] == pytest.approx(24 / 32)
    assert scores.f1_by_class[0] == pytest.approx(160 / 168)


def test_a_class_that_is_nowhere_does_not_count():
    true = np.zeros((4, 4), int)
    true[0] = 1
    scores = MaskCounts.of(true, true, classes=7).scores()
    assert scores.f1 == 1.0
    assert np.isnan(scores.f1_by_class[6])


def test_nothing_counted_gives_no_numbers():
    scores = MaskCounts.none(2).scores()
    assert np.isnan(scores.accuracy)
    assert np.isnan(scores.f1)


def test_maps_of_other_sizes_are_refused():
    with pytest.raises(ShapeError, match="predicted"):
        MaskCounts.of(np.zeros((3, 4), int), np.zeros((4, 3), int), classes=2)
