"""How probably a fit is wrong, all features together, and where a verdict would tell most."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.engine.failure_detection.features import Measures
from core.engine.failure_detection.limb_orientation import body_uncertainty_deg, joint_turn_deg
from core.engine.failure_detection.limbs import LIMBS
from core.engine.failure_detection.orientation import log_loss, mean_residual_px
from core.engine.failure_detection.posed_inputs import PosedInputs, mean_over_alternatives
from core.types.flags import FlagName

BODY_FEATURES = (
    "orientation",
    "worst_part",
    "wrong_parts",
    "depth",
    "worst_away_deg",
    "mean_away_deg",
    "turn_deg",
    "facing_deg",
    "left_right",
    "opinion_off",
    "limbs_off",
    "log_distance",
    "distance_mm",
    "joint_turn_deg",
    "log_loss",
    "residual_px",
    "worst_residual_px",
    "total_confidence",
    "body_doubt_deg",
    "energy_ratio",
    "beyond_range_deg",
    "penetration",
    "largest_beta",
)
_SURE = 0.3
"""Keypoints less sure than this may lie anywhere: they are no one's residual."""
_DISTANCE_MM = 80.0


def body_features(measures: Measures, logits: Mapping[FlagName, Tensor]) -> dict[str, Tensor]:
    """Features ``(B,)`` of the whole fit; NaN where nothing is known.

    orientation, depth: their logits. worst_part, wrong_parts: the largest logit of a limb, and how
    many limbs are expected to be wrong. worst_away_deg, mean_away_deg: over the limbs. distance_mm:
    of 14 joints after Procrustes from the alternatives, and its logarithm. worst_residual_px: of
    the joints that are surely seen. The others are those of the kinds, of the rules, of
    ``picture_body_features`` and of ``posture_features``.

    Args:
        measures: of the batch.
        logits: of orientation ``(B,)``, of each limb ``(B, 8)`` and of depth ``(B,)``.
    """
    posed, parts = measures.posed, logits[FlagName.PART_ORIENTATION]
    away, rules = measures.parts["away_deg"], measures.of_rules()
    turns = [joint_turn_deg(posed.fit, alternative.body) for alternative in posed.alternatives]
    return (
        rules
        | measures.picture
        | measures.posture
        | {
            "worst_away_deg": away.amax(1),
            "mean_away_deg": away.mean(1),
            **{
                name: measures.orientation[name]
                for name in ("turn_deg", "facing_deg", "left_right")
            },
            **{name: measures.depth[name] for name in ("opinion_off", "limbs_off")},
            "orientation": logits[FlagName.ORIENTATION],
            "worst_part": parts.amax(1),
            "wrong_parts": torch.sigmoid(parts).sum(1),
            "depth": logits[FlagName.DEPTH],
            "log_distance": rules["distance_mm"].clamp_min(1.0).log(),
            "joint_turn_deg": mean_over_alternatives(turns, posed),
            "log_loss": log_loss(posed),
            "residual_px": mean_residual_px(posed),
            "worst_residual_px": _worst_residual_px(posed),
            "total_confidence": posed.keypoints.body_confidence.sum(1),
            "body_doubt_deg": body_uncertainty_deg(posed),
        }
    )


def any_part(logits: Tensor, among: Tensor | None = None) -> Tensor:
    """Probability ``(B,)`` that some limb is wrong, of the limbs' logits ``(B, 8)``.

    As if limbs failed independently, which they do not: it orders samples, and a threshold on it is
    chosen, not deduced.

    Args:
        logits: of the limbs.
        among: ``(B, 8)`` bool, the limbs that count; all where not given.
    """
    if logits.shape[1] != len(LIMBS):
        message = f"{logits.shape[1]} limbs, expected {len(LIMBS)}"
        raise ValueError(message)
    right = torch.nn.functional.logsigmoid(-logits)
    return 1 - torch.exp((right if among is None else torch.where(among, right, 0.0)).sum(1))


def informativeness(suspicion: Tensor, distance_mm: Tensor) -> Tensor:
    """How much a verdict would tell, ``(B,)`` in 0..1.

    ``4 p (1 - p) * (1 - exp(-d / 80 mm))``: where the program cannot tell (p near one half) and fit
    and alternative estimates are different bodies (d after Procrustes), so that the verdict decides
    between them. Without an alternative the second factor is one half.
    """
    differs = (1 - torch.exp(-distance_mm / _DISTANCE_MM)).nan_to_num(nan=0.5)
    return 4 * suspicion * (1 - suspicion) * differs


def _worst_residual_px(posed: PosedInputs) -> Tensor:
    distance = torch.linalg.vector_norm(
        posed.fit.pixels - posed.keypoints.positions_crop_px, dim=-1
    )
    return torch.where(posed.keypoints.body_confidence > _SURE, distance, 0.0).amax(1)
