"""Reads the convolutions of a TensorFlow.js graph in the order in which they are computed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import SetupError

HalfArray = NDArray[np.float16]

_CONVOLUTIONS = ("_FusedConv2D", "FusedDepthwiseConv2dNative", "DepthwiseConv2dNative")


@dataclass(frozen=True, eq=False)
class GraphConvolution:
    """kernel: (H, W, C, D), depthwise (H, W, C, 1); bias: (D,), None where there is none."""

    kernel: HalfArray
    bias: HalfArray | None
    depthwise: bool

    @property
    def torch_kernel(self) -> HalfArray:
        """``(D, C, H, W)``, depthwise ``(C, 1, H, W)``."""
        order = (2, 3, 0, 1) if self.depthwise else (3, 2, 0, 1)
        return np.ascontiguousarray(self.kernel.transpose(order))


class TfjsGraph:
    """A graph with its weights, which must be in half precision."""

    def __init__(self, model_json: bytes, weights: bytes) -> None:
        content = json.loads(model_json)
        topology = content["modelTopology"]
        nodes = topology.get("modelTopology", topology)["node"]
        self._nodes: Mapping[str, Any] = {node["name"]: node for node in nodes}
        self._weights = _weights(content["weightsManifest"], weights)

    def convolutions(self, outputs: Sequence[str]) -> list[GraphConvolution]:
        """All that the outputs need, each before what needs it, depth first."""
        nodes = [self._nodes[name] for name in self._order(outputs)]
        return [self._convolution(node) for node in nodes if node["op"] in _CONVOLUTIONS]

    def _convolution(self, node: Mapping[str, Any]) -> GraphConvolution:
        inputs = node["input"]
        bias = self._half(inputs[2]) if node["op"].startswith(("_Fused", "Fused")) else None
        return GraphConvolution(self._half(inputs[1]), bias, "Depthwise" in node["op"])

    def _half(self, name: str) -> HalfArray:
        weight = self._weights[name]
        if weight.dtype != np.float16:
            raise SetupError(f"{name} is of {weight.dtype}, expected float16.")
        return weight.astype(np.float16, copy=False)

    def _order(self, outputs: Sequence[str]) -> list[str]:
        order: list[str] = []
        seen: set[str] = set()
        stack = [(name, False) for name in reversed(outputs)]
        while stack:
            name, inputs_done = stack.pop()
            if inputs_done:
                order.append(name)
            elif name not in seen:
                seen.add(name)
                inputs = self._nodes[name].get("input", [])
                stack.append((name, True))
                stack += [(entry.split(":")[0].lstrip("^"), False) for entry in reversed(inputs)]
        return order


def _weights(manifest: Sequence[Any], data: bytes) -> dict[str, NDArray[np.generic]]:
    """Arrays by name, cut out of the groups' one file."""
    weights: dict[str, NDArray[np.generic]] = {}
    offset = 0
    for entry in (entry for group in manifest for entry in group["weights"]):
        dtype = np.dtype(entry.get("quantization", {}).get("dtype", entry["dtype"]))
        count = int(np.prod(entry["shape"]))
        values = np.frombuffer(data, dtype, count, offset)
        weights[entry["name"]] = values.reshape(entry["shape"])
        offset += values.nbytes
    if offset != len(data):
        raise SetupError(f"The weights have {len(data)} bytes, the graph names {offset}.")
    return weights
