"""The shipped body: a closed, symmetric surface with honest regressors, close to its recipe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from core.body.arrays import BodyArrays
from core.body.conventions import (
    PICKED_VERTEX_NAMES,
    SKELETON_FLIP,
    SKELETON_JOINT_NAMES,
    SKELETON_PARENTS,
)
from core.engine.body.load_body import load_body, load_open_body_arrays
from core.engine.body.smpl_body import BodyModel
from core.resource_files import resource_path

MIRROR = np.array([-1.0, 1, 1])
Indices = NDArray[np.int64]


@pytest.fixture(scope="module")
def arrays() -> BodyArrays:
    return load_open_body_arrays()


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body(dtype=torch.float64)


@pytest.fixture(scope="module")
def mirror(arrays: BodyArrays) -> Indices:
    """The vertex nearest to each one's mirror image."""
    distance, partner = cKDTree(arrays.v_template).query(arrays.v_template * MIRROR)
    assert distance.max() < 1e-5
    return np.asarray(partner)


def joint(name: str) -> int:
    return SKELETON_JOINT_NAMES.index(name)


def test_the_file_is_small_and_says_what_it_holds() -> None:
    path: Path = resource_path("open_body/open_body.npz")
    assert path.stat().st_size <= 2 * 2**20
    with np.load(path, allow_pickle=False) as archive:
        types = {name: archive[name].dtype for name in archive.files}
    assert set(types) == {
        "v_template", "shapedirs", "posedirs", "J_regressor", "weights", "kintree_table", "f",
        "J_regressor_extra", "vertex_names", "vertex_indices",
    }  # fmt: skip
    assert types["shapedirs"] == types["posedirs"] == np.float16
    assert types["kintree_table"] == np.int64


def test_smpls_vertex_indices_must_fail_loudly(arrays: BodyArrays) -> None:
    """So near to SMPL's size, yet below its largest picked vertex (right heel, 6787)."""
    assert 6500 <= arrays.num_vertices < 6787


def test_the_surface_is_closed_and_outward(arrays: BodyArrays) -> None:
    """Every edge belongs to two faces that run along it in opposite directions; one piece."""
    faces = arrays.f
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    keys = edges[:, 0] * arrays.num_vertices + edges[:, 1]
    reverse = edges[:, 1] * arrays.num_vertices + edges[:, 0]
    assert len(np.unique(keys)) == len(keys)
    assert set(keys.tolist()) == set(reverse.tolist())
    assert len(np.unique(faces)) == arrays.num_vertices
    assert arrays.num_vertices - len(edges) // 2 + len(faces) == 2  # Euler: a sphere
    corners = arrays.v_template[faces]
    volume = np.einsum("fi,fi->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
    assert 0.055 < volume < 0.085  # cubic metres: 54 to 84 kg


def test_no_face_is_degenerate(arrays: BodyArrays) -> None:
    corners = arrays.v_template[arrays.f]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert np.linalg.norm(normals, axis=1).min() > 1e-8


def test_the_body_is_symmetric(arrays: BodyArrays, mirror: Indices) -> None:
    assert (mirror[mirror] == np.arange(len(mirror))).all()
    faces = {frozenset(face) for face in arrays.f.tolist()}
    assert {frozenset(face) for face in mirror[arrays.f].tolist()} == faces
    flip = list(SKELETON_FLIP)
    np.testing.assert_allclose(arrays.weights[mirror][:, flip], arrays.weights, atol=1e-6)
    np.testing.assert_allclose(arrays.J_regressor[flip][:, mirror], arrays.J_regressor, atol=1e-6)
    mirrored = arrays.shapedirs[mirror] * MIRROR[:, None]
    np.testing.assert_allclose(mirrored, arrays.shapedirs, atol=2e-5)


def test_picked_vertices_mirror_each_other(arrays: BodyArrays, mirror: Indices) -> None:
    ids = arrays.vertex_ids
    assert set(ids) == set(PICKED_VERTEX_NAMES)
    assert mirror[ids["nose"]] == ids["nose"]
    for name in PICKED_VERTEX_NAMES:
        if name[0] in "lL":
            other = ("R" if name[0] == "L" else "r") + name[1:]
            assert mirror[ids[name]] == ids[other], name


def test_regressors_are_means_of_vertices(arrays: BodyArrays) -> None:
    assert arrays.J_regressor_extra is not None
    for rows in (arrays.J_regressor, arrays.J_regressor_extra):
        np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)
        assert rows.min() >= 0


