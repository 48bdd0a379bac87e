"""The convolutions that both networks are made of, with TensorFlow's padding.

Activations are applied in place, biases inside the convolution, and tensors lie channels-last, as
the processor's kernels want them. Everything runs under ``torch.inference_mode``.
"""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn
from torch.nn import functional

Activation = Literal["none", "relu", "relu6"]


class SameConvolution(nn.Module):
    """A convolution whose output has its input's size, divided by the stride.

    TensorFlow pads ``k − s`` rows about an even input, the odd one below and to the right; where a
    graph pads ``k // 2`` rows on all sides beforehand, as PyTorch does, ``pads_evenly`` is set. The
    two agree for a stride of 1.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int = 1,
        *,
        stride: int = 1,
        depthwise: bool = False,
        pads_evenly: bool = False,
        bias: bool = True,
        activation: Activation = "relu6",
    ) -> None:
        super().__init__()
        pads_itself = stride == 1 or pads_evenly
        self.convolution = nn.Conv2d(
            channels_in,
            channels_out,
            kernel,
            stride=stride,
            padding=kernel // 2 if pads_itself else 0,
            groups=channels_in if depthwise else 1,
            bias=bias,
        )
        self._activation = activation
        self._padding = None if pads_itself else _uneven_padding(kernel, stride)

    def forward(self, features: Tensor) -> Tensor:
        """Features ``(B, C, H, W)`` with even H and W to ``(B, D, H / stride, W / stride)``."""
        if self._padding is not None:
            features = functional.pad(features, self._padding)
        output: Tensor = self.convolution(features)
        if self._activation == "relu6":
            return functional.relu6(output, inplace=True)
        return functional.relu(output, inplace=True) if self._activation == "relu" else output


class DepthwiseSeparable(nn.Module):
    """A convolution of each channel alone, then one across channels."""

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int = 3,
        *,
        stride: int = 1,
        pads_evenly: bool = False,
        activations: tuple[Activation, Activation] = ("relu6", "relu6"),
        depthwise_bias: bool = True,
    ) -> None:
        super().__init__()
        self.each = SameConvolution(
            channels_in,
            channels_in,
            kernel,
            stride=stride,
            depthwise=True,
            pads_evenly=pads_evenly,
            bias=depthwise_bias,
            activation=activations[0],
        )
        self.across = SameConvolution(channels_in, channels_out, activation=activations[1])

    def forward(self, features: Tensor) -> Tensor:
        """``(B, C, H, W)`` to ``(B, D, H / stride, W / stride)``."""
        output: Tensor = self.across(self.each(features))
        return output


class InvertedResidual(nn.Module):
    """MobileNetV2's block (Sandler et al. 2018, section 3.3): widen, filter each channel, narrow.

    The input is added where it has the output's shape.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int = 3,
        *,
        stride: int = 1,
        widening: int = 6,
        pads_evenly: bool = False,
    ) -> None:
        super().__init__()
        wide = widening * channels_in
        self.widen = SameConvolution(channels_in, wide)
        self.narrow = DepthwiseSeparable(
            wide,
            channels_out,
            kernel,
            stride=stride,
            pads_evenly=pads_evenly,
            activations=("relu6", "none"),
        )
        self._adds_input = stride == 1 and channels_in == channels_out

    def forward(self, features: Tensor) -> Tensor:
        """``(B, C, H, W)`` to ``(B, D, H / stride, W / stride)``."""
        output: Tensor = self.narrow(self.widen(features))
        return output.add_(features) if self._adds_input else output


def twice_as_large(features: Tensor) -> Tensor:
    """``(B, C, H, W)`` to ``(B, C, 2 H, 2 W)``, linear between the centres of pixels."""
    return functional.interpolate(features, scale_factor=2.0, mode="bilinear", align_corners=False)


def _uneven_padding(kernel: int, stride: int) -> tuple[int, int, int, int]:
    """Left, right, top, bottom of an even input."""
    low, high = (kernel - stride) // 2, (kernel - stride + 1) // 2
    return low, high, low, high
