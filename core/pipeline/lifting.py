"""Fits that begin at lifted bodies instead of the mean pose."""

from __future__ import annotations

import torch
from torch import Tensor

from core.body.model import BodyModel
from core.fitting.camera_start import camera_start
from core.fitting.pose_prior import PosePrior
from core.fitting.problem import BodyEstimate, Keypoints2D
from core.fitting.profiles import FittingProfile, Solver
from core.fitting.pull import Pull
from core.fitting.smplify import FitBatch, Smplify
from core.geometry.rotations import matrix_to_axis_angle
from core.regression.lifter import Lifter

KEYPOINT_SPREAD_PX = 5.0
"""What a detector is off by in the crop, gross errors included: the best of 2, 3 and 5 px on
synthetic people from clips the lifter has not seen (docs/lifter.md)."""

DEPTH_SPREAD = 0.05
"""Limb lengths tell the depth to a twentieth."""


class LifterFitting:
    """Fits a lifted body to the keypoints it was lifted from, by a profile.

    ``studio`` holds on to the lifted pose, joint by joint as firmly as the lifter's errors on
    unseen people justify: a lower 2D error is not a better body. ``paper`` only starts there.
    """

    def __init__(
        self, model: BodyModel, prior: PosePrior, profile: FittingProfile, lifter: Lifter
    ) -> None:
        self._smplify = Smplify(model, prior, profile)
        self._pulled = profile.solver is Solver.LEVENBERG_MARQUARDT
        self._lifter = lifter
        self._has_betas = lifter.body_name == model.name

    def start(self, keypoints: Keypoints2D) -> BodyEstimate:
        """Lifted bodies with the cameras that their limbs' lengths suggest."""
        body = self._smplify.body
        lifted = self._lifter.lift(
            keypoints.positions_crop_px.to(body.device, body.dtype),
            keypoints.confidence.to(body.device, body.dtype),
        )
        betas = lifted.betas if self._has_betas else torch.zeros_like(lifted.betas)
        here = keypoints.to(device=body.device, dtype=body.dtype)
        camera = camera_start(body.keypoints(lifted.rotations, betas), here)
        return BodyEstimate(matrix_to_axis_angle(lifted.rotations).flatten(1), betas, camera)

    def fit(self, keypoints: Keypoints2D) -> FitBatch:
        """Lift, then fit; shapes as for ``Smplify.fit``."""
        start = self.start(keypoints)
        pull = lifter_pull(self._lifter, start) if self._pulled else None
        return self._smplify.fit(keypoints, start, pull=pull)


def lifter_pull(lifter: Lifter, start: BodyEstimate) -> Pull:
    """A pull towards lifted bodies: twice a keypoint's variance over that of the lifter's errors.

    Betas are left to their prior, which knows as much of them as the lifter does.
    """
    keypoint_variance = 2 * KEYPOINT_SPREAD_PX**2
    joint_weights: Tensor = keypoint_variance / lifter.joint_spread_rad**2
    depth_spread = DEPTH_SPREAD * start.camera_translation[:, 2]
    return Pull(
        start,
        joint_weights.to(start.betas),
        torch.zeros_like(start.betas[0]),
        keypoint_variance / depth_spread**2,
    )
