"""BlazePose GHUM full: landmarks of one person in a crop, in pixels and in metres.

Google's network (Bazarevsky et al. 2020, https://arxiv.org/abs/2006.10204; npm @mediapipe/pose,
Apache-2.0), layer by layer as its published graph has them, without the segmentation.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

from core.engine.detection.layers import (
    DepthwiseSeparable,
    InvertedResidual,
    SameConvolution,
    twice_as_large,
)
from core.errors import ShapeError

INPUT_SIDE_PX = 256
HEAT_SIDE = 64
POINTS = 39
"""33 landmarks, 2 of the region of interest, 4 unused."""

_WIDTH = 288


@dataclass(frozen=True, eq=False)
class BlazePoseOutputs:
    """What the network says of B crops.

    points: (B, 39, 5) x, y in crop pixels, z, logits of visibility and presence; world: (B, 39, 3)
    metres about the hips; person_logit: (B,); heat: (B, 39, 64, 64) logits.
    """

    points: Tensor
    world: Tensor
    person_logit: Tensor
    heat: Tensor


class BlazePoseNetwork(nn.Module):
    """The network from crops to landmarks."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            SameConvolution(3, 24, 3, stride=2, pads_evenly=True),
            DepthwiseSeparable(24, 16, activations=("relu6", "none")),
        )
        self.quarter = nn.Sequential(
            InvertedResidual(16, 24, stride=2, widening=4, pads_evenly=True),
            InvertedResidual(24, 24),
        )
        self.eighth = _stage(24, 32, 5, blocks=2)
        self.sixteenth = nn.Sequential(
            *_stage(32, 64, 3, blocks=3), *(InvertedResidual(c, 88, 5) for c in (64, 88, 88))
        )
        self.deepest = nn.Sequential(
            *_stage(88, 144, 5, blocks=4),
            SameConvolution(144, 864),
            SameConvolution(864, 864, 3, depthwise=True),
        )
        self.coarse_heat = DepthwiseSeparable(864, 48)
        self.pyramid = nn.ModuleList(DepthwiseSeparable(c, 48) for c in (88, 32, 24))
        self.heat = SameConvolution(48, POINTS, activation="none")
        self.pose = nn.Sequential(
            DepthwiseSeparable(864, _WIDTH),
            *(_PoseBlock(stride=stride) for stride in (2, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1)),
        )
        self.points = nn.Conv2d(_WIDTH, 5 * POINTS, 2)
        self.person = nn.Conv2d(_WIDTH, 1, 2)
        self.world = nn.Conv2d(_WIDTH, 3 * POINTS, 2)

    def forward(self, crops: Tensor) -> BlazePoseOutputs:
        """Crops ``(B, 3, 256, 256)``, RGB from 0 to 1.

        Raises:
            ShapeError: for other shapes.
        """
        if crops.ndim != 4 or crops.shape[1:] != (3, INPUT_SIDE_PX, INPUT_SIDE_PX):
            raise ShapeError("crops", actual=crops.shape, expected="(B, 3, 256, 256)")
        quarter = self.quarter(self.stem(crops))
        eighth = self.eighth(quarter)
        sixteenth = self.sixteenth(eighth)
        deepest = self.deepest(sixteenth)
        heat = self.coarse_heat(deepest)
        for finer, features in zip(self.pyramid, (sixteenth, eighth, quarter), strict=True):
            heat = finer(features).add_(twice_as_large(heat))
        pose = self.pose(deepest)
        return BlazePoseOutputs(
            points=self.points(pose).view(-1, POINTS, 5),
            world=self.world(pose).view(-1, POINTS, 3),
            person_logit=self.person(pose).view(-1),
            heat=self.heat(heat),
        )


class _PoseBlock(nn.Module):
    """Input and its filtered self added, then clamped; halved both where the stride is 2."""

    def __init__(self, *, stride: int) -> None:
        super().__init__()
        self.filter = DepthwiseSeparable(
            _WIDTH, _WIDTH, stride=stride, activations=("relu6", "none")
        )
        self._stride = stride

    def forward(self, features: Tensor) -> Tensor:
        filtered: Tensor = self.filter(features)
        if self._stride > 1:
            features = functional.max_pool2d(features, self._stride)
        return functional.relu6(filtered.add_(features), inplace=True)


def _stage(channels_in: int, channels_out: int, kernel: int, *, blocks: int) -> nn.Sequential:
    """Blocks of which the first one halves the size."""
    rest = (InvertedResidual(channels_out, channels_out, kernel) for _ in range(blocks - 1))
    halving = InvertedResidual(channels_in, channels_out, kernel, stride=2, pads_evenly=True)
    return nn.Sequential(halving, *rest)
