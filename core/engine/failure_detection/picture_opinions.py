"""Features of what sees the picture: bodies that know it, and the detector's directions of bones.

The models of samples that have such opinions take them besides the features of all alternatives
together. NaN where nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import torch
from torch import Tensor

from core.body.bone_directions import BONE_NAMES, directions_between_keypoints
from core.engine.failure_detection.limb_orientation import (
    FAR_AWAY_DEG,
    SOME_AWAY_DEG,
    depth_reversed,
    joint_turn_deg,
    limbs_away_deg,
)
from core.engine.failure_detection.limbs import LEAST_LENGTH, LIMBS, angle_deg, limb_directions
from core.engine.failure_detection.orientation import turned_deg
from core.engine.failure_detection.posed_inputs import (
    PosedAlternative,
    PosedInputs,
    mean_over_alternatives,
)
from core.engine.smplify.search_selection import body_distance

PICTURE_PART_FEATURES = (
    "picture_away_deg",
    "picture_away_beyond_30_deg",
    "picture_away_beyond_60_deg",
    "picture_depth_reversed",
    "picture_doubt_deg",
    "picture_spread_deg",
    "opinions_apart_deg",
    "direction_away_deg",
    "direction_depth_reversed",
    "picture_from_direction_deg",
    "direction_spread",
    "direction_depth_spread",
    "next_limb_away_deg",
    "body_picture_distance_mm",
    "body_opinions_apart_mm",
    "body_picture_log_loss",
    "body_picture_spread_deg",
    "body_largest_spread_deg",
    "body_picture_from_direction_deg",
)
PICTURE_BODY_FEATURES = (
    "picture_distance_mm",
    "log_picture_distance",
    "picture_joint_turn_deg",
    "picture_turn_deg",
    "picture_worst_away_deg",
    "picture_log_loss",
    "picture_doubt_deg",
    "picture_spread_deg",
    "root_spread_deg",
    "arm_spread_deg",
    "leg_spread_deg",
    "largest_spread_deg",
    "opinions_apart_mm",
    "picture_shape",
    "direction_away_deg",
    "worst_direction_deg",
    "picture_from_direction_deg",
    "direction_spread",
    "direction_depth_spread",
)
_BONE_OF_LIMB = [BONE_NAMES.index(limb.name) for limb in LIMBS]
_NEXT_LIMB = (1, 0, 3, 2, 5, 4, 7, 6)
"""Of an upper arm the forearm and the other way about, of a thigh the shin."""

_MOVING_JOINTS = tuple(range(1, 22))
_ARMS, _LEGS = (16, 17, 18, 19), (1, 2, 4, 5)


def picture_part_features(posed: PosedInputs, whole: dict[str, Tensor]) -> dict[str, Tensor]:
    """Features ``(B, 8)`` of ``LIMBS``.

    picture_away_deg, its parts beyond 30° and 60°, picture_depth_reversed, picture_doubt_deg: those
    of ``limb_orientation`` against estimates that see the picture alone. picture_spread_deg: what
    these say of the limb's upper joint. opinions_apart_deg: between the alternatives.
    direction_away_deg, direction_depth_reversed: the same two against the detector's direction of
    the bone, and picture_from_direction_deg that of the estimates; direction_spread and
    direction_depth_spread: by how much such a direction is probably off, in the picture's plane and
    in depth. next_limb_away_deg: of the other limb at the elbow or knee. The rest describes the
    whole body.

    Args:
        posed: the inputs.
        whole: ``picture_body_features`` of them.
    """
    seeing, bones = posed.seeing, _Directions(posed)
    away = _of_limbs(seeing, lambda other: limbs_away_deg(posed.fit, other.body))
    body = {
        "body_picture_distance_mm": whole["picture_distance_mm"],
        "body_opinions_apart_mm": whole["opinions_apart_mm"],
        "body_picture_log_loss": whole["picture_log_loss"],
        "body_picture_spread_deg": whole["picture_spread_deg"],
        "body_largest_spread_deg": whole["largest_spread_deg"],
        "body_picture_from_direction_deg": whole["picture_from_direction_deg"],
    }
    upper = [limb.joints[0] for limb in LIMBS]
    return {
        "picture_away_deg": away,
        "picture_away_beyond_30_deg": (away - SOME_AWAY_DEG).clamp_min(0),
        "picture_away_beyond_60_deg": (away - FAR_AWAY_DEG).clamp_min(0),
        "picture_depth_reversed": _of_limbs(
            seeing, lambda other: depth_reversed(posed.fit, other.body)
        ),
        "picture_doubt_deg": _of_limbs(seeing, lambda other: _doubt(other)[:, upper]),
        "picture_spread_deg": _of_limbs(seeing, lambda other: _spread(other)[:, upper]),
        "opinions_apart_deg": _over_limbs(_apart_deg(posed)),
        "direction_away_deg": bones.away_deg[:, _BONE_OF_LIMB],
        "direction_depth_reversed": bones.depth_reversed[:, _BONE_OF_LIMB],
        "picture_from_direction_deg": _of_limbs(
            seeing, lambda other: bones.away_from_deg(other)[:, _BONE_OF_LIMB]
        ),
        "direction_spread": bones.spread[:, _BONE_OF_LIMB, 0],
        "direction_depth_spread": bones.spread[:, _BONE_OF_LIMB, 2],
        "next_limb_away_deg": away[:, _NEXT_LIMB],
        **{name: _over_limbs(value) for name, value in body.items()},
    }


def picture_body_features(posed: PosedInputs) -> dict[str, Tensor]:
    """Features ``(B,)`` of the whole body.

    picture_distance_mm: of 14 joints after Procrustes from estimates that see the picture, and its
    logarithm; picture_joint_turn_deg, picture_turn_deg: of the joints and of the root from theirs;
    picture_worst_away_deg: the largest angle of a limb. picture_log_loss: of their comparison
    losses. picture_doubt_deg, picture_spread_deg: over their joints, and the spread of the root, of
    arms, of legs, and the largest of these. opinions_apart_mm: mean distance of the alternatives
    from one another. picture_shape: the length of their betas. direction_away_deg,
    worst_direction_deg: mean and largest angle of the bones from the detector's directions,
    picture_from_direction_deg: that of the estimates; the two spreads: means over the bones.
    """
    seeing, fit, bones = posed.seeing, posed.fit, _Directions(posed)

    def mean(value: Callable[[PosedAlternative], Tensor]) -> Tensor:
        return mean_over_alternatives([value(other) for other in seeing.alternatives], seeing)

    distance = mean(lambda other: 1e3 * body_distance(fit.keypoints, other.body.keypoints))
    away = _of_limbs(seeing, lambda other: limbs_away_deg(fit, other.body))
    return {
        "picture_distance_mm": distance,
        "log_picture_distance": distance.clamp_min(1.0).log(),
        "picture_joint_turn_deg": mean(lambda other: joint_turn_deg(fit, other.body)),
        "picture_turn_deg": mean(lambda other: turned_deg(fit, other.body)),
        "picture_worst_away_deg": away.amax(1),
        "picture_log_loss": mean(_log_loss),
        "picture_doubt_deg": mean(lambda other: _typical(_doubt(other), _MOVING_JOINTS)),
        "picture_spread_deg": mean(lambda other: _typical(_spread(other), _MOVING_JOINTS)),
        "root_spread_deg": mean(lambda other: _spread(other)[:, 0]),
        "arm_spread_deg": mean(lambda other: _typical(_spread(other), _ARMS)),
        "leg_spread_deg": mean(lambda other: _typical(_spread(other), _LEGS)),
        "largest_spread_deg": mean(lambda other: _spread(other)[:, (*_ARMS, *_LEGS)].amax(1)),
        "opinions_apart_mm": _apart_mm(posed),
        "picture_shape": mean(lambda other: torch.linalg.vector_norm(other.body.betas, dim=1)),
        "direction_away_deg": bones.away_deg.nanmean(1),
        "worst_direction_deg": bones.worst_limb_deg,
        "picture_from_direction_deg": mean(lambda other: bones.away_from_deg(other).nanmean(1)),
        "direction_spread": bones.spread[..., 0].nanmean(1),
        "direction_depth_spread": bones.spread[..., 2].nanmean(1),
    }


class _Directions:
    """How the fit's bones ``BONES`` point against the detector's directions; NaN where unknown.

    known: (B, 12) bool; away_deg, depth_reversed: (B, 12). spread: (B, 12, 3), one over the root of
    the weight of a component: a share of the bone's length but for a common factor.
    """

    def __init__(self, posed: PosedInputs) -> None:
        fitted = directions_between_keypoints(posed.fit.keypoints)
        seen = posed.keypoints.bone_directions
        weights = torch.zeros_like(fitted) if seen is None else seen.weights
        self._directions = torch.zeros_like(fitted) if seen is None else seen.directions
        self.known = (weights > 0).all(-1)
        self.away_deg = self._away_deg(fitted)
        depth, other = fitted[..., 2], self._directions[..., 2]
        smaller = torch.minimum(depth.abs(), other.abs())
        self.depth_reversed = self._where_known(torch.where(depth * other < 0, smaller, 0.0))
        spread = weights.clamp_min(LEAST_LENGTH).rsqrt()
        self.spread = torch.where(self.known[..., None], spread, torch.nan)

    @property
    def worst_limb_deg(self) -> Tensor:
        """The largest angle ``(B,)`` of a limb."""
        limbs = self.away_deg[:, _BONE_OF_LIMB]
        known = self.known[:, _BONE_OF_LIMB].any(1)
        return torch.where(known, limbs.nan_to_num(nan=-1.0).amax(1), torch.nan)

    def away_from_deg(self, other: PosedAlternative) -> Tensor:
        """The angles ``(B, 12)`` of an alternative's bones."""
        return self._away_deg(directions_between_keypoints(other.body.keypoints))

    def _away_deg(self, bones: Tensor) -> Tensor:
        return self._where_known(angle_deg(bones, self._directions))

    def _where_known(self, value: Tensor) -> Tensor:
        return torch.where(self.known, value, torch.nan)


