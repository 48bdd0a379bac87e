"""Why a flag was raised, in words with the numbers behind it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.body.bone_directions import BONE_NAMES
from core.engine.failure_detection.features import Measures
from core.engine.failure_detection.intersection import penetration_reason
from core.engine.failure_detection.limbs import LEAST_LENGTH, LIMBS, limb_directions
from core.engine.failure_detection.plausibility import pose_reason
from core.engine.failure_detection.rules import beside_px, largest_beta, minus_usable_keypoints
from core.types.flags import FlagName, off_keypoints_words

_FAR_TURNED_DEG = 40.0
_OPPOSED = 0.2
_UPSIDE_DOWN_DEG = 100.0
_AWAY_DEG = 30.0
_CLEARLY = 0.3
"""Share of a limb's length along the line of sight."""
_TOWARDS = ("towards", "away from")
DETECTOR = "the detector"
"""Whom reasons name where the detector's direction of a bone differs."""


@dataclass(frozen=True)
class OpinionAgainst:
    """The opinion that a limb of a fit is farthest from.

    depth_reversed: one of both points clearly towards the camera and the other away from it, and
    opinion_towards which.
    """

    who: str
    angle_deg: float
    depth_reversed: bool
    opinion_towards: bool


def reason(kind: FlagName, measures: Measures, parts: Tensor, index: int) -> str:
    """Why the flag ``kind`` of fit ``index`` was raised.

    Args:
        kind: which flag.
        measures: of the batch.
        parts: ``(B, 8)``, how probably each limb is wrong.
        index: row of the batch.
    """
    if kind is FlagName.PART_ORIENTATION:
        shown = torch.where(measures.limbs_seen[index], parts[index], 0.0)
        return _part_reason(measures, int(shown.argmax()), index)
    return _REASONS[kind](measures, index)


def _orientation_reason(measures: Measures, index: int) -> str:
    found = []
    turns = _by_alternative(measures, index, [turns[index] for turns in measures.turn_deg])
    if turns:
        turn, who = max(turns)
        if turn > _FAR_TURNED_DEG:
            found.append(f"the root is turned {turn:.0f}° from where {who} puts it")
    if float(measures.orientation["left_right"][index]) > _OPPOSED:
        found.append("left and right lie the other way round in the picture")
    if float(measures.orientation["upside_deg"][index]) > _UPSIDE_DOWN_DEG:
        found.append("the torso is upside down against the picture")
    if not found:
        found.append(f"the keypoints lie {_residual_px(measures, index):.0f} px from the body")
    return "; ".join(found)


def _part_reason(measures: Measures, limb: int, index: int) -> str:
    name = LIMBS[limb].name
    against = opinion_against(measures, index, limb)
    if against is not None and against.angle_deg > _AWAY_DEG:
        if against.depth_reversed:
            opinion, fit = _TOWARDS if against.opinion_towards else _TOWARDS[::-1]
            return f"{against.who}'s {name} points {opinion} the camera, the fit's {fit} it"
        angle = f"{against.angle_deg:.0f}°"
        return f"the {name} points {angle} away from where {against.who} puts it"
    residual = float(measures.parts["end_residual_px"][index, limb])
    if math.isfinite(residual):
        return f"the {name} is doubtful: it ends {residual:.0f} px from its keypoint"
    return f"the {name} is doubtful: nothing in the picture shows it"


def opinion_against(measures: Measures, index: int, limb: int) -> OpinionAgainst | None:
    """Who has a limb of ``LIMBS`` farthest from where the fit ``index`` has it; None without any.

    Those who see the picture are asked before those who do not.
    """
    posed = measures.posed
    fit_depth = float(_along_sight(limb_directions(posed.fit.joints)[index, limb]))
    found = [
        _against(who, float(angle), fit_depth, depth)
        for seeing in (True, False)
        for who, angle, depth in _opinions(measures, index, limb, seeing=seeing)
    ]
    clear = [each for each in found if each.angle_deg > _AWAY_DEG]
    return next(iter(clear), max(found, key=lambda each: each.angle_deg, default=None))


