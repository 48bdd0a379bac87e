"""What is known of the directions of bones, in whole fits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from core.body.bone_directions import BONES
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.bone_direction_term import BoneDirections
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.search_selection import body_distance
from core.engine.smplify.smplify import Smplify
from core.errors import ShapeError
from core.runs.fitting_profiles import PAPER, STUDIO

MakePeople = Callable[..., object]


def true_directions(keypoints_3d: torch.Tensor, *, weight: float = 800.0) -> BoneDirections:
    first, second = (list(ends) for ends in zip(*BONES, strict=True))
    bones = keypoints_3d[:, second] - keypoints_3d[:, first]
    directions = torch.nn.functional.normalize(bones, dim=-1)
    return BoneDirections(directions, torch.full_like(directions[..., 0], weight))


def error_m(body: KeypointBody, estimate: BodyEstimate, keypoints_3d: torch.Tensor) -> torch.Tensor:
    return body_distance(body.keypoints(estimate.rotations, estimate.betas), keypoints_3d)


def test_true_directions_bring_fits_from_the_mean_pose_nearer_to_the_truth(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(12, noise_px=2.0)
    smplify = Smplify(open_body, prior, STUDIO)

    without = smplify.fit_from_mean_pose(people.keypoints)
    known = true_directions(people.keypoints_3d)
    fits = smplify.fit_from_mean_pose(people.keypoints, bone_directions=known)

    before = error_m(smplify.body, without.estimate, people.keypoints_3d)
    after = error_m(smplify.body, fits.estimate, people.keypoints_3d)
    assert after.mean() < 0.6 * before.mean()
    # The keypoints are met as before: the directions decide what they leave open.
    assert fits.comparison.median() < 2 * without.comparison.median()


def test_one_bone_that_is_seen_the_wrong_way_round_hardly_harms(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(12, noise_px=2.0)
    smplify = Smplify(open_body, prior, STUDIO)
    known = true_directions(people.keypoints_3d)
    known.directions[:, 1] *= -1

    fits = smplify.fit(people.keypoints, people.guess, bone_directions=known)
    alone = smplify.fit(people.keypoints, people.guess)

    harmed = error_m(smplify.body, fits.estimate, people.keypoints_3d)
    assert harmed.mean() < error_m(smplify.body, alone.estimate, people.keypoints_3d).mean()


def test_directions_without_weight_change_nothing(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(4)
    smplify = Smplify(open_body, prior, STUDIO)

    alone = smplify.fit(people.keypoints, people.guess)
    fits = smplify.fit(people.keypoints, people.guess, bone_directions=BoneDirections.unknown(4))

    torch.testing.assert_close(fits.estimate.rotations, alone.estimate.rotations)
    assert fits.losses.bone_directions.abs().max() == 0


def test_the_objective_of_a_body_counts_its_directions(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(4)
    smplify = Smplify(open_body, prior, STUDIO)
    known = true_directions(people.keypoints_3d)

    alone = smplify.measured(people.keypoints, people.guess)
    measured = smplify.measured(people.keypoints, people.guess, bone_directions=known)

    assert (measured.losses.bone_directions > 0).all()
    torch.testing.assert_close(
        measured.losses.total, alone.losses.total + measured.losses.bone_directions
    )


def test_the_profile_of_the_paper_does_without(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(2)
    smplify = Smplify(open_body, prior, PAPER)
    known = true_directions(people.keypoints_3d)

    fits = smplify.fit(people.keypoints, people.guess, bone_directions=known)

    assert (fits.losses.bone_directions == 0).all()


def test_directions_of_another_number_of_bodies_are_refused(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(4)
    smplify = Smplify(open_body, prior, STUDIO)

    with pytest.raises(ShapeError, match="bone_directions"):
        smplify.fit_from_mean_pose(people.keypoints, bone_directions=BoneDirections.unknown(3))
    with pytest.raises(ShapeError, match="weights"):
        BoneDirections(torch.zeros(2, 12, 3), torch.zeros(2, 11))
