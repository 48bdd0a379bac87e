"""The 49 keypoints: names, sides, flips and the maps of other formats."""

from __future__ import annotations

import numpy as np
import pytest

from core.body import conventions as names
from core.errors import ShapeError

OTHER_SIDE = {"left": "right", "right": "left", "middle": "middle"}


def test_there_are_49_names_24_joints_and_54_raw_joints() -> None:
    assert len(names.KEYPOINT_NAMES) == len(set(names.KEYPOINT_NAMES)) == 49
    assert len(names.SKELETON_JOINT_NAMES) == len(names.SKELETON_PARENTS) == 24
    assert 24 + len(names.PICKED_VERTEX_NAMES) + len(names.EXTRA_JOINT_NAMES) == 54
    assert len(names.KEYPOINT_TO_RAW_JOINT) == 49


def test_each_keypoint_is_taken_from_a_raw_joint_of_its_own_side() -> None:
    raw = [
        *names.SKELETON_JOINT_NAMES,
        *names.PICKED_VERTEX_NAMES,
        *names.EXTRA_JOINT_NAMES,
    ]
    for index, raw_index in enumerate(names.KEYPOINT_TO_RAW_JOINT):
        raw_name, side = raw[raw_index], names.side_of_keypoint(index)
        if side == "middle":
            assert not raw_name.startswith(("left", "right")), names.KEYPOINT_NAMES[index]
        else:
            initial = side[0]
            assert raw_name.lower().startswith(initial), names.KEYPOINT_NAMES[index]


def test_keypoint_names_say_the_joint_they_come_from() -> None:
    """The part of the body in the name is the one in the raw joint's name."""
    raw = [*names.SKELETON_JOINT_NAMES, *names.PICKED_VERTEX_NAMES, *names.EXTRA_JOINT_NAMES]
    for part in ("knee", "ankle", "wrist", "elbow", "shoulder", "nose", "eye", "ear", "heel"):
        for name, raw_index in zip(names.KEYPOINT_NAMES, names.KEYPOINT_TO_RAW_JOINT, strict=True):
            if name.lower().endswith(part):
                assert raw[raw_index].lower().endswith(part), name


def test_flips_undo_themselves() -> None:
    for flip in (names.SKELETON_FLIP, names.KEYPOINT_FLIP):
        assert [flip[index] for index in flip] == list(range(len(flip)))


def test_a_flipped_keypoint_is_the_same_part_of_the_other_side() -> None:
    def part(name: str) -> str:
        for prefix in ("OP L", "OP R", "Left", "Right"):
            if name.startswith(prefix):
                return name.replace(prefix, "OP " if prefix.startswith("OP") else "")
        return name

    for index, other in enumerate(names.KEYPOINT_FLIP):
        assert part(names.KEYPOINT_NAMES[index]) == part(names.KEYPOINT_NAMES[other])
        assert names.side_of_keypoint(other) == OTHER_SIDE[names.side_of_keypoint(index)]


def test_a_flipped_joint_keeps_its_parent_on_the_other_side() -> None:
    flip = names.SKELETON_FLIP
    for joint, parent in enumerate(names.SKELETON_PARENTS[1:], start=1):
        assert names.SKELETON_PARENTS[flip[joint]] == flip[parent]


def test_poses_and_keypoints_flipped_twice_are_as_before() -> None:
    rng = np.random.default_rng(0)
    pose = rng.normal(size=(5, 72)).astype(np.float32)
    np.testing.assert_array_equal(names.flip_pose(names.flip_pose(pose)), pose)
    keypoints = rng.uniform(1, 200, size=(5, 49, 3)).astype(np.float32)
    keypoints[:, 7] = 0
    once = names.flip_keypoints(keypoints, width_px=224)
    twice = names.flip_keypoints(once, width_px=224)
    np.testing.assert_allclose(twice, keypoints, atol=1e-4)
    assert not once[:, names.KEYPOINT_FLIP[7]].any()


def test_torso_and_ignored_keypoints_are_what_they_are_called() -> None:
    def called(indices: tuple[int, ...]) -> list[str]:
        return [names.KEYPOINT_NAMES[index] for index in indices]

    assert called(names.TORSO_OPENPOSE) == ["OP RHip", "OP LHip", "OP RShoulder", "OP LShoulder"]
    assert called(names.TORSO_GROUND_TRUTH) == [
        "Right Hip", "Left Hip", "Right Shoulder", "Left Shoulder",
    ]  # fmt: skip
    assert called(names.IGNORED_KEYPOINTS) == [
        "OP Neck", "OP RHip", "OP LHip", "Right Hip", "Left Hip",
    ]  # fmt: skip


COCO_17 = (
    "Nose", "Left Eye", "Right Eye", "Left Ear", "Right Ear", "Left Shoulder", "Right Shoulder",
    "Left Elbow", "Right Elbow", "Left Wrist", "Right Wrist", "Left Hip", "Right Hip",
    "Left Knee", "Right Knee", "Left Ankle", "Right Ankle",
)  # fmt: skip
COCO_18 = (
    "OP Nose", "OP Neck", "OP RShoulder", "OP RElbow", "OP RWrist", "OP LShoulder", "OP LElbow",
    "OP LWrist", "OP RHip", "OP RKnee", "OP RAnkle", "OP LHip", "OP LKnee", "OP LAnkle",
    "OP REye", "OP LEye", "OP REar", "OP LEar",
)  # fmt: skip


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (names.COCO_17_TO_KEYPOINTS, COCO_17),
        (names.COCO_18_TO_KEYPOINTS, COCO_18),
        (names.BODY_25_TO_KEYPOINTS, names.KEYPOINT_NAMES[:25]),
    ],
)
def test_points_of_other_formats_arrive_under_their_names(
    places: tuple[int, ...], expected: tuple[str, ...]
) -> None:
    points = np.ones((2, len(places), 3), dtype=np.float32)
    points[..., 0] = np.arange(len(places))
    keypoints = names.place_keypoints(points, places)
    assert keypoints.shape == (2, 49, 3)
    for index, name in enumerate(expected):
        assert keypoints[1, names.KEYPOINT_NAMES.index(name)].tolist() == [index, 1, 1]
    assert np.count_nonzero(keypoints[0, :, 2]) == len(expected)


def test_points_without_confidence_become_zero() -> None:
    points = np.full((25, 3), 50.0)
    points[3, 2] = 0
    keypoints = names.place_keypoints(points, names.BODY_25_TO_KEYPOINTS)
    assert keypoints[3].tolist() == [0, 0, 0]
    assert keypoints[4].tolist() == [50, 50, 50]


def test_another_number_of_points_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"expected \(\.\.\., 17, 3\)"):
        names.place_keypoints(np.zeros((18, 3)), names.COCO_17_TO_KEYPOINTS)


def test_bones_join_two_keypoints_of_one_side_or_the_middle() -> None:
    across = {("Right Shoulder", "Left Shoulder"), ("Right Hip", "Left Hip")}
    for first, second in names.SKELETON_EDGES:
        sides = {names.side_of_keypoint(first), names.side_of_keypoint(second)}
        pair = (names.KEYPOINT_NAMES[first], names.KEYPOINT_NAMES[second])
        assert sides != {"left", "right"} or pair in across