def _opinions(
    measures: Measures, index: int, limb: int, *, seeing: bool
) -> list[tuple[str, float, float]]:
    """Who, at which angle from the fit, and how much along the line of sight; farthest first."""
    found = [
        (
            one.who,
            float(away[index, limb]),
            float(_along_sight(limb_directions(one.body.joints)[index, limb])),
        )
        for away, one in zip(measures.away_deg, measures.posed.alternatives, strict=True)
        if bool(one.present[index]) and one.sees_picture == seeing
    ]
    seen = measures.posed.keypoints.bone_directions
    angle = float(measures.parts["direction_away_deg"][index, limb])
    if seeing and seen is not None and math.isfinite(angle):
        bone = BONE_NAMES.index(LIMBS[limb].name)
        found.append((DETECTOR, angle, float(seen.directions[index, bone, 2])))
    return sorted(found, key=lambda opinion: -opinion[1])


def _against(who: str, angle_deg: float, fit_depth: float, depth: float) -> OpinionAgainst:
    reversed_ = fit_depth * depth < 0 and min(abs(fit_depth), abs(depth)) > _CLEARLY
    # The camera looks along z.
    return OpinionAgainst(who, angle_deg, reversed_, opinion_towards=depth < 0)


def _along_sight(direction: Tensor) -> Tensor:
    """The share of a vector ``(3,)`` that points away from the camera, -1 to 1."""
    length = torch.linalg.vector_norm(direction).clamp_min(LEAST_LENGTH)
    share: Tensor = direction[2] / length
    return share


def _depth_reason(measures: Measures, index: int) -> str:
    logs = {
        name: float(value[index])
        for name, value in measures.depth_logarithms.items()
        if math.isfinite(float(value[index]))
    }
    if not logs:
        return "the camera's distance is doubtful"
    name = max(logs, key=lambda one: abs(logs[one]))
    what = {
        "own": "the body's size in the picture allows",
        "opinion": "this body allows in the pose that others see",
        "limbs": "the lengths of its limbs allow",
        "torso": "the length of its torso allows",
    }[name]
    return f"the camera is {math.exp(logs[name]):.2f} times as far as {what}"


def _reprojection_reason(measures: Measures, index: int) -> str:
    return off_keypoints_words(float(measures.posed.comparison_px2[index]))


def _disagreement_reason(measures: Measures, index: int) -> str:
    who = " and ".join(
        alternative.who
        for alternative in measures.posed.alternatives
        if bool(alternative.present[index])
    )
    return f"the joints lie {float(measures.distance_mm[index]):.0f} mm from those of {who}"


def _residual_px(measures: Measures, index: int) -> float:
    return float(measures.orientation["residual_px"][index])


def _by_alternative(
    measures: Measures, index: int, values: Sequence[Tensor]
) -> list[tuple[float, str]]:
    """The value of each alternative there is of the fit, and whose it is."""
    return [
        (float(value), one.who)
        for value, one in zip(values, measures.posed.alternatives, strict=True)
        if bool(one.present[index])
    ]


_REASONS: dict[FlagName, Callable[[Measures, int], str]] = {
    FlagName.ORIENTATION: _orientation_reason,
    FlagName.BETAS: lambda measures, index: (
        f"a beta of {float(largest_beta(measures.posed)[index]):.1f}"
    ),
    FlagName.DEPTH: _depth_reason,
    FlagName.REPROJECTION: _reprojection_reason,
    FlagName.BESIDE: lambda measures, index: (
        f"lies {float(beside_px(measures.posed)[index]):.0f} px beside its person under its own "
        "camera"
    ),
    FlagName.POSE: lambda measures, index: pose_reason(
        float(measures.energy_ratio[index]), measures.beyond_deg[index].tolist()
    ),
    FlagName.SELF_INTERSECTION: lambda measures, index: penetration_reason(
        measures.penetration[index].tolist()
    ),
    FlagName.DISAGREEMENT: _disagreement_reason,
    FlagName.FEW_KEYPOINTS: lambda measures, index: (
        f"only {-float(minus_usable_keypoints(measures.posed)[index]):.0f} usable keypoints"
    ),
}