def test_skin_weights_are_shares_of_at_most_four_joints(arrays: BodyArrays) -> None:
    np.testing.assert_allclose(arrays.weights.sum(axis=1), 1, atol=1e-5)
    assert arrays.weights.min() >= 0
    assert (arrays.weights > 0).sum(axis=1).max() <= 4
    assert (arrays.weights.max(axis=0) > 0.4).all()  # every joint moves some skin


def test_beta_0_is_height_and_beta_1_weight(arrays: BodyArrays) -> None:
    heights, volumes = {}, {}
    for index in (0, 1):
        for value in (-1.0, 1.0):
            shape = arrays.v_template + value * arrays.shapedirs[:, :, index]
            heights[index, value] = np.ptp(shape[:, 1])
            corners = shape[arrays.f]
            cross = np.cross(corners[:, 1], corners[:, 2])
            volumes[index, value] = np.einsum("fi,fi->", corners[:, 0], cross) / 6
    assert 0.08 < (heights[0, 1] - heights[0, -1]) / 2 < 0.12
    assert volumes[1, 1] / volumes[1, -1] > 1.15
    assert abs(heights[1, 1] - heights[1, -1]) / 2 < 0.03


def test_the_mean_is_an_adult(arrays: BodyArrays) -> None:
    assert 1.60 < np.ptp(arrays.v_template[:, 1]) < 1.80


def test_betas_are_ordered_and_of_one_unit(arrays: BodyArrays) -> None:
    """Principal components: orthogonal, of falling size, one standard deviation each."""
    directions = arrays.shapedirs.reshape(-1, 10)
    gram = directions.T @ directions
    sizes = np.sqrt(np.diag(gram))
    assert (np.diff(sizes) < 0).all()
    cosines = gram / np.outer(sizes, sizes) - np.eye(10)
    assert np.abs(cosines).max() < 0.01


def test_joints_lie_within_the_limbs(body: BodyModel, arrays: BodyArrays) -> None:
    """Within random people: each joint is surrounded by skin on all sides."""
    betas = torch.from_numpy(np.random.default_rng(0).normal(size=(4, 10)))
    posed = body.posed(torch.zeros(4, 72).double(), betas)
    for vertices, joints in zip(posed.vertices.numpy(), posed.joints.numpy(), strict=True):
        solid = _winding_numbers(vertices[arrays.f], joints)
        assert (np.abs(solid - 1) < 1e-3).all(), [
            SKELETON_JOINT_NAMES[index] for index in np.flatnonzero(np.abs(solid - 1) > 1e-3)
        ]


def _winding_numbers(
    triangles: NDArray[np.float64], points: NDArray[np.float64]
) -> NDArray[np.float64]:
    """1 inside a closed surface, 0 outside: the sum of solid angles over 4 pi."""
    numbers = []
    for point in points:
        a, b, c = np.moveaxis(triangles - point, 1, 0)
        length_a, length_b, length_c = (np.linalg.norm(side, axis=1) for side in (a, b, c))
        numerator = np.einsum("fi,fi->f", a, np.cross(b, c))
        denominator = (
            length_a * length_b * length_c
            + np.einsum("fi,fi->f", a, b) * length_c
            + np.einsum("fi,fi->f", b, c) * length_a
            + np.einsum("fi,fi->f", c, a) * length_b
        )
        numbers.append(2 * np.arctan2(numerator, denominator).sum() / (4 * np.pi))
    return np.array(numbers)


