"""Batches, missing inputs, mirrored people, calibration files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.body.conventions import flip_keypoints, flip_pose
from core.engine.failure_detection.assessor import FlagAssessor
from core.engine.failure_detection.inputs import AlternativeEstimate, FlagInputs
from core.engine.failure_detection.intersection import segment_distance
from core.engine.failure_detection.limbs import LIMBS, LIMBS_MIRRORED
from core.engine.failure_detection.logistic_models import Calibration
from core.engine.failure_detection.suspicion import informativeness
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.reprojection_loss import comparison_loss
from core.errors import ShapeError, UserFileError

CROP_PX = 224.0


@pytest.fixture(scope="module")
def inputs(make_people, keypoint_body):
    """Twelve people of all sorts with rough fits, one alternative of all and one of some."""
    people = make_people(12, seed=5, noise_px=2.0, missing=0.2)
    other = make_people(12, seed=6).truth
    generator = torch.Generator().manual_seed(2)
    uncertainty = 0.3 * torch.rand(12, 24, generator=generator)
    return FlagInputs(
        people.keypoints,
        people.guess,
        comparison_loss(keypoint_body, people.guess, people.keypoints),
        (
            AlternativeEstimate(
                "the lifted pose", people.truth, torch.ones(12, dtype=torch.bool), uncertainty
            ),
            AlternativeEstimate("the prediction", other, torch.arange(12) % 3 == 0),
        ),
    )


def rows(inputs: FlagInputs, chosen: slice) -> FlagInputs:
    def estimate(one: BodyEstimate) -> BodyEstimate:
        return BodyEstimate(
            one.rotations[chosen], one.betas[chosen], one.camera_translation[chosen]
        )

    return FlagInputs(
        Keypoints2D(
            inputs.keypoints.positions_crop_px[chosen], inputs.keypoints.confidence[chosen]
        ),
        estimate(inputs.fit),
        inputs.comparison_px2[chosen],
        tuple(
            AlternativeEstimate(
                alternative.who,
                estimate(alternative.estimate),
                alternative.present[chosen],
                None
                if alternative.uncertainty_rad is None
                else alternative.uncertainty_rad[chosen],
            )
            for alternative in inputs.alternatives
        ),
    )


def all_scores(scores) -> torch.Tensor:
    return torch.cat(
        [
            torch.stack(list(scores.scores.values()), dim=1),
            scores.parts,
            scores.suspicion[:, None],
            scores.informativeness[:, None],
        ],
        dim=1,
    )


def test_a_sample_is_judged_alike_alone_and_in_a_batch(assessor, inputs):
    together = assessor.assess(inputs)
    alone = [assessor.assess(rows(inputs, slice(index, index + 1))) for index in range(12)]
    torch.testing.assert_close(
        all_scores(together), torch.cat([all_scores(item) for item in alone]), atol=2e-4, rtol=1e-3
    )
    assert [together.reasons(index) for index in range(12)] == [item.reasons(0) for item in alone]


def test_an_empty_batch_is_a_batch_too(assessor, inputs):
    assert len(assessor.assess(rows(inputs, slice(0, 0)))) == 0


def test_scores_lie_between_zero_and_one_whatever_is_missing(assessor, inputs):
    nothing = torch.zeros_like(inputs.keypoints.confidence)
    blind = replace(
        inputs,
        keypoints=Keypoints2D(inputs.keypoints.positions_crop_px, nothing),
        comparison_px2=torch.full((12,), torch.inf),
    )
    absent = tuple(
        replace(alternative, present=torch.zeros(12, dtype=torch.bool))
        for alternative in inputs.alternatives
    )
    for case in (
        inputs,
        replace(inputs, alternatives=()),
        replace(inputs, alternatives=absent),
        replace(inputs, alternatives=inputs.alternatives[1:]),
        blind,
        replace(blind, alternatives=()),
    ):
        scores = assessor.assess(case)
        values = all_scores(scores)
        assert bool(torch.isfinite(values).all())
        assert bool(((values >= 0) & (values <= 1)).all())
        for row in range(12):
            assert all(scores.reasons(row).values())


def test_an_alternative_that_is_absent_counts_like_none(assessor, inputs):
    gone = replace(inputs.alternatives[1], present=torch.zeros(12, dtype=torch.bool))
    torch.testing.assert_close(
        all_scores(assessor.assess(replace(inputs, alternatives=(inputs.alternatives[0], gone)))),
        all_scores(assessor.assess(replace(inputs, alternatives=inputs.alternatives[:1]))),
    )


def mirrored(inputs: FlagInputs) -> FlagInputs:
    """The same people in mirrored crops."""

    def estimate(one: BodyEstimate) -> BodyEstimate:
        pose = torch.from_numpy(flip_pose(one.to_axis_angle().numpy()))
        return BodyEstimate.from_axis_angle(
            pose, one.betas, one.camera_translation * torch.tensor([-1.0, 1.0, 1.0])
        )

    seen = torch.cat(
        [inputs.keypoints.positions_crop_px, inputs.keypoints.confidence[..., None]], dim=-1
    )
    from core.body.conventions import SKELETON_FLIP

    return FlagInputs(
        Keypoints2D.of(flip_keypoints(seen.numpy(), width_px=CROP_PX)),
        estimate(inputs.fit),
        inputs.comparison_px2,
        tuple(
            replace(
                alternative,
                estimate=estimate(alternative.estimate),
                uncertainty_rad=None
                if alternative.uncertainty_rad is None
                else alternative.uncertainty_rad[:, list(SKELETON_FLIP)],
            )
            for alternative in inputs.alternatives
        ),
    )


def test_mirrored_people_are_judged_alike_with_left_and_right_exchanged(assessor, inputs):
    """The open body is not quite symmetric: a few thousandths remain."""
    straight, flipped = assessor.assess(inputs), assessor.assess(mirrored(inputs))
    torch.testing.assert_close(
        straight.parts, flipped.parts[:, list(LIMBS_MIRRORED)], atol=0.03, rtol=0.0
    )
    for kind in straight.scores:
        torch.testing.assert_close(straight.scores[kind], flipped.scores[kind], atol=0.03, rtol=0.0)
    torch.testing.assert_close(straight.suspicion, flipped.suspicion, atol=0.03, rtol=0.0)


def test_limbs_know_their_counterparts():
    for limb, other in zip(LIMBS, LIMBS_MIRRORED, strict=True):
        exchanged = limb.name.translate(str.maketrans("", ""))
        side, rest = exchanged.split(" ", 1)
        assert LIMBS[other].name == f"{ {'left': 'right', 'right': 'left'}[side] } {rest}"


def test_inputs_of_different_sizes_is_refused(inputs):
    with pytest.raises(ShapeError, match="comparison_px2"):
        replace(inputs, comparison_px2=inputs.comparison_px2[:3])


def test_a_verdict_tells_most_where_the_program_cannot_tell_and_alternatives_differ():
    suspicion = torch.tensor([0.5, 0.5, 0.02, 0.98])
    distance = torch.tensor([200.0, 20.0, 200.0, 200.0])
    measurable = informativeness(suspicion, distance)
    assert int(measurable.argmax()) == 0
    assert float(measurable[1]) > float(measurable[2])
    assert float(informativeness(torch.tensor([0.5]), torch.tensor([torch.nan]))) == 0.5


def test_segments_that_cross_touch_and_lie_apart():
    origin, x = torch.zeros(3), torch.tensor([1.0, 0.0, 0.0])
    apart = torch.tensor([0.5, 0.3, -1.0]), torch.tensor([0.5, 0.3, 1.0])
    beyond = torch.tensor([3.0, 0.0, 0.0]), torch.tensor([4.0, 0.0, 0.0])
    point = torch.tensor([0.2, 0.4, 0.0]), torch.tensor([0.2, 0.4, 0.0])
    for (start, end), expected in ((apart, 0.3), (beyond, 2.0), (point, 0.4)):
        found = segment_distance(origin, x, start, end)
        assert float(found) == pytest.approx(expected, abs=1e-6)


def test_segment_distances_are_those_of_a_dense_search():
    rng = np.random.default_rng(0)
    ends = torch.from_numpy(rng.normal(size=(4, 40, 3)))
    share = torch.linspace(0, 1, 201, dtype=torch.float64)[:, None, None]
    first = ends[0] + share * (ends[1] - ends[0])
    second = ends[2] + share * (ends[3] - ends[2])
    dense = torch.linalg.vector_norm(first[:, None] - second[None], dim=-1).amin((0, 1))
    found = segment_distance(*ends)
    assert bool((found <= dense + 1e-9).all())
    assert bool((found >= dense - 0.02).all())


def test_a_calibration_survives_its_file(tmp_path: Path, keypoint_body, prior, inputs):
    shipped = Calibration.load()
    shipped.save(tmp_path / "calibration.json")
    again = Calibration.load(tmp_path / "calibration.json")
    torch.testing.assert_close(
        all_scores(FlagAssessor(keypoint_body, prior, again).assess(inputs)),
        all_scores(FlagAssessor(keypoint_body, prior, shipped).assess(inputs)),
        atol=1e-4,
        rtol=1e-3,
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content["models"].pop("body"),
        lambda content: content["thresholds"].update(depth="high"),
        lambda content: content["models"]["depth"]["with opinion"]["features"].update(own_off=[1]),
        lambda content: content["models"]["depth"]["with opinion"].update(bias=float("nan")),
    ],
)
def test_a_broken_calibration_is_refused_with_its_remedy(tmp_path: Path, spoil):
    path = tmp_path / "calibration.json"
    Calibration.load().save(path)
    content = json.loads(path.read_text())
    spoil(content)
    path.write_text(json.dumps(content))
    with pytest.raises(UserFileError, match="calibration of flags") as caught:
        Calibration.load(path)
    assert "resources.flags.build" in caught.value.remedy
