"""Vertex normals of meshes that move."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class VertexNormals:
    """Normals of a mesh whose faces stay and whose vertices move."""

    def __init__(self, faces: NDArray[np.integer], num_vertices: int) -> None:
        # Late: it takes longer to import than the window to open, and threads that draw come here.
        import scipy.sparse  # noqa: PLC0415

        self._faces = np.asarray(faces)
        rows = self._faces.ravel()
        columns = np.repeat(np.arange(len(self._faces)), 3)
        ones = np.ones(len(rows), dtype=np.float32)
        self._sum_of_faces = scipy.sparse.csr_array(
            (ones, (rows, columns)), shape=(num_vertices, len(self._faces))
        )

    def __call__(self, vertices: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unit normals ``(V, 3)`` of ``vertices (V, 3)``, faces weighted by their area."""
        corners = vertices[self._faces]
        first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        normals = self._sum_of_faces @ np.cross(first, second)
        length = np.sqrt(np.einsum("vc,vc->v", normals, normals))
        unit: NDArray[np.float32] = normals / np.maximum(length, 1e-12)[:, None]
        return unit
