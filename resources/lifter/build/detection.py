"""What detectors and annotators make of people: noise, mistakes, and joints they leave out.

Sizes are shares of the person's extent in the picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.body.conventions import COCO_17_TO_KEYPOINTS, KEYPOINT_FLIP, KEYPOINT_NAMES
from core.engine.smplify.inputs import Keypoints2D
from core.types.arrays import NUM_KEYPOINTS

_BODY_25 = tuple(range(25))
LAYOUTS: dict[str, tuple[int, ...]] = {
    "BODY_25": _BODY_25,
    "COCO-17": COCO_17_TO_KEYPOINTS,
    "BODY_25 and COCO-17": (*_BODY_25, *COCO_17_TO_KEYPOINTS),
    "LSP 14": tuple(range(25, 39)),
    "MPII 16": tuple(range(25, 41)),
    "all 49": tuple(range(NUM_KEYPOINTS)),
}
_LAYOUT_SHARES = (0.36, 0.22, 0.12, 0.08, 0.08, 0.14)

JITTER = 0.010
JITTER_SHARES = {
    "Toe": 1.4, "Heel": 1.4, "Hip": 2.0, "Neck": 1.8, "Pelvis": 2.0, "Thorax": 2.0, "Spine": 2.0,
    "Jaw": 1.5, "Head": 1.5, "Nose": 0.8, "Eye": 0.8,
}  # fmt: skip
"""How much more, or less, than ``JITTER`` joints of such a name are off: hips and necks are marked
differently by everyone."""

OUTLIER, OUTLIER_SHARE = 0.012, 0.15
SWAPPED_LIMBS, SWAPPED_PERSON = 0.03, 0.01
MISSED_LIMB, MISSED_JOINT = 0.06, 0.15
COVERED, CUT_OFF = 0.2, 0.2

_RIGHT_ARM = (2, 3, 4, 31, 32, 33)
_RIGHT_LEG = (9, 10, 11, 22, 23, 24, 25, 26, 27)
_LOWER_LIMBS = (
    (3, 4, 31, 32),
    (6, 7, 35, 36),
    (10, 11, 22, 23, 24, 25, 26),
    (13, 14, 19, 20, 21, 29, 30),
)


def _jitter_shares() -> Tensor:
    factors = [
        next((factor for word, factor in JITTER_SHARES.items() if word in name), 1.0)
        for name in KEYPOINT_NAMES
    ]
    return JITTER * torch.tensor(factors)


def layout_masks(names: Sequence[str]) -> Tensor:
    """Which of the 49 each layout has, ``(L, 49)`` bool."""
    masks = torch.zeros(len(names), NUM_KEYPOINTS, dtype=torch.bool)
    for row, name in enumerate(names):
        masks[row, list(LAYOUTS[name])] = True
    return masks


def detect(truth: Tensor, generator: torch.Generator, *, layout: str | None = None) -> Keypoints2D:
    """Noisy, incomplete keypoints.

    Args:
        truth: ``(B, 49, 2)`` exact positions in pixels.
        generator: where the noise comes from.
        layout: one of ``LAYOUTS`` for all; drawn for every person where left out.
    """
    extent = (truth.amax(1) - truth.amin(1)).amax(1)[:, None]
    found, confidence = _found(truth, extent, generator)
    found, confidence = _left_and_right_mixed_up(found, confidence, generator)
    present = _layouts(len(truth), layout, generator)
    present &= ~_missed(len(truth), generator) & ~_covered(truth, extent, generator)
    present &= ~_cut_off(truth, generator)
    confidence = torch.where(present, confidence, 0)
    return Keypoints2D(torch.where(present[..., None], found, 0), confidence)


def _found(truth: Tensor, extent: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Positions with jitter, heavier in the tails than a Gaussian, and a detector's confidence."""
    batch, joints = truth.shape[:2]
    level = torch.exp(0.5 * torch.randn(batch, 1, generator=generator))
    heavy = torch.exp(0.5 * torch.randn(batch, joints, generator=generator))
    spread = level * heavy * _jitter_shares() * extent
    far_off = torch.rand(batch, joints, generator=generator) < OUTLIER
    spread = torch.where(far_off, OUTLIER_SHARE * extent, spread)
    error = spread[..., None] * torch.randn(batch, joints, 2, generator=generator)
    error_share = error.norm(dim=-1) / extent
    sure = 0.9 * torch.exp(-((error_share / 0.06) ** 2))
    noisy = sure + 0.08 * torch.randn(batch, joints, generator=generator)
    marked_by_hand = torch.rand(batch, 1, generator=generator) < 0.3
    confidence = torch.where(marked_by_hand, 1.0, noisy.clamp(0.12, 0.99))
    return truth + error, confidence


