"""Bodies to train on: recorded poses, mirrored, recombined and disturbed, in the world (y up)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.engine.regression.mirroring import mirrored_rotations
from core.geometry.rotations import axis_angle_to_matrix, facing_root, matrix_to_axis_angle
from resources.pose_prior.build.mocap import MocapPoses, load_mocap, load_roots

LEGS = (1, 2, 4, 5, 7, 8, 10, 11)
ARMS = (13, 14, 16, 17, 18, 19, 20, 21)
_HIPS, _KNEES = (1, 2), (4, 5)

OTHER_LEGS, OTHER_ARMS = 0.25, 0.25
"""Shares of bodies whose legs or arms come from another frame: more poses than were recorded."""

SEATED = 0.08
"""No one sits in the recordings, and many people in pictures do."""

LARGEST_DISTURBANCE_RAD = 0.15
STILL_JOINTS = (22, 23)
"""Hands never move in the recordings and no keypoint shows them."""


@dataclass(frozen=True, eq=False)
class PoseSet:
    """N poses ``(N, 24, 3, 3)``, their roots in the world, drawn with probabilities ``(N,)``."""

    matrices: Tensor
    weights: Tensor

    def __len__(self) -> int:
        return len(self.matrices)


@dataclass(frozen=True, eq=False)
class Recordings:
    """All recorded poses with their clips and actions, and the roots ``(N, 3)`` in radians."""

    poses: MocapPoses
    roots: NDArray[np.float64]

    @classmethod
    def load(cls, folder: Path) -> Recordings:
        """Both files of the folder; raises ``SetupError`` when one is missing."""
        return cls(load_mocap(folder), load_roots(folder))

    def subset(self, chosen: NDArray[np.bool_], *, by_clip: bool = False) -> PoseSet:
        """The poses of a mask; actions weighed as for the pose prior, or every clip alike."""
        poses = self.poses.where(chosen)
        full = np.concatenate([self.roots[chosen], poses.body_pose], axis=1).reshape(-1, 24, 3)
        weights = _clip_weights(poses) if by_clip else poses.action_weights()
        return PoseSet(
            axis_angle_to_matrix(torch.tensor(full, dtype=torch.float32)),
            torch.tensor(weights / weights.sum(), dtype=torch.float64),
        )


def _clip_weights(poses: MocapPoses) -> NDArray[np.float64]:
    _, index, counts = np.unique(poses.clips, return_inverse=True, return_counts=True)
    return 1.0 / counts[index]


def draw_poses(poses: PoseSet, count: int, generator: torch.Generator) -> Tensor:
    """Rows drawn by weight, mirrored half of the time: ``(count, 24, 3, 3)``."""
    rows = torch.multinomial(poses.weights, count, replacement=True, generator=generator)
    drawn = poses.matrices[rows]
    flip = torch.rand(count, generator=generator) < 0.5
    return torch.where(flip[:, None, None, None], mirrored_rotations(drawn), drawn)


def training_poses(poses: PoseSet, count: int, generator: torch.Generator) -> Tensor:
    """Drawn poses, some recombined or seated, all a little disturbed: ``(count, 24, 3, 3)``."""
    drawn = draw_poses(poses, count, generator)
    for joints, share in ((LEGS, OTHER_LEGS), (ARMS, OTHER_ARMS)):
        other = draw_poses(poses, count, generator)
        taken = torch.rand(count, generator=generator) < share
        drawn[:, list(joints)] = torch.where(
            taken[:, None, None, None], other[:, list(joints)], drawn[:, list(joints)]
        )
    seated = torch.rand(count, generator=generator) < SEATED
    drawn = torch.where(seated[:, None, None, None], _seated(drawn, generator), drawn)
    return _disturbed(drawn, generator)


def _seated(matrices: Tensor, generator: torch.Generator) -> Tensor:
    """The same poses with thighs forward and knees bent, both legs much alike."""
    count = len(matrices)

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, 1, generator=generator)

    def both(angle: Tensor) -> Tensor:
        return angle + 0.2 * torch.randn(count, 2, generator=generator)

    aside = 0.3 * torch.randn(count, 2, 2, generator=generator)
    hips = torch.cat([-both(uniform(0.9, 2.0))[..., None], aside], dim=-1)
    knees = torch.zeros(count, 2, 3)
    knees[..., 0] = both(uniform(0.4, 2.2)).clamp(0, 2.5)
    seated = matrices.clone()
    seated[:, list(_HIPS)] = axis_angle_to_matrix(hips)
    seated[:, list(_KNEES)] = axis_angle_to_matrix(knees)
    return seated


def _disturbed(matrices: Tensor, generator: torch.Generator) -> Tensor:
    count = len(matrices)
    level = LARGEST_DISTURBANCE_RAD * torch.rand(count, 1, 1, generator=generator)
    turns = level * torch.randn(count, 24, 3, generator=generator) / math.sqrt(3)
    turns[:, list(STILL_JOINTS)] = 0
    turns[:, 0] = 0
    return matrices @ axis_angle_to_matrix(turns)


def mean_rotations(poses: PoseSet) -> Tensor:
    """The mean of body poses and their mirror images, facing the camera: ``(24, 3, 3)``."""
    vectors = matrix_to_axis_angle(poses.matrices)
    both = 0.5 * (vectors + matrix_to_axis_angle(mirrored_rotations(poses.matrices)))
    mean = axis_angle_to_matrix((poses.weights[:, None, None] * both).sum(0).float())
    mean[0] = facing_root(torch.tensor(0.0))
    return mean
