"""Step 3b: fewer vertices, by half-edge collapses in mirrored pairs.

Every vertex that stays is one of the base mesh, so targets, weights and texture carry over. Costs
are quadric errors (Garland and Heckbert 1997) averaged over several shapes and poses, so that what
is flat in one body but round in another, or needed where a limb bends, is kept.
"""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

MAX_VALENCE = 11
MIN_NORMAL_COSINE = 0.25
MIN_TRIANGLE_QUALITY = 0.06
"""Twice the area over the longest side squared; an equilateral triangle has 0.87."""
EDGE_LENGTH_WEIGHT = 1e-7
LONG_EDGE_WEIGHT = 2e-6


class PairedSimplifier:
    """Collapses vertex ``u`` onto ``v`` and, in the same step, ``u``'s mirror onto ``v``'s.

    ``shapes (K, V, 3)`` are symmetric; the first is the mean, the last two are posed.
    """

    def __init__(
        self,
        faces: Indices,
        shapes: Array,
        mirror: Indices,
        *,
        importance: Array,
        fixed: frozenset[int],
    ) -> None:
        self.shapes, self.mirror = shapes, mirror.tolist()
        self.importance, self.fixed = importance, fixed
        self.homogeneous = np.concatenate([shapes, np.ones((*shapes.shape[:2], 1))], axis=-1)
        self.faces: dict[int, list[int]] = dict(enumerate(faces.tolist()))
        self.faces_of: dict[int, set[int]] = {int(vertex): set() for vertex in np.unique(faces)}
        for number, face in self.faces.items():
            for vertex in face:
                self.faces_of[vertex].add(number)
        self.quadrics = self._vertex_quadrics(faces)
        self.version = dict.fromkeys(self.faces_of, 0)
        self.queue: list[tuple[float, int, int, int, int]] = []

    def run(self, target_vertices: int) -> Indices:
        """The triangles ``(F, 3)`` left when ``target_vertices`` or no more collapses remain."""
        for vertex in list(self.faces_of):
            self._queue_collapses_of(vertex)
        while len(self.faces_of) > target_vertices and self.queue:
            _, version_u, version_v, u, v = heapq.heappop(self.queue)
            current = self.version.get(u) == version_u and self.version.get(v) == version_v
            if current and self._can_collapse_pair(u, v):
                self._collapse_pair(u, v)
        return np.array(list(self.faces.values()))

    def _vertex_quadrics(self, faces: Indices) -> dict[int, Array]:
        """Per vertex ``(K, 4, 4)``: the sum over its faces of area × plane × planeᵀ."""
        corners = self.shapes[:, faces]
        normals = np.cross(corners[:, :, 1] - corners[:, :, 0], corners[:, :, 2] - corners[:, :, 0])
        double_area = np.linalg.norm(normals, axis=-1, keepdims=True)
        normals = normals / np.maximum(double_area, 1e-12)
        offsets = -(normals * corners[:, :, 0]).sum(axis=-1, keepdims=True)
        planes = np.concatenate([normals, offsets], axis=-1)
        quadrics = (
            planes[..., :, None] * planes[..., None, :] * (double_area / 2)[..., None]
        ).transpose(1, 0, 2, 3)
        return {vertex: quadrics[list(around)].sum(0) for vertex, around in self.faces_of.items()}

    def _neighbours(self, vertex: int) -> set[int]:
        around = {other for number in self.faces_of[vertex] for other in self.faces[number]}
        around.discard(vertex)
        return around

    def _in_middle(self, vertex: int) -> bool:
        return self.mirror[vertex] == vertex

    def _on_left(self, vertex: int) -> bool:
        return bool(self.shapes[0, vertex, 0] > 0) and not self._in_middle(vertex)

    def _queue_collapses_of(self, u: int) -> None:
        """Left vertices go to left or middle ones, middle ones stay in the middle."""
        if u in self.fixed or not (self._in_middle(u) or self._on_left(u)):
            return
        for v in self._neighbours(u):
            if self._in_middle(v) or (self._on_left(v) and not self._in_middle(u)):
                entry = (self._cost(u, v), self.version[u], self.version[v], u, v)
                heapq.heappush(self.queue, entry)

    def _cost(self, u: int, v: int) -> float:
        at = self.homogeneous[:, v]
        quadric = self.quadrics[u] + self.quadrics[v]
        error = float(np.einsum("ki,kij,kj->k", at, quadric, at).mean())
        squared = float(((self.shapes[0, u] - self.shapes[0, v]) ** 2).sum())
        weighted = self.importance[u] * (error + EDGE_LENGTH_WEIGHT * squared)
        return float(weighted + LONG_EDGE_WEIGHT * squared**1.5)

    def _can_collapse_pair(self, u: int, v: int) -> bool:
        if not self._can_collapse(u, v):
            return False
        if self._in_middle(u):
            return True
        other_u, other_v = self.mirror[u], self.mirror[v]
        return other_u not in self._neighbours(u) and self._can_collapse(other_u, other_v)

    def _can_collapse(self, u: int, v: int) -> bool:
        """Keep a closed manifold, valence bounded, no face folded over or a sliver."""
        around_u, around_v = self._neighbours(u), self._neighbours(v)
        if len(around_u & around_v) != 2 or len(around_u | around_v) - 2 > MAX_VALENCE:
            return False
        before = [self.faces[number] for number in self.faces_of[u] if v not in self.faces[number]]
        after = [[v if vertex == u else vertex for vertex in face] for face in before]
        return self._stay_upright(before, after) and self._are_full(after)

    def _stay_upright(self, before: list[list[int]], after: list[list[int]]) -> bool:
        old, new = self._normals(before), self._normals(after)
        old_length, new_length = np.linalg.norm(old, axis=-1), np.linalg.norm(new, axis=-1)
        upright = (old * new).sum(axis=-1) >= MIN_NORMAL_COSINE * old_length * new_length
        return bool((upright & (new_length > 1e-10)).all())

    def _normals(self, faces: list[list[int]]) -> Array:
        """In the mean shape and the two posed ones: ``(3, F, 3)``."""
        corners = self.shapes[[0, -2, -1]][:, faces]
        first, second, third = corners[:, :, 0], corners[:, :, 1], corners[:, :, 2]
        return np.cross(second - first, third - first)

    def _are_full(self, faces: list[list[int]]) -> bool:
        corners = self.shapes[0, faces]
        sides = np.linalg.norm(corners - np.roll(corners, -1, axis=1), axis=-1)
        double_area = np.linalg.norm(self._normals(faces)[0], axis=-1)
        return bool((double_area >= MIN_TRIANGLE_QUALITY * sides.max(axis=1) ** 2).all())

    def _collapse_pair(self, u: int, v: int) -> None:
        pairs = [(u, v)]
        if not self._in_middle(u):
            pairs.append((self.mirror[u], self.mirror[v]))
        for gone, kept in pairs:
            self._collapse(gone, kept)
        touched = {kept for _, kept in pairs}
        for kept in touched:
            self.version[kept] += 1
        for vertex in set(touched).union(*(self._neighbours(kept) for kept in touched)):
            self._queue_collapses_of(vertex)

    def _collapse(self, u: int, v: int) -> None:
        for number in list(self.faces_of[u]):
            face = self.faces[number]
            if v in face:
                for vertex in face:
                    self.faces_of[vertex].discard(number)
                del self.faces[number]
            else:
                self.faces[number] = [v if vertex == u else vertex for vertex in face]
                self.faces_of[v].add(number)
        self.quadrics[v] = self.quadrics[v] + self.quadrics[u]
        del self.faces_of[u], self.version[u]
