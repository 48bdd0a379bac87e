"""A made-up body of few vertices, as the entries of a file."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from core.body.conventions import PICKED_VERTEX_NAMES, SKELETON_PARENTS

Entries = dict[str, object]


def made_entries(vertices: int) -> Entries:
    rng = np.random.default_rng(0)
    weights = rng.random((vertices, 24))
    regressor = rng.random((24, vertices))
    parents = np.array([2**32 - 1, *SKELETON_PARENTS[1:]], dtype=np.uint32)
    return {
        "v_template": rng.normal(size=(vertices, 3)),
        "shapedirs": rng.normal(size=(vertices, 3, 10)) * 0.01,
        "posedirs": (rng.normal(size=(vertices, 3, 207)) * 0.001).astype(np.float32),
        "J_regressor": regressor / regressor.sum(axis=1, keepdims=True),
        "weights": weights / weights.sum(axis=1, keepdims=True),
        "kintree_table": np.stack([parents, np.arange(24, dtype=np.uint32)]),
        "f": rng.integers(0, vertices, size=(50, 3)).astype(np.uint32),
    }


@pytest.fixture
def entries() -> Entries:
    """Arrays of SMPL's keys for 40 vertices, with the picked vertices named."""
    picked: NDArray[np.int64] = np.arange(len(PICKED_VERTEX_NAMES))
    return {
        **made_entries(40),
        "vertex_names": np.array(PICKED_VERTEX_NAMES),
        "vertex_indices": picked,
    }


@pytest.fixture
def entries_of() -> Callable[[int], Entries]:
    """Arrays of SMPL's keys for any number of vertices, without picked vertices."""
    return made_entries
