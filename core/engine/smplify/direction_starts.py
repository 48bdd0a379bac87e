"""Where fits begin that know the directions of bones: a body whose bones point along them.

The root is the rotation that brings the trunk's four bones nearest to their directions (Wahba's
problem, solved by ``nearest_rotation``)::

    R = argmin Σ_b w_b |d_b − R c_b|²                c_b: the bone of the mean pose

Then each limb is swung by the shortest rotation from where it points to where it should, the upper
one before the lower one. A descent that begins elsewhere ends in another fold of the limbs, which
costs little less in keypoints and priors: on real people the fits from here are better ones than
those of a lower objective from the mean pose (docs/measurements.md, "Real people of three data
sets"). docs/method.md, "Where fits start".
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.body.bone_directions import directions_between_keypoints
from core.body.conventions import SKELETON_PARENTS
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.initial_poses import with_camera_start
from core.engine.smplify.inputs import BoneDirections, Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.state import BodyState
from core.geometry.rotations import (
    axis_angle_to_matrix,
    matrix_to_axis_angle,
    nearest_rotation,
    shortest_rotation,
)

_TRUNK = slice(8, 12)
"""Hips, shoulders and flanks among ``BONES``."""

_JOINT_OF_BONE = (((0, 17), (2, 16), (4, 2), (6, 1)), ((1, 19), (3, 18), (5, 5), (7, 4)))
"""Limbs among ``BONES`` with the joint that swings each: upper arms and thighs, then the rest."""


def direction_starts(body: KeypointBody, prior: PosePrior, keypoints: Keypoints2D) -> BodyState:
    """The mean pose turned and swung along the directions of B samples, with a first camera.

    Args:
        body: the body that is fitted.
        prior: whose ``mean_pose`` is taken where nothing is known of a limb.
        keypoints: of the B samples, with directions.
    """
    known = keypoints.bone_directions or BoneDirections.unknown(len(keypoints))
    return with_camera_start(body, mean_pose_along(body, prior, known), keypoints)


def mean_pose_along(body: KeypointBody, prior: PosePrior, known: BoneDirections) -> BodyState:
    """The mean pose of B bodies turned and swung along the directions that are known.

    Of mean shape, and at the origin; where nothing is known of the trunk the root is any rotation.
    """
    known = known.to(device=body.device, dtype=body.dtype)
    batch = len(known)
    mean_pose = torch.tensor(prior.mean_pose, dtype=body.dtype, device=body.device)
    joints = axis_angle_to_matrix(mean_pose.view(1, 23, 3)).expand(batch, 23, 3, 3)
    upright = torch.eye(3, dtype=body.dtype, device=body.device).expand(batch, 1, 3, 3)
    rotations = torch.cat([upright, joints], dim=1)
    betas = mean_pose.new_zeros(batch, 10)
    trunk = directions_between_keypoints(body.keypoints(rotations, betas))[:, _TRUNK]
    # Σ w d cᵀ (B, 3, 3): the rotation nearest to it maximises Σ w d · R c.
    weighted = _bone_weights(known)[:, _TRUNK, None] * known.directions[:, _TRUNK]
    root = nearest_rotation(weighted.transpose(1, 2) @ trunk)
    rotations = swung_along(body, torch.cat([root[:, None], joints], dim=1), betas, known)
    body_pose = matrix_to_axis_angle(rotations[:, 1:]).flatten(1)
    return BodyState(rotations[:, 0], body_pose, betas, mean_pose.new_zeros(batch, 3))


def swung_along(
    body: KeypointBody, rotations: Tensor, betas: Tensor, known: BoneDirections
) -> Tensor:
    """Poses ``(B, 24, 3, 3)`` whose limbs point along the directions that are known.

    With G_j the rotation of the limb's bone, P_j that of its parent, and S the shortest rotation
    from where the limb points to where it should: R_j ← P_jᵀ S G_j. The twist about the limb stays.
    """
    swung = rotations.clone()
    weights = _bone_weights(known)
    for level in _JOINT_OF_BONE:
        posed = body.posed(swung, betas)
        pointing = directions_between_keypoints(posed.distinct[:, body.distinct_of_keypoint])
        bones = posed.bone_rotations
        for limb, joint in level:
            # A limb without a direction takes its own, which leaves it as it is.
            is_known = (weights[:, limb] > 0)[:, None]
            target = torch.where(is_known, known.directions[:, limb], pointing[:, limb])
            turn = shortest_rotation(pointing[:, limb], target)
            of_parent = bones[:, SKELETON_PARENTS[joint]]
            swung[:, joint] = of_parent.transpose(-1, -2) @ turn @ bones[:, joint]
    return swung


def _bone_weights(known: BoneDirections) -> Tensor:
    return known.weights.sum(-1)
