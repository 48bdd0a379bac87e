"""Fits that begin at lifted bodies instead of the mean pose.

A small network lifts the keypoints to a pose, and the fit is pulled toward it. docs/lifter.md;
docs/method.md, "Where fits start". The network is of the kind of Martinez et al. 2017, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.regression.lifter import Lifter
from core.engine.smplify.direction_starts import swung_along
from core.engine.smplify.initial_camera import camera_start
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.smplify import FitBatch, Smplify
from core.runs.fitting_profiles import FittingProfile, Solver
from core.types.arrays import NUM_JOINTS

KEYPOINT_SPREAD_PX = 5.0
"""σ_k, the error of a detector in the crop along one axis, gross errors included: the best of 2, 3
and 5 px on synthetic people from clips that the lifter has not seen (docs/lifter.md)."""

DEPTH_SPREAD = 0.05
"""σ_e of the depth as a share of it: the lengths of limbs tell the depth to a twentieth."""


class LifterFitting:
    """Fits a lifted body to the keypoints it was lifted from, by a profile.

    ``studio`` holds each joint to the lifted pose as firmly as the lifter's errors on unseen people
    justify, because a lower 2D error is not a better body. ``paper`` only starts there.
    """

    def __init__(
        self, model: BodyModel, prior: PosePrior, profile: FittingProfile, lifter: Lifter
    ) -> None:
        self._smplify = Smplify(model, prior, profile)
        self._uses_prior = profile.solver is Solver.LEVENBERG_MARQUARDT
        self._lifter = lifter
        self._has_betas = lifter.body_name == model.name

    def start(self, keypoints: Keypoints2D) -> BodyEstimate:
        """Lift keypoints to bodies, with the cameras that the lengths of their limbs suggest."""
        return lifted_bodies(
            self._lifter, self._smplify.body, keypoints, has_betas=self._has_betas
        ).estimate

    def fit(self, keypoints: Keypoints2D) -> FitBatch:
        """Lift B samples, then fit them."""
        return self.fit_with_prior(keypoints)[0]

    def fit_with_prior(self, keypoints: Keypoints2D) -> tuple[FitBatch, EstimatePrior | None]:
        """Fit B samples, and say what held the fits to the lifted bodies; None in ``paper``."""
        lifted = self.start(keypoints)
        estimate_prior = lifter_prior(self._lifter, lifted) if self._uses_prior else None
        start = self._along_directions(lifted, keypoints)
        return self._smplify.fit(keypoints, start, estimate_prior=estimate_prior), estimate_prior

    def _along_directions(self, lifted: BodyEstimate, keypoints: Keypoints2D) -> BodyEstimate:
        """Lifted bodies whose limbs begin along the directions of bones, where they are known."""
        known = keypoints.bone_directions
        if known is None or not self._uses_prior:
            return lifted
        here = known.to(device=lifted.betas.device, dtype=lifted.betas.dtype)
        rotations = swung_along(self._smplify.body, lifted.rotations, lifted.betas, here)
        return replace(lifted, rotations=rotations)


@dataclass(frozen=True, eq=False)
class LiftedBodies:
    """B lifted bodies with their cameras.

    uncertainty_rad: (B, 24), see ``LiftedPose``; 0 where the lifter does not tell it.
    """

    estimate: BodyEstimate
    uncertainty_rad: Tensor


def lifted_bodies(
    lifter: Lifter, body: KeypointBody, keypoints: Keypoints2D, *, has_betas: bool
) -> LiftedBodies:
    """Lift keypoints to bodies, and add the cameras that the lengths of limbs suggest.

    Args:
        lifter: the network.
        body: the project's body, which gives the limbs their lengths.
        keypoints: B samples.
        has_betas: whether the lifter was trained for this body; the betas of another one mean
            nothing here, and the mean shape takes their place.
    """
    here = keypoints.to(device=body.device, dtype=body.dtype)
    lifted = lifter.lift(here.positions_crop_px, here.confidence)
    betas = lifted.betas if has_betas else torch.zeros_like(lifted.betas)
    camera = camera_start(body.keypoints(lifted.rotations, betas), here)
    uncertainty_rad = lifted.uncertainty_rad
    if uncertainty_rad is None:
        uncertainty_rad = betas.new_zeros(len(betas), NUM_JOINTS)
    return LiftedBodies(BodyEstimate(lifted.rotations, betas, camera), uncertainty_rad)


def lifter_prior(lifter: Lifter, start: BodyEstimate) -> EstimatePrior:
    """The prior toward lifted bodies: 2 σ_k² over the mean square of the lifter's errors.

    The betas have no weight: the shape prior knows as much of them as the lifter does.
    """
    twice_keypoint_variance = 2 * KEYPOINT_SPREAD_PX**2
    # ``joint_spread_rad`` is that of the whole angle, three times the variance about one axis. So
    # this weight is two thirds of what Bayes' rule gives, where the training loop's is twice that.
    joint_weights: Tensor = twice_keypoint_variance / lifter.joint_spread_rad**2
    # A share of the depth, so its weight is the sample's own: (B,) px²/m².
    depth_spread = DEPTH_SPREAD * start.camera_translation[:, 2]
    return EstimatePrior(
        start,
        joint_weights.to(start.betas),
        torch.zeros_like(start.betas[0]),
        twice_keypoint_variance / depth_spread**2,
    )
