"""One ordinary person seen well, the truth as fit, and a slightly different estimate of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
import torch

from core.body.conventions import SKELETON_JOINT_NAMES
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.assessor import FlagAssessor, FlagScores
from core.engine.failure_detection.inputs import AlternativeEstimate, FlagInputs
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.reprojection_loss import comparison_loss
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import (
    axis_angle_to_matrix,
    facing_root,
    matrix_to_axis_angle,
    pose_to_matrices,
)

YAW = 0.5
ALTERNATIVE_OFF_RAD = 0.06


def joint(name: str) -> slice:
    """Where a joint's three numbers stand in a pose."""
    index = SKELETON_JOINT_NAMES.index(name)
    return slice(3 * index, 3 * index + 3)


@dataclass(frozen=True, eq=False)
class Person:
    """A person, what is seen of it, and an alternative; ``assess`` judges any fit of it."""

    body: KeypointBody
    assessor: FlagAssessor
    truth: BodyEstimate
    keypoints: Keypoints2D
    alternative: AlternativeEstimate

    def inputs(
        self,
        fit: BodyEstimate,
        *,
        keypoints: Keypoints2D | None = None,
        alternatives: tuple[AlternativeEstimate, ...] | None = None,
    ) -> FlagInputs:
        seen = self.keypoints if keypoints is None else keypoints
        loss = comparison_loss(self.body, fit, seen)
        return FlagInputs(
            seen, fit, loss, (self.alternative,) if alternatives is None else alternatives
        )

    def assess(self, fit: BodyEstimate, **changes: object) -> FlagScores:
        return self.assessor.assess(self.inputs(fit, **changes))

    def with_pose(self, change: Callable[[torch.Tensor], None]) -> BodyEstimate:
        pose = self.truth.to_axis_angle()
        change(pose)
        return replace(self.truth, rotations=pose_to_matrices(pose))

    def turned(self, degrees: float, axis: int = 1) -> BodyEstimate:
        """The root turned about an axis of the camera: 1 the vertical, 2 the line of sight."""
        turn = torch.zeros(3)
        turn[axis] = math.radians(degrees)

        def change(pose: torch.Tensor) -> None:
            root = axis_angle_to_matrix(turn) @ axis_angle_to_matrix(pose[:, :3])
            pose[:, :3] = matrix_to_axis_angle(root)

        return self.with_pose(change)


@pytest.fixture(scope="session")
def assessor(keypoint_body: KeypointBody, prior: PosePrior) -> FlagAssessor:
    return FlagAssessor(keypoint_body, prior)


@pytest.fixture(scope="session")
def person(keypoint_body: KeypointBody, prior: PosePrior, assessor: FlagAssessor) -> Person:
    root = matrix_to_axis_angle(facing_root(torch.tensor([YAW])))
    body_pose = torch.tensor(prior.mean_pose, dtype=torch.float32)[None]
    pose, betas = torch.cat([root, body_pose], dim=1), torch.zeros(1, 10)
    points = keypoint_body.keypoints(pose_to_matrices(pose), betas)
    middle = (points.amin(1) + points.amax(1))[:, :2] / 2
    camera = torch.cat([-middle, torch.full((1, 1), 48.0)], dim=1)
    truth = BodyEstimate.from_axis_angle(pose, betas, camera)
    seen = Keypoints2D(project_to_crop(points, camera), torch.full((1, 49), 0.9))
    generator = torch.Generator().manual_seed(0)
    turns = axis_angle_to_matrix(ALTERNATIVE_OFF_RAD * torch.randn(1, 24, 3, generator=generator))
    alternative = AlternativeEstimate(
        "the lifted pose",
        replace(truth, rotations=truth.rotations @ turns),
        torch.tensor([True]),
        torch.full((1, 24), 0.08),
    )
    return Person(keypoint_body, assessor, truth, seen, alternative)
