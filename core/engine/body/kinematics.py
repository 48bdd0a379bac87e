"""SMPL's tree of 24 joints: from rotations relative to the parent to those of the bones.

    G_j = G_parent(j) R_j,    G_root = R_root

``parents[j]`` is the parent of joint j and comes before j; that of the root is −1. Source: Loper et
al. 2015, section 3, equation 4; docs/method.md, "SMPL".
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def ancestor_matrix(parents: Sequence[int]) -> NDArray[np.float64]:
    """``(J, J)``: entry (j, k) is 1 where joint j is joint k or one of its ancestors.

    Times a quantity of each joint it sums over the joints at or below j; its transpose sums over
    the joints at or above k.
    """
    # Column k is that of its parent with k itself added; parents come first, so one pass is enough.
    ancestors = np.eye(len(parents))
    for joint, parent in enumerate(parents):
        if parent >= 0:
            ancestors[:, joint] += ancestors[:, parent]
    return ancestors


def relative_to_parent(
    positions: NDArray[np.float64], parents: Sequence[int]
) -> NDArray[np.float64]:
    """Joint positions, or their derivatives, ``(J, ...)`` minus those of the parent.

    The root keeps its own: its parent is the origin.
    """
    relative = positions.copy()
    relative[1:] -= positions[list(parents[1:])]
    return relative


class KinematicTree:
    """Multiplies rotations down the tree, all joints of one depth and all bodies at once.

    SMPL's 24 joints have 9 depths, so 8 batched products take the place of 23.
    """

    def __init__(self, parents: Sequence[int], *, device: torch.device) -> None:
        depth = [0] * len(parents)
        for joint, parent in enumerate(parents[1:], start=1):
            depth[joint] = depth[parent] + 1
        # Joints are sorted by depth, so that a level is a contiguous slice and every factor of a
        # product G_parent(j) R_j is in the level before.
        levels = [[j for j, d in enumerate(depth) if d == level] for level in range(max(depth) + 1)]
        by_level = [joint for level in levels for joint in level]
        self._level_sizes = [len(level) for level in levels]
        self._by_level = torch.tensor(by_level, device=device)
        self._to_joint_order = torch.tensor(np.argsort(by_level), device=device)
        self._parents_within_level = [
            torch.tensor([above.index(parents[joint]) for joint in level], device=device)
            for above, level in pairwise(levels)
        ]
        # −1 would pick the last joint; what 0 picks for the root is replaced by the identity below.
        self._parents = torch.tensor([max(parent, 0) for parent in parents], device=device)

    def global_rotations(self, pose_matrices: Tensor) -> tuple[Tensor, Tensor]:
        """The rotations of all bones and of their parents, in the frame the root leads to.

        Args:
            pose_matrices: ``(B, 24, 3, 3)`` R_j relative to the parent, root first.

        Returns:
            G_j and G_parent(j), each ``(B, 24, 3, 3)``; the root's parent is the identity.
        """
        local = torch.split(pose_matrices[:, self._by_level], self._level_sizes, dim=1)
        levels = [local[0]]
        for rotations, parents in zip(local[1:], self._parents_within_level, strict=True):
            levels.append(levels[-1][:, parents] @ rotations)
        bones = torch.cat(levels, dim=1)[:, self._to_joint_order]
        of_parent = bones[:, self._parents]
        of_parent[:, 0] = torch.eye(3, dtype=bones.dtype, device=bones.device)
        return bones, of_parent
