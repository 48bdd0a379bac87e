"""Bodies of the evidence posed once, with all that the kinds of flags look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.inputs import AlternativeEstimate, FlagInputs
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.reprojection_loss import comparison_loss
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import matrix_to_axis_angle

CREDIBLE_PX2 = 150.0
"""An opinion whose joints lie within 12 px of the crop of the keypoints is always heard."""

NOT_MUCH_WORSE = 4.0
"""Nor is one unheard whose distances are at most twice those of the best."""


@dataclass(frozen=True, eq=False)
class Posed:
    """B bodies in their crops' cameras.

    rotations: (B, 24, 3, 3) relative to the parent, root first; joints: (B, 24, 3) and keypoints
    (B, 49, 3) in metres, turned by the root, not translated; pixels: (B, 49, 2) of the crop.
    """

    rotations: Tensor
    betas: Tensor
    camera_translation: Tensor
    joints: Tensor
    keypoints: Tensor
    pixels: Tensor

    @cached_property
    def body_pose(self) -> Tensor:
        """``(B, 69)`` rotation vectors of all joints but the root, radians, angles in [0, pi]."""
        return matrix_to_axis_angle(self.rotations[:, 1:]).flatten(1)


@dataclass(frozen=True, eq=False)
class PosedOpinion:
    """An opinion's body, for whom it is there, and the opinion's own doubt in degrees or None."""

    who: str
    body: Posed
    present: Tensor
    doubt_deg: Tensor | None


@dataclass(frozen=True, eq=False)
class PosedEvidence:
    """The evidence with its bodies posed."""

    keypoints: Keypoints2D
    comparison_px2: Tensor
    fit: Posed
    opinions: tuple[PosedOpinion, ...]

    def __len__(self) -> int:
        return len(self.keypoints)

    @property
    def has_opinion(self) -> Tensor:
        """``(B,)`` bool: whether there is another estimate of the body."""
        none = torch.zeros(len(self), dtype=torch.bool, device=self.fit.betas.device)
        return torch.stack([none, *(one.present for one in self.opinions)]).any(0)


def pose_evidence(body: KeypointBody, evidence: FlagInputs) -> PosedEvidence:
    """Everything on the body's device and in its precision, bodies posed.

    Opinions that miss the keypoints themselves are not heard: counted as not there.
    """
    keypoints = evidence.keypoints.to(device=body.device, dtype=body.dtype)
    heard = _heard(body, evidence.opinions, keypoints)
    return PosedEvidence(
        keypoints=keypoints,
        comparison_px2=evidence.comparison_px2.to(device=body.device, dtype=body.dtype),
        fit=_posed(body, evidence.fit),
        opinions=tuple(
            _posed_opinion(body, opinion, present)
            for opinion, present in zip(evidence.opinions, heard, strict=True)
        ),
    )


def _heard(
    body: KeypointBody, opinions: Sequence[AlternativeEstimate], keypoints: Keypoints2D
) -> list[Tensor]:
    """``(B,)`` for each opinion: whether it knows the person well enough to say anything.

    A regressor that has hardly learnt gives everybody nearly the mean pose and would doubt every
    limb. The best one is always heard; another where it lies about as well, or well, on the
    keypoints, with the camera solved again as for every comparison.
    """
    if not opinions:
        return []
    present = torch.stack([one.present.to(body.device) for one in opinions])
    losses = torch.stack([comparison_loss(body, one.estimate, keypoints) for one in opinions])
    best = torch.where(present, losses, torch.inf).amin(0)
    limit = torch.clamp_min(NOT_MUCH_WORSE * best, CREDIBLE_PX2)
    return list(present & (losses <= limit))


def _posed_opinion(
    body: KeypointBody, opinion: AlternativeEstimate, present: Tensor
) -> PosedOpinion:
    doubt = opinion.uncertainty_rad
    return PosedOpinion(
        opinion.who,
        _posed(body, opinion.estimate),
        present,
        None if doubt is None else torch.rad2deg(doubt.to(device=body.device, dtype=body.dtype)),
    )


def _posed(body: KeypointBody, estimate: BodyEstimate) -> Posed:
    estimate = estimate.to(device=body.device, dtype=body.dtype)
    posed = body.posed(estimate.rotations, estimate.betas)
    keypoints = posed.distinct[:, body.distinct_of_keypoint]
    return Posed(
        rotations=estimate.rotations,
        betas=estimate.betas,
        camera_translation=estimate.camera_translation,
        joints=posed.joints,
        keypoints=keypoints,
        pixels=project_to_crop(keypoints, estimate.camera_translation),
    )


def mean_over_opinions(values: Sequence[Tensor], posed: PosedEvidence) -> Tensor:
    """The mean of one value ``(B, ...)`` per opinion over those present; NaN where there is none.

    A mean, so that one bad opinion among several raises a suspicion only half way.
    """
    if not values:
        return posed.fit.betas.new_full((len(posed),), torch.nan)
    shown = [
        torch.where(one.present.view(-1, *[1] * (value.ndim - 1)), value, torch.nan)
        for value, one in zip(values, posed.opinions, strict=True)
    ]
    return torch.stack(shown).nanmean(0)
