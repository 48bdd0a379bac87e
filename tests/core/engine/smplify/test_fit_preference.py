"""When a body is clearly likelier than another one of the same person."""

from __future__ import annotations

import torch

from core.engine.smplify.fit_preference import ScoredBodies, is_more_probable

NOISE_PX = 2.0
COUNTED = 20.0


def is_likelier(offered, current):
    """Each a comparison loss in px² and an energy of the pull."""
    rivals = [ScoredBodies(*(torch.tensor([value]) for value in one)) for one in (offered, current)]
    return bool(
        is_more_probable(*rivals, counted=torch.tensor([COUNTED]), keypoint_noise_px=NOISE_PX)[0]
    )


def test_a_little_more_2d_error_is_made_up_for_by_agreement_with_the_prediction():
    assert is_likelier(offered=(9.0, 20.0), current=(8.0, 110.0))
    assert not is_likelier(offered=(9.0, 20.0), current=(8.0, 100.0))


def test_agreement_does_not_make_up_for_contradicted_keypoints():
    assert is_likelier(offered=(15.9, 0.0), current=(8.0, 1000.0))
    assert not is_likelier(offered=(16.1, 0.0), current=(8.0, 1000.0))


def test_less_2d_error_counts_only_beyond_the_noise():
    assert not is_likelier(offered=(8.0, 0.0), current=(11.0, 0.0))
    assert is_likelier(offered=(8.0, 0.0), current=(11.4, 0.0))


def test_anything_is_likelier_than_no_body_and_nothing_than_itself():
    assert is_likelier(offered=(500.0, 900.0), current=(torch.inf, 0.0))
    assert not is_likelier(offered=(8.0, 5.0), current=(8.0, 5.0))
