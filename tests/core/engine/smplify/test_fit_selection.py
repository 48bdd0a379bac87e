"""When a body is clearly more probable than another one of the same person."""

from __future__ import annotations

import torch

from core.engine.smplify.fit_selection import (
    CLEAR_GAIN_OF_EVERY_VISIT,
    CLEAR_GAIN_OF_ONE_OFFER,
    ScoredBodies,
    is_more_probable,
)

NOISE_PX = 2.0
COUNTED = 20.0


def takes_the_place(offered, current, clear_gain=CLEAR_GAIN_OF_EVERY_VISIT):
    """Each a comparison loss in px² and an energy of the prior."""
    rivals = [
        ScoredBodies(*(torch.tensor([value]) for value in (comparison, COUNTED, prior)))
        for comparison, prior in (offered, current)
    ]
    return bool(is_more_probable(*rivals, keypoint_noise_px=NOISE_PX, clear_gain=clear_gain)[0])


def test_a_little_more_2d_error_is_made_up_for_by_agreement_with_the_prediction():
    assert takes_the_place(offered=(9.0, 20.0), current=(8.0, 110.0))
    assert not takes_the_place(offered=(9.0, 20.0), current=(8.0, 100.0))


def test_agreement_does_not_make_up_for_contradicted_keypoints():
    assert takes_the_place(offered=(15.9, 0.0), current=(8.0, 1000.0))
    assert not takes_the_place(offered=(16.1, 0.0), current=(8.0, 1000.0))


def test_less_2d_error_counts_only_beyond_the_noise():
    assert not takes_the_place(offered=(8.0, 0.0), current=(11.0, 0.0))
    assert takes_the_place(offered=(8.0, 0.0), current=(11.4, 0.0))


def test_anything_is_more_probable_than_no_body_and_nothing_than_itself():
    assert takes_the_place(offered=(500.0, 900.0), current=(torch.inf, 0.0))
    assert not takes_the_place(offered=(8.0, 5.0), current=(8.0, 5.0))


def test_a_single_offer_needs_half_the_gain_of_the_loop():
    offers = {"offered": (8.0, 0.0), "current": (10.0, 0.0)}
    assert takes_the_place(**offers, clear_gain=CLEAR_GAIN_OF_ONE_OFFER)
    assert not takes_the_place(**offers)
