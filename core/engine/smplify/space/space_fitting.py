"""Fits bodies to points in space: to joints of motion capture or many cameras, or of other bodies.

The solver and the priors are SMPLify's; the residuals are metres in place of pixels. Points in
space leave no doubt about depth, so one start is enough: the mean pose turned and swung along the
bones between the points, or a body that is known to be near. docs/method.md, "Fitting to points in
space".
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.body.bone_directions import BONE_ENDS, BONE_STARTS, BONES
from core.body.conventions import KEYPOINT_TO_RAW_JOINT, KEYPOINT_TWINS
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.direction_starts import mean_pose_along
from core.engine.smplify.inputs import BodyEstimate, BoneDirections
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.space.points_3d import Points3D
from core.engine.smplify.space.space_stage import SpaceStage
from core.engine.smplify.state import BodyState
from core.errors import ShapeError, StudioError
from core.geometry.levenberg_marquardt import minimise
from core.geometry.rotations import facing_root
from core.types.arrays import NUM_JOINTS

ITERATIONS = 30
"""Enough to end at the minimum from the mean pose."""

LEAST_POINTS = 6
"""Fewer points than this do not tell a body's pose: the priors would draw it."""

_OPENPOSE_JOINTS = {
    keypoint: raw
    for keypoint, raw in enumerate(KEYPOINT_TO_RAW_JOINT[: max(map(max, BONES)) + 1])
    if raw < NUM_JOINTS
}
"""OpenPose's keypoints that are joints of the skeleton, with those joints."""


@dataclass(frozen=True, eq=False)
class SpaceFits:
    """B bodies among their points.

    estimate: in the frame of the points. mean_distance_m: (B,), of the known points to where the
    bodies have them, each counted once. cost: (B,) px², the objective.
    """

    estimate: BodyEstimate
    mean_distance_m: Tensor
    cost: Tensor

    def __len__(self) -> int:
        return len(self.cost)


class SpaceFitting:
    """Fits one kind of body; keeps nothing of what it has fitted."""

    def __init__(self, model: BodyModel, prior: PosePrior) -> None:
        self.body, self._prior = KeypointBody(model), prior

    @torch.no_grad()
    def fit(
        self,
        points: Points3D,
        start: BodyEstimate | None = None,
        *,
        estimate_prior: EstimatePrior | None = None,
        outlier_m: float = math.inf,
        iterations: int = ITERATIONS,
    ) -> SpaceFits:
        """Fit B bodies.

        Args:
            points: where keypoints and joints of the B bodies are.
            start: B bodies in the frame of the points; None: the mean pose along the bones.
            estimate_prior: a prior toward an estimate, such as the rotations of another body.
            outlier_m: from how far on a point counts for wrong; infinite where all are right.
            iterations: of the solver.

        Raises:
            ShapeError: the batch sizes differ.
            StudioError: a body has fewer than six points, or points that are not finite.
        """
        if start is not None and len(start) != len(points):
            raise ShapeError(
                "start", actual=start.betas.shape, expected=f"({len(points)}, 10) betas"
            )
        points = points.to(device=self.body.device, dtype=self.body.dtype)
        _refuse_unusable(points)
        stage = SpaceStage(
            self.body, self._prior, points, outlier_m=outlier_m, estimate_prior=estimate_prior
        )
        first = self.start(points) if start is None else BodyState.of(start)
        state, evaluation = minimise(stage, first, iterations=iterations)
        distances = torch.cat(stage.distances_m(evaluation, state), dim=1)
        known = torch.cat([points.keypoint_weights, points.joint_weights], dim=1) > 0
        mean_distance_m = (distances * known).sum(1) / known.sum(1)
        return SpaceFits(state.estimate(), mean_distance_m, evaluation.cost)

    def start(self, points: Points3D) -> BodyState:
        """The mean pose of mean shape along the bones between the points, in their midst."""
        directions = _directions(points)
        state = mean_pose_along(self.body, self._prior, directions)
        knows_trunk = directions.weights[:, 8:12].sum((1, 2)) > 0
        upright = facing_root(torch.zeros_like(state.betas[:, 0]))
        state = replace(state, root=torch.where(knows_trunk[:, None, None], state.root, upright))
        posed = self.body.posed(state.pose_matrices, state.betas)
        keypoints = posed.distinct[:, self.body.distinct_of_keypoint]
        there = torch.cat([points.keypoints_m, points.joints_m], dim=1)
        here = torch.cat([keypoints, posed.joints], dim=1)
        weights = torch.cat([points.keypoint_weights, points.joint_weights], dim=1)[..., None]
        shift = (weights * (there - here)).sum(1) / weights.sum(1)
        return replace(state, camera_translation=shift)


def _directions(points: Points3D) -> BoneDirections:
    """The directions of bones whose two ends are known, by either name of a keypoint or a joint."""
    places, known = points.keypoints_m.clone(), points.keypoint_weights > 0
    for keypoint in {*BONE_STARTS, *BONE_ENDS}:
        others = [
            (points.keypoints_m, points.keypoint_weights, i) for i in KEYPOINT_TWINS[keypoint]
        ]
        if keypoint in _OPENPOSE_JOINTS:
            joint = _OPENPOSE_JOINTS[keypoint]
            others.append((points.joints_m, points.joint_weights, joint))
        for positions, weights, index in others:
            taken = ~known[:, keypoint] & (weights[:, index] > 0)
            places[:, keypoint] = torch.where(
                taken[:, None], positions[:, index], places[:, keypoint]
            )
            known[:, keypoint] = known[:, keypoint] | taken
    along = places[:, BONE_ENDS] - places[:, BONE_STARTS]
    length = torch.linalg.vector_norm(along, dim=-1, keepdim=True)
    is_known = (known[:, BONE_STARTS] & known[:, BONE_ENDS])[..., None] & (length > 0)
    directions = torch.where(is_known, along / length.clamp_min(1e-12), torch.zeros_like(along))
    return BoneDirections(directions, is_known.to(along).expand_as(along))


def _refuse_unusable(points: Points3D) -> None:
    fewest = int(points.known.min()) if len(points) else LEAST_POINTS
    if fewest < LEAST_POINTS:
        raise StudioError(
            f"A body has {fewest} points in space, and {LEAST_POINTS} are needed.",
            remedy="Leave such people out.",
        )
    weighted = (
        points.keypoints_m[points.keypoint_weights > 0],
        points.joints_m[points.joint_weights > 0],
    )
    if not all(bool(torch.isfinite(part).all()) for part in weighted):
        raise StudioError("Points in space must be finite.", remedy="Leave the others out.")
