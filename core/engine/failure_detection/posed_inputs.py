"""Bodies of the inputs posed once, with all that the kinds of flags look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
"""An alternative whose joints lie within 12 px of the crop of the keypoints is always heard."""

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
class PosedAlternative:
    """An alternative body and for whom it is there; see ``AlternativeEstimate`` for the rest.

    comparison_px2: (B,) its comparison loss.
    """

    who: str
    body: Posed
    present: Tensor
    comparison_px2: Tensor
    uncertainty_deg: Tensor | None
    spread_deg: Tensor | None
    sees_picture: bool


@dataclass(frozen=True, eq=False)
class PosedInputs:
    """The inputs with its bodies posed."""

    keypoints: Keypoints2D
    comparison_px2: Tensor
    fit: Posed
    alternatives: tuple[PosedAlternative, ...]

    def __len__(self) -> int:
        return len(self.keypoints)

    @property
    def metres_per_px(self) -> Tensor:
        """``(B, 1)``: what a pixel of the crop spans across the view at the fit's distance."""
        cameras = self.keypoints.cameras
        # Before the picture's camera the distance along the axis is R_zz of itself deep.
        depth = self.fit.camera_translation[:, 2] * cameras.viewing_rotations[:, 2, 2]
        return (depth / cameras.focal_length_px)[:, None]

    @property
    def has_alternative(self) -> Tensor:
        """``(B,)`` bool: whether there is another estimate of the body."""
        return self._any_of(self.alternatives)

    @property
    def has_picture(self) -> Tensor:
        """``(B,)`` bool: whether there is an estimate that sees the picture."""
        return self._any_of(self.seeing.alternatives)

    @cached_property
    def seeing(self) -> PosedInputs:
        """The same with those alternatives alone that see the picture."""
        seeing = tuple(other for other in self.alternatives if other.sees_picture)
        return replace(self, alternatives=seeing)

    def _any_of(self, alternatives: Sequence[PosedAlternative]) -> Tensor:
        none = torch.zeros(len(self), dtype=torch.bool, device=self.fit.betas.device)
        return torch.stack([none, *(other.present for other in alternatives)]).any(0)


def pose_inputs(body: KeypointBody, inputs: FlagInputs) -> PosedInputs:
    """Everything on the body's device and in its precision, bodies posed.

    Alternatives that miss the keypoints themselves are not heard: counted as not there.
    """
    keypoints = inputs.keypoints.to(device=body.device, dtype=body.dtype)
    losses = [
        comparison_loss(body, alternative.estimate, keypoints)
        for alternative in inputs.alternatives
    ]
    heard = _heard(body, inputs.alternatives, losses)
    return PosedInputs(
        keypoints=keypoints,
        comparison_px2=inputs.comparison_px2.to(device=body.device, dtype=body.dtype),
        fit=_posed(body, inputs.fit, keypoints),
        alternatives=tuple(
            _posed_alternative(body, alternative, present, loss, keypoints)
            for alternative, present, loss in zip(inputs.alternatives, heard, losses, strict=True)
        ),
    )


def _heard(
    body: KeypointBody, alternatives: Sequence[AlternativeEstimate], losses: Sequence[Tensor]
) -> list[Tensor]:
    """``(B,)`` for each alternative: whether it knows the person well enough to say anything.

    A regressor that has hardly learnt gives everybody nearly the mean pose and would doubt every
    limb. The best one is always heard; another where it lies about as well, or well, on the
    keypoints, with the camera solved again as for every comparison.
    """
    if not alternatives:
        return []
    present = torch.stack([alternative.present.to(body.device) for alternative in alternatives])
    of_all = torch.stack(list(losses))
    best = torch.where(present, of_all, torch.inf).amin(0)
    limit = torch.clamp_min(NOT_MUCH_WORSE * best, CREDIBLE_PX2)
    return list(present & (of_all <= limit))


def _posed_alternative(
    body: KeypointBody,
    alternative: AlternativeEstimate,
    present: Tensor,
    comparison_px2: Tensor,
    keypoints: Keypoints2D,
) -> PosedAlternative:
    def degrees(radians: Tensor | None) -> Tensor | None:
        if radians is None:
            return None
        return torch.rad2deg(radians.to(device=body.device, dtype=body.dtype))

    return PosedAlternative(
        alternative.who,
        _posed(body, alternative.estimate, keypoints),
        present,
        comparison_px2,
        degrees(alternative.uncertainty_rad),
        degrees(alternative.spread_rad),
        alternative.sees_picture,
    )


def _posed(body: KeypointBody, estimate: BodyEstimate, of: Keypoints2D) -> Posed:
    estimate = estimate.to(device=body.device, dtype=body.dtype)
    posed = body.posed(estimate.rotations, estimate.betas)
    keypoints = posed.distinct[:, body.distinct_of_keypoint]
    return Posed(
        rotations=estimate.rotations,
        betas=estimate.betas,
        camera_translation=estimate.camera_translation,
        joints=posed.joints,
        keypoints=keypoints,
        pixels=project_to_crop(keypoints, estimate.camera_translation, of.cameras),
    )


def mean_over_alternatives(values: Sequence[Tensor], posed: PosedInputs) -> Tensor:
    """The mean of one value ``(B, ...)`` per alternative over those present; NaN without any.

    A mean, so that one bad alternative among several raises a suspicion only half way.
    """
    if not values:
        return posed.fit.betas.new_full((len(posed),), torch.nan)
    shown = [
        torch.where(one.present.view(-1, *[1] * (value.ndim - 1)), value, torch.nan)
        for value, one in zip(values, posed.alternatives, strict=True)
    ]
    return torch.stack(shown).nanmean(0)
