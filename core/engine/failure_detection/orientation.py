"""Features of the root: is the whole body turned the wrong way?"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from core.engine.failure_detection.limbs import LEAST_LENGTH, angle_deg, sided_vectors, torso_axis
from core.engine.failure_detection.posed_inputs import Posed, PosedInputs, mean_over_alternatives
from core.geometry.rotations import geodesic_angle

ORIENTATION_FEATURES = (
    "turn_deg",
    "facing_deg",
    "upright_deg",
    "left_right",
    "torso_left_right",
    "upside_deg",
    "log_loss",
    "residual_px",
)
_TORSO_PAIRS = 2


def orientation_features(posed: PosedInputs) -> dict[str, Tensor]:
    """Features ``(B,)`` of the root; NaN where nothing is known.

    turn_deg: angle of the root from the alternatives'. facing_deg: the part of it about the
    vertical; upright_deg: of the body's own vertical. left_right: -1 where left and right of
    shoulders, hips, eyes, ears, knees and ankles lie in the picture as the fit has them, 1 where
    the other way round; torso_left_right: shoulders and hips alone. upside_deg: between the torso
    in the picture and the fit's. log_loss: of the comparison loss. residual_px: mean distance of
    the keypoints.
    """
    left_right, torso_left_right = _left_right(posed)
    return {
        "turn_deg": _angle(posed, turned_deg),
        "facing_deg": _angle(posed, _facing_deg),
        "upright_deg": _angle(posed, _upright_deg),
        "left_right": left_right,
        "torso_left_right": torso_left_right,
        "upside_deg": _upside_deg(posed),
        "log_loss": log_loss(posed),
        "residual_px": mean_residual_px(posed),
    }


def turned_deg(fit: Posed, other: Posed) -> Tensor:
    """Angle ``(B,)`` between two roots."""
    turn: Tensor = torch.rad2deg(geodesic_angle(fit.rotations[:, 0], other.rotations[:, 0]))
    return turn


def log_loss(posed: PosedInputs) -> Tensor:
    """Logarithm of the comparison loss; NaN where the sample has no joints to compare by."""
    loss = posed.comparison_px2
    return torch.where(torch.isfinite(loss), loss.clamp_min(1e-2).log(), torch.nan)


def mean_residual_px(posed: PosedInputs) -> Tensor:
    """Mean distance ``(B,)`` of fitted from seen joints by confidence, in the fit's own camera."""
    weights = posed.keypoints.body_confidence
    distance: Tensor = torch.linalg.vector_norm(
        posed.fit.pixels - posed.keypoints.positions_crop_px, dim=-1
    )
    mean: Tensor = (weights * distance).sum(1) / weights.sum(1)
    return mean


def _facing_deg(fit: Posed, other: Posed) -> Tensor:
    return angle_deg(fit.rotations[:, 0, ::2, 2], other.rotations[:, 0, ::2, 2])


def _upright_deg(fit: Posed, other: Posed) -> Tensor:
    return angle_deg(fit.rotations[:, 0, :, 1], other.rotations[:, 0, :, 1])


def _angle(posed: PosedInputs, angle: Callable[[Posed, Posed], Tensor]) -> Tensor:
    values = [angle(posed.fit, alternative.body) for alternative in posed.alternatives]
    return mean_over_alternatives(values, posed)


def _left_right(posed: PosedInputs) -> tuple[Tensor, Tensor]:
    confidence = posed.keypoints.confidence
    seen, weights = sided_vectors(posed.keypoints.positions_crop_px, confidence)
    fitted, _ = sided_vectors(posed.fit.pixels, confidence)
    agreeing = weights * (seen * fitted).sum(-1)
    at_most = (
        weights
        * torch.linalg.vector_norm(seen, dim=-1)
        * (torch.linalg.vector_norm(fitted, dim=-1))
    )

    def opposed(pairs: slice) -> Tensor:
        total = at_most[:, pairs].sum(1)
        share = -agreeing[:, pairs].sum(1) / total.clamp_min(LEAST_LENGTH)
        return torch.where(total > LEAST_LENGTH, share, torch.nan)

    return opposed(slice(None)), opposed(slice(_TORSO_PAIRS))


def _upside_deg(posed: PosedInputs) -> Tensor:
    seen, there = torso_axis(posed.keypoints, posed.keypoints.positions_crop_px)
    fitted, _ = torso_axis(posed.keypoints, posed.fit.pixels)
    return torch.where(there, angle_deg(seen, fitted), torch.nan)
