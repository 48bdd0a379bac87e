"""SPIN's npz of a data set: people, their 49 keypoints, and true joints in the camera's axes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core.body.conventions import KEYPOINT_NAMES
from core.errors import AnnotationError
from core.formats.read_options import ReadOptions
from core.formats.reader_results import ReadProblem
from core.formats.registry import FORMATS, guess_format, open_format
from core.types.samples import NewSample

SPIN = FORMATS["spin-dataset"]
PELVIS, LEFT_KNEE = 14, 4
"""Of the 24: SPIN's constants.py, JOINT_NAMES after OpenPose's 25."""


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg"):
        cv2.imwrite(str(folder / name), np.full((480, 640, 3), 90, np.uint8))
    return folder


def arrays(**changed: Any) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    part, openpose = (
        np.concatenate([rng.uniform(150, 300, (3, count, 2)), np.ones((3, count, 1))], axis=2)
        for count in (24, 25)
    )
    part[:, 20, 2] = 0
    true = np.concatenate([rng.normal(0, 0.4, (3, 24, 3)), np.ones((3, 24, 1))], axis=2)
    true[0, PELVIS, :3] = 0
    true[1, 3, 3] = 0
    true[2, :, 3] = 0
    made = {
        "imgname": np.array(["images/a.jpg", "images/a.jpg", "images/b.jpg"]),
        "center": np.full((3, 2), 225.0) + np.arange(3)[:, None],
        "scale": np.full(3, 1.1),
        "part": part,
        "openpose": openpose,
        "S": true,
        "pose": rng.normal(0, 0.1, (3, 72)),
        "shape": np.zeros((3, 10)),
        "has_smpl": np.array([1, 0, 1]),
        **changed,
    }
    return {name: array for name, array in made.items() if array is not None}


def read(folder: Path, pictures: Path, **changed: Any) -> tuple[list[Any], Any]:
    source = folder / "coco_2014_train.npz"
    np.savez(source, **arrays(**changed))
    assert guess_format(source) == "spin-dataset"
    opened = open_format(SPIN, source, pictures.parent, dataset="coco")
    return [result for entry in opened.entries for result in entry], opened.notes


def test_people_have_openposes_joints_and_then_spins_own(tmp_path, pictures):
    people, notes = read(tmp_path, pictures)
    assert all(isinstance(person, NewSample) for person in people)
    given = arrays()
    for row, person in enumerate(people):
        assert person.picture_path.name == given["imgname"][row][-5:]
        assert (person.person_key, person.box_scale) == (str(row), pytest.approx(1.1))
        np.testing.assert_allclose(person.box_center_px, given["center"][row])
        np.testing.assert_allclose(person.keypoints_px[:25], given["openpose"][row], atol=0.01)
        seen = given["part"][row].copy()
        seen[20] = 0
        np.testing.assert_allclose(person.keypoints_px[25:], seen, atol=0.01)
    assert "come in with import-predictions" in notes.notices[0]
    assert KEYPOINT_NAMES[25 + LEFT_KNEE] == "Left Knee"


def test_true_joints_come_in_about_the_pelvis(tmp_path, pictures):
    people, _ = read(tmp_path, pictures)
    given = arrays()["S"]
    first, second, third = (person.ground_truth.joints_3d for person in people)
    assert third is None
    np.testing.assert_allclose(first[25:], given[0], atol=1e-6)
    assert not first[:25].any()
    moved = given[1, :, :3] - given[1, PELVIS, :3]
    assert not second[25 + 3].any()
    rest = [joint for joint in range(24) if joint != 3]
    np.testing.assert_allclose(second[25:, :3][rest], moved[rest], atol=1e-6)


def test_a_set_without_keypoints_has_its_people_all_the_same(tmp_path, pictures):
    """Human3.6M's test sets hold boxes and true joints alone."""
    people, _ = read(tmp_path, pictures, part=None, openpose=None)
    assert [person.keypoints_px.any() for person in people] == [False] * 3
    assert people[0].ground_truth.joints_3d is not None


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"part": np.ones((3, 18, 3))}, "'part' has shape .3, 18, 3., expected .3, 24, 3."),
        ({"S": np.ones((3, 16, 4))}, "'S' has shape .3, 16, 4., expected .3, 24, 4."),
        ({"scale": np.ones(2)}, "'scale' has shape .2,., expected .3,."),
        ({"center": np.array([["a", "b"]] * 3)}, "expected numbers, not <U1"),
    ],
)
def test_other_shapes_are_refused_with_theirs(tmp_path, pictures, changed, message):
    with pytest.raises(AnnotationError, match=message):
        read(tmp_path, pictures, **changed)


def test_an_order_for_spins_own_joints_is_refused(tmp_path, pictures):
    np.savez(tmp_path / "set.npz", **arrays())
    with pytest.raises(AnnotationError, match="has SPIN's own joints, whose order is known"):
        open_format(
            SPIN, tmp_path / "set.npz", pictures.parent, dataset="coco",
            options=ReadOptions(joints="h36m"),
        )  # fmt: skip


def test_a_broken_row_stops_none_of_the_others(tmp_path, pictures):
    scale = np.array([1.1, np.nan, 1.1])
    people, _ = read(tmp_path, pictures, scale=scale)
    assert [type(person) for person in people] == [NewSample, ReadProblem, NewSample]
    assert "box: found" in str(people[1])