def test_the_rest_pose_is_smpls(body: BodyModel) -> None:
    """A T-pose facing +z, y up, left towards +x, pelvis at the origin, palms down."""
    rest = body.posed(torch.zeros(1, 72).double(), torch.zeros(1, 10).double())
    joints = rest.joints[0].numpy()
    assert np.linalg.norm(joints[0]) < 0.01
    assert joints[joint("head"), 1] > 0.4
    for side, sign in (("left", 1), ("right", -1)):
        arm = joints[joint(f"{side}_wrist")] - joints[joint(f"{side}_shoulder")]
        assert sign * arm[0] / np.linalg.norm(arm) > 0.995
        ankle, foot = joints[joint(f"{side}_ankle")], joints[joint(f"{side}_foot")]
        assert foot[2] - ankle[2] > 0.08
        assert joints[joint(f"{side}_knee"), 1] > ankle[1] + 0.3
    ids, vertices = body.arrays.vertex_ids, rest.vertices[0].numpy()
    thumb, pinky = vertices[ids["lthumb"]], vertices[ids["lpinky"]]
    assert thumb[2] > pinky[2] + 0.05  # palms down: thumbs point forward


def test_picked_vertices_are_where_their_names_say(body: BodyModel) -> None:
    arrays = body.arrays
    at = {name: arrays.v_template[index] for name, index in arrays.vertex_ids.items()}
    top, low = arrays.v_template[:, 1].max(), arrays.v_template[:, 1].min()
    assert at["nose"][2] > at["leye"][2] > at["lear"][2]
    assert 0.10 < top - at["leye"][1] < 0.15
    assert 0.02 < at["leye"][0] < 0.04
    assert 0.06 < at["lear"][0] < 0.10
    assert abs(at["lear"][1] - at["nose"][1]) < 0.04
    assert at["LBigToe"][0] < at["LSmallToe"][0]
    for name in ("LBigToe", "LSmallToe", "LHeel"):
        assert at[name][1] - low < 0.06
    assert (
        at["LHeel"][2] < arrays.v_template[arrays.weights[:, joint("left_ankle")] > 0.5, 2].mean()
    )
    fingers = [at[name] for name in ("lindex", "lmiddle", "lring", "lpinky")]
    assert [finger[2] for finger in fingers] == sorted((f[2] for f in fingers), reverse=True)
    assert max(finger[0] for finger in fingers) == at["lmiddle"][0]


def test_extra_keypoints_keep_their_place_in_other_shapes(body: BodyModel) -> None:
    betas = torch.from_numpy(np.random.default_rng(1).normal(size=(20, 10)))
    posed = body.posed(torch.zeros(20, 72).double(), betas)
    hips = posed.joints[:, [joint("left_hip"), joint("right_hip")]]
    pelvis, head_top = posed.keypoints[:, 39], posed.keypoints[:, 38]
    assert (pelvis - hips.mean(dim=1)).norm(dim=1).max() < 0.03
    assert (head_top[:, 1] - posed.vertices[:, :, 1].amax(dim=1)).abs().max() < 0.02


def test_bent_limbs_keep_their_volume(body: BodyModel) -> None:
    """What the pose blend shapes are for: without them bent elbows and knees collapse."""
    pose = torch.zeros(1, 72).double()
    for name, axis, angle in (("left_elbow", 1, -1.8), ("left_knee", 0, 1.8)):
        pose[0, 3 * joint(name) + axis] = angle
    with_shapes = body.posed(pose, torch.zeros(1, 10).double()).vertices[0].numpy()
    plain = (
        BodyModel(_without_pose_blend_shapes(body.arrays), name="plain", dtype=torch.float64)
        .posed(pose, torch.zeros(1, 10).double())
        .vertices[0]
        .numpy()
    )

    def volume(vertices: NDArray[np.float64]) -> float:
        corners = vertices[body.arrays.f]
        cross = np.cross(corners[:, 1], corners[:, 2])
        return float(np.einsum("fi,fi->", corners[:, 0], cross) / 6)

    rest = volume(body.arrays.v_template)
    assert abs(volume(with_shapes) - rest) < abs(volume(plain) - rest)


def _without_pose_blend_shapes(arrays: BodyArrays) -> BodyArrays:
    return replace(arrays, posedirs=np.zeros_like(arrays.posedirs))


def test_the_skeleton_is_smpls(arrays: BodyArrays) -> None:
    assert arrays.kintree_table[0].tolist() == list(SKELETON_PARENTS)
