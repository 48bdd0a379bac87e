"""What the picture, other labels and flags say of keypoints: features of touches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from core.body.label_checks.critic import LabelCritic
from core.body.label_checks.places import (
    LABEL_SETS,
    NUM_PLACES,
    PAIRS,
    label_sets,
    landmark_places,
)
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.assessor import FlagScores
from core.engine.failure_detection.limbs import LIMBS
from core.engine.failure_detection.touches.inputs import InPicture
from core.engine.smplify.inputs import Keypoints2D

SEEN_LANDMARK = 0.5
"""Visibility from which a landmark says where a joint lies."""
_MOST = 8.0
"""Logits beyond it say no more."""
_LEAST = 1e-4


def landmark_marks(body: KeypointBody, picture: InPicture) -> tuple[Tensor, Tensor]:
    """Where the detector sees distinct keypoints ``(B, U, 2)``, and how visible each is ``(B, U)``.

    Visibility 0 where it has no such landmark, or did not see the person.
    """
    places = torch.from_numpy(landmark_places(picture.landmarks.cpu().numpy())).to(
        device=body.device, dtype=body.dtype
    )
    at = places.new_zeros(len(places), body.num_distinct, 2)
    visible = places.new_zeros(len(places), body.num_distinct)
    for names in LABEL_SETS:
        for place, name in enumerate(names):
            if name >= 0:
                which = int(body.distinct_of_keypoint[name])
                at[:, which], visible[:, which] = places[:, place, :2], places[:, place, 2]
    return at, visible


def label_doubts(
    body: KeypointBody, critic: LabelCritic, keypoints: Keypoints2D
) -> dict[str, Tensor]:
    """What the critic of labels says of each distinct keypoint, logits ``(B, U)``; NaN without one.

    critic_moved: it is off its place; critic_mixed: another person's; critic_pair: exchanged with
    its counterpart; critic_missing: it is not there and could be seen. Of both sets of labels the
    worse one counts.
    """
    labels = torch.cat([keypoints.positions_crop_px, keypoints.confidence[..., None]], dim=-1)
    sets = label_sets(labels.cpu().numpy().astype(np.float32))
    found: dict[str, Tensor] = {}
    for which, names in enumerate(LABEL_SETS):
        said = critic.logits(sets[:, which])
        pair = np.full((len(sets), NUM_PLACES), -np.inf)
        for number, both in enumerate(PAIRS):
            pair[:, list(both)] = said.pair[:, number, None]
        logits = {"moved": said.moved, "mixed": said.mixed, "pair": pair, "missing": said.missing}
        for kind, values in logits.items():
            here = _by_distinct(body, names, torch.from_numpy(values))
            name = f"critic_{kind}"
            found[name] = torch.fmax(found[name], here) if name in found else here
    return found


def _by_distinct(body: KeypointBody, names: Sequence[int], values: Tensor) -> Tensor:
    """Logits ``(B, 25)`` of places as ``(B, U)``; −∞ is nothing said, NaN."""
    here = torch.full((len(values), body.num_distinct), torch.nan, dtype=body.dtype)
    for place, name in enumerate(names):
        if name >= 0:
            here[:, int(body.distinct_of_keypoint[name])] = values[:, place].to(here)
    said = torch.where(torch.isinf(here), torch.nan, here).clamp(-_MOST, _MOST)
    return said.to(body.device)


def flag_doubts(body: KeypointBody, scores: FlagScores) -> dict[str, Tensor]:
    """What flags say of the body and of the limbs that each distinct keypoint ends, ``(B, U)``.

    wrong_body, wrong_limb: logits; of two limbs that meet, the worse. other_body_mm: how far the
    other estimates are from the fit.
    """
    count = body.num_distinct
    parts = torch.logit(scores.parts, eps=_LEAST).to(body.dtype)
    limb = parts.new_full((len(parts), count), torch.nan)
    for number, each in enumerate(LIMBS):
        for name in (*each.upper, *each.lower):
            which = int(body.distinct_of_keypoint[name])
            limb[:, which] = torch.fmax(limb[:, which], parts[:, number])
    whole = torch.logit(scores.wrong_body, eps=_LEAST).to(body.dtype)
    apart = torch.log1p(scores.measures.distance_mm / 10).to(body.dtype)
    return {
        "wrong_body": whole[:, None].expand(-1, count),
        "wrong_limb": limb,
        "other_body_mm": apart[:, None].expand(-1, count),
    }


def picture_margin_px(points: Tensor, bounds: Tensor) -> Tensor:
    """How far points ``(B, U, 2)`` lie within the picture's edges ``(B, 4)``; < 0 outside."""
    low, high = bounds[:, None, :2].to(points), bounds[:, None, 2:].to(points)
    return torch.minimum(points - low, high - points).amin(-1)
