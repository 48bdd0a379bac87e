"""Poses in which the body runs through itself are found."""

from __future__ import annotations

import numpy as np

from core.body.conventions import SKELETON_JOINT_NAMES
from core.engine.synthetic.pose_limits import clear_of_itself


def _pose(**turns):
    """(69,) with rotation vectors for some joints."""
    pose = np.zeros((24, 3))
    for joint, turn in turns.items():
        pose[SKELETON_JOINT_NAMES.index(joint)] = turn
    return pose.reshape(72)[3:]


def test_ordinary_poses_pass_and_limbs_inside_the_body_do_not(open_body, standing):
    hand_in_belly = _pose(left_shoulder=(0, 0, -1.2), left_elbow=(0, 0, -1.7))
    hand_in_face = _pose(right_shoulder=(0, 0, -0.9), right_elbow=(0, 0, -2.3))
    legs_crossed_through = _pose(left_hip=(0, 0, -0.3), right_hip=(0, 0, 0.3))
    poses = np.stack([np.zeros(69), standing, hand_in_belly, hand_in_face, legs_crossed_through])
    assert clear_of_itself(open_body, poses).tolist() == [True, True, False, False, False]
