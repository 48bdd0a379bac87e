"""Small valid files of annotation tools, detectors and data sets, and their readers."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mutations
import numpy as np
import scipy.io
from fuzzed_reader import FuzzedReader

from core.formats.registry import FORMATS, guess_format

JOINT = [(20.0 + 4 * index, 30.0 + 2 * index) for index in range(20)]
"""In pictures of 200×100 px, one.png and 1.png; more joints lie where these do."""


def annotation_readers(folder: Path) -> list[FuzzedReader]:
    """All of them; the pictures lie in ``folder``."""
    return [*_data_sets(folder)]


def _reading(name: str, folder: Path) -> Callable[[Path], object]:
    """Reads everything, as a format and as what it is taken for."""

    def read(path: Path) -> list[str]:
        guess_format(path)
        source = FORMATS[name].open(path, folder, dataset="fuzz")
        return [str(result) for entry in source.entries for result in entry]

    return read


def _of_json(name: str, form: str, document: Any, folder: Path, file_name: str) -> FuzzedReader:
    content = json.dumps(document).encode()
    damaged = mutations.damaged_text(content)
    return FuzzedReader(name, damaged, file_name, _reading(form, folder))


def _of_bytes(
    name: str, form: str, files: list[bytes], folder: Path, file_name: str
) -> FuzzedReader:
    damaged = mutations.one_of_files(files, mutations.blindly_damaged)
    return FuzzedReader(name, damaged, file_name, _reading(form, folder))


def _data_sets(folder: Path) -> list[FuzzedReader]:
    listed = {
        "image": "one.png",
        "joints": [list(JOINT[i]) for i in range(16)],
        "joints_vis": [1] * 16,
        "center": [60.0, 50.0],
        "scale": 0.4,
    }
    points = _structs(
        [{"x": x, "y": y, "id": i, "is_visible": "1"} for i, (x, y) in enumerate(JOINT[:16])]
    )
    person = {"scale": 0.4, "objpos": {"x": 60.0, "y": 50.0}, "annopoints": {"point": points}}
    image = {"image": {"name": "one.png"}, "annorect": _structs([person, person])}
    release = {"RELEASE": {"annolist": _structs([image]), "version": "12"}}
    joints = {"joints": np.array([[[x, y, 1]] for x, y in JOINT[:14]]).transpose(2, 0, 1)}
    return [
        _of_json("MPII list", "mpii", [listed] * 2, folder, "mpii.json"),
        _of_bytes("MPII release", "mpii", _matlab_files(release), folder, "mpii.mat"),
        _of_bytes("LSP joints", "lsp", _matlab_files(joints), folder, "joints.mat"),
    ]  # fmt: skip


def _matlab_files(content: dict[str, Any]) -> list[bytes]:
    """Packed and, so that damage reaches what is inside, unpacked."""
    files = []
    for compressed in (False, False, True):
        stream = io.BytesIO()
        scipy.io.savemat(stream, content, do_compression=compressed)
        files.append(stream.getvalue())
    return files


def _structs(values: list[dict[str, Any]]) -> Any:
    names = list(values[0])
    array = np.empty((1, len(values)), dtype=[(name, object) for name in names])
    for index, value in enumerate(values):
        array[0, index] = tuple(value[name] for name in names)
    return array
