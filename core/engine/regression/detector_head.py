"""Bodies of people from what a frozen detector saw of them: the regressor that needs no GPU.

The detector's outputs are computed once a picture and stored; only this head is trained.
docs/method.md, "The detector's head".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn

from core.body.conventions import SKELETON_FLIP
from core.engine.regression.detector_head_network import DetectorHeadNetwork, head_input
from core.engine.regression.landmark_bones import LandmarkBones
from core.engine.regression.mirroring import (
    mirrored_confidence,
    mirrored_positions,
    mirrored_rotations,
)
from core.errors import ShapeError
from core.geometry.rotations import geodesic_angle, nearest_rotation
from core.types.arrays import NUM_KEYPOINTS
from core.types.trunk_features import TRUNK_SIZE


@dataclass(frozen=True, eq=False)
class SeenPeople:
    """What is known of B people without looking at their pictures again.

    keypoints_crop_px: (B, 49, 2), of the crop or any other pixels; confidence: (B, 49), 0 for
    absent joints. bones: of their landmarks. trunk: (B, 2, 2304) features of MoveNet's trunk, of
    the picture and of the mirrored picture; has_trunk: (B,) bool, whether there are any.

    Raises:
        ShapeError: a tensor has another shape.
    """

    keypoints_crop_px: Tensor
    confidence: Tensor
    bones: LandmarkBones
    trunk: Tensor
    has_trunk: Tensor

    def __post_init__(self) -> None:
        batch = len(self.confidence)
        for name, shape in (
            ("keypoints_crop_px", (batch, NUM_KEYPOINTS, 2)),
            ("confidence", (batch, NUM_KEYPOINTS)),
            ("trunk", (batch, 2, TRUNK_SIZE)),
            ("has_trunk", (batch,)),
        ):
            actual = tuple(getattr(self, name).shape)
            if actual != shape:
                raise ShapeError(name, actual=actual, expected=str(shape))
        if len(self.bones) != batch:
            raise ShapeError(
                "bones", actual=self.bones.visibility.shape, expected=f"({batch}, 20) visibilities"
            )

    @classmethod
    def by_keypoints(cls, keypoints_crop_px: Tensor, confidence: Tensor) -> SeenPeople:
        """People whom no detector has looked at."""
        batch = len(confidence)
        return cls(
            keypoints_crop_px,
            confidence,
            LandmarkBones.none(batch),
            torch.zeros(batch, 2, TRUNK_SIZE),
            torch.zeros(batch, dtype=torch.bool),
        )

    def __len__(self) -> int:
        return len(self.confidence)

    @property
    def in_picture(self) -> Tensor:
        """``(B,)`` bool: of whom the detector has told more than keypoints."""
        return self.has_trunk | (self.bones.visibility > 0).any(1)

    def to(self, device: torch.device) -> SeenPeople:
        """The same on another device."""
        bones = self.bones
        return SeenPeople(
            self.keypoints_crop_px.to(device),
            self.confidence.to(device),
            LandmarkBones(
                bones.directions.to(device), bones.lengths_m.to(device), bones.visibility.to(device)
            ),
            self.trunk.to(device),
            self.has_trunk.to(device),
        )

    def rows(self, rows: Tensor) -> SeenPeople:
        """Some of the people."""
        bones = self.bones
        return SeenPeople(
            self.keypoints_crop_px[rows],
            self.confidence[rows],
            LandmarkBones(bones.directions[rows], bones.lengths_m[rows], bones.visibility[rows]),
            self.trunk[rows],
            self.has_trunk[rows],
        )

    def mirrored(self) -> SeenPeople:
        """The same people in the mirror, about x = 0."""
        return SeenPeople(
            mirrored_positions(self.keypoints_crop_px),
            mirrored_confidence(self.confidence),
            self.bones.mirrored(),
            self.trunk.flip(1),
            self.has_trunk,
        )


@dataclass(frozen=True, eq=False)
class HeadBodies:
    """B bodies without a camera.

    rotations: (B, 24, 3, 3), root first, the root in the crop's frame; betas: (B, 10).
    spread_rad: (B, 24), the root of the mean square angle by which each rotation is probably off.
    mirror_turn_rad: (B, 24), how far each joint turns when the same person is given mirrored.
    """

    rotations: Tensor
    betas: Tensor
    spread_rad: Tensor
    mirror_turn_rad: Tensor


class DetectorHead(DetectorHeadNetwork):
    """The network with the body that it was trained on, whose betas mean nothing to another one.

    Args:
        width: of every hidden layer.
        blocks: number of residual blocks.
        body_name: of that body; empty where unknown.
        mean_sixd: (144,) what the rotations are changes of.
        dropout: share of features left out in training.
    """

    def __init__(
        self,
        *,
        width: int,
        blocks: int,
        body_name: str = "",
        mean_sixd: Tensor | None = None,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(width=width, blocks=blocks, mean_sixd=mean_sixd, dropout=dropout)
        self.body_name = body_name
        self._frozen = False

    @property
    def width(self) -> int:
        """Of every hidden layer."""
        return self.stem.out_features

    def freeze_normalisation(self, *, frozen: bool = True) -> Self:
        """While frozen, dropout behaves in training as in use: for small sets."""
        self._frozen = frozen
        return self.train(self.training)

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002 - torch's own signature
        """As in torch, but what is frozen stays in evaluation mode."""
        super().train(mode)
        if self._frozen:
            for module in self.modules():
                if isinstance(module, nn.Dropout):
                    module.eval()
        return self

    @torch.no_grad()
    def bodies(self, people: SeenPeople) -> HeadBodies:
        """Estimate the bodies of people.

        Everybody is estimated mirrored too and the two are averaged: a little better, and left is
        treated exactly as right.
        """
        count = len(people)
        features = self.features_of(*network_inputs(people, people.mirrored()))
        rotations, betas = self.body_of(features)
        spread = self.spread_rad(features)
        # The geometric mean: a spread that is twice too large weighs as much as one half of it.
        of_both = (spread[:count] * spread[count:, list(SKELETON_FLIP)]).sqrt()
        straight, mirrored = rotations[:count], mirrored_rotations(rotations[count:])
        return HeadBodies(
            nearest_rotation(straight + mirrored),
            (betas[:count] + betas[count:]) / 2,
            of_both,
            geodesic_angle(straight, mirrored),
        )


def network_inputs(*parts: SeenPeople) -> tuple[Tensor, Tensor, Tensor]:
    """What ``DetectorHeadNetwork.features_of`` takes, the parts one after the other."""
    inputs = [
        head_input(part.keypoints_crop_px.double(), part.confidence.double(), part.bones)
        for part in parts
    ]
    trunk = [part.trunk[:, 0] for part in parts]
    has_trunk = [part.has_trunk for part in parts]
    return torch.cat(inputs).float(), torch.cat(trunk).float(), torch.cat(has_trunk)