def _of_limbs(seeing: PosedInputs, value: Callable[[PosedAlternative], Tensor]) -> Tensor:
    return _over_limbs(
        mean_over_alternatives([value(other) for other in seeing.alternatives], seeing)
    )


def _over_limbs(value: Tensor) -> Tensor:
    return value if value.ndim > 1 else value[:, None].expand(-1, len(LIMBS))


def _spread(other: PosedAlternative) -> Tensor:
    return _by_joint(other, other.spread_deg)


def _doubt(other: PosedAlternative) -> Tensor:
    return _by_joint(other, other.uncertainty_deg)


def _by_joint(other: PosedAlternative, value: Tensor | None) -> Tensor:
    """``(B, 24)``; NaN where the estimate does not say."""
    rotations = other.body.rotations
    return rotations.new_full(rotations.shape[:2], torch.nan) if value is None else value


def _typical(by_joint: Tensor, joints: tuple[int, ...]) -> Tensor:
    """Root mean square ``(B,)`` over some joints."""
    return by_joint[:, joints].square().mean(1).sqrt()


def _log_loss(other: PosedAlternative) -> Tensor:
    loss = other.comparison_px2
    return torch.where(torch.isfinite(loss), loss.clamp_min(1e-2).log(), torch.nan)


def _apart_mm(posed: PosedInputs) -> Tensor:
    """Mean distance ``(B,)`` of 14 joints after Procrustes over the pairs of alternatives."""
    return _over_pairs(
        posed,
        lambda one, other: 1e3 * body_distance(one.body.keypoints, other.body.keypoints),
    )


def _apart_deg(posed: PosedInputs) -> Tensor:
    """Mean angle ``(B, 8)`` between the limbs of the alternatives."""
    return _over_pairs(
        posed,
        lambda one, other: angle_deg(
            limb_directions(one.body.joints), limb_directions(other.body.joints)
        ),
    )


def _over_pairs(
    posed: PosedInputs, value: Callable[[PosedAlternative, PosedAlternative], Tensor]
) -> Tensor:
    """The mean of a value ``(B, ...)`` of two alternatives over the pairs of them; NaN without."""
    shown = []
    for one, other in combinations(posed.alternatives, 2):
        of_pair = value(one, other)
        both = (one.present & other.present).view(-1, *[1] * (of_pair.ndim - 1))
        shown.append(torch.where(both, of_pair, torch.nan))
    if not shown:
        return posed.fit.betas.new_full((len(posed),), torch.nan)
    return torch.stack(shown).nanmean(0)
