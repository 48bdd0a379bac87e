"""A cheap test for limbs that run through each other: capsules on the bones."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.body.conventions import SKELETON_JOINT_NAMES
from core.engine.failure_detection.rules import Rule

PENETRATION = Rule(limit=0.4, width=0.08)
"""Of the deepest of ``penetrations``; 999 in 1000 recorded bodies stay below 0.17."""

_TOUCHING = 1e-9


@dataclass(frozen=True)
class _Capsule:
    """A bone from one joint to another with flesh of a radius in metres about it."""

    name: str
    start: int
    end: int
    radius_m: float


def _capsule(name: str, start: str, end: str, radius_m: float) -> _Capsule:
    index_of = SKELETON_JOINT_NAMES.index
    return _Capsule(name, index_of(start), index_of(end), radius_m)


_CAPSULES = (
    _capsule("torso", "spine1", "spine3", 0.10),
    _capsule("head", "neck", "head", 0.08),
    *(
        _capsule(f"{side} {name}", f"{side}_{start}", f"{side}_{end}", radius)
        for side in ("left", "right")
        for name, start, end, radius in (
            ("upper arm", "shoulder", "elbow", 0.04),
            ("forearm", "elbow", "wrist", 0.035),
            ("thigh", "hip", "knee", 0.065),
            ("shin", "knee", "ankle", 0.045),
        )
    ),
)
_PAIRS = (
    *((first, second) for arm in ("left forearm", "right forearm")
      for first, second in ((arm, "torso"), (arm, "head"))),
    *((f"{arm} forearm", f"{leg} {part}") for arm in ("left", "right")
      for leg in ("left", "right") for part in ("thigh", "shin")),
    ("left forearm", "right forearm"), ("left forearm", "right upper arm"),
    ("right forearm", "left upper arm"), ("left shin", "right shin"),
    ("left shin", "right thigh"), ("right shin", "left thigh"),
    ("left shin", "torso"), ("right shin", "torso"),
    ("left thigh", "torso"), ("right thigh", "torso"),
)  # fmt: skip
"""Bones that can meet; those that share a joint always do."""

_BY_NAME = {capsule.name: index for index, capsule in enumerate(_CAPSULES)}
_FIRST = [_BY_NAME[first] for first, _ in _PAIRS]
_SECOND = [_BY_NAME[second] for _, second in _PAIRS]


def penetrations(joints: Tensor) -> Tensor:
    """How deep pairs of capsules run into each other, ``(B, 22)``, from ``(B, 24, 3)`` metres.

    0 where they touch, 1 where their axes cross; negative where they are apart.
    """
    starts = joints[:, [capsule.start for capsule in _CAPSULES]]
    ends = joints[:, [capsule.end for capsule in _CAPSULES]]
    radii = joints.new_tensor([capsule.radius_m for capsule in _CAPSULES])
    distance = segment_distance(
        starts[:, _FIRST], ends[:, _FIRST], starts[:, _SECOND], ends[:, _SECOND]
    )
    return 1 - distance / (radii[_FIRST] + radii[_SECOND])


def penetration_reason(depths: list[float]) -> str:
    """Which two limbs run through each other."""
    first, second = _PAIRS[max(range(len(depths)), key=lambda index: depths[index])]
    return f"the {first} runs through the {second}"


def segment_distance(start: Tensor, end: Tensor, other_start: Tensor, other_end: Tensor) -> Tensor:
    """Least distances ``(...)`` between segments, each given by two ``(..., 3)``.

    Closest points of the lines, cut to the segments, then each cut point's best partner (Ericson,
    Real-Time Collision Detection, 5.1.9).
    """
    along, other = end - start, other_end - other_start
    between = start - other_start
    a, e = (along**2).sum(-1), (other**2).sum(-1)
    b, c, f = (along * other).sum(-1), (along * between).sum(-1), (other * between).sum(-1)
    parallel = (a * e - b * b).clamp_min(_TOUCHING)
    s = ((b * f - c * e) / parallel).clamp(0, 1)
    t = ((b * s + f) / e.clamp_min(_TOUCHING)).clamp(0, 1)
    s = ((b * t - c) / a.clamp_min(_TOUCHING)).clamp(0, 1)
    nearest = between + s[..., None] * along - t[..., None] * other
    distance: Tensor = torch.linalg.vector_norm(nearest, dim=-1)
    return distance
