"""Why a flag was raised, in words with the numbers behind it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from torch import Tensor

from core.engine.failure_detection.features import Measures
from core.engine.failure_detection.intersection import penetration_reason
from core.engine.failure_detection.limbs import LIMBS
from core.engine.failure_detection.plausibility import pose_reason
from core.engine.failure_detection.rules import largest_beta, minus_usable_keypoints
from core.types.flags import FlagName

_FAR_TURNED_DEG = 40.0
_OPPOSED = 0.2
_UPSIDE_DOWN_DEG = 100.0
_AWAY_DEG = 30.0
_CLEARLY = 0.3
"""Share of a limb's length along the line of sight."""


def reason(kind: FlagName, measures: Measures, parts: Tensor, index: int) -> str:
    """Why the flag ``kind`` of fit ``index`` was raised.

    Args:
        kind: which flag.
        measures: of the batch.
        parts: ``(B, 8)``, how probably each limb is wrong.
        index: row of the batch.
    """
    if kind is FlagName.PART_ORIENTATION:
        return _part_reason(measures, int(parts[index].argmax()), index)
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

    angles = _by_alternative(measures, index, [away[index, limb] for away in measures.away_deg])
    if angles:
        angle, who = max(angles)
        if angle > _AWAY_DEG:
            turned = float(measures.parts["depth_reversed"][index, limb]) > _CLEARLY
            where = ", its depth reversed" if turned else ""
            return f"the {name} points {angle:.0f}° away from where {who} puts it{where}"
    residual = float(measures.parts["end_residual_px"][index, limb])
    if math.isfinite(residual):
        return f"the {name} is doubtful: it ends {residual:.0f} px from its keypoint"
    return f"the {name} is doubtful: nothing in the picture shows it"


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
    loss = float(measures.posed.comparison_px2[index])
    return f"{loss:.0f} px² a keypoint, {math.sqrt(loss):.0f} px off"


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
