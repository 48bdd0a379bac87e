"""Fits that begin at lifted bodies instead of the mean pose."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.regression.lifter import Lifter
from core.engine.smplify.initial_camera import camera_start
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.smplify import FitBatch, Smplify
from core.runs.fitting_profiles import FittingProfile, Solver
from core.types.arrays import NUM_JOINTS

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
        return lifted_bodies(
            self._lifter, self._smplify.body, keypoints, has_betas=self._has_betas
        ).estimate

    def fit(self, keypoints: Keypoints2D) -> FitBatch:
        """Lift, then fit; shapes as for ``Smplify.fit``."""
        return self.fit_and_pull(keypoints)[0]

    def fit_and_pull(self, keypoints: Keypoints2D) -> tuple[FitBatch, EstimatePrior | None]:
        """The fits, and what held them to the lifted bodies; None where nothing did."""
        start = self.start(keypoints)
        pull = lifter_prior(self._lifter, start) if self._pulled else None
        return self._smplify.fit(keypoints, start, pull=pull), pull


@dataclass(frozen=True, eq=False)
class LiftedBodies:
    """Lifted bodies with cameras; uncertainty_rad: (B, 24), see ``LiftedPose``."""

    estimate: BodyEstimate
    uncertainty_rad: Tensor


def lifted_bodies(
    lifter: Lifter, body: KeypointBody, keypoints: Keypoints2D, *, has_betas: bool
) -> LiftedBodies:
    """Lift, and add the cameras that limb lengths suggest.

    ``has_betas``: whether the lifter's betas mean this body; otherwise shapes are the mean one.
    """
    here = keypoints.to(device=body.device, dtype=body.dtype)
    lifted = lifter.lift(here.positions_crop_px, here.confidence)
    betas = lifted.betas if has_betas else torch.zeros_like(lifted.betas)
    camera = camera_start(body.keypoints(lifted.rotations, betas), here)
    doubt = lifted.uncertainty_rad
    if doubt is None:
        doubt = betas.new_zeros(len(betas), NUM_JOINTS)
    return LiftedBodies(BodyEstimate(lifted.rotations, betas, camera), doubt)


def lifter_prior(lifter: Lifter, start: BodyEstimate) -> EstimatePrior:
    """A pull towards lifted bodies: twice a keypoint's variance over that of the lifter's errors.

    Betas are left to their prior, which knows as much of them as the lifter does.
    """
    keypoint_variance = 2 * KEYPOINT_SPREAD_PX**2
    joint_weights: Tensor = keypoint_variance / lifter.joint_spread_rad**2
    depth_spread = DEPTH_SPREAD * start.camera_translation[:, 2]
    return EstimatePrior(
        start,
        joint_weights.to(start.betas),
        torch.zeros_like(start.betas[0]),
        keypoint_variance / depth_spread**2,
    )
