"""What tells how much correcting a keypoint would gain: features of pairs of person and keypoint.

Distances in pixels of the crop and movements in millimetres come as ``log(1 + x / 3)``: between
nothing and 3 there is little to tell, and between 30 and 60 no more than between 3 and 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.touches.candidates import LeftOut
from core.engine.failure_detection.touches.influence import KeypointInfluence
from core.engine.failure_detection.touches.picture_features import picture_margin_px
from core.engine.smplify.inputs import Keypoints2D

MISSING = "missing"
TRIAL_MOVE = "trial_move_mm"
"""How far the joints moved in a trial: known of those touches only that were tried."""
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
    "head_lifter_px",
    "landmark_px",
    "landmark_fit_px",
    "landmark_move_mm",
    "landmark_seen",
    "others_px",
    "others_fit_px",
    "others_move_mm",
    "critic_moved",
    "critic_mixed",
    "critic_pair",
    "critic_missing",
    "wrong_body",
    "wrong_limb",
    "other_body_mm",
    "margin_px",
    "confidence",
    "names",
    "weight",
    "leverage",
    "force",
    "noise",
    "in_picture",
    "known",
    MISSING,
)
NUM_DISTINCT = 34
TOUCH_FEATURES: tuple[str, ...] = (
    *_MEASURES,
    *(f"is_{keypoint}" for keypoint in range(NUM_DISTINCT)),
)
"""Which keypoint it is counts, too: a wrong ankle bends more than a wrong ear."""

_SMALL = 3.0
_FAR_PX = 30.0
_LEAST = 1e-9


@dataclass(frozen=True, eq=False)
class PlaceOpinions:
    """Where others have the keypoints of R pairs ``(R, 2)``, pixels of the crop.

    head, lifter: without having seen them. landmark: the detector, NaN where it does not see it;
    landmark_seen: (R,) its visibility. others: all other bodies that there are, in the mean, NaN
    without any. doubts: (R,) of labels and flags, by name.
    """

    head: Tensor
    lifter: Tensor
    landmark: Tensor
    landmark_seen: Tensor
    others: Tensor
    doubts: Mapping[str, Tensor]


def touch_features(
    body: KeypointBody,
    keypoints: Keypoints2D,
    influence: KeypointInfluence,
    left_out: LeftOut,
    opinions: PlaceOpinions,
    *,
    bounds: Tensor,
    in_picture: Tensor,
) -> dict[str, Tensor]:
    """``TOUCH_FEATURES`` of R pairs, ``(R,)`` each; NaN where there is nothing to say.

    head, lifter, landmark, others: how far their places lie from the keypoint (``_px``), from the
    fit (``_fit_px``), and how far the fit's joints would move if the keypoint were put there
    (``_move_mm``); nearer: the lesser of head and lifter. without: the fit itself without the
    keypoint. followed: nearer_px less the residual, large where the fit has followed a keypoint
    that both doubt; worst and mean of these over the person. margin_px: how far the fit has it
    within the picture. names: how many of the 49 names the keypoint has. weight, leverage, force:
    of ``KeypointInfluence``. noise: millimetres that a click moves the joints for each pixel that
    it is off. known: how many keypoints the person has. missing: whether no keypoint shows it yet.

    Args:
        body: the project's.
        keypoints: of B samples.
        influence: of their fits.
        left_out: the R pairs.
        opinions: what others say of them.
        bounds: ``(B, 4)`` edges of the pictures.
        in_picture: ``(B,)`` bool, whom the detector has seen.
    """
    person, which = left_out.person, left_out.keypoint
    marks = _marks(body, keypoints, left_out)
    weight = influence.weight[person, which].mean(1)
    margin = picture_margin_px(influence.projected_px, bounds)[person, which]
    found = {
        **_of_places(influence, left_out, marks, opinions),
        "landmark_seen": opinions.landmark_seen,
        "margin_px": margin.clamp(-_FAR_PX, _FAR_PX),
        "confidence": marks.confidence,
        "names": marks.names,
        "weight": weight,
        "force": log_distance(torch.linalg.vector_norm(influence.force[person, which], dim=-1)),
        "in_picture": in_picture[person].to(marks.at),
        MISSING: left_out.missing.to(marks.at),
        "known": (keypoints.body_confidence > 0).sum(1)[person].to(marks.at),
        **_of_clicks(influence, left_out, marks.names, weight),
        **opinions.doubts,
    }
    for end in ("px", "fit_px", "move_mm"):
        found[f"nearer_{end}"] = torch.minimum(found[f"head_{end}"], found[f"lifter_{end}"])
    found["followed"] = found["nearer_px"] - found["residual_px"]
    for name in ("nearer_px", "followed"):
        found |= _over_person(name, found[name], person, len(keypoints))
    return found | {
        f"is_{number}": (which == number).to(marks.at) for number in range(NUM_DISTINCT)
    }


def _of_places(
    influence: KeypointInfluence, left_out: LeftOut, marks: _Marks, opinions: PlaceOpinions
) -> dict[str, Tensor]:
    """How far apart all that say where a keypoint is are, and how the joints would move there."""
    person, which = left_out.person, left_out.keypoint
    fitted, without = influence.projected_px[person, which], influence.without_px()[person, which]
    full = influence.projected_px.new_zeros(influence.projected_px.shape[:2])
    full[person, which] = marks.names

    def moved_mm(place: Tensor) -> Tensor:
        targets = influence.projected_px.clone()
        targets[person, which] = place
        moved = influence.joints_moved(targets, full)[person, which]
        return log_distance(1e3 * torch.linalg.vector_norm(moved, dim=-1).mean(1))

    def apart(one: Tensor, other: Tensor) -> Tensor:
        return log_distance(torch.linalg.vector_norm(one - other, dim=-1))

    places = {
        "head": opinions.head,
        "lifter": opinions.lifter,
        "landmark": opinions.landmark,
        "others": opinions.others,
    }
    found = {
        "without_px": apart(without, marks.at),
        "head_without_px": apart(opinions.head, without),
        "head_lifter_px": apart(opinions.head, opinions.lifter),
        "residual_px": apart(fitted, marks.at),
        "without_move_mm": moved_mm(without),
    }
    for who, place in places.items():
        found[f"{who}_px"] = apart(place, marks.at)
        found[f"{who}_fit_px"] = apart(place, fitted)
        found[f"{who}_move_mm"] = moved_mm(place)
    return found


@dataclass(frozen=True, eq=False)
class _Marks:
    """Of R pairs, where the keypoint is marked (R, 2), how surely, and by how many names, (R,).

    Of missing ones the place is NaN, and one name would be placed.
    """

    at: Tensor
    confidence: Tensor
    names: Tensor


def _marks(body: KeypointBody, keypoints: Keypoints2D, left_out: LeftOut) -> _Marks:
    same = body.distinct_of_keypoint[None] == left_out.keypoint[:, None]
    weights = torch.where(same, keypoints.body_confidence[left_out.person], 0.0)
    positions = keypoints.positions_crop_px[left_out.person]
    at = (weights[..., None] * positions).sum(1) / weights.sum(1, keepdim=True).clamp_min(_LEAST)
    at = torch.where(left_out.missing[:, None], torch.nan, at)
    return _Marks(at, weights.amax(1), (weights > 0).sum(1).clamp_min(1).to(at))


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
    """Largest and mean value of each person, for each of the person's pairs, NaN left out."""
    nothing, there = value.new_full((count,), torch.nan), torch.isfinite(value)
    some, who = value[there], person[there]
    worst = nothing.scatter_reduce(0, who, some, "amax", include_self=False)
    mean = nothing.scatter_reduce(0, who, some, "mean", include_self=False)
    return {f"worst_{name}": worst[person], f"mean_{name}": mean[person]}


def log_distance(value: Tensor) -> Tensor:
    """What distances in pixels or millimetres count as."""
    return torch.log1p(value / _SMALL)
