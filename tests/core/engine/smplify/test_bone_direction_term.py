"""What is known of the directions of bones, in whole fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from core.body.bone_directions import BONES
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.fit_selection import fits_superseded
from core.engine.smplify.inputs import BodyEstimate, BoneDirections, Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.search_selection import body_distance
from core.engine.smplify.smplify import FitBatch, Smplify
from core.errors import ShapeError
from core.runs.fitting_profiles import PAPER, STUDIO
from core.types.fits import Fit, Origin, Verdict

MakePeople = Callable[..., object]


def true_directions(keypoints_3d: torch.Tensor, *, weight: float = 800.0) -> BoneDirections:
    first, second = (list(ends) for ends in zip(*BONES, strict=True))
    bones = keypoints_3d[:, second] - keypoints_3d[:, first]
    directions = torch.nn.functional.normalize(bones, dim=-1)
    return BoneDirections(directions, torch.full_like(directions, weight))


def knowing(keypoints: Keypoints2D, known: BoneDirections) -> Keypoints2D:
    return replace(keypoints, bone_directions=known)


def error_m(body: KeypointBody, estimate: BodyEstimate, keypoints_3d: torch.Tensor) -> torch.Tensor:
    return body_distance(body.keypoints(estimate.rotations, estimate.betas), keypoints_3d)


def test_true_directions_bring_fits_from_the_mean_pose_nearer_to_the_truth(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(12, noise_px=2.0)
    smplify = Smplify(open_body, prior, STUDIO)

    without = smplify.fit_from_mean_pose(people.keypoints)
    known = true_directions(people.keypoints_3d)
    fits = smplify.fit_from_mean_pose(knowing(people.keypoints, known))

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

    fits = smplify.fit(knowing(people.keypoints, known), people.guess)
    alone = smplify.fit(people.keypoints, people.guess)

    harmed = error_m(smplify.body, fits.estimate, people.keypoints_3d)
    assert harmed.mean() < error_m(smplify.body, alone.estimate, people.keypoints_3d).mean()


def test_directions_without_weight_change_nothing(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(4)
    smplify = Smplify(open_body, prior, STUDIO)

    alone = smplify.fit(people.keypoints, people.guess)
    fits = smplify.fit(knowing(people.keypoints, BoneDirections.unknown(4)), people.guess)

    torch.testing.assert_close(fits.estimate.rotations, alone.estimate.rotations)
    assert fits.losses.bone_directions.abs().max() == 0


def test_the_objective_of_a_body_counts_its_directions(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(4)
    smplify = Smplify(open_body, prior, STUDIO)
    known = true_directions(people.keypoints_3d)

    alone = smplify.measured(people.keypoints, people.guess)
    measured = smplify.measured(knowing(people.keypoints, known), people.guess)

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

    fits = smplify.fit(knowing(people.keypoints, known), people.guess)

    assert (fits.losses.bone_directions == 0).all()


def test_directions_of_another_number_of_bodies_are_refused(make_people: MakePeople) -> None:
    people = make_people(4)

    with pytest.raises(ShapeError, match="bone_directions"):
        knowing(people.keypoints, BoneDirections.unknown(3))
    with pytest.raises(ShapeError, match="weights"):
        BoneDirections(torch.zeros(2, 12, 3), torch.zeros(2, 12))


def test_a_fit_that_knows_where_bones_point_supersedes_one_that_does_not(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(8, noise_px=2.0)
    smplify = Smplify(open_body, prior, STUDIO)
    known = knowing(people.keypoints, true_directions(people.keypoints_3d))
    before = stored(smplify.fit_from_mean_pose(people.keypoints))
    fits = smplify.fit_from_mean_pose(known)

    superseded = fits_superseded(fits, before, known, None, keypoint_noise_px=5.0)
    alone = fits_superseded(
        smplify.fit_from_mean_pose(people.keypoints),
        before,
        people.keypoints,
        None,
        keypoint_noise_px=5.0,
    )

    assert sum(fit_id is not None for fit_id in superseded) >= 4
    assert alone == [None] * 8


def stored(fits: FitBatch) -> list[Fit]:
    return [
        Fit(
            id=index,
            sample_id=index,
            parameters=fits.parameters(index),
            losses=fits.fit_losses(index),
            origin=Origin.MEAN,
            verdict=Verdict.NONE,
            verdict_at=None,
            run_id=None,
            iteration=None,
            created_at="2026-01-01T00:00:00+00:00",
            runner_up=False,
            pose_valid=True,
            shape_valid=True,
            verdict_by=None,
            is_current=True,
        )
        for index in range(len(fits))
    ]
