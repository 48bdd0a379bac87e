"""Label maps: exact labels, the nearest part in front, nothing left behind for later drawings."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import ShapeError
from core.rendering.render_thread import RenderService
from core.rendering.views import crop_view


def test_a_silhouette_is_where_the_body_is_drawn(open_body, posed):
    view = crop_view(posed.vertices, posed.camera_translation, size_px=224)
    labels = np.full(len(open_body.faces), 7)
    with RenderService(open_body.faces) as rendering:
        before = rendering.render(view)
        seen = rendering.render_labels(view, labels)
        after = rendering.render(view)
    assert set(np.unique(seen)) == {0, 7}
    drawn = before[..., 3]
    # Only the softened outline may differ.
    assert ((seen > 0) != (drawn > 127)).mean() < 0.002
    np.testing.assert_array_equal(before, after)


def test_the_part_in_front_hides_the_one_behind(open_body, posed):
    """The left hand lies before the chest in this pose."""
    hand = open_body.arrays.weights[:, [20, 22]].sum(1) > 0.9
    labels = np.where(hand[open_body.faces].all(1), 200, 1)
    view = crop_view(posed.vertices, posed.camera_translation, size_px=224)
    with RenderService(open_body.faces) as rendering:
        seen = rendering.render_labels(view, labels)
    column, row = view.project(posed.joints[22] + posed.camera_translation).astype(int)
    assert seen[row, column] == 200
    assert set(np.unique(seen)) == {0, 1, 200}


def test_labels_must_be_one_a_face(open_body, posed):
    view = crop_view(posed.vertices, posed.camera_translation, size_px=32)
    with (
        RenderService(open_body.faces) as rendering,
        pytest.raises(ShapeError, match="face_labels"),
    ):
        rendering.render_labels(view, np.ones(3, int))
