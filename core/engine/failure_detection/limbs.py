"""The limbs and pairs of joints that flags speak of, on the skeleton and among the keypoints."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.body.conventions import KEYPOINT_NAMES, SKELETON_JOINT_NAMES
from core.engine.smplify.inputs import Keypoints2D

LEAST_LENGTH = 1e-6


def _keypoint(*names: str) -> tuple[int, ...]:
    return tuple(KEYPOINT_NAMES.index(name) for name in names)


def _both(openpose: str, annotated: str, side: str) -> tuple[int, ...]:
    """The detector's and the annotator's keypoint of a joint: ``OP LKnee`` and ``Left Knee``."""
    return _keypoint(f"OP {side[0]}{openpose}", f"{side} {annotated}")


@dataclass(frozen=True)
class Limb:
    """A limb from its upper to its lower joint.

    joints: the two of the skeleton; upper, lower: the keypoints that show each of them.
    """

    name: str
    joints: tuple[int, int]
    upper: tuple[int, ...]
    lower: tuple[int, ...]


def _limb(side: str, name: str, upper: str, lower: str) -> Limb:
    joints = tuple(
        SKELETON_JOINT_NAMES.index(f"{side.lower()}_{joint.lower()}") for joint in (upper, lower)
    )
    return Limb(
        f"{side.lower()} {name}",
        (joints[0], joints[1]),
        _both(upper, upper, side),
        _both(lower, lower, side),
    )


LIMBS: tuple[Limb, ...] = tuple(
    _limb(side, name, upper, lower)
    for side in ("Left", "Right")
    for name, upper, lower in (
        ("upper arm", "Shoulder", "Elbow"),
        ("forearm", "Elbow", "Wrist"),
        ("thigh", "Hip", "Knee"),
        ("shin", "Knee", "Ankle"),
    )
)
LIMB_KINDS = ("upper arm", "forearm", "thigh", "shin")
LIMBS_MIRRORED: tuple[int, ...] = (4, 5, 6, 7, 0, 1, 2, 3)
"""Where each limb's counterpart on the other side stands in ``LIMBS``."""

SHOULDERS, HIPS = (
    tuple(_both(name, name, side) for side in ("Left", "Right")) for name in ("Shoulder", "Hip")
)
SIDED_PAIRS: tuple[tuple[tuple[int, ...], ...], ...] = (
    SHOULDERS,
    HIPS,
    *(
        tuple(_both(name, name, side) for side in ("Left", "Right"))
        for name in ("Eye", "Ear", "Knee", "Ankle")
    ),
)
"""Left and right of a joint, each as the keypoints that show it; shoulders and hips first."""


def point_at(
    positions: Tensor, confidence: Tensor, keypoints: tuple[int, ...]
) -> tuple[Tensor, Tensor]:
    """Where a joint is seen ``(B, 2)``, by confidence over its keypoints; how surely ``(B,)``."""
    weights = confidence[:, list(keypoints)]
    total = weights.sum(1, keepdim=True).clamp_min(LEAST_LENGTH)
    position = (weights[..., None] * positions[:, list(keypoints)]).sum(1) / total
    return position, weights.amax(1)


def limb_directions(joints: Tensor) -> Tensor:
    """Vectors ``(B, 8, 3)`` in metres from upper to lower joint, from ``(B, 24, 3)``."""
    upper, lower = (
        torch.stack([joints[:, limb.joints[end]] for limb in LIMBS], dim=1) for end in (0, 1)
    )
    return lower - upper


@dataclass(frozen=True, eq=False)
class SeenLimbs:
    """Limbs in a picture: vectors ``(B, 8, 2)`` in px, lower ends ``(B, 8, 2)``, confidences.

    confidence: (B, 8) of the weaker end; lower_confidence: (B, 8).
    """

    vectors: Tensor
    lower: Tensor
    confidence: Tensor
    lower_confidence: Tensor


def seen_limbs(positions: Tensor, confidence: Tensor) -> SeenLimbs:
    """Limbs among positions ``(B, 49, 2)``, joined from both of a joint's keypoints."""
    upper = [point_at(positions, confidence, limb.upper) for limb in LIMBS]
    lower = [point_at(positions, confidence, limb.lower) for limb in LIMBS]
    starts, ends = (torch.stack([point[0] for point in points], dim=1) for points in (upper, lower))
    surely, lower_surely = (
        torch.stack([point[1] for point in points], dim=1) for points in (upper, lower)
    )
    return SeenLimbs(ends - starts, ends, torch.minimum(surely, lower_surely), lower_surely)


def sided_vectors(positions: Tensor, confidence: Tensor) -> tuple[Tensor, Tensor]:
    """From right to left of ``SIDED_PAIRS``: ``(B, P, 2)`` px; the weaker confidence ``(B, P)``."""
    vectors, weights = [], []
    for left, right in SIDED_PAIRS:
        (left_at, left_sure), (right_at, right_sure) = (
            point_at(positions, confidence, side) for side in (left, right)
        )
        vectors.append(left_at - right_at)
        weights.append(torch.minimum(left_sure, right_sure))
    return torch.stack(vectors, dim=1), torch.stack(weights, dim=1)


def torso_axis(keypoints: Keypoints2D, positions: Tensor) -> tuple[Tensor, Tensor]:
    """From the middle of the hips to that of the shoulders ``(B, 2)``, and whether all are seen."""
    ends = [
        [point_at(positions, keypoints.confidence, side) for side in pair]
        for pair in (HIPS, SHOULDERS)
    ]
    middles = [(pair[0][0] + pair[1][0]) / 2 for pair in ends]
    seen = torch.stack([sure for pair in ends for _, sure in pair]).amin(0) > 0
    return middles[1] - middles[0], seen


def angle_deg(first: Tensor, second: Tensor) -> Tensor:
    """Angles in degrees between vectors ``(..., C)``; 0 where one of them has no length."""
    lengths = torch.linalg.vector_norm(first, dim=-1) * torch.linalg.vector_norm(second, dim=-1)
    cosine = (first * second).sum(-1) / lengths.clamp_min(LEAST_LENGTH)
    angle = torch.rad2deg(torch.acos(cosine.clamp(-1, 1)))
    return torch.where(lengths > LEAST_LENGTH, angle, 0.0)
