"""Features of the camera's distance: is it what the body's size in the picture allows?"""

from __future__ import annotations

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.limb_orientation import limbs_in_picture
from core.engine.failure_detection.limbs import LEAST_LENGTH, limb_directions, torso_axis
from core.engine.failure_detection.posed_inputs import Posed, PosedInputs, mean_over_alternatives
from core.geometry.camera_translation import least_squares_translation, refined_translation

DEPTH_FEATURES = (
    "own_off",
    "opinion_off",
    "limbs_off",
    "torso_off",
    "own_off_squared",
    "opinion_off_squared",
    "limbs_off_squared",
    "torso_off_squared",
    "total_confidence",
)
_SIGMA_PX = 15.0
_LEAST_ACROSS = 0.6
"""Limbs that an alternative sees more foreshortened than this tell nothing of the scale."""


def depth_logarithms(body: KeypointBody, posed: PosedInputs) -> dict[str, Tensor]:
    """Logarithms ``(B,)`` of the fit's distance over what other measurements allow; NaN without.

    Above 0 the fit is too far. own: the distance at which the fit's body lies best on the
    keypoints. opinion: the same for the fit's shape in the alternatives' poses. limbs, torso: at
    which the fit's bones, foreshortened as in the alternatives, are as long as they are seen.
    """
    far = posed.fit.camera_translation[:, 2].clamp_min(LEAST_LENGTH).log()
    own = far - _solved_log_depth(posed, posed.fit.keypoints)
    alternatives = [
        far - _solved_log_depth(posed, body.keypoints(alternative.body.rotations, posed.fit.betas))
        for alternative in posed.alternatives
    ]
    enough = (posed.keypoints.body_confidence > 0).sum(1) > 1
    return {
        "own": torch.where(enough, own, torch.nan),
        "opinion": torch.where(enough, mean_over_alternatives(alternatives, posed), torch.nan),
        "limbs": mean_over_alternatives(
            [_limbs_log(posed, alternative.body) for alternative in posed.alternatives], posed
        ),
        "torso": mean_over_alternatives(
            [_torso_log(posed, alternative.body) for alternative in posed.alternatives], posed
        ),
    }


def depth_features(logarithms: dict[str, Tensor], posed: PosedInputs) -> dict[str, Tensor]:
    """Features ``(B,)``: sizes and squares of ``depth_logarithms``, and how much is seen."""
    sizes = {f"{name}_off": value.abs() for name, value in logarithms.items()}
    squares = {f"{name}_off_squared": value**2 for name, value in logarithms.items()}
    return sizes | squares | {"total_confidence": posed.keypoints.body_confidence.sum(1)}


def _solved_log_depth(posed: PosedInputs, points: Tensor) -> Tensor:
    confidence, seen = posed.keypoints.body_confidence, posed.keypoints.positions_crop_px
    cameras = posed.keypoints.cameras
    start = least_squares_translation(points, seen, confidence**2, cameras)
    solved, _ = refined_translation(
        points, seen, confidence, start, sigma_px=_SIGMA_PX, cameras=cameras
    )
    return solved[:, 2].clamp_min(LEAST_LENGTH).log()


def _limbs_log(posed: PosedInputs, alternative: Posed) -> Tensor:
    """From the median limb that is seen and lies across the line of sight."""
    seen, _ = limbs_in_picture(posed)
    bones = torch.linalg.vector_norm(limb_directions(posed.fit.joints), dim=-1)
    directions = limb_directions(alternative.joints)
    across = torch.linalg.vector_norm(directions[..., :2], dim=-1) / (
        torch.linalg.vector_norm(directions, dim=-1).clamp_min(LEAST_LENGTH)
    )
    metres = _metres(posed, torch.linalg.vector_norm(seen.vectors, dim=-1))
    stretch = metres / (bones * across).clamp_min(LEAST_LENGTH)
    usable = (seen.confidence > 0) & (across > _LEAST_ACROSS)
    logs = torch.where(usable, stretch.clamp_min(LEAST_LENGTH).log(), torch.nan)
    return logs.nanmedian(1).values


def _torso_log(posed: PosedInputs, alternative: Posed) -> Tensor:
    seen, there = torso_axis(posed.keypoints, posed.keypoints.positions_crop_px)
    own, other = _torso(posed.fit.joints), _torso(alternative.joints)
    across = torch.linalg.vector_norm(other[:, :2], dim=-1) / (
        torch.linalg.vector_norm(other, dim=-1).clamp_min(LEAST_LENGTH)
    )
    length = torch.linalg.vector_norm(own, dim=-1) * across
    metres = _metres(posed, torch.linalg.vector_norm(seen, dim=-1)[:, None])[:, 0]
    stretch = metres / length.clamp_min(LEAST_LENGTH)
    measurable = there & (across > _LEAST_ACROSS)
    return torch.where(measurable, stretch.clamp_min(LEAST_LENGTH).log(), torch.nan)


def _torso(joints: Tensor) -> Tensor:
    """From the middle of the hips to that of the shoulders, ``(B, 3)`` metres."""
    return joints[:, [16, 17]].mean(1) - joints[:, [1, 2]].mean(1)


def _metres(posed: PosedInputs, length_px: Tensor) -> Tensor:
    """Lengths ``(B, N)`` in the crop as lengths at the fit's distance."""
    return length_px * posed.metres_per_px
