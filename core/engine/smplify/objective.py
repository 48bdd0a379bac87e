"""SMPLify's body objective, term by term.

    E₂ = Σ_j w_j² (ρ(dx_j) + ρ(dy_j)) + 4.78² E_θ(θ) + 15.2² E_a(θ) + 5² |β|²
         (+ E_d + depth + pull)

in px² of the crop. The weights are those of the published code, as ``ObjectiveWeights`` has them;
its interpenetration term and SMPLify's four stages of falling weights are left out here as there.
Sources: Bogo et al. 2016, section 3.2, equation 1; Kolotouros et al. 2019, section 3.3;
docs/method.md, "Stage 2: the body".
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.smplify.angle_prior import angle_prior_energy
from core.engine.smplify.bone_direction_term import BoneDirectionTerm
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.geometry.crop_camera import project_to_crop
from core.geometry.robust import robust_square
from core.runs.fitting_profiles import NEAR_SIGMA_PX, ObjectiveWeights
from core.types.fits import ObjectiveTerms


@dataclass(frozen=True, eq=False)
class LossParts(ObjectiveTerms[Tensor]):
    """The weighted terms of the objective, each ``(B,)``, in px² of the crop."""


@dataclass(frozen=True, eq=False)
class PriorShares:
    """What share of the priors each of B samples carries, where samples have a body in common.

    Four pictures of one moment show one pose, so its prior counts once and not four times.

    pose: (B,), of the pose prior and the angle prior; shape: (B,), of the shape prior.
    """

    pose: Tensor
    shape: Tensor


@dataclass(frozen=True, eq=False)
class Objective:
    """The terms that follow from keypoints, pose, betas and camera alone; all solvers share them.

    keypoints: B samples. sigma_px: σ of the robust error, crop pixels. shares: None where every
    sample is one of its own. bones: None where nothing is known of the directions of bones.
    """

    keypoints: Keypoints2D
    prior: PosePrior
    weights: ObjectiveWeights
    sigma_px: float
    shares: PriorShares | None = None
    bones: BoneDirectionTerm | None = None

    def prior_weights(self) -> tuple[Tensor, Tensor, Tensor]:
        """Each sample's weights of pose, angle and shape prior, each ``(B,)`` px²."""
        one = torch.ones_like(self.keypoints.confidence[:, 0])
        pose, shape = (one, one) if self.shares is None else (self.shares.pose, self.shares.shape)
        weights = self.weights
        return weights.pose_prior * pose, weights.angle_prior * pose, weights.shape_prior * shape

    def parts(
        self,
        keypoints_3d: Tensor,
        body_pose: Tensor,
        betas: Tensor,
        camera_translation: Tensor,
    ) -> LossParts:
        """The terms at B bodies; differentiable.

        Args:
            keypoints_3d: ``(B, 49, 3)`` metres, not translated.
            body_pose: ``(B, 69)`` radians.
            betas: ``(B, 10)``.
            camera_translation: ``(B, 3)`` metres.

        Returns:
            The terms, of which ``depth`` and ``pull`` are zero: they depend on where a solver began
            and are filled in by it.
        """
        projected = project_to_crop(keypoints_3d, camera_translation, self.keypoints.cameras)
        residual = projected - self.keypoints.positions_crop_px
        return self.parts_at(residual, keypoints_3d, body_pose, betas)

    def parts_at(
        self, residual: Tensor, keypoints_3d: Tensor, body_pose: Tensor, betas: Tensor
    ) -> LossParts:
        """The same as ``parts``, from residuals ``(B, 49, 2)`` in crop pixels."""
        nothing = torch.zeros_like(betas[:, 0])
        pose_weight, angle_weight, shape_weight = self.prior_weights()
        return LossParts(
            reprojection=self.reprojection(residual),
            pose_prior=pose_weight * self.prior.energy(body_pose),
            angle_prior=angle_weight * angle_prior_energy(body_pose),
            shape_prior=shape_weight * (betas**2).sum(1),
            bone_directions=nothing if self.bones is None else self.bones.energy(keypoints_3d),
            depth=nothing,
            pull=nothing,
        )

    @property
    def robust_sigma_px(self) -> float | Tensor:
        """σ of each residual: one number, or ``(B, 49, 1)`` where a person placed keypoints."""
        marked = self.keypoints.marked
        if marked is None:
            return self.sigma_px
        wide = max(self.sigma_px, NEAR_SIGMA_PX)
        at_least = torch.where(marked, wide, self.sigma_px).to(self.keypoints.confidence)
        return at_least[..., None]

    def reprojection(self, residual: Tensor) -> Tensor:
        """Σ_j w_j² (ρ(dx_j) + ρ(dy_j)) ``(B,)`` of residuals ``(B, 49, 2)`` in crop pixels."""
        # w_j² and not w_j, as in the published code; stage 1 weighs by w_j.
        squared_confidence = self.keypoints.body_confidence**2
        return (squared_confidence * robust_square(residual, self.robust_sigma_px).sum(-1)).sum(1)
