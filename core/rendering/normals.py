"""Vertex normals of meshes that move."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class VertexNormals:
    """Normals of a mesh whose faces stay and whose vertices move."""

    def __init__(self, faces: NDArray[np.integer], num_vertices: int) -> None:
        # Late: it takes longer to import than the window to open, and threads that draw come here.
        import scipy.sparse  # noqa: PLC0415

        # Corner by corner, and as NumPy's own whole numbers: others are converted at each look-up.
        self._corners = np.ascontiguousarray(np.asarray(faces).T, dtype=np.intp)
        rows = np.asarray(faces).ravel()
        columns = np.repeat(np.arange(len(faces)), 3)
        ones = np.ones(len(rows), dtype=np.float32)
        self._sum_of_faces = scipy.sparse.csr_array(
            (ones, (rows, columns)), shape=(num_vertices, len(faces))
        )

    def __call__(self, vertices: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unit normals of ``vertices``, ``(V, 3)`` or ``(B, V, 3)``, faces weighted by their area.

        Several bodies at once cost less than one after the other: the sparse product takes as long
        for nine columns as for three.
        """
        bodies = vertices.reshape(-1, *vertices.shape[-2:])
        of_faces = np.concatenate([self._of_faces(body) for body in bodies], axis=1)
        normals = in_bodies(self._sum_of_faces @ of_faces)
        length = np.sqrt(np.einsum("bvc,bvc->bv", normals, normals))
        unit: NDArray[np.float32] = normals / np.maximum(length, 1e-12)[..., None]
        return unit.reshape(vertices.shape)

    def _of_faces(self, vertices: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cross products ``(F, 3)`` of two edges, twice as long as the areas.

        Coordinate by coordinate: along what lies together NumPy takes a fifth of the time of
        ``cross``.
        """
        apex, first, second = self._corners
        edges = [
            (along[first] - along[apex], along[second] - along[apex])
            for along in np.ascontiguousarray(vertices.T)
        ]
        (ax, bx), (ay, by), (az, bz) = edges
        normals = np.empty((len(apex), 3), dtype=vertices.dtype)
        normals[:, 0] = ay * bz - az * by
        normals[:, 1] = az * bx - ax * bz
        normals[:, 2] = ax * by - ay * bx
        return normals


def side_by_side(bodies: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors ``(B, V, 3)`` of some bodies as the columns ``(V, 3 B)`` of a sparse product."""
    count, vertices, _ = bodies.shape
    return np.ascontiguousarray(bodies.transpose(1, 0, 2)).reshape(vertices, 3 * count)


def in_bodies(columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """The inverse of ``side_by_side``."""
    return columns.reshape(len(columns), -1, 3).transpose(1, 0, 2)
