"""Bodies look dressed, from their skinning weights alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from core.errors import ShapeError
from core.rendering.colors import (
    CURRENT_FIT_COLOR,
    FIRST_FIT_COLOR,
    LIFTER_COLOR,
    PREDICTION_COLOR,
)
from core.rendering.mannequin import BARE, GARMENTS, SHOES, TOP, TROUSERS, Mannequin, garment_shares
from core.rendering.normals import VertexNormals
from core.rendering.render_thread import RenderService
from core.rendering.views import crop_view

FAR = np.array([0.12, 0.35, 62.0], dtype=np.float32)


@pytest.fixture(scope="module")
def weights(open_body):
    return open_body.arrays.weights


@pytest.fixture(scope="module")
def mannequin(open_body, weights) -> Mannequin:
    return Mannequin(open_body.faces, weights)


@pytest.fixture(scope="module")
def dressing(open_body, weights) -> Iterator[RenderService]:
    with RenderService(open_body.faces, skinning_weights=weights) as running:
        yield running


def test_every_joint_wears_exactly_one_garment(weights):
    shares = garment_shares(np.eye(24))
    assert ((shares == 0) | (shares == 1)).all()
    np.testing.assert_array_equal(shares.sum(axis=1), 1)
    np.testing.assert_allclose(garment_shares(weights).sum(axis=1), 1, atol=1e-5)


def test_head_and_hands_are_bare_and_the_rest_is_worn_where_it_belongs(open_body, weights):
    garment = np.argmax(garment_shares(weights), axis=1)
    height = open_body.arrays.v_template[:, 1]
    mean_height = [float(height[garment == index].mean()) for index in range(len(GARMENTS))]
    order = [GARMENTS.index(part) for part in (SHOES, TROUSERS, TOP, BARE)]
    assert [mean_height[index] for index in order] == sorted(mean_height)
    for name, part in (("nose", BARE), ("lmiddle", BARE), ("LBigToe", SHOES)):
        assert GARMENTS[garment[open_body.arrays.vertex_ids[name]]] is part


def test_bare_normals_stay_and_those_of_cloth_are_unit_vectors_that_turn_less(
    open_body, weights, mannequin
):
    vertices = open_body.arrays.v_template.astype(np.float32)
    normals = VertexNormals(open_body.faces, len(vertices))(vertices)
    soft = mannequin.softened(normals)
    bare = garment_shares(weights)[:, GARMENTS.index(BARE)] > 0.999
    np.testing.assert_allclose(soft[bare], normals[bare], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(soft, axis=1), 1, atol=1e-4)

    top = garment_shares(weights)[:, GARMENTS.index(TOP)] > 0.999
    edges = open_body.faces[top[open_body.faces].all(axis=1)][:, :2]

    def turn(of: np.ndarray) -> float:
        return float(np.mean(1 - (of[edges[:, 0]] * of[edges[:, 1]]).sum(axis=1)))

    assert turn(soft) < 0.8 * turn(normals)


def test_clothes_change_no_outline_and_can_be_left_away(posed, dressing, service):
    view = crop_view(posed.vertices, FAR, size_px=300)
    dressed = dressing.submit(view).result()
    plain = dressing.submit(view, plain=True).result()
    bare = service.render(view)
    assert np.mean((dressed[..., 3] > 128) != (bare[..., 3] > 128)) < 1e-3
    np.testing.assert_array_equal(plain, bare)
    solid = dressed[..., 3] == 255
    assert np.abs(dressed[solid].astype(int) - bare[solid]).mean() > 10


def test_colours_that_mean_numbers_wear_no_clothes(posed, dressing, service):
    view = crop_view(posed.vertices, FAR, size_px=200)
    heat = np.tile(np.float32([0.2, 0.5, 0.9]), (len(posed.vertices), 1))
    np.testing.assert_array_equal(
        dressing.render(view, vertex_colors=heat), service.render(view, vertex_colors=heat)
    )


def test_dressed_bodies_of_each_kind_are_told_apart(posed, dressing):
    view = crop_view(posed.vertices, FAR, size_px=300)
    means = []
    for color in (PREDICTION_COLOR, CURRENT_FIT_COLOR, FIRST_FIT_COLOR, LIFTER_COLOR):
        drawn = dressing.render(view, color=color)
        means.append(drawn[drawn[..., 3] == 255, :3].astype(float).mean(axis=0))
    apart = [np.linalg.norm(a - b) for i, a in enumerate(means) for b in means[:i]]
    assert min(apart) > 15


def test_several_people_are_dressed_as_one_is(posed, dressing):
    view = crop_view(posed.vertices, FAR, size_px=300)
    alone = dressing.render(view, color=CURRENT_FIT_COLOR).astype(int)
    among = dressing.submit_people([view], colors=[CURRENT_FIT_COLOR]).result().astype(int)
    solid = (alone[..., 3] == 255) & (among[..., 3] == 255)
    assert np.abs(alone[solid] - among[solid]).mean() < 2


def test_weights_of_another_skeleton_are_refused(open_body):
    with pytest.raises(ShapeError, match="skinning_weights"):
        Mannequin(open_body.faces, np.zeros((6600, 23)))
