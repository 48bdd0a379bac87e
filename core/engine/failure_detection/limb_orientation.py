"""Features of each limb: does it point the wrong way?"""

from __future__ import annotations

import torch
from torch import Tensor

from core.engine.failure_detection.limbs import (
    LEAST_LENGTH,
    LIMB_KINDS,
    LIMBS,
    SeenLimbs,
    angle_deg,
    limb_directions,
    seen_limbs,
)
from core.engine.failure_detection.orientation import log_loss, mean_residual_px, turned_deg
from core.engine.failure_detection.posed_inputs import Posed, PosedInputs, mean_over_alternatives
from core.engine.smplify.search_selection import body_distance
from core.geometry.rotations import geodesic_angle

SOME_AWAY_DEG, FAR_AWAY_DEG = 30.0, 60.0
PART_FEATURES = (
    "away_deg",
    "away_beyond_30_deg",
    "away_beyond_60_deg",
    "picture_deg",
    "end_residual_px",
    "toward_camera",
    "opinion_toward_camera",
    "flip_deg",
    "depth_reversed",
    "stretch",
    "doubt_deg",
    "confidence",
    "end_confidence",
    *(f"is_{kind.replace(' ', '_')}" for kind in LIMB_KINDS),
    "turn_deg",
    "body_distance_mm",
    "joint_turn_deg",
    "body_doubt_deg",
    "log_loss",
    "residual_px",
    "total_confidence",
)
_MOVING_JOINTS = slice(1, 22)


def part_features(posed: PosedInputs) -> dict[str, Tensor]:
    """Features ``(B, 8)`` of ``LIMBS``; NaN where nothing is known.

    away_deg: between the limb's direction and the alternatives', and what of it lies beyond 30° and
    60°. picture_deg: the same in the picture, seen against fitted; end_residual_px: how far its
    lower end lies from the keypoint. toward_camera: share of its length along the line of sight,
    the fit's and the alternatives'; flip_deg: how far it would turn mirrored in depth;
    depth_reversed: the smaller of both shares where one points towards the camera and the
    other away, else 0. stretch: seen length over the fit's own bone at the fit's depth.
    doubt_deg: uncertainty of the alternatives for the limb's joints. The rest describes the whole
    body and repeats for every limb.
    """
    return _of_limbs(posed) | _of_picture(posed) | _of_bodies(posed)


def _of_limbs(posed: PosedInputs) -> dict[str, Tensor]:
    fitted = limb_directions(posed.fit.joints)
    others = [limb_directions(alternative.body.joints) for alternative in posed.alternatives]
    depth = _along_sight(fitted)
    away = _over_limbs(
        [limbs_away_deg(posed.fit, alternative.body) for alternative in posed.alternatives], posed
    )
    depths = [_along_sight(other) for other in others]
    reversed_ = [depth_reversed(posed.fit, alternative.body) for alternative in posed.alternatives]
    return {
        "away_deg": away,
        "away_beyond_30_deg": (away - SOME_AWAY_DEG).clamp_min(0),
        "away_beyond_60_deg": (away - FAR_AWAY_DEG).clamp_min(0),
        "toward_camera": depth.abs(),
        "opinion_toward_camera": _over_limbs([other.abs() for other in depths], posed),
        "flip_deg": 2 * torch.rad2deg(torch.asin(depth.abs().clamp(0, 1))),
        "depth_reversed": _over_limbs(reversed_, posed),
        "doubt_deg": _over_limbs(_uncertainties(posed), posed),
    }


def _of_picture(posed: PosedInputs) -> dict[str, Tensor]:
    seen, fitted = limbs_in_picture(posed)
    bone = torch.linalg.vector_norm(limb_directions(posed.fit.joints), dim=-1)
    visible = seen.confidence > 0
    residual = torch.linalg.vector_norm(seen.lower - fitted.lower, dim=-1)
    length = torch.linalg.vector_norm(seen.vectors, dim=-1)
    metres = length * posed.metres_per_px
    return {
        "picture_deg": torch.where(visible, angle_deg(seen.vectors, fitted.vectors), torch.nan),
        "end_residual_px": torch.where(seen.lower_confidence > 0, residual, torch.nan),
        "stretch": torch.where(visible, metres / bone.clamp_min(LEAST_LENGTH), torch.nan),
        "confidence": seen.confidence,
        "end_confidence": seen.lower_confidence,
    }


