"""Fits that begin along the directions of bones."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch

from core.body.bone_directions import BONES
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.direction_starts import direction_starts, swung_along
from core.engine.smplify.inputs import BoneDirections
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.smplify import Smplify
from core.geometry.rotations import geodesic_angle
from core.geometry.row_selection import joined_rows, take_rows
from core.runs.fitting_profiles import STUDIO

MakePeople = Callable[..., object]
LIMBS = slice(0, 8)


def directions_of(keypoints_3d: torch.Tensor) -> torch.Tensor:
    first, second = (list(ends) for ends in zip(*BONES, strict=True))
    return torch.nn.functional.normalize(keypoints_3d[:, second] - keypoints_3d[:, first], dim=-1)


def known_of(keypoints_3d: torch.Tensor) -> BoneDirections:
    directions = directions_of(keypoints_3d)
    return BoneDirections(directions, torch.full_like(directions, 300.0))


def test_limbs_begin_along_their_directions_and_the_trunk_nearly(
    precise_keypoint_body: KeypointBody, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(8, dtype=torch.float64)
    keypoints = replace(people.keypoints, bone_directions=known_of(people.keypoints_3d))

    starts = direction_starts(precise_keypoint_body, prior, keypoints)

    found = precise_keypoint_body.keypoints(starts.pose_matrices, starts.betas)
    along = (directions_of(found) * directions_of(people.keypoints_3d)).sum(-1)
    torch.testing.assert_close(along[:, LIMBS], torch.ones_like(along[:, LIMBS]))
    roots = geodesic_angle(starts.root, people.truth.rotations[:, 0])
    assert roots.max() < math.radians(40)
    assert (starts.camera_translation[:, 2] > 10).all()


def test_limbs_without_a_direction_stay_as_they_are(
    precise_keypoint_body: KeypointBody, make_people: MakePeople
) -> None:
    people = make_people(4, dtype=torch.float64)
    known = known_of(people.keypoints_3d)
    known.weights[:, 1] = 0  # the right forearm
    guess = people.guess

    swung = swung_along(precise_keypoint_body, guess.rotations, guess.betas, known)

    moved = (swung - guess.rotations).abs().amax((0, 2, 3))
    assert moved[19] < 1e-9  # the right elbow, which turns the forearm
    assert moved[[17, 16, 18, 2, 1, 5, 4]].min() > 1e-3
    identity = swung.transpose(-1, -2) @ swung
    torch.testing.assert_close(identity, torch.eye(3, dtype=torch.float64).expand_as(identity))


def test_samples_without_directions_are_fitted_as_if_alone(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(6, noise_px=2.0)
    known = known_of(people.keypoints_3d)
    known.weights[3:] = 0
    smplify = Smplify(open_body, prior, STUDIO)

    together = smplify.fit_from_mean_pose(replace(people.keypoints, bone_directions=known))
    alone = smplify.fit_from_mean_pose(take_rows(people.keypoints, torch.arange(3, 6)))

    torch.testing.assert_close(
        together.estimate.rotations[3:], alone.estimate.rotations, atol=1e-3, rtol=0
    )
    assert (together.losses.bone_directions[:3] > 0).all()


def test_a_start_along_wrong_directions_is_left_for_a_clearly_better_one(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(6, noise_px=2.0)
    known = known_of(people.keypoints_3d)
    wrong = BoneDirections(-known.directions, torch.full_like(known.weights, 20.0))
    smplify = Smplify(open_body, prior, STUDIO)

    fits = smplify.fit_from_mean_pose(replace(people.keypoints, bone_directions=wrong))

    roots = geodesic_angle(fits.estimate.rotations[:, 0], people.truth.rotations[:, 0])
    assert (roots < math.radians(40)).sum() >= 5


def test_directions_that_are_hardly_trusted_have_no_advantage(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(16, noise_px=2.0)
    known = known_of(people.keypoints_3d)
    lopsided = known.directions * torch.tensor([1.0, 1.0, -1.0])
    smplify = Smplify(open_body, prior, STUDIO)

    doubted = BoneDirections(lopsided, torch.full_like(known.weights, 0.001))
    fits = smplify.fit_from_mean_pose(replace(people.keypoints, bone_directions=doubted))

    assert fits.runner_up is not None
    assert (fits.losses.total <= fits.runner_up.losses.total).all()


def test_rows_of_batches_are_joined_with_all_their_parts(make_people: MakePeople) -> None:
    keypoints = make_people(4).keypoints
    known = replace(keypoints, bone_directions=BoneDirections.unknown(4))
    rows = torch.arange(4)

    joined = joined_rows([take_rows(known, rows[:1]), take_rows(known, rows[1:])])

    torch.testing.assert_close(joined.positions_crop_px, keypoints.positions_crop_px)
    assert joined.bone_directions is not None
    assert len(joined.bone_directions) == len(joined.cameras) == 4
    assert joined_rows([keypoints, keypoints]).bone_directions is None
    assert np.array_equal(joined_rows([np.zeros(2), np.ones(1)]), [0, 0, 1])
