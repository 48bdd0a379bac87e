"""The pretended detector errs as real ones do."""

from __future__ import annotations

import numpy as np
import pytest

from core.body.conventions import COCO_17_TO_KEYPOINTS
from core.engine.synthetic.detector import DetectorNoise, Seen, annotate_coco_17, detect_body_25

TRUTH = np.random.default_rng(5).uniform(100, 500, (49, 2))
FAITHFUL = DetectorNoise(miss=(0, 0, 0, 1), outlier=0, swap=0)


def _detections(seen, *, side_px=300.0, noise=FAITHFUL, repeats=200):
    rng = np.random.default_rng(0)
    kinds = np.full(49, seen)
    return np.stack(
        [
            detect_body_25(TRUTH, kinds, side_px=side_px, rng=rng, noise=noise)
            for _ in range(repeats)
        ]
    )


def _errors(detections):
    return np.linalg.norm(detections[:, :25, :2] - TRUTH[:25], axis=2)


def test_only_the_first_25_are_filled_and_confidences_are_shares():
    found = _detections(Seen.VISIBLE)
    assert not found[:, 25:].any()
    assert found[:, :25, 2].min() > 0
    assert found[..., 2].max() < 1


def test_jitter_grows_with_the_person_and_with_what_hides_the_joint():
    near, far = (_errors(_detections(Seen.VISIBLE, side_px=side)) for side in (400.0, 100.0))
    assert np.median(near) == pytest.approx(4 * np.median(far), rel=0.05)
    hidden = _errors(_detections(Seen.BEHIND_SELF, side_px=400.0))
    assert np.median(hidden) > 1.8 * np.median(near)


def test_a_visible_joint_is_a_few_pixels_off_in_the_crop():
    in_crop = _errors(_detections(Seen.VISIBLE, side_px=224.0))
    assert 1.0 < np.median(in_crop) < 4.0


def test_joints_outside_are_absent_and_hidden_ones_often():
    assert not _detections(Seen.OUTSIDE).any()
    default = DetectorNoise()
    missing = np.mean(_detections(Seen.BEHIND_OTHERS, noise=default)[:, :25, 2] == 0)
    assert 0.5 < missing < 0.7
    assert np.mean(_detections(Seen.VISIBLE, noise=default)[:, :25, 2] == 0) < 0.03


def test_confidence_falls_as_the_error_grows():
    noise = DetectorNoise(miss=(0, 0, 0, 1), outlier=0.2, swap=0)
    found = _detections(Seen.VISIBLE, noise=noise)
    errors, confidence = _errors(found).ravel(), found[:, :25, 2].ravel()
    assert np.corrcoef(errors, confidence)[0, 1] < -0.6
    assert confidence[errors > 40].mean() < 0.3 < 0.8 < confidence[errors < 4].mean()
    hidden = _detections(Seen.BEHIND_OTHERS)[:, :25, 2].mean()
    assert hidden < _detections(Seen.BEHIND_SELF)[:, :25, 2].mean() < confidence.mean() + 0.05


def test_swaps_exchange_whole_limbs_of_both_sides():
    noise = DetectorNoise(miss=(0, 0, 0, 1), outlier=0, swap=1.0, jitter_share=0.0)
    found = _detections(Seen.VISIBLE, noise=noise, repeats=1)[0]
    for right, left in ((2, 5), (4, 7), (9, 12), (11, 14), (22, 19), (24, 21)):
        np.testing.assert_allclose(found[right, :2], TRUTH[left], atol=1e-3)
        np.testing.assert_allclose(found[left, :2], TRUTH[right], atol=1e-3)
    np.testing.assert_allclose(found[0, :2], TRUTH[0], atol=1e-3)


def test_annotators_mark_the_coco_joints_they_can_see():
    seen = np.zeros(49, dtype=int)
    seen[25], seen[26] = Seen.BEHIND_OTHERS, Seen.OUTSIDE
    marked = annotate_coco_17(TRUTH, seen, side_px=200.0, rng=np.random.default_rng(0))
    present = np.flatnonzero(marked[:, 2])
    assert set(present) == set(COCO_17_TO_KEYPOINTS) - {25, 26}
    assert (marked[present, 2] == 1).all()
    assert np.linalg.norm(marked[present, :2] - TRUTH[present], axis=1).max() < 6
