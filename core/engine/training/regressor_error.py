"""The regressor's recent error, joint by joint, and the prior on fits that follows from it.

    e_j²     = running mean of angle(prediction_j, fit_j)² + (the fit's own error)²
    weight_j = min(2 σ_k² / (e_j² / 3), largest_weight)          px²/rad²
    betas    : min(2 σ_k² / e², 20)  px²          depth : min(2 σ_k² / e², 1)  px²/m²

Depths count as before the long lens, times 5000 px / f.

The samples are disagreements with fits that a person accepted or whose loss is low, as they were
*before* the step: a fit of the same step was itself pulled toward the prediction and proves
nothing. Those fits are no truth either, and their own error adds to the disagreement
(``fit_uncertainty``): without it a regressor that predicts the same for everybody was thought to be
a third better than it is, and the more it pulled, the better it was thought to be. docs/method.md,
"How far a prediction is trusted".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.engine.smplify.inputs import LONG_LENSES, BodyEstimate
from core.engine.smplify.prediction_prior import LEAST_SQUARE, EstimatePrior, joint_weights
from core.errors import ShapeError, StudioError
from core.geometry.crop_camera import CropCameras
from core.geometry.rotations import geodesic_angle
from core.types.arrays import NUM_BETAS, NUM_JOINTS

MEMORY_SAMPLES = 512
"""A sample fades over this many samples: the regressor of a thousand steps ago was another one."""

MIN_SAMPLES = 48.0
"""Fewer samples than this say nothing; until then there is no prior."""

LARGEST_BETAS_WEIGHT = 20.0
"""px². Limits on weights keep a few lucky agreements from freezing fits to the regressor."""

LARGEST_DEPTH_WEIGHT = 1.0
"""px²/m²."""

_WIDTH = NUM_JOINTS + NUM_BETAS + 1


@dataclass(frozen=True, eq=False)
class ErrorSample:
    """What one batch tells of the regressor's error.

    sums: (35,), over reliable fits: 24 squared angles in rad², 10 squared differences of betas,
        the squared difference of depths in m² before the long lens. count: (), how many samples.
    """

    sums: Tensor
    count: Tensor

    @classmethod
    def none(cls) -> ErrorSample:
        """The error sample of no samples."""
        return cls(torch.zeros(_WIDTH, dtype=torch.float64), torch.zeros((), dtype=torch.float64))

    @classmethod
    def of(
        cls,
        prediction: BodyEstimate,
        fits: BodyEstimate,
        fit_squares: Tensor | None = None,
        cameras: CropCameras[Tensor] = LONG_LENSES,
    ) -> ErrorSample:
        """Compare N predictions with N fits of the same people, in the same frame.

        Args:
            prediction: N bodies.
            fits: N bodies.
            fit_squares: ``(N, 24)`` rad², the squared errors of the fits' own joints; None for 0.
            cameras: of both, N of them or one for all.

        Raises:
            ShapeError: the numbers of bodies differ.
        """
        if len(prediction) != len(fits):
            raise ShapeError(
                "fits", actual=fits.betas.shape, expected=f"({len(prediction)}, 10) betas"
            )
        if not len(prediction):
            return cls.none()
        turns = geodesic_angle(prediction.rotations.double().cpu(), fits.rotations.double().cpu())
        joints = turns**2 if fit_squares is None else turns**2 + fit_squares
        betas = (prediction.betas - fits.betas).double().cpu()
        depth = (prediction.camera_translation - fits.camera_translation)[:, 2:].double().cpu()
        depth = depth * cameras.long_lens_ratio.double().cpu()[:, None]
        squares = torch.cat([joints, betas**2, depth**2], dim=1)
        # One prediction that is not finite must not spoil the estimate for good.
        usable = torch.isfinite(squares).all(1)
        return cls(squares[usable].sum(0), usable.sum().double())


@dataclass(frozen=True, eq=False)
class RegressorErrorEstimate:
    """The running estimate.

    sums: (35,), the sums of ``ErrorSample`` over all batches, older ones decayed. samples: (), the
        count of samples, decayed in the same way.
    """

    sums: Tensor
    samples: Tensor

    @classmethod
    def unknown(cls) -> RegressorErrorEstimate:
        """The estimate before any sample."""
        nothing = ErrorSample.none()
        return cls(nothing.sums, nothing.count)

    def updated(self, seen: ErrorSample) -> RegressorErrorEstimate:
        """The estimate after one more batch."""
        # Every sample leaves 1 − 1/512 of what was there before it.
        kept = (1 - 1 / MEMORY_SAMPLES) ** seen.count
        return RegressorErrorEstimate(
            self.sums * kept + seen.sums, self.samples * kept + seen.count
        )

    @property
    def has_enough_samples(self) -> bool:
        """Whether the estimate rests on enough samples to be used."""
        return bool(self.samples >= MIN_SAMPLES)

    @property
    def mean_squares(self) -> Tensor:
        """e² ``(35,)``: of 24 joints in rad², of 10 betas, and of the depth in m²."""
        return self.sums / self.samples.clamp_min(1e-12)

    @property
    def joint_deg(self) -> float | None:
        """The estimated root mean square error over joints in degrees; None while unknown."""
        if not self.has_enough_samples:
            return None
        return float(torch.rad2deg(self.mean_squares[:NUM_JOINTS].mean().sqrt()))

    def estimate_prior(
        self,
        target: BodyEstimate,
        *,
        keypoint_noise_px: float,
        largest_weight: float,
        cameras: CropCameras[Tensor] = LONG_LENSES,
    ) -> EstimatePrior | None:
        """The prior toward predictions that their error justifies; None with too few samples.

        Args:
            target: B predictions.
            keypoint_noise_px: σ_k, standard deviation of a keypoint along one axis.
            largest_weight: px²/rad², the limit for a joint.
            cameras: of the predictions, B of them or one for all.
        """
        if not self.has_enough_samples:
            return None
        noise = 2 * keypoint_noise_px**2
        squares = self.mean_squares.clamp_min(LEAST_SQUARE)
        joints = joint_weights(
            squares[:NUM_JOINTS], keypoint_noise_px=keypoint_noise_px, largest_weight=largest_weight
        )
        betas = (noise / squares[NUM_JOINTS:-1]).clamp_max(LARGEST_BETAS_WEIGHT)
        depth = (noise / squares[-1]).clamp_max(LARGEST_DEPTH_WEIGHT)
        like = target.betas
        nearer = cameras.long_lens_ratio.to(like).expand(len(target)) ** 2
        return EstimatePrior(target, joints.to(like), betas.to(like), depth.to(like) * nearer)

    def believed_squares(self, spread_rad: Tensor, *, is_judged: bool) -> Tensor:
        """How far B predictions are believed to be off, ``(B, 24)`` mean squared angles in rad².

        A network that drifts away from what its spreads were measured on is not trusted for them:
        a joint is off by the larger of what the network says of this person and what its
        predictions have lately been off by. A network that is judged by known bodies says the
        truth, as long as people are alike; so only where fits say more of all joints together, all
        its spreads grow by one factor. The larger of two, joint by joint, would be too large.

        Args:
            spread_rad: ``(B, 24)`` root mean square angles that the network says.
            is_judged: whether they were put right on people with known bodies.
        """
        squares = spread_rad.double().square()
        if not self.has_enough_samples:
            return squares
        lately = self.mean_squares[:NUM_JOINTS]
        if not is_judged:
            return torch.maximum(squares, lately)
        return squares * (lately.mean() / squares.mean()).clamp_min(1.0)

    def prior_by_squares(
        self,
        target: BodyEstimate,
        squares: Tensor,
        known: EstimatePrior | None,
        *,
        keypoint_noise_px: float,
        largest_weight: float,
    ) -> EstimatePrior:
        """The prior toward predictions whose joints are off by their own mean squares.

        Args:
            target: B predictions.
            squares: ``(B, 24)`` rad², see ``believed_squares``.
            known: ``estimate_prior`` of the same predictions, which weighs betas and depth; None
                gives these no weight.
            keypoint_noise_px: σ_k, standard deviation of a keypoint along one axis.
            largest_weight: px²/rad², the limit for a joint.
        """
        joints = joint_weights(
            squares, keypoint_noise_px=keypoint_noise_px, largest_weight=largest_weight
        ).to(target.betas)
        if known is not None:
            return replace(known, joint_weights=joints)
        like = target.betas
        return EstimatePrior(target, joints, like.new_zeros(NUM_BETAS), like.new_zeros(()))

    def to_state(self) -> dict[str, Tensor]:
        """The tensors that a checkpoint stores."""
        return {"sums": self.sums, "evidence": self.samples}

    @classmethod
    def from_state(cls, state: Mapping[str, Tensor]) -> RegressorErrorEstimate:
        """The inverse of ``to_state``.

        Raises:
            StudioError: a tensor is missing or has another shape.
        """
        sums, samples = state.get("sums"), state.get("evidence")
        if sums is None or samples is None or sums.shape != (_WIDTH,) or samples.ndim:
            raise StudioError("The checkpoint's estimate of the regressor's error is damaged.")
        return cls(sums.double(), samples.double())
