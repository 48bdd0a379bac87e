"""What is drawn, compared with what the projection says."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.errors import RenderingError, ShapeError
from core.geometry.boxes import Box
from core.rendering.colors import CURRENT_FIT_COLOR, FIRST_FIT_COLOR, PREDICTION_COLOR
from core.rendering.normals import VertexNormals
from core.rendering.views import CAMERA, SIDE, TOP, ViewAngle, crop_view, picture_view

# The whole body in view: farther away than a real crop would have it.
FAR = np.array([0.12, 0.35, 62.0], dtype=np.float32)


def _inside(points, view):
    return ((points >= 0) & (points < (view.width, view.height))).all(axis=1)


@pytest.mark.parametrize("angle", [CAMERA, TOP, SIDE, ViewAngle(-0.9, 0.4)])
def test_silhouette_is_where_the_projected_vertices_are(posed, service, angle):
    view = crop_view(posed.vertices, FAR, size_px=300, angle=angle)
    covered = service.render(view)[..., 3] >= 128
    vertices = view.project(view.vertices_camera)
    assert _inside(vertices, view).all()
    rows, columns = np.nonzero(covered)
    drawn = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
    projected = np.concatenate([vertices.min(axis=0), vertices.max(axis=0)])
    np.testing.assert_allclose(drawn, projected, atol=1.5)

    near_mask = cv2.dilate(covered.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    pixels = np.rint(vertices).astype(int)
    assert near_mask[pixels[:, 1], pixels[:, 0]].all()


def test_silhouette_is_no_larger_than_the_projected_faces(posed, service, open_body):
    view = crop_view(posed.vertices, FAR, size_px=200)
    large = np.zeros((1600, 1600), np.uint8)
    # cv2 counts from pixel middles, too, and paints every pixel it touches.
    corners = (8 * (view.project(view.vertices_camera) + 0.5) - 0.5)[open_body.faces]
    for triangle in np.rint(corners * 16).astype(np.int32):
        cv2.fillConvexPoly(large, triangle, 255, lineType=cv2.LINE_8, shift=4)
    expected = cv2.resize(large, (200, 200), interpolation=cv2.INTER_AREA) > 127
    covered = service.render(view)[..., 3] >= 128
    assert np.mean(covered != expected) < 0.004
    assert covered.mean() > 0.03


def test_left_elbow_is_drawn_at_the_right_of_the_picture(posed, service):
    """Guards against mirrored views: the body faces the camera, its right arm hangs."""
    view = crop_view(posed.vertices, FAR, size_px=300)
    covered = service.render(view)[..., 3] > 0
    right_hand, left_shoulder = view.project(posed.joints[[23, 16]] + FAR)
    middle = view.project(posed.joints[0] + FAR)[0]
    assert right_hand[0] < middle < left_shoulder[0]
    assert covered[int(right_hand[1]), int(right_hand[0])]
    mirrored_x = int(2 * middle - right_hand[0])
    assert not covered[int(right_hand[1]), mirrored_x]


def test_the_nearer_limb_hides_the_farther_one(posed, service, open_body):
    """Painted per vertex, the forward arm must cover the chest from the camera, not from behind."""
    nearest = open_body.arrays.weights.argmax(axis=1)
    is_arm = np.isin(nearest, [16, 18, 20, 22])
    colors = np.where(is_arm[:, None], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]).astype(np.float32)
    wrist = posed.joints[20] + FAR

    def reddest(angle):
        view = crop_view(posed.vertices, FAR, size_px=400, angle=angle)
        picture = service.render(view, color=(1.0, 1.0, 1.0), vertex_colors=colors)
        x, y = view.project(wrist).astype(int)
        return picture[y, x]

    hand, behind = reddest(CAMERA), reddest(ViewAngle(np.pi, 0.0))
    assert int(hand[0]) - int(hand[2]) > 60
    assert int(behind[0]) - int(behind[2]) < -60


def test_background_is_exactly_zero_and_the_body_is_opaque(posed, service):
    picture = service.render(crop_view(posed.vertices, FAR, size_px=300))
    alpha = picture[..., 3]
    assert picture.dtype == np.uint8
    assert (picture[alpha == 0] == 0).all()
    assert (alpha == 255).sum() > 1500
    assert 0 < ((alpha > 0) & (alpha < 255)).sum() < (alpha == 255).sum()


def test_edges_keep_the_colour_of_the_body(posed, service):
    """Averaged with an empty background, edge pixels turn dark: a black fringe."""
    picture = service.render(crop_view(posed.vertices, FAR, size_px=300), color=(1.0, 1.0, 1.0))
    edge = picture[(picture[..., 3] > 0) & (picture[..., 3] < 128)].astype(float)
    assert np.median(255 * edge[:, :3] / edge[:, 3:]) > 60


@pytest.mark.parametrize("supersampling", [2, 3])
def test_supersampling_draws_the_same_body_at_the_same_place(posed, service, supersampling):
    view = crop_view(posed.vertices, FAR, size_px=200)
    fast = service.render(view)
    fine = service.render(view, supersampling=supersampling)
    assert fine.shape == fast.shape
    assert np.mean((fine[..., 3] > 127) != (fast[..., 3] > 127)) < 0.004
    both = (fine[..., 3] == 255) & (fast[..., 3] == 255)
    assert np.abs(fine[both].astype(int) - fast[both]).mean() < 6


def test_a_wireframe_leaves_what_lies_between_its_lines_free(posed, service):
    view = crop_view(posed.vertices, FAR, size_px=600)
    solid = service.render(view)[..., 3] > 0
    lines = service.submit(view, wireframe=True).result()[..., 3] > 0
    assert lines[solid].mean() < 0.8
    around = cv2.dilate(solid.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert not (lines & ~around).any()
    again = service.render(view)[..., 3] > 0
    assert (again == solid).all(), "the next one is solid again"


def test_picture_view_aligns_with_the_crop(posed, service):
    box = Box(300.0, 240.0, 224.0)
    crop = service.render(crop_view(posed.vertices, FAR, size_px=224))
    picture = service.render(picture_view(posed.vertices, FAR, box=box, picture_size_px=(640, 480)))
    window = picture[128:352, 188:412]
    assert np.mean(np.abs(window[..., 3].astype(int) - crop[..., 3]) > 64) < 0.002
    assert picture[..., 3].astype(int).sum() == pytest.approx(crop[..., 3].astype(int).sum(), 0.01)


def test_shading_shows_the_shape_and_colours_are_told_apart(posed, service):
    view = crop_view(posed.vertices, FAR, size_px=300)
    means = []
    for color in (PREDICTION_COLOR, CURRENT_FIT_COLOR, FIRST_FIT_COLOR):
        picture = service.render(view, color=color)
        body = picture[picture[..., 3] == 255, :3].astype(float)
        assert body.mean(axis=1).std() > 12
        means.append(body.mean(axis=0))
    assert min(np.linalg.norm(means[i] - means[j]) for i, j in ((0, 1), (0, 2), (1, 2))) > 30


def test_body_behind_the_camera_leaves_an_empty_picture(posed, service):
    picture = service.render(
        crop_view(posed.vertices, np.array([0, 0, -30], np.float32), size_px=60)
    )
    assert not picture.any()


def test_oversized_views_and_wrong_vertex_colours_are_refused(posed, service):
    with pytest.raises(RenderingError, match="too large"):
        service.render(crop_view(posed.vertices, FAR, size_px=9000))
    with pytest.raises(ShapeError, match="vertex_colors"):
        service.render(
            crop_view(posed.vertices, FAR, size_px=60), vertex_colors=np.zeros((4, 3), np.float32)
        )


def test_vertex_normals_point_outwards_on_a_sphere():
    import trimesh

    sphere = trimesh.creation.icosphere(subdivisions=3)
    vertices = np.asarray(sphere.vertices, dtype=np.float32)
    normals = VertexNormals(np.asarray(sphere.faces), len(vertices))(vertices)
    np.testing.assert_allclose(normals, vertices, atol=0.02)
