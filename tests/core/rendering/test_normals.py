"""Normals of a mesh are the cross products of its faces' edges, summed at the vertices."""

from __future__ import annotations

import numpy as np
import pytest

from core.rendering.normals import VertexNormals


@pytest.mark.parametrize("kind", [np.uint32, np.int64])
def test_a_vertex_looks_where_its_faces_look_the_large_ones_most(kind):
    generator = np.random.default_rng(3)
    faces = generator.integers(0, 30, (80, 3)).astype(kind)
    vertices = generator.normal(size=(30, 3)).astype(np.float32)
    corners = vertices[faces]
    of_faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    summed = np.zeros((30, 3))
    np.add.at(summed, faces, of_faces[:, None])
    expected = summed / np.linalg.norm(summed, axis=1, keepdims=True)
    np.testing.assert_allclose(VertexNormals(faces, 30)(vertices), expected, atol=1e-5)