def _of_bodies(posed: PosedInputs) -> dict[str, Tensor]:
    fit, others = posed.fit, [alternative.body for alternative in posed.alternatives]
    turns = [turned_deg(fit, other) for other in others]
    distances = [1e3 * body_distance(fit.keypoints, other.keypoints) for other in others]
    body = {
        "turn_deg": mean_over_alternatives(turns, posed),
        "body_distance_mm": mean_over_alternatives(distances, posed),
        "joint_turn_deg": mean_over_alternatives(
            [joint_turn_deg(fit, each_other) for each_other in others], posed
        ),
        "body_doubt_deg": body_uncertainty_deg(posed),
        "log_loss": log_loss(posed),
        "residual_px": mean_residual_px(posed),
        "total_confidence": posed.keypoints.body_confidence.sum(1),
    }
    kinds = {
        f"is_{kind.replace(' ', '_')}": fit.betas.new_tensor(
            [float(limb.name.endswith(kind)) for limb in LIMBS]
        ).expand(len(posed), -1)
        for kind in LIMB_KINDS
    }
    return kinds | {name: value[:, None].expand(-1, len(LIMBS)) for name, value in body.items()}


def limbs_away_deg(fit: Posed, other: Posed) -> Tensor:
    """Angles ``(B, 8)`` between the limbs' directions in the camera's frame."""
    return angle_deg(limb_directions(fit.joints), limb_directions(other.joints))


def depth_reversed(fit: Posed, other: Posed) -> Tensor:
    """How far limbs ``(B, 8)`` that one body points towards the camera and the other away do so.

    The smaller of both shares of the length along the line of sight; 0 where both point alike.
    """
    depth, others = (_along_sight(limb_directions(body.joints)) for body in (fit, other))
    return torch.where(depth * others < 0, torch.minimum(depth.abs(), others.abs()), 0.0)


def limbs_in_picture(posed: PosedInputs) -> tuple[SeenLimbs, SeenLimbs]:
    """Limbs as they are seen, and as the fit projects them, with the confidence of the seen."""
    confidence = posed.keypoints.confidence
    seen = seen_limbs(posed.keypoints.positions_crop_px, confidence)
    return seen, seen_limbs(posed.fit.pixels, confidence)


def joint_turn_deg(fit: Posed, other: Posed) -> Tensor:
    """Mean angle ``(B,)`` between the joints' rotations, root and hands left out."""
    turns = geodesic_angle(fit.rotations[:, _MOVING_JOINTS], other.rotations[:, _MOVING_JOINTS])
    mean: Tensor = torch.rad2deg(turns.mean(1))
    return mean


def body_uncertainty_deg(posed: PosedInputs) -> Tensor:
    """Mean uncertainty ``(B,)`` of the alternatives over all joints; NaN where none has it."""
    uncertainties = [
        alternative.uncertainty_deg
        for alternative in posed.alternatives
        if alternative.uncertainty_deg is not None
    ]
    nothing = posed.fit.betas.new_full((len(posed),), torch.nan)
    values = [
        nothing if alternative.uncertainty_deg is None else alternative.uncertainty_deg.mean(1)
        for alternative in posed.alternatives
    ]
    return mean_over_alternatives(values, posed) if uncertainties else nothing


def _uncertainties(posed: PosedInputs) -> list[Tensor]:
    nothing = posed.fit.betas.new_full((len(posed), len(LIMBS)), torch.nan)
    upper, lower = ([limb.joints[end] for limb in LIMBS] for end in (0, 1))
    return [
        nothing
        if alternative.uncertainty_deg is None
        else torch.maximum(
            alternative.uncertainty_deg[:, upper], alternative.uncertainty_deg[:, lower]
        )
        for alternative in posed.alternatives
    ]


def _along_sight(directions: Tensor) -> Tensor:
    """Share ``(B, 8)`` of each limb's length away from the camera, -1 to 1."""
    length = torch.linalg.vector_norm(directions, dim=-1).clamp_min(LEAST_LENGTH)
    share: Tensor = directions[..., 2] / length
    return share


def _over_limbs(values: list[Tensor], posed: PosedInputs) -> Tensor:
    mean = mean_over_alternatives(values, posed)
    return mean if mean.ndim > 1 else mean[:, None].expand(-1, len(LIMBS))
