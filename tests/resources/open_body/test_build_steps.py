"""The open body's build steps on small made-up data; the asset itself is tested with core/body."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from core.body.conventions import SKELETON_JOINT_NAMES
from resources.open_body.build.posing import joint_transforms, pose_of, skinned
from resources.open_body.build.regressors import RegressorFitter
from resources.open_body.build.shape_space import Samples, principal_shapes
from resources.open_body.build.simplification import PairedSimplifier
from resources.open_body.build.skeleton import joint_of_bone, merged_weights

MIRROR = np.array([-1.0, 1, 1])


def test_simplification_keeps_the_surface_closed_symmetric_and_round() -> None:
    sphere = trimesh.creation.icosphere(subdivisions=3)
    points = np.asarray(sphere.vertices)
    mirror = cKDTree(points).query(points * MIRROR)[1]
    shapes = np.stack([points] * 3)
    fixed = frozenset({int(points[:, 2].argmax())})
    simplifier = PairedSimplifier(
        np.asarray(sphere.faces), shapes, mirror, importance=np.ones(len(points)), fixed=fixed
    )
    faces = simplifier.run(200)
    kept = np.unique(faces)
    assert len(kept) in (199, 200)
    assert fixed <= set(kept.tolist())
    edges = {
        (a, b) for face in faces.tolist() for a, b in zip(face, face[1:] + face[:1], strict=True)
    }
    assert len(edges) == 3 * len(faces)
    assert all((b, a) in edges for a, b in edges)
    as_sets = {frozenset(face) for face in faces.tolist()}
    assert {frozenset(face) for face in mirror[faces].tolist()} == as_sets
    centers = points[faces].mean(axis=1)
    assert np.linalg.norm(centers, axis=1).min() > 0.95


@pytest.mark.parametrize(
    ("bone", "joint"),
    [
        ("spine05", "pelvis"), ("spine03", "spine1"), ("breast.L", "spine2"),
        ("neck03", "head"), ("special04", "head"), ("eye.R", "head"), ("neck02", "neck"),
        ("upperleg02.R", "right_hip"), ("lowerleg01.L", "left_knee"), ("foot.R", "right_ankle"),
        ("toe3-2.L", "left_foot"), ("shoulder01.R", "right_collar"),
        ("upperarm02.L", "left_shoulder"), ("lowerarm01.R", "right_elbow"),
        ("finger1-1.L", "left_wrist"), ("finger1-2.L", "left_hand"),
        ("metacarpal3.R", "right_wrist"), ("finger5-1.R", "right_hand"),
    ],
)  # fmt: skip
def test_bones_of_the_rig_move_with_smpls_joints(bone: str, joint: str) -> None:
    assert joint_of_bone(bone) == joint
    weights = merged_weights(np.array([[1.0, 3.0]]), [bone, "root"])
    assert weights[0, SKELETON_JOINT_NAMES.index("pelvis")] == pytest.approx(
        1.0 if joint == "pelvis" else 0.75
    )
    assert weights.sum() == pytest.approx(1)


def test_betas_have_unit_variance_and_rebuild_the_samples() -> None:
    """Shapes with two true directions of change give two betas that explain them wholly."""
    rng = np.random.default_rng(0)
    tetrahedron = np.array([[0, 0, 1.0], [1, 0, 0], [-1, 0, 0], [0, 2.0, 0]])
    faces = np.array([[0, 1, 3], [0, 3, 2], [0, 2, 1], [1, 2, 3]])
    taller, wider = np.zeros((4, 3)), np.zeros((4, 3))
    taller[3, 1], wider[1, 0], wider[2, 0] = 1, 0.4, -0.4
    amounts = rng.normal(size=(60, 2)) * 0.3
    shapes = tetrahedron + np.einsum("ni,ivc->nvc", amounts, np.stack([taller, wider]))
    samples = Samples(shapes, np.zeros((60, 24, 3)), np.zeros((60, 9, 3)))
    mean, directions, betas = principal_shapes(samples, faces)
    rebuilt = mean + np.einsum("nb,vcb->nvc", betas, directions)
    np.testing.assert_allclose(rebuilt, shapes, atol=1e-9)
    np.testing.assert_allclose(betas[:, :2].std(axis=0, ddof=1), 1, atol=1e-9)
    assert np.corrcoef(betas[:, 0], np.ptp(shapes[:, :, 1], axis=1))[0, 1] > 0.99


def test_a_joint_regressor_finds_the_middle_of_what_surrounds_it() -> None:
    rng = np.random.default_rng(0)
    points = np.asarray(trimesh.creation.icosphere(subdivisions=2).vertices)
    sizes = 1 + 0.2 * rng.normal(size=(50, 1, 3))
    shifts = rng.normal(size=(50, 1, 3))
    mirror = cKDTree(points).query(points * MIRROR)[1]
    fitter = RegressorFitter(points * sizes + shifts, points, mirror)
    row = fitter.row(shifts[:, 0], np.ones(len(points), bool), symmetric=False)
    assert row.min() >= 0
    assert row.sum() == pytest.approx(1)
    found = np.einsum("v,nvc->nc", row, fitter.shapes)
    assert np.linalg.norm(found - shifts[:, 0], axis=1).max() < 0.02


def test_skinning_turns_a_limb_about_its_joint() -> None:
    joints = np.zeros((24, 3))
    elbow = SKELETON_JOINT_NAMES.index("left_elbow")
    joints[elbow:] = [1.0, 0, 0]
    pose = pose_of({"left_elbow": (0, 0, np.pi / 2)})
    np.testing.assert_allclose(pose[elbow + 1], [0, 0, -np.pi / 2])  # the right one is mirrored
    weights = np.zeros((1, 24))
    weights[0, elbow] = 1
    moved = skinned(np.array([[2.0, 0, 0]]), weights, joint_transforms(joints, pose))
    np.testing.assert_allclose(moved, [[1.0, 1, 0]], atol=1e-12)
    turned = Rotation.from_rotvec(pose[elbow]).apply([1.0, 0, 0])
    np.testing.assert_allclose(moved[0] - joints[elbow], turned, atol=1e-12)
