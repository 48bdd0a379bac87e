"""Bodies of the evidence posed once, with all that the kinds of flags look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.body.keypoint_body import KeypointBody
from core.fitting.flags.evidence import Evidence, Opinion
from core.fitting.problem import BodyEstimate, Keypoints2D
from core.geometry.cameras import project_to_crop
from core.geometry.rotations import pose_to_matrices


@dataclass(frozen=True, eq=False)
class Posed:
    """B bodies in their crops' cameras.

    rotations: (B, 24, 3, 3) relative to the parent, root first; joints: (B, 24, 3) and keypoints
    (B, 49, 3) in metres, turned by the root, not translated; pixels: (B, 49, 2) of the crop.
    """

    rotations: Tensor
    pose_axis_angle: Tensor
    betas: Tensor
    camera_translation: Tensor
    joints: Tensor
    keypoints: Tensor
    pixels: Tensor


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
        """``(B,)`` bool: whether anybody else has an idea of the body."""
        nobody = torch.zeros(len(self), dtype=torch.bool, device=self.fit.betas.device)
        return torch.stack([nobody, *(one.present for one in self.opinions)]).any(0)


def pose_evidence(body: KeypointBody, evidence: Evidence) -> PosedEvidence:
    """Everything on the body's device and in its precision, bodies posed."""
    return PosedEvidence(
        keypoints=evidence.keypoints.to(device=body.device, dtype=body.dtype),
        comparison_px2=evidence.comparison_px2.to(device=body.device, dtype=body.dtype),
        fit=_posed(body, evidence.fit),
        opinions=tuple(_posed_opinion(body, opinion) for opinion in evidence.opinions),
    )


def _posed_opinion(body: KeypointBody, opinion: Opinion) -> PosedOpinion:
    doubt = opinion.doubt_rad
    return PosedOpinion(
        opinion.who,
        _posed(body, opinion.estimate),
        opinion.present.to(body.device),
        None if doubt is None else torch.rad2deg(doubt.to(device=body.device, dtype=body.dtype)),
    )


def _posed(body: KeypointBody, estimate: BodyEstimate) -> Posed:
    estimate = estimate.to(device=body.device, dtype=body.dtype)
    rotations = pose_to_matrices(estimate.pose_axis_angle)
    posed = body.posed(rotations, estimate.betas)
    keypoints = posed.distinct[:, body.distinct_of_keypoint]
    return Posed(
        rotations=rotations,
        pose_axis_angle=estimate.pose_axis_angle,
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
