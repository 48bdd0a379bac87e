"""Step 3a: one closed, left-right symmetric triangle surface from the base mesh.

Mouth and eye cavities are islands of the texture map; they are removed together with the edge
loops up to where lips and lids meet. Nipples are what the target that shapes them moves. Every hole
is closed by a fan about one new vertex: the foremost point of the eyeball, or the rim's mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from resources.open_body.build import base_mesh
from resources.open_body.build.base_mesh import NUM_KEPT_VERTICES

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

MOUTH_RINGS = 2
EYE_RINGS = 3
NUM_CAVITIES = 3
NIPPLE_TARGET = "breast/nipple-point-incr"


@dataclass(frozen=True, eq=False)
class Surface:
    """Triangles ``(F, 3)``; vertices from ``NUM_KEPT_VERTICES`` on are caps.

    ``cap_sources`` names the vertices whose mean each cap is; ``mirror`` pairs left and right.
    ``fixed_caps`` are the mouth's and the eyes', which simplification must keep.
    """

    faces: Indices
    cap_sources: list[list[int]]
    mirror: Indices
    fixed_caps: frozenset[int]

    def extended(self, values: NDArray[np.floating]) -> Array:
        """Values ``(14742, C)`` of the base mesh with those of the caps behind them."""
        caps = [values[sources].mean(axis=0, keepdims=True) for sources in self.cap_sources]
        return np.concatenate([values, *caps]).astype(np.float64)


def closed_surface(mean: Array) -> Surface:
    """The surface, given the mean shape ``(14742, 3)`` in T-pose."""
    quads, textures = base_mesh.body_faces()
    mirror = base_mesh.mirror_of_vertices()
    nipples = np.isin(quads, base_mesh.vertices_moved_by(NIPPLE_TARGET)).any(axis=1)
    quads = quads[~(_cavities(quads, textures, mirror) | nipples)]
    triangles = _split_symmetrically(quads, mean, mirror)
    rims = _rims(quads)
    sources = [_cap_source(rim, mean) for rim in rims]
    caps = NUM_KEPT_VERTICES + np.arange(len(rims))
    fans = [
        [start, int(cap), end]
        for rim, cap in zip(rims, caps, strict=True)
        for start, end in zip(rim, rim[1:] + rim[:1], strict=True)
    ]
    on_head = {int(cap) for cap, rim in zip(caps, rims, strict=True) if mean[rim, 1].mean() > 0.45}
    return Surface(
        faces=np.concatenate([triangles, np.array(fans)]),
        cap_sources=sources,
        mirror=np.concatenate([mirror, _mirrored_caps(sources, mirror)]),
        fixed_caps=frozenset(on_head),
    )


def _cavities(quads: Indices, textures: Indices, mirror: Indices) -> NDArray[np.bool_]:
    """Which quads lie inside mouth and eye sockets: the three smallest texture islands, grown."""
    island = _islands(textures)
    sizes = np.bincount(island)
    removed = np.zeros(len(quads), bool)
    for smallest in np.argsort(sizes)[:NUM_CAVITIES]:
        inside = island == smallest
        vertices = np.unique(quads[inside])
        is_mouth = set(mirror[vertices]) == set(vertices)
        for _ in range(MOUTH_RINGS if is_mouth else EYE_RINGS):
            inside |= np.isin(quads, quads[inside]).any(axis=1)
        removed |= inside
    return removed


def _islands(faces: Indices) -> Indices:
    """A number for each face: faces that share a corner have the same."""
    edges = np.concatenate([faces[:, [i, (i + 1) % faces.shape[1]]] for i in range(faces.shape[1])])
    count = int(faces.max()) + 1
    graph = scipy.sparse.coo_matrix((np.ones(len(edges)), edges.T), shape=(count, count))
    labels = connected_components(graph, directed=False)[1][faces[:, 0]]
    return np.unique(labels, return_inverse=True)[1]


def _split_symmetrically(quads: Indices, mean: Array, mirror: Indices) -> Indices:
    """Each quad by its shorter diagonal; a quad and its mirror image by the same one."""
    triangles: list[list[int]] = []
    present = {tuple(sorted(quad)) for quad in quads.tolist()}
    done: set[tuple[int, ...]] = set()
    for quad in quads.tolist():
        key, mirrored = tuple(sorted(quad)), tuple(sorted(mirror[quad].tolist()))
        if key in done:
            continue
        a, b, c, d = quad
        if np.linalg.norm(mean[a] - mean[c]) <= np.linalg.norm(mean[b] - mean[d]):
            halves = [[a, b, c], [a, c, d]]
        else:
            halves = [[a, b, d], [b, c, d]]
        triangles += halves
        done.add(key)
        if mirrored in present and mirrored not in done:
            triangles += [mirror[half[::-1]].tolist() for half in halves]
            done.add(mirrored)
    return np.array(triangles)


def _rims(quads: Indices) -> list[list[int]]:
    """The holes' borders as closed loops of vertices, in the direction of the faces' edges."""
    edges = {
        (int(start), int(end))
        for quad in quads
        for start, end in zip(quad, np.roll(quad, -1), strict=True)
    }
    following = {start: end for start, end in sorted(edges) if (end, start) not in edges}
    rims = []
    while following:
        rim, vertex = [], next(iter(following))
        while vertex in following:
            rim.append(vertex)
            vertex = following.pop(vertex)
        rims.append(rim)
    return rims


def _cap_source(rim: list[int], mean: Array) -> list[int]:
    center = mean[rim].mean(axis=0)
    helpers = base_mesh.LEFT_EYE_HELPER if center[0] > 0 else base_mesh.RIGHT_EYE_HELPER
    eye = mean[helpers.start : helpers.stop]
    if np.linalg.norm(eye.mean(axis=0) - center) > 0.03:
        return rim
    return [helpers.start + int(eye[:, 2].argmax())]


def _mirrored_caps(sources: list[list[int]], mirror: Indices) -> Indices:
    return NUM_KEPT_VERTICES + np.array(
        [
            next(
                index
                for index, other in enumerate(sources)
                if set(mirror[source].tolist()) == set(other)
            )
            for source in sources
        ]
    )
