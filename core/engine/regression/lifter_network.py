"""The lifting network: residual blocks of two layers, from keypoints to a pose.

Unlike the network of Martinez et al. 2017 (section 3; docs/method.md, "Sources") it gives rotations
instead of joint positions, so that its result is a body at once, and normalises layers instead of
batches: one sample's result never depends on the others.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.engine.regression.lifter_input import INPUT_SIZE
from core.geometry.sixd import sixd_to_matrix
from core.types.arrays import NUM_BETAS, NUM_JOINTS

_POSE_SIZE = 6 * NUM_JOINTS
_INITIAL_GAIN = 0.01
"""An untrained network gives the mean pose."""


class ResidualBlock(nn.Module):
    """Twice linear, norm, ReLU, dropout; added to what came in."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(width, width), nn.Linear(width, width)
        self.first_norm, self.second_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, features: Tensor) -> Tensor:
        """``(B, width)`` to ``(B, width)``."""
        hidden = self.dropout(torch.relu(self.first_norm(self.first(features))))
        change: Tensor = self.dropout(torch.relu(self.second_norm(self.second(hidden))))
        return features + change


class LiftingNetwork(nn.Module):
    """From ``lifter_input`` to rotations and betas.

    Args:
        width: of every hidden layer.
        blocks: number of residual blocks.
        mean_sixd: (144,) what the rotations are changes of; no rotation where left out.
        dropout: share of features left out in training.
    """

    mean_sixd: Tensor

    def __init__(
        self, *, width: int, blocks: int, mean_sixd: Tensor | None = None, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.stem = nn.Linear(INPUT_SIZE, width)
        self.stem_norm = nn.LayerNorm(width)
        self.blocks = nn.ModuleList(ResidualBlock(width, dropout) for _ in range(blocks))
        self.head = nn.Linear(width, _POSE_SIZE + NUM_BETAS)
        nn.init.xavier_uniform_(self.head.weight, gain=_INITIAL_GAIN)
        nn.init.zeros_(self.head.bias)
        if mean_sixd is None:
            # Not repeat: of a tensor without storage it loads SymPy.
            mean_sixd = torch.tensor([1.0, 0, 0, 1, 0, 0] * NUM_JOINTS)
        self.register_buffer("mean_sixd", mean_sixd.clone())

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs ``(B, 102)`` to rotations ``(B, 24, 3, 3)``, root first, and betas ``(B, 10)``."""
        return self.body_of(self.features(inputs))

    def features(self, inputs: Tensor) -> Tensor:
        """``(B, width)``: all but the last layer; training may do this in lower precision."""
        features = torch.relu(self.stem_norm(self.stem(inputs)))
        for block in self.blocks:
            features = block(features)
        return features

    def body_of(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Rotations and betas of features ``(B, width)``."""
        change, betas = self.head(features).split([_POSE_SIZE, NUM_BETAS], dim=1)
        sixd = (self.mean_sixd + change).view(-1, NUM_JOINTS, 6)
        return sixd_to_matrix(sixd), betas
