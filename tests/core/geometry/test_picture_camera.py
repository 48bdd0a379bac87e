"""From the cameras of whole pictures to those of crops."""

from __future__ import annotations

import numpy as np

from core.geometry.picture_camera import turned_to_axis


def test_what_is_seen_at_the_side_turns_to_the_middle_by_the_shortest_way() -> None:
    places = np.array([[1.0, -0.5, 3.0], [0.0, 0.0, 2.0], [-4.0, 0.0, 1.0]])
    turns = turned_to_axis(places)
    moved = np.einsum("nij,nj->ni", turns, places)
    lengths = np.linalg.norm(places, axis=1)
    np.testing.assert_allclose(moved, np.stack([0 * lengths, 0 * lengths, lengths], 1), atol=1e-12)
    cosines = (np.trace(turns, axis1=1, axis2=2) - 1) / 2
    np.testing.assert_allclose(cosines, places[:, 2] / lengths, atol=1e-12)
