"""The nine keypoints of bodies that bring no regressor for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from core.body.conventions import EXTRA_JOINT_NAMES
from core.body.extra_joints import DERIVED_EXTRA_JOINTS, derived_regressor, extra_regressor_for
from core.engine.body.smpl_body import BodyModel


def test_the_files_own_regressor_comes_first(open_body: BodyModel) -> None:
    arrays = open_body.arrays
    assert extra_regressor_for(arrays) is arrays.J_regressor_extra


def test_there_is_one_recipe_a_keypoint_and_each_sums_to_one() -> None:
    assert len(DERIVED_EXTRA_JOINTS) == len(EXTRA_JOINT_NAMES)
    for weights in DERIVED_EXTRA_JOINTS:
        assert abs(sum(weights.values()) - 1) < 1e-9


def test_recipes_of_left_and_right_mirror_each_other() -> None:
    def mirrored(name: str) -> str:
        swap = {"leye": "reye", "reye": "leye", "lear": "rear", "rear": "lear"}
        if name in swap:
            return swap[name]
        other = {"left_": "right_", "right_": "left_"}
        prefix = next((prefix for prefix in other if name.startswith(prefix)), "")
        return other.get(prefix, "") + name.removeprefix(prefix)

    right_hip, left_hip, *middle = DERIVED_EXTRA_JOINTS
    assert {mirrored(name): weight for name, weight in right_hip.items()} == left_hip
    for weights in middle:
        assert {mirrored(name): weight for name, weight in weights.items()} == weights


def test_derived_keypoints_lie_near_the_open_bodys_own(open_body: BodyModel) -> None:
    """Random shapes and poses other than those the weights were measured on."""
    own = open_body.extra_regressor
    derived = derived_regressor(replace(open_body.arrays, J_regressor_extra=None))
    rng = np.random.default_rng(12)
    pose = torch.from_numpy(rng.normal(size=(60, 72)) * 0.2).float()
    betas = torch.from_numpy(rng.normal(size=(60, 10))).float()
    vertices = open_body.posed(pose, betas).vertices.double().numpy()
    error = np.linalg.norm(np.einsum("jv,nvc->njc", derived - own, vertices), axis=2)
    assert error.mean(axis=0).max() < 0.018, dict(
        zip(EXTRA_JOINT_NAMES, error.mean(axis=0).round(4), strict=True)
    )
    assert error.max() < 0.06
