"""The network of the detector's head: what a frozen detector saw of a person to a body.

The lifting network with further inputs, ``LandmarkBones`` and the features that MoveNet's trunk has
of the person, and one more output, how far off each joint's rotation probably is. docs/method.md,
"The detector's head".
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from core.engine.regression.landmark_bones import NUM_LANDMARK_BONES, LandmarkBones
from core.engine.regression.lifter_input import INPUT_SIZE, lifter_input
from core.engine.regression.lifter_network import LiftingNetwork
from core.types.arrays import NUM_JOINTS
from core.types.trunk_features import TRUNK_SIZE

BONES_SIZE = 5 * NUM_LANDMARK_BONES
"""x, y, z, visibility and length of every bone."""

HEAD_INPUT_SIZE = INPUT_SIZE + BONES_SIZE

_TRUNK_WIDTH = 256
_TRUNK_DROPOUT = 0.4
_FARTHEST_FEATURE = 5.0
"""In spreads: photographs reach where no rendered picture does."""

_LEAST_SPREAD_RAD, _LARGEST_SPREAD_RAD = 0.02, math.pi
_TYPICAL_SPREAD_RAD = 0.3
"""What the spread of an untrained network is."""


def head_input(keypoints_crop_px: Tensor, confidence: Tensor, bones: LandmarkBones) -> Tensor:
    """``(B, 202)``: ``lifter_input``, then x, y, z, visibility and length (m) of every bone.

    Raises:
        ShapeError: as ``lifter_input``.
    """
    numbers = [bones.directions, bones.visibility[..., None], bones.lengths_m[..., None]]
    of_bones = torch.cat(numbers, dim=-1).flatten(1)
    of_keypoints = lifter_input(keypoints_crop_px, confidence)
    return torch.cat([of_keypoints, of_bones.to(of_keypoints)], dim=1)


class DetectorHeadNetwork(LiftingNetwork):
    """From ``head_input`` to rotations, betas, and the spread of every joint's rotation.

    Args:
        width: of every hidden layer.
        blocks: number of residual blocks.
        mean_sixd: (144,) what the rotations are changes of; no rotation where left out.
        dropout: share of features left out in training.

    trunk_mean and trunk_spread: (2304,) of the trunk's features over the people it is trained on.
    joint_spread_scale: (24,) what spreads are multiplied by, so that they are right on people that
    it was not trained on.
    """

    trunk_mean: Tensor
    trunk_spread: Tensor
    joint_spread_scale: Tensor

    def __init__(
        self, *, width: int, blocks: int, mean_sixd: Tensor | None = None, dropout: float = 0.0
    ) -> None:
        super().__init__(width=width, blocks=blocks, mean_sixd=mean_sixd, dropout=dropout)
        self.stem = nn.Linear(HEAD_INPUT_SIZE, width)
        self.trunk = nn.Sequential(
            nn.Dropout(_TRUNK_DROPOUT),
            nn.Linear(TRUNK_SIZE, _TRUNK_WIDTH),
            nn.ReLU(),
            nn.Dropout(_TRUNK_DROPOUT),
            nn.Linear(_TRUNK_WIDTH, width),
        )
        self.register_buffer("trunk_mean", torch.zeros(TRUNK_SIZE))
        self.register_buffer("trunk_spread", torch.ones(TRUNK_SIZE))
        self.register_buffer("joint_spread_scale", torch.ones(NUM_JOINTS))
        self.spread_hidden = nn.Linear(width, width // 4)
        self.spread = nn.Linear(width // 4, NUM_JOINTS)
        nn.init.zeros_(self.spread.weight)
        nn.init.constant_(self.spread.bias, math.log(_TYPICAL_SPREAD_RAD))

    def forward(
        self, inputs: Tensor, trunk: Tensor | None = None, has_trunk: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Rotations ``(B, 24, 3, 3)`` and betas ``(B, 10)``; arguments as of ``features_of``."""
        if trunk is None or has_trunk is None:
            trunk = inputs.new_zeros(len(inputs), TRUNK_SIZE)
            has_trunk = torch.zeros(len(inputs), dtype=torch.bool, device=inputs.device)
        return self.body_of(self.features_of(inputs, trunk, has_trunk))

    def features_of(self, inputs: Tensor, trunk: Tensor, has_trunk: Tensor) -> Tensor:
        """``(B, width)``: all but the last layers.

        Args:
            inputs: ``(B, 202)`` from ``head_input``.
            trunk: ``(B, 2304)`` features of MoveNet's trunk; anything finite where there are none.
            has_trunk: ``(B,)`` bool.
        """
        far = (trunk - self.trunk_mean) / self.trunk_spread
        of_trunk = self.trunk(far.clamp(-_FARTHEST_FEATURE, _FARTHEST_FEATURE))
        seen = self.stem(inputs) + torch.where(has_trunk[:, None], of_trunk, 0)
        features = torch.relu(self.stem_norm(seen))
        for block in self.blocks:
            features = block(features)
        return features

    def spread_rad(self, features: Tensor) -> Tensor:
        """``(B, 24)``: the root of the mean square angle by which rotations are probably off.

        Features are taken as they are: learning how sure to be must not change what is said.
        """
        hidden = torch.relu(self.spread_hidden(features.detach()))
        logarithm = self.spread(hidden)
        low, high = math.log(_LEAST_SPREAD_RAD), math.log(_LARGEST_SPREAD_RAD)
        spread: Tensor = logarithm.clamp(low, high).exp() * self.joint_spread_scale
        return spread
