"""How far the head is off on people that it has not seen, and how far it believes to be."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.regression.detector_head import DetectorHead, HeadBodies, SeenPeople
from core.geometry.procrustes import procrustes_error
from core.geometry.rotations import geodesic_angle
from resources.detector_head.build.people import DetectedPeople

_COMPARED = slice(25, 39)
"""The 14 LSP joints."""

_BATCH = 250
LEAST_SPREAD_RAD = 0.05
"""Joints that do not move at all in the recordings are not therefore known."""


@dataclass(frozen=True, eq=False)
class Score:
    """Error of 14 joints after Procrustes, and the root mean squares of angles over all joints.

    believed_deg: what the head says of itself; true_deg: what it is off by.
    """

    median_mm: float
    mean_mm: float
    believed_deg: float
    true_deg: float

    def row(self, name: str) -> str:
        """A line of a Markdown table."""
        return (
            f"| {name} | {self.median_mm:.1f} | {self.mean_mm:.1f} | {self.believed_deg:.1f} | "
            f"{self.true_deg:.1f} |"
        )


TABLE_HEAD = "| people | body, median mm | mean mm | believed ° | true ° |\n|---|---|---|---|---|"


def seen_people(people: DetectedPeople, *, with_trunk: bool = True) -> SeenPeople:
    """What the head knows of people."""
    trunk = torch.stack([people.trunk, people.trunk_mirrored], dim=1).float()
    has_trunk = torch.full((len(people),), with_trunk)
    return SeenPeople(people.keypoints_px, people.confidence, people.bones, trunk, has_trunk)


def bodies_of(head: DetectorHead, people: DetectedPeople, *, with_trunk: bool = True) -> HeadBodies:
    """What the head makes of people."""
    rows = torch.arange(len(people)).split(_BATCH)
    parts = [head.bodies(seen_people(people.rows(row), with_trunk=with_trunk)) for row in rows]
    names = ("rotations", "betas", "spread_rad", "mirror_turn_rad")
    return HeadBodies(*(torch.cat([getattr(part, name) for part in parts]) for name in names))


def score(said: HeadBodies, people: DetectedPeople, body: KeypointBody) -> Score:
    """Compare bodies with the truth."""
    found, truth = (
        body.keypoints(bodies.rotations, bodies.betas)[:, _COMPARED] for bodies in (said, people)
    )
    error_mm = 1e3 * procrustes_error(found, truth)
    angles = geodesic_angle(said.rotations, people.rotations)
    return Score(
        median_mm=float(error_mm.median()),
        mean_mm=float(error_mm.mean()),
        believed_deg=_rms_deg(said.spread_rad),
        true_deg=_rms_deg(angles),
    )


def spread_scale(said: HeadBodies, people: DetectedPeople) -> Tensor:
    """``(24,)``: what spreads must be multiplied by to be right on these people.

    The ratio of the root mean squares of true and believed angles, joint by joint.
    """
    true = geodesic_angle(said.rotations, people.rotations).square().mean(0).sqrt()
    believed = said.spread_rad.square().mean(0).sqrt()
    return true.clamp_min(LEAST_SPREAD_RAD) / believed


def _rms_deg(angles_rad: Tensor) -> float:
    return float(torch.rad2deg(angles_rad.square().mean().sqrt()))
