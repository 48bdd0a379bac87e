"""MoveNet MultiPose Lightning: a MobileNetV2, a feature pyramid, and six heads at a quarter's size.

Google's network (https://tfhub.dev/google/movenet/multipose/lightning/1, Apache-2.0), layer by
layer as its published graph has them; what follows the heads there is in ``movenet``.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from core.engine.detection.layers import (
    DepthwiseSeparable,
    InvertedResidual,
    SameConvolution,
    twice_as_large,
)
from core.errors import ShapeError

INPUT_MULTIPLE_PX = 32
"""Sides of the input must be multiples of this."""

STRIDE_PX = 4
"""Pixels of the input, along x and along y, that a cell of the heads stands for."""


@dataclass(frozen=True, eq=False)
class MoveNetHeads:
    """What the network says of each cell, ``(B, C, H / 4, W / 4)``, in cells, y before x.

    center: (B, 1, …) logit of a person's middle; box_size: (B, 2, …); box_offset: (B, 2, …) of the
    box's middle from the cell; heat: (B, 17, …) logits of keypoints; regression: (B, 34, …) of the
    17 keypoints from the person's middle; offset: (B, 34, …) of a keypoint within its cell.
    """

    center: Tensor
    box_size: Tensor
    box_offset: Tensor
    heat: Tensor
    regression: Tensor
    offset: Tensor


class MoveNetNetwork(nn.Module):
    """The network from pictures to heads."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            SameConvolution(3, 48, 3, stride=2),
            DepthwiseSeparable(48, 24, activations=("relu6", "none")),
        )
        self.quarter = _stage(24, 40, blocks=2)
        self.eighth = _stage(40, 48, blocks=3)
        self.sixteenth = _stage(48, 96, blocks=4)
        self.deepest = nn.Sequential(
            InvertedResidual(96, 144),
            InvertedResidual(144, 144),
            InvertedResidual(144, 144),
            *_stage(144, 240, blocks=3),
            InvertedResidual(240, 480),
            SameConvolution(480, 1280),
            SameConvolution(1280, 64, activation="none"),
        )
        self.pyramid = nn.ModuleList([_Merge(96, 64, 32), _Merge(48, 32, 24), _Merge(40, 24, 24)])
        self.heads = nn.ModuleList(_head(channels) for channels in (1, 2, 2, 17, 34, 34))

    def forward(self, pictures: Tensor) -> MoveNetHeads:
        """Pictures ``(B, 3, H, W)``, RGB from −1 to 1; H and W multiples of 32.

        Raises:
            ShapeError: for other shapes.
        """
        if pictures.ndim != 4 or pictures.shape[1] != 3 or _off_grid(pictures):
            raise ShapeError(
                "pictures", actual=pictures.shape, expected="(B, 3, H, W) in multiples of 32"
            )
        quarter = self.quarter(self.stem(pictures))
        eighth = self.eighth(quarter)
        sixteenth = self.sixteenth(eighth)
        features = self.deepest(sixteenth)
        for merge, finer in zip(self.pyramid, (sixteenth, eighth, quarter), strict=True):
            features = merge(features, finer)
        return MoveNetHeads(*(head(features) for head in self.heads))


class _Merge(nn.Module):
    """A step up the pyramid: coarse features enlarged, the finer ones added, then filtered."""

    def __init__(self, finer_channels: int, channels: int, channels_out: int) -> None:
        super().__init__()
        self.finer = SameConvolution(finer_channels, channels, activation="none")
        self.filter = _filter(channels, channels_out)

    def forward(self, coarse: Tensor, finer: Tensor) -> Tensor:
        output: Tensor = self.filter(self.finer(finer).add_(twice_as_large(coarse)))
        return output


def _stage(channels_in: int, channels_out: int, *, blocks: int) -> nn.Sequential:
    """Blocks of which the first one halves the size."""
    rest = (InvertedResidual(channels_out, channels_out) for _ in range(blocks - 1))
    return nn.Sequential(InvertedResidual(channels_in, channels_out, stride=2), *rest)


def _filter(channels_in: int, channels_out: int) -> DepthwiseSeparable:
    return DepthwiseSeparable(
        channels_in, channels_out, activations=("none", "relu"), depthwise_bias=False
    )


def _head(channels_out: int) -> nn.Sequential:
    return nn.Sequential(_filter(24, 96), SameConvolution(96, channels_out, activation="none"))


def _off_grid(pictures: Tensor) -> bool:
    return any(side == 0 or side % INPUT_MULTIPLE_PX for side in pictures.shape[2:])
