"""The order in which the corners and faces of a mesh reach the graphics card."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class MeshOrder:
    """An order in which neighbours lie close together, for one set of faces.

    Software OpenGL computes a vertex again once some hundred others have come between: in SMPL's
    own order each twice (docs/measurements.md, "Rendering").

    faces: ``(F, 3)``. vertices: ``(V,)``, which vertex comes at which place. positions: ``(F, 3)``,
    the faces as places, in the order of their first.
    """

    def __init__(self, faces: NDArray[np.integer], num_vertices: int) -> None:
        # Late: see ``VertexNormals``.
        import scipy.sparse  # noqa: PLC0415
        import scipy.sparse.csgraph  # noqa: PLC0415

        corners = np.asarray(faces)
        starts = corners[:, [0, 1, 2, 1, 2, 0]].ravel()
        ends = corners[:, [1, 2, 0, 0, 1, 2]].ravel()
        touching = scipy.sparse.csr_array(
            (np.ones(len(starts), dtype=np.int8), (starts, ends)),
            shape=(num_vertices, num_vertices),
        )
        # Neighbours' numbers differ by as little as this finds: Cuthill and McKee, 1969.
        order = scipy.sparse.csgraph.reverse_cuthill_mckee(touching, symmetric_mode=True)
        self.vertices: NDArray[np.intp] = order.astype(np.intp)
        place = np.empty(num_vertices, dtype=np.uint32)
        place[self.vertices] = np.arange(num_vertices, dtype=np.uint32)
        placed = place[corners]
        self.by_place: NDArray[np.intp] = np.argsort(placed.min(axis=1), kind="stable")
        self.faces: NDArray[np.uint32] = np.ascontiguousarray(placed[self.by_place])
