"""Keypoints and true joints that files have beside their bodies are handed on with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from core.body.conventions import KEYPOINT_NAMES
from core.formats.bodies.file_bodies import JointOrigin
from core.formats.bodies.prediction_files import read_foreign_predictions

RNG = np.random.default_rng(0)
PELVIS = 14
"""Of SPIN's own 24."""


def spin(**changed: Any) -> dict[str, Any]:
    """A data set of SPIN's, whose second row has no body, and no true joints in the third."""
    true = np.concatenate([RNG.normal(0, 0.4, (3, 24, 3)), np.ones((3, 24, 1))], axis=2)
    true[2, :, 3] = 0
    return {
        "imgname": np.array(["a.jpg", "b.jpg", "c.jpg"]),
        "center": np.full((3, 2), 100.0),
        "scale": np.ones(3),
        "pose": RNG.normal(0, 0.2, (3, 72)),
        "shape": np.zeros((3, 10)),
        "has_smpl": np.array([1, 0, 1]),
        "openpose": np.concatenate([RNG.uniform(50, 99, (3, 25, 2)), np.ones((3, 25, 1))], 2),
        "part": np.concatenate([RNG.uniform(50, 99, (3, 24, 2)), np.ones((3, 24, 1))], 2),
        "S": true,
        **changed,
    }


def test_a_data_set_of_spins_has_its_keypoints_and_true_joints(tmp_path: Path) -> None:
    file = spin()
    np.savez(tmp_path / "set.npz", **file)
    found = read_foreign_predictions(tmp_path / "set.npz")
    assert found.entries.tolist() == [0, 2]
    assert found.keypoints_px is not None
    np.testing.assert_allclose(found.keypoints_px[:, :25], file["openpose"][[0, 2]])
    np.testing.assert_allclose(found.keypoints_px[:, 25:], file["part"][[0, 2]])
    joints = found.joints_3d
    assert joints is not None
    assert (joints.names, joints.origin) == (KEYPOINT_NAMES, JointOrigin.ROOT)
    expected = file["S"][0, :, :3] - file["S"][0, PELVIS, :3]
    np.testing.assert_allclose(joints.positions_m[0, 25:], expected)
    assert joints.confidence[:, :25].sum() == 0
    assert joints.confidence.sum(axis=1).tolist() == [24, 0]
    assert not set(found.notes.unused_fields) & {"S", "part", "openpose"}


def test_other_numbers_of_joints_are_left_alone(tmp_path: Path) -> None:
    """As many programs hold other joints under the same names."""
    np.savez(tmp_path / "set.npz", **spin(S=np.ones((3, 17, 4)), part=np.ones((3, 17, 3))))
    found = read_foreign_predictions(tmp_path / "set.npz")
    assert found.joints_3d is None
    assert found.keypoints_px is not None
    assert not found.keypoints_px[:, 25:].any()
    assert {"S", "part"} <= set(found.notes.unused_fields)


def test_eft_has_spins_49_keypoints(tmp_path: Path) -> None:
    points = np.concatenate([RNG.uniform(50, 99, (49, 2)), np.ones((49, 1))], axis=1)
    points[3] = [np.pi, 2, 0]
    entry = {
        "parm_pose": np.eye(3)[None].repeat(24, 0).tolist(), "parm_shape": [0.1] * 10,
        "parm_cam": [0.9, 0, 0], "bbox_scale": 1.0, "bbox_center": [100, 100],
        "imageName": "a.jpg",
    }  # fmt: skip
    data = [{**entry, "gt_keypoint_2d": points.tolist()}, entry]
    (tmp_path / "eft.json").write_text(json.dumps({"ver": 0.1, "data": data}))
    found = read_foreign_predictions(tmp_path / "eft.json")
    assert found.keypoints_px is not None
    points[3] = 0
    np.testing.assert_allclose(found.keypoints_px, [points, np.zeros((49, 3))])
