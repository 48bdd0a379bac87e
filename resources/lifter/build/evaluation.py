"""How far lifted bodies are off on people the network has not seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.regression.lifter import LiftedPose, Lifter
from core.engine.smplify.search_selection import body_distance
from core.geometry.rotations import geodesic_angle
from resources.lifter.build.bodies import PoseSet, draw_poses
from resources.lifter.build.cameras import SeenBodies, see
from resources.lifter.build.detection import detect

PEOPLE = 4000
WRONG_ROOT_RAD = math.radians(60)
LEAST_SPREAD_RAD = 0.1
"""Joints that hardly move in the recordings are not therefore known to six degrees."""


@dataclass(frozen=True, eq=False)
class Score:
    """Error of 14 joints after Procrustes in mm, error of the root, and of every joint (24,)."""

    median_mm: float
    mean_mm: float
    root_median_deg: float
    root_mean_deg: float
    wrong_root: float
    joint_spread_rad: Tensor

    def row(self, name: str) -> str:
        """A line of a Markdown table."""
        return (
            f"| {name} | {self.median_mm:.1f} | {self.mean_mm:.1f} | {self.root_median_deg:.1f} | "
            f"{self.root_mean_deg:.1f} | {100 * self.wrong_root:.1f} % |"
        )


TABLE_HEAD = (
    "| keypoints | body, median mm | mean mm | root, median ° | mean ° | root off > 60° |\n"
    "|---|---|---|---|---|---|"
)


def people(poses: PoseSet, body: KeypointBody, *, seed: int) -> tuple[SeenBodies, torch.Generator]:
    """Recorded poses as they are, mirrored or not, before cameras 50 m away."""
    generator = torch.Generator().manual_seed(seed)
    drawn = draw_poses(poses, PEOPLE, generator)
    return see(body, drawn, generator, any_orientation=0.0, near=0.0), generator


def score(
    lifter: Lifter, poses: PoseSet, body: KeypointBody, *, layout: str | None, seed: int = 1
) -> Score:
    """Lift 4000 people from noisy keypoints of one layout, or of all by their shares."""
    seen, generator = people(poses, body, seed=seed)
    keypoints = detect(seen.positions_crop_px, generator, layout=layout)
    lifted = lifter.lift(keypoints.positions_crop_px, keypoints.confidence)
    return compare(lifted, seen, body)


def score_of_mean_pose(mean: Tensor, poses: PoseSet, body: KeypointBody, *, seed: int = 1) -> Score:
    """The same for the mean pose ``(24, 3, 3)``, whatever the keypoints are."""
    seen, _ = people(poses, body, seed=seed)
    everyone = mean.expand(PEOPLE, -1, -1, -1)
    return compare(LiftedPose(everyone, torch.zeros(PEOPLE, 10)), seen, body)


def compare(lifted: LiftedPose, seen: SeenBodies, body: KeypointBody) -> Score:
    """Errors of bodies against the truth."""
    found = body.keypoints(lifted.rotations, lifted.betas)
    truth = body.keypoints(seen.rotations, seen.betas)
    error = 1e3 * body_distance(found, truth)
    turned = geodesic_angle(lifted.rotations, seen.rotations)
    root = torch.rad2deg(turned[:, 0])
    return Score(
        median_mm=float(error.median()),
        mean_mm=float(error.mean()),
        root_median_deg=float(root.median()),
        root_mean_deg=float(root.mean()),
        wrong_root=float((turned[:, 0] > WRONG_ROOT_RAD).double().mean()),
        joint_spread_rad=turned.square().mean(0).sqrt().clamp_min(LEAST_SPREAD_RAD),
    )
