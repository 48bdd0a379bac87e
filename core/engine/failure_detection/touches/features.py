"""What tells how much correcting a keypoint would gain: features of pairs of person and keypoint.

Distances in pixels of the crop and movements in millimetres come as ``log(1 + x / 3)``: between
nothing and 3 there is little to tell, and between 30 and 60 no more than between 3 and 6.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.touches.influence import KeypointInfluence
from core.engine.failure_detection.touches.other_places import LeftOut, PlacesWithout
from core.engine.smplify.inputs import Keypoints2D

_MEASURES = (
    "head_px",
    "head_fit_px",
    "lifter_px",
    "lifter_fit_px",
    "without_px",
    "head_without_px",
    "residual_px",
    "head_move_mm",
    "lifter_move_mm",
    "without_move_mm",
    "nearer_px",
    "nearer_fit_px",
    "nearer_move_mm",
    "followed",
    "worst_nearer_px",
    "mean_nearer_px",
    "worst_followed",
    "mean_followed",
    "confidence",
    "names",
    "weight",
    "leverage",
    "force",
    "noise",
    "in_picture",
)
NUM_DISTINCT = 34
TOUCH_FEATURES: tuple[str, ...] = (
    *_MEASURES,
    *(f"is_{keypoint}" for keypoint in range(NUM_DISTINCT)),
)
"""Which keypoint it is counts, too: a wrong ankle bends more than a wrong ear."""

_SMALL = 3.0
_LEAST = 1e-9


def touch_features(
    body: KeypointBody,
    keypoints: Keypoints2D,
    influence: KeypointInfluence,
    left_out: LeftOut,
    *,
    head: PlacesWithout,
    lifter: PlacesWithout,
    in_picture: Tensor,
) -> dict[str, Tensor]:
    """``TOUCH_FEATURES`` of R pairs, ``(R,)`` each.

    head, lifter: how far their places lie from the keypoint (``_px``), from the fit (``_fit_px``),
    and how far the fit's joints would move if the keypoint were put there (``_move_mm``); nearer:
    the lesser of both. without: the fit itself without the keypoint. followed: nearer_px less the
    residual, large where the fit has followed a keypoint that both doubt; worst and mean of these
    over the person. names: how many of the 49 names the keypoint has. weight, leverage, force: of
    ``KeypointInfluence``. noise: millimetres that a click moves the joints for each pixel that it
    is off.

    Args:
        body: the project's.
        keypoints: of B samples.
        influence: of their fits.
        left_out: the R pairs.
        head: what the head says of them.
        lifter: what the lifter says.
        in_picture: ``(B,)`` bool, whom the detector has seen.
    """
    person, which = left_out.person, left_out.keypoint
    at, confidence, names = _marks(body, keypoints, left_out)
    weight = influence.weight[person, which].mean(1)
    found = {
        **_of_places(influence, left_out, at, names, head=head.place_px, lifter=lifter.place_px),
        "confidence": confidence,
        "names": names,
        "weight": weight,
        "force": _log(torch.linalg.vector_norm(influence.force[person, which], dim=-1)),
        "in_picture": in_picture[person].to(at),
        **_of_clicks(influence, left_out, names, weight),
    }
    for end in ("px", "fit_px", "move_mm"):
        found[f"nearer_{end}"] = torch.minimum(found[f"head_{end}"], found[f"lifter_{end}"])
    found["followed"] = found["nearer_px"] - found["residual_px"]
    for name in ("nearer_px", "followed"):
        found |= _over_person(name, found[name], person, len(keypoints))
    return found | {f"is_{number}": (which == number).to(at) for number in range(NUM_DISTINCT)}


def _of_places(
    influence: KeypointInfluence,
    left_out: LeftOut,
    at: Tensor,
    names: Tensor,
    *,
    head: Tensor,
    lifter: Tensor,
) -> dict[str, Tensor]:
    """How far apart all that say where a keypoint is are, and how the joints would move there."""
    person, which = left_out.person, left_out.keypoint
    fitted, without = influence.projected_px[person, which], influence.without_px()[person, which]
    full = influence.projected_px.new_zeros(influence.projected_px.shape[:2])
    full[person, which] = names

    def moved_mm(place: Tensor) -> Tensor:
        targets = influence.projected_px.clone()
        targets[person, which] = place
        moved = influence.joints_moved(targets, full)[person, which]
        return _log(1e3 * torch.linalg.vector_norm(moved, dim=-1).mean(1))

    def apart(one: Tensor, other: Tensor) -> Tensor:
        return _log(torch.linalg.vector_norm(one - other, dim=-1))

    return {
        "head_px": apart(head, at),
        "head_fit_px": apart(head, fitted),
        "lifter_px": apart(lifter, at),
        "lifter_fit_px": apart(lifter, fitted),
        "without_px": apart(without, at),
        "head_without_px": apart(head, without),
        "residual_px": apart(fitted, at),
        "head_move_mm": moved_mm(head),
        "lifter_move_mm": moved_mm(lifter),
        "without_move_mm": moved_mm(without),
    }


def _marks(
    body: KeypointBody, keypoints: Keypoints2D, left_out: LeftOut
) -> tuple[Tensor, Tensor, Tensor]:
    """Where the keypoint is marked ``(R, 2)``, how surely, and by how many names, each ``(R,)``."""
    same = body.distinct_of_keypoint[None] == left_out.keypoint[:, None]
    weights = torch.where(same, keypoints.body_confidence[left_out.person], 0.0)
    positions = keypoints.positions_crop_px[left_out.person]
    at = (weights[..., None] * positions).sum(1) / weights.sum(1, keepdim=True).clamp_min(_LEAST)
    return at, weights.amax(1), (weights > 0).sum(1).to(at)


def _of_clicks(
    influence: KeypointInfluence, left_out: LeftOut, names: Tensor, weight: Tensor
) -> dict[str, Tensor]:
    person, which = left_out.person, left_out.keypoint
    response = influence.response[person, which]
    joints = response.shape[1] // 3
    unit_mm = 1e3 * (response.square().sum((1, 2)) / joints).sqrt()
    leverage = influence.leverage[person, which].diagonal(dim1=1, dim2=2).mean(1)
    return {
        "leverage": leverage * weight,
        "noise": unit_mm * names / (1 + (names - weight) * leverage),
    }


def _over_person(name: str, value: Tensor, person: Tensor, count: int) -> Mapping[str, Tensor]:
    """Largest and mean value of each person, for each of the person's pairs."""
    nothing = value.new_zeros(count)
    worst = nothing.scatter_reduce(0, person, value, "amax", include_self=False)
    mean = nothing.scatter_reduce(0, person, value, "mean", include_self=False)
    return {f"worst_{name}": worst[person], f"mean_{name}": mean[person]}


def _log(value: Tensor) -> Tensor:
    return torch.log1p(value / _SMALL)