def _left_and_right_mixed_up(
    found: Tensor, confidence: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    everything = tuple(range(NUM_KEYPOINTS))
    for joints, share in (
        (_RIGHT_ARM, SWAPPED_LIMBS), (_RIGHT_LEG, SWAPPED_LIMBS), (everything, SWAPPED_PERSON),
    ):  # fmt: skip
        order = torch.arange(NUM_KEYPOINTS)
        for joint in joints:
            order[joint], order[KEYPOINT_FLIP[joint]] = KEYPOINT_FLIP[joint], joint
        swapped = torch.rand(len(found), 1, generator=generator) < share
        found = torch.where(swapped[..., None], found[:, order], found)
        confidence = torch.where(swapped, confidence[:, order], confidence)
    return found, confidence


def _layouts(batch: int, layout: str | None, generator: torch.Generator) -> Tensor:
    if layout is not None:
        return layout_masks([layout]).expand(batch, -1).clone()
    shares = torch.tensor(_LAYOUT_SHARES)
    rows = torch.multinomial(shares, batch, replacement=True, generator=generator)
    return layout_masks(list(LAYOUTS))[rows]


def _missed(batch: int, generator: torch.Generator) -> Tensor:
    """Single joints, and lower arms and legs."""
    rate = 2 * MISSED_JOINT * torch.rand(batch, 1, generator=generator) ** 2
    missed = torch.rand(batch, NUM_KEYPOINTS, generator=generator) < rate
    for joints in _LOWER_LIMBS:
        gone = torch.rand(batch, 1, generator=generator) < MISSED_LIMB
        missed[:, list(joints)] |= gone
    return missed


def _covered(truth: Tensor, extent: Tensor, generator: torch.Generator) -> Tensor:
    """Something rectangular stands before some people."""
    batch = len(truth)
    chosen = torch.randint(NUM_KEYPOINTS, (batch,), generator=generator)
    middle = truth[torch.arange(batch), chosen][:, None]
    half = extent[..., None] * (0.05 + 0.2 * torch.rand(batch, 1, 2, generator=generator))
    inside = ((truth - middle).abs() < half).all(-1)
    return inside & (torch.rand(batch, 1, generator=generator) < COVERED)


def _cut_off(truth: Tensor, generator: torch.Generator) -> Tensor:
    """Some people reach over an edge of the picture, mostly the lower one."""
    batch = len(truth)
    low, high = truth.amin(1), truth.amax(1)
    share = (0.1 + 0.5 * torch.rand(batch, 1, generator=generator)) * (high - low)
    edge = torch.multinomial(
        torch.tensor([0.6, 0.1, 0.15, 0.15]), batch, replacement=True, generator=generator
    )
    beyond = torch.stack(
        [
            truth[..., 1] > (high - share)[:, None, 1],
            truth[..., 1] < (low + share)[:, None, 1],
            truth[..., 0] > (high - share)[:, None, 0],
            truth[..., 0] < (low + share)[:, None, 0],
        ]
    )[edge, torch.arange(batch)]
    return beyond & (torch.rand(batch, 1, generator=generator) < CUT_OFF)
