"""Several views in one target: each as if it had been drawn alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import RenderingError
from core.rendering.mesh_order import MeshOrder
from core.rendering.normals import VertexNormals
from core.rendering.tiles import body_box, packed
from core.rendering.views import CAMERA, SIDE, TOP, crop_view


def test_packed_boxes_lie_within_the_target_and_none_over_another():
    generator = np.random.default_rng(0)
    sizes = [(int(w), int(h)) for w, h in generator.integers(1, 90, (40, 2))]
    places, (width, height) = packed(sizes)
    taken = np.zeros((height, width), int)
    for (left, top), (wide, high) in zip(places, sizes, strict=True):
        taken[top : top + high, left : left + wide] += 1
    assert taken.max() == 1
    assert taken.sum() == sum(wide * high for wide, high in sizes)
    assert taken.mean() > 0.6, "a target with little in it is read back for nothing"


@pytest.mark.parametrize("angle", [CAMERA, TOP, SIDE])
@pytest.mark.parametrize("zoom", [1.0, 4.0])
def test_nothing_of_a_body_lies_beside_its_box(posed, service, angle, zoom):
    view = crop_view(posed.vertices, posed.camera_translation, size_px=160, angle=angle, zoom=zoom)
    box = body_box(view)
    drawn = service.render(view)[..., 3] > 0
    beside = drawn.copy()
    beside[box.part] = False
    assert drawn.any()
    assert not beside.any()
    if zoom == 1.0:
        assert box.width * box.height < 160 * 160


def test_a_body_beside_the_view_or_about_the_camera_is_drawn_all_the_same(posed, service):
    aside = crop_view(posed.vertices, posed.camera_translation, size_px=64, pan_px=(500.0, 0.0))
    assert body_box(aside).is_empty
    assert not service.render(aside).any()
    near = np.array([0.0, 0.0, 0.3], dtype=np.float32)
    about = crop_view(posed.vertices, near, size_px=64)
    assert service.render(about).any()


def test_views_drawn_together_are_those_drawn_one_by_one(posed, service):
    """Of several sizes, one bent over the border, one in other colours."""
    views = [
        crop_view(posed.vertices, posed.camera_translation, size_px=size_px, angle=angle, zoom=zoom)
        for size_px, angle, zoom in ((120, CAMERA, 1.0), (75, TOP, 1.0), (90, SIDE, 3.0))
    ]
    alone = [service.render(view) for view in views]
    gate = service.submit(replace(views[0], width=640, height=640), priority=9)
    together = [service.submit(view, priority=1) for view in views]
    gate.result(30)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other.result(30))


def test_a_view_that_cannot_be_drawn_spoils_no_other(posed, service):
    view = crop_view(posed.vertices, posed.camera_translation, size_px=64)
    wanted = service.render(view)
    large = crop_view(posed.vertices, posed.camera_translation, size_px=9000)
    gate = service.submit(replace(view, width=640, height=640), priority=9)
    good, bad = service.submit(view, priority=1), service.submit(large, priority=1)
    gate.result(30)
    np.testing.assert_array_equal(good.result(30), wanted)
    with pytest.raises(RenderingError, match="too large"):
        bad.result(30)


def test_a_body_cut_by_the_border_is_as_dense_there_as_inside(posed, service):
    """Averaged with nothing beyond the border, its last pixels would be half transparent."""
    view = crop_view(posed.vertices, posed.camera_translation, size_px=120, zoom=6.0)
    alpha = service.render(view)[..., 3]
    wide = crop_view(posed.vertices, posed.camera_translation, size_px=120, zoom=6.0)
    beyond = service.render(wide.before_bending(9))[9:-9, 9:-9, 3]
    assert (alpha[:, 0] == 255).any() or (alpha[-1] == 255).any()
    np.testing.assert_array_equal(alpha, beyond)


def test_the_order_keeps_the_mesh_and_brings_neighbours_together(open_body):
    faces = open_body.faces
    order = MeshOrder(faces, len(open_body.arrays.weights))
    back = order.vertices[order.faces]
    np.testing.assert_array_equal(back, np.asarray(faces)[order.by_place])
    assert sorted(order.vertices.tolist()) == list(range(len(order.vertices)))
    spread = (order.faces.max(axis=1) - order.faces.min(axis=1).astype(int)).mean()
    assert spread < 0.05 * len(order.vertices)


def test_normals_of_several_bodies_are_those_of_each(open_body, posed):
    normals = VertexNormals(open_body.faces, len(posed.vertices))
    bodies = np.stack([posed.vertices, 2 * posed.vertices[:, [1, 2, 0]]])
    together = normals(bodies)
    for body, found in zip(bodies, together, strict=True):
        np.testing.assert_allclose(found, normals(body), atol=1e-6)
