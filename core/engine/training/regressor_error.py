"""How far the regressor has lately been off, joint by joint, and so how much it may pull fits.

The evidence is its disagreement with fits that a person accepted, or that lie well on their
keypoints, as they stood *before* the step: a fit of the same step was itself pulled towards the
prediction and proves nothing. Those fits are no truth either, and their own error adds to the
disagreement (``fit_errors``): without it a regressor that says the same of everybody was thought a
third better than it is, and the more it pulled, the better it was thought
(docs/method.md, "How far a prediction is trusted").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.prediction_prior import EstimatePrior
from core.errors import ShapeError, StudioError
from core.geometry.rotations import geodesic_angle
from core.types.arrays import NUM_BETAS, NUM_JOINTS

MEMORY_SAMPLES = 512
"""Older evidence fades: the regressor of a thousand steps ago is another one."""

LEAST_EVIDENCE = 48.0
"""Fewer samples than this say nothing; until then nothing pulls."""

LARGEST_BETAS_WEIGHT = 20.0
LARGEST_DEPTH_WEIGHT = 1.0
_AXES = 3
_WIDTH = NUM_JOINTS + NUM_BETAS + 1


@dataclass(frozen=True, eq=False)
class ErrorSample:
    """Sums over trusted samples of one batch: squared angles, betas and depths; and their count."""

    sums: Tensor
    count: Tensor

    @classmethod
    def none(cls) -> ErrorSample:
        """Nothing was seen."""
        return cls(torch.zeros(_WIDTH, dtype=torch.float64), torch.zeros((), dtype=torch.float64))

    @classmethod
    def of(
        cls,
        prediction: BodyEstimate,
        trusted: BodyEstimate,
        fit_squares: Tensor | None = None,
    ) -> ErrorSample:
        """From N predictions and N fits of the same people, in the same frame.

        Args:
            prediction: N bodies.
            trusted: N bodies.
            fit_squares: ``(N, 24)`` rad² that the fits' joints are off themselves; None: nothing.
        """
        if len(prediction) != len(trusted):
            raise ShapeError(
                "trusted", actual=trusted.betas.shape, expected=f"({len(prediction)}, 10) betas"
            )
        if not len(prediction):
            return cls.none()
        turns = geodesic_angle(
            prediction.rotations.double().cpu(), trusted.rotations.double().cpu()
        )
        joints = turns**2 if fit_squares is None else turns**2 + fit_squares
        betas = (prediction.betas - trusted.betas).double().cpu()
        depth = (prediction.camera_translation - trusted.camera_translation)[:, 2:].double().cpu()
        squares = torch.cat([joints, betas**2, depth**2], dim=1)
        # One prediction that is not finite must not spoil the estimate for good.
        usable = torch.isfinite(squares).all(1)
        return cls(squares[usable].sum(0), usable.sum().double())


@dataclass(frozen=True, eq=False)
class RegressorErrorEstimate:
    """The running estimate: decayed sums ``(35,)`` of squared errors and their decayed count."""

    sums: Tensor
    evidence: Tensor

    @classmethod
    def unknown(cls) -> RegressorErrorEstimate:
        """Before anything was seen."""
        nothing = ErrorSample.none()
        return cls(nothing.sums, nothing.count)

    def updated(self, seen: ErrorSample) -> RegressorErrorEstimate:
        """With one more batch."""
        kept = (1 - 1 / MEMORY_SAMPLES) ** seen.count
        return RegressorErrorEstimate(
            self.sums * kept + seen.sums, self.evidence * kept + seen.count
        )

    @property
    def known(self) -> bool:
        """Whether there is evidence enough to pull."""
        return bool(self.evidence >= LEAST_EVIDENCE)

    @property
    def mean_squares(self) -> Tensor:
        """``(35,)``: 24 joints in rad², 10 betas, depth in m²."""
        return self.sums / self.evidence.clamp_min(1e-12)

    @property
    def joint_deg(self) -> float | None:
        """Root mean squared error over joints in degrees, as believed; None while unknown."""
        if not self.known:
            return None
        return float(torch.rad2deg(self.mean_squares[:NUM_JOINTS].mean().sqrt()))

    def pull(
        self, target: BodyEstimate, *, keypoint_noise_px: float, largest_weight: float
    ) -> EstimatePrior | None:
        """The pull towards predictions that they deserve; None while nothing is known.

        A weight is twice the variance of a keypoint over the variance of the estimate – for a joint
        that of one axis, a third of the squared angle –, with an upper limit.
        """
        if not self.known:
            return None
        noise = 2 * keypoint_noise_px**2
        squares = self.mean_squares.clamp_min(1e-9)
        joints = joint_weights(
            squares[:NUM_JOINTS], keypoint_noise_px=keypoint_noise_px, largest_weight=largest_weight
        )
        betas = (noise / squares[NUM_JOINTS:-1]).clamp_max(LARGEST_BETAS_WEIGHT)
        depth = (noise / squares[-1]).clamp_max(LARGEST_DEPTH_WEIGHT)
        like = target.betas
        return EstimatePrior(target, joints.to(like), betas.to(like), depth.to(like))

    def to_state(self) -> dict[str, Tensor]:
        """For a checkpoint."""
        return {"sums": self.sums, "evidence": self.evidence}

    @classmethod
    def from_state(cls, state: Mapping[str, Tensor]) -> RegressorErrorEstimate:
        """From a checkpoint; raises ``StudioError`` for anything else."""
        sums, evidence = state.get("sums"), state.get("evidence")
        if sums is None or evidence is None or sums.shape != (_WIDTH,) or evidence.ndim:
            raise StudioError("The checkpoint's trust estimate is damaged.")
        return cls(sums.double(), evidence.double())


def joint_weights(squares: Tensor, *, keypoint_noise_px: float, largest_weight: float) -> Tensor:
    """``(24,)`` px²/rad²: what joints are held by that are off by ``squares`` ``(24,)`` rad²."""
    one_axis = squares.clamp_min(1e-9) / _AXES
    return (2 * keypoint_noise_px**2 / one_axis).clamp_max(largest_weight)
