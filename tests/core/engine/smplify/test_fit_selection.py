"""When a body is clearly more probable than another one of the same person."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import torch

from core.engine.smplify import fit_selection
from core.engine.smplify.fit_selection import (
    CLEAR_GAIN_OF_EVERY_VISIT,
    CLEAR_GAIN_OF_ONE_OFFER,
    ScoredBodies,
    fits_superseded,
    is_more_probable,
    scored,
)
from core.engine.smplify.inputs import BodyEstimate, camera_tensors
from core.engine.smplify.smplify import Smplify
from core.runs.fitting_profiles import STUDIO
from core.types.bodies import CropCamera
from core.types.fits import FitLosses
from tests.core.engine.smplify.test_bone_direction_term import knowing, true_directions

NO_LOSSES = FitLosses(reprojection=1, pose_prior=0, angle_prior=0, shape_prior=0, comparison=1)

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


def test_fits_of_a_redrawn_box_are_compared_as_bodies_turned_about_their_pelvis(
    open_body, prior, make_people, monkeypatch
):
    people = make_people(2)
    smplify = Smplify(open_body, prior, STUDIO)
    moved = CropCamera(900.0, 112.0, 112.0, 60.0, 112.0)  # its axis was another box's middle
    cameras = camera_tensors([CropCamera(900.0, 112.0, 112.0)] * 2)
    keypoints = replace(people.keypoints, cameras=cameras)
    fits = smplify.fit(knowing(keypoints, true_directions(people.keypoints_3d)), people.guess)
    before = [
        SimpleNamespace(id=row, parameters=replace(body, camera=moved), losses=NO_LOSSES)
        for row, body in enumerate(fits.estimate.to_parameters(cameras))
    ]
    seen: list[BodyEstimate] = []

    def spy(bodies, *rest):
        seen.append(bodies)
        return scored(bodies, *rest)

    monkeypatch.setattr(fit_selection, "scored", spy)
    pelvis = torch.tensor([0.0, -0.2, 0.05])
    fits_superseded(
        fits, before, keypoints, None, keypoint_noise_px=5.0,
        root_joints=lambda betas: pelvis.expand(len(betas), 3),
    )  # fmt: skip
    wanted = BodyEstimate.from_parameters(
        [fit.parameters for fit in before],
        cameras,
        root_joints=lambda betas: pelvis.expand(len(betas), 3),
    )
    about_origin = BodyEstimate.from_parameters([fit.parameters for fit in before], cameras)
    torch.testing.assert_close(seen[1].camera_translation, wanted.camera_translation)
    apart = (seen[1].camera_translation - about_origin.camera_translation).norm(dim=1)
    assert (apart > 0.002).all()
