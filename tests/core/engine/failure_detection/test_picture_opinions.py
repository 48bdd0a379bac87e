"""Opinions that see the picture: what is measured against them, which models they take, reasons."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.body.bone_directions import BONE_NAMES, BONES
from core.engine.failure_detection.features import measure
from core.engine.failure_detection.inputs import AlternativeEstimate
from core.engine.failure_detection.limbs import LIMBS
from core.engine.failure_detection.logistic_models import Calibration, LogisticModel, ModelSet
from core.engine.smplify.inputs import BoneDirections
from core.types.flags import FlagName
from tests.core.engine.failure_detection.conftest import joint

FOREARM = [limb.name for limb in LIMBS].index("left forearm")


def seen_by_the_picture(person, estimate) -> AlternativeEstimate:
    return AlternativeEstimate(
        "the picture",
        estimate,
        torch.tensor([True]),
        torch.full((1, 24), 0.05),
        torch.full((1, 24), 0.2),
        sees_picture=True,
    )


def with_directions(person, estimate):
    """Keypoints with the directions of an estimate's bones, all of them alike sure."""
    points = person.body.keypoints(estimate.rotations, estimate.betas)
    bones = torch.stack([points[:, end] - points[:, start] for start, end in BONES], dim=1)
    unit = bones / torch.linalg.vector_norm(bones, dim=-1, keepdim=True)
    known = BoneDirections(unit, torch.full_like(unit, 400.0))
    return replace(person.keypoints, bone_directions=known)


def bent(person, degrees=80.0):
    def bend(pose):
        pose[:, joint("left_elbow")] += torch.tensor([0.0, -torch.pi * degrees / 180, 0.0])

    return person.with_pose(bend)


def test_directions_of_the_fit_itself_are_no_angle_away(person, prior):
    inputs = person.inputs(person.truth, keypoints=with_directions(person, person.truth))
    found = measure(person.body, prior, inputs)
    assert float(found.parts["direction_away_deg"].abs().max()) < 0.1
    assert float(found.picture["worst_direction_deg"]) < 0.1
    torch.testing.assert_close(found.parts["direction_spread"], torch.full((1, 8), 0.05))


def test_a_limb_off_its_direction_is_measured_and_the_others_are_not(person, prior):
    inputs = person.inputs(bent(person), keypoints=with_directions(person, person.truth))
    away = measure(person.body, prior, inputs).parts["direction_away_deg"][0]
    assert float(away[FOREARM]) > 45
    others = [limb for limb in range(8) if limb != FOREARM]
    assert float(away[others].max()) < 1


def test_bones_without_a_direction_are_not_known(person, prior):
    keypoints = with_directions(person, person.truth)
    weights = keypoints.bone_directions.weights.clone()
    weights[:, BONE_NAMES.index("left forearm")] = 0
    some = replace(keypoints, bone_directions=replace(keypoints.bone_directions, weights=weights))
    parts = measure(person.body, prior, person.inputs(person.truth, keypoints=some)).parts
    assert torch.isnan(parts["direction_away_deg"][0, FOREARM])
    assert int(torch.isnan(parts["direction_away_deg"]).sum()) == 1


def test_only_estimates_that_see_the_picture_are_measured_as_such(person, prior):
    seen = seen_by_the_picture(person, bent(person))
    inputs = person.inputs(person.truth, alternatives=(person.alternative, seen))
    found = measure(person.body, prior, inputs)
    alone = measure(person.body, prior, person.inputs(bent(person), alternatives=(seen,)))
    assert float(found.parts["picture_away_deg"][0, FOREARM]) > 45
    assert float(found.parts["away_deg"][0, FOREARM]) < float(
        found.parts["picture_away_deg"][0, FOREARM]
    )
    assert float(alone.parts["picture_away_deg"].max()) < 0.1
    lifted = measure(person.body, prior, person.inputs(person.truth))
    assert bool(torch.isnan(lifted.parts["picture_away_deg"]).all())
    assert not bool(lifted.posed.has_picture)
    assert bool(found.posed.has_picture)


@pytest.mark.parametrize(
    ("alternatives", "expected"), [("none", 3.0), ("lifted", 2.0), ("picture", 1.0)]
)
def test_samples_are_judged_by_the_model_for_what_is_known_of_them(
    person, prior, alternatives, expected
):
    opinions = {
        "none": (),
        "lifted": (person.alternative,),
        "picture": (person.alternative, seen_by_the_picture(person, person.truth)),
    }[alternatives]
    posed = measure(person.body, prior, person.inputs(person.truth, alternatives=opinions)).posed
    models = ModelSet(
        *(LogisticModel(("x",), (0.0,), (1.0,), (0.0,), bias) for bias in (1.0, 2.0, 3.0))
    )
    assert float(models.logit({"x": torch.zeros(1)}, posed)) == expected


def test_the_reason_names_the_opinion_that_sees_the_picture(person):
    seen = seen_by_the_picture(person, person.truth)
    scores = person.assess(bent(person, 100), alternatives=(person.alternative, seen))
    assert bool(scores.raised[FlagName.PART_ORIENTATION])
    reason = scores.reasons(0)[FlagName.PART_ORIENTATION]
    assert "the picture" in reason
    assert "left forearm" in reason


def test_every_model_of_the_shipped_calibration_takes_features_that_are_measured(person, prior):
    models = Calibration.load().models[FlagName.PART_ORIENTATION]
    parts = measure(person.body, prior, person.inputs(person.truth)).parts
    for model in (models.with_picture, models.with_alternative, models.without_alternative):
        assert set(model.features) <= set(parts)
