"""SMPLify's body objective, term by term."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.smplify.angle_prior import angle_prior_energy
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.robust import robust_square
from core.geometry.crop_camera import project_to_crop
from core.runs.fitting_profiles import ObjectiveWeights
from core.types.fits import ObjectiveTerms


@dataclass(frozen=True, eq=False)
class LossParts(ObjectiveTerms[Tensor]):
    """The weighted terms of the objective, each ``(B,)``, in px² of the crop."""


@dataclass(frozen=True, eq=False)
class Objective:
    """The terms that need only keypoints, pose and betas; shared by every solver."""

    keypoints: Keypoints2D
    prior: PosePrior
    weights: ObjectiveWeights
    sigma_px: float

    def parts(
        self,
        keypoints_3d: Tensor,
        body_pose: Tensor,
        betas: Tensor,
        camera_translation: Tensor,
    ) -> LossParts:
        """Evaluate; differentiable.

        Args:
            keypoints_3d: ``(B, 49, 3)`` metres, not translated.
            body_pose: ``(B, 69)`` radians.
            betas: ``(B, 10)``.
            camera_translation: ``(B, 3)`` metres.

        Returns:
            The parts, ``depth`` and ``pull`` zero.
        """
        residual = project_to_crop(keypoints_3d, camera_translation) - (
            self.keypoints.positions_crop_px
        )
        nothing = torch.zeros_like(betas[:, 0])
        return LossParts(
            reprojection=self.reprojection(residual),
            pose_prior=self.weights.pose_prior * self.prior.energy(body_pose),
            angle_prior=self.weights.angle_prior * angle_prior_energy(body_pose),
            shape_prior=self.weights.shape_prior * (betas**2).sum(1),
            depth=nothing,
            pull=nothing,
        )

    def reprojection(self, residual: Tensor) -> Tensor:
        """``Σ w² (ρ(dx) + ρ(dy))`` ``(B,)`` of residuals ``(B, 49, 2)`` in crop pixels."""
        squared_confidence = self.keypoints.body_confidence**2
        return (squared_confidence * robust_square(residual, self.sigma_px).sum(-1)).sum(1)
