"""The detector's own errors, taken from rendered people and put on bodies of motion capture.

Errors of a detector are neither independent nor centred: depth comes out short, a crossed leg
slides to the other, a hidden arm is invented. So none is made up. A body gets the whole set of
errors of one rendered person whose bones point much the same way.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.regression.landmark_bones import LandmarkBones
from core.engine.regression.mirroring import mirrored_confidence, mirrored_positions
from resources.detector_head.build.people import DetectedPeople

NEAREST = 20
"""A body takes its errors from one of this many rendered people."""

LEAST_AGREEMENT = 0.3
"""Where the two networks saw different people, the errors are not of this pose."""

_STRETCH = 0.3
_DIRECTION_NOISE = 0.04
_LENGTH_NOISE = 0.05
_KEYPOINT_NOISE = 0.006
_LOST_KEYPOINTS = 0.05


@dataclass(frozen=True, eq=False)
class Donors:
    """N rendered people, each as it is and mirrored: 2 N sets of errors.

    true_directions: (2N, 20, 3). direction_errors: (2N, 20, 3), detected minus true.
    length_ratios: (2N, 20), detected over true. visibility: (2N, 20).
    keypoint_errors: (2N, 49, 2) as shares of the person's extent. confidence: (2N, 49).
    """

    true_directions: Tensor
    direction_errors: Tensor
    length_ratios: Tensor
    visibility: Tensor
    keypoint_errors: Tensor
    confidence: Tensor

    @classmethod
    def of(cls, people: DetectedPeople) -> Donors:
        """The errors of all people on whom the two networks agree."""
        known = people.rows(torch.nonzero(people.agreement > LEAST_AGREEMENT)[:, 0])
        straight = _errors(known.true_bones, known.bones)
        mirrored = _errors(known.true_bones.mirrored(), known.bones.mirrored())
        directions, errors, ratios, visibility = (
            torch.cat(pair) for pair in zip(straight, mirrored, strict=True)
        )
        position_errors = known.keypoints_px - known.true_keypoints_px
        shares = position_errors / extent_of(known.true_keypoints_px)
        return cls(
            directions,
            errors,
            ratios,
            visibility,
            torch.cat([shares, mirrored_positions(shares)]),
            torch.cat([known.confidence, mirrored_confidence(known.confidence)]),
        )

    def near(self, directions: Tensor, generator: torch.Generator) -> Tensor:
        """``(B,)``: for each body ``(B, 20, 3)`` one of the people whose bones are most like it."""
        apart = torch.cdist(directions.flatten(1), self.true_directions.flatten(1))
        nearest = apart.topk(NEAREST, largest=False).indices
        chosen = torch.randint(NEAREST, (len(directions),), generator=generator)
        return nearest[torch.arange(len(directions)), chosen]

    def bones(self, true: LandmarkBones, rows: Tensor, generator: torch.Generator) -> LandmarkBones:
        """What the detector would make of true bones, with the errors of these donors."""
        stretch = 1 + _STRETCH * (2 * torch.rand(len(rows), 1, 1, generator=generator) - 1)
        noise = _DIRECTION_NOISE * torch.randn(true.directions.shape, generator=generator)
        directions = true.directions + stretch * self.direction_errors[rows] + noise
        lengths = true.lengths_m * self.length_ratios[rows]
        lengths = lengths * (1 + _LENGTH_NOISE * torch.randn(lengths.shape, generator=generator))
        unit = torch.nn.functional.normalize(directions, dim=-1)
        visibility = self.visibility[rows]
        return LandmarkBones(unit, lengths, visibility).where(visibility > 0)

    def keypoints(
        self, true_px: Tensor, rows: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Positions ``(B, 49, 2)`` and confidence ``(B, 49)`` with the errors of these donors."""
        extent = extent_of(true_px)
        noise = _KEYPOINT_NOISE * torch.randn(true_px.shape, generator=generator)
        confidence = self.confidence[rows]
        lost = torch.rand(confidence.shape, generator=generator) < _LOST_KEYPOINTS
        confidence = torch.where(lost, 0, confidence)
        positions = true_px + (self.keypoint_errors[rows] + noise) * extent
        return torch.where(confidence[..., None] > 0, positions, 0), confidence


def extent_of(positions: Tensor) -> Tensor:
    """``(B, 1, 1)``: the longer side of the box around positions ``(B, 49, 2)``."""
    sides: Tensor = positions.amax(1) - positions.amin(1)
    return sides.amax(1)[:, None, None].clamp_min(1e-6)


def _errors(true: LandmarkBones, found: LandmarkBones) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    ratios = found.lengths_m / true.lengths_m.clamp_min(1e-3)
    return true.directions, found.directions - true.directions, ratios, found.visibility
