"""npz of SPIN's form with 17 joints, and HumanData's: each joint where its dot is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core.errors import AnnotationError
from core.formats.keypoints.joint_orders import COCO_JOINT_NAMES, JOINT_ORDERS
from core.formats.read_options import ReadOptions
from core.types.samples import NewSample
from tests.core.formats.keypoints import painted

OF_HUMAN_DATA = {
    "mid_hip": 0, "left_hip": 1, "right_hip": 2, "left_knee": 4, "right_knee": 5, "left_ankle": 7,
    "right_ankle": 8, "neck": 12, "left_shoulder": 16, "right_shoulder": 17, "left_elbow": 18,
    "right_elbow": 19, "left_wrist": 20, "right_wrist": 21, "nose": 55, "right_eye": 56,
    "left_eye": 57, "right_ear": 58, "left_ear": 59,
}  # fmt: skip
"""mmhuman3d's conventions ``human_data`` (190) and ``human_data_10`` (144), where they agree."""

NAMES_OF_17 = {
    "h36m": (
        "mid_hip", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
        "spine", "neck", "jaw", "head", "left_shoulder", "left_elbow", "left_wrist",
        "right_shoulder", "right_elbow", "right_wrist",
    ),
    "mpi3dhp": (
        "head_top", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder",
        "left_elbow", "left_wrist", "right_hip", "right_knee", "right_ankle", "left_hip",
        "left_knee", "left_ankle", "mid_hip", "spine", "head",
    ),
}  # fmt: skip
"""MMPose's configs of the two data sets."""

HEADS = {"h36m": {"head": 43}, "mpi3dhp": {"head": 42, "head_top": 43}}
"""Where SPIN's preprocessing puts them, among the 49."""


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return painted.paint(tmp_path / "images" / "a.png")


def rows_of(names: tuple[str, ...]) -> np.ndarray:
    """(2, J, 3): the painted people's joints in an order."""
    return np.array([[[*painted.where(name, person), 1] for name in names] for person in (0, 1)])


def in_space(pixels: np.ndarray) -> np.ndarray:
    """(2, J, 4) metres before a camera, at the pixels' directions: not about the pelvis."""
    points = np.concatenate([pixels[..., :2] / 100, np.full((*pixels.shape[:2], 1), 3.0)], axis=2)
    return np.concatenate([points, np.ones((*pixels.shape[:2], 1))], axis=2)


def write_17(folder: Path, order: str, **changed: Any) -> Path:
    pixels = rows_of(NAMES_OF_17[order])
    arrays = {
        "imgname": np.array(["a.png", "a.png"]),
        "center": pixels[:, :, :2].mean(axis=1),
        "scale": np.full(2, 0.65),
        "part": pixels,
        "S": in_space(pixels),
        **changed,
    }
    np.savez(folder / "set.npz", **{name: one for name, one in arrays.items() if one is not None})
    return folder / "set.npz"


def places_of_17(order: str) -> dict[str, int]:
    return {**painted.ANNOTATED, **HEADS[order]}


@pytest.mark.parametrize("order", ["h36m", "mpi3dhp"])
@pytest.mark.parametrize("only", [None, "part"])
def test_seventeen_joints_are_told_by_their_pelvis(tmp_path, picture, order, only):
    source = write_17(tmp_path, order, **({"S": None} if only else {}))
    found = painted.opened(source, picture.parent, name="spin-dataset")
    people = painted.results_of(found)
    painted.check_colours(people, picture, NAMES_OF_17[order], places=places_of_17(order))
    assert f"read in the order '{order}'" in found.notes.notices[0]
    for sample in () if only else people:
        assert isinstance(sample, NewSample)
        true = sample.ground_truth.joints_3d
        assert true is not None
        offset = sample.keypoints_px[:, :2] - sample.keypoints_px[39, :2]
        there = true[:, 3] > 0
        np.testing.assert_allclose(true[there, :2], offset[there] / 100, atol=1e-5)


def test_seventeen_joints_that_tell_nothing_are_asked_about(tmp_path, picture):
    pixels = np.random.default_rng(0).uniform(0, 100, (2, 17, 3))
    source = write_17(tmp_path, "h36m", part=pixels, S=None)
    with pytest.raises(AnnotationError, match="order nor in MPI-INF-3DHP") as told:
        painted.opened(source, picture.parent)
    assert "--joints h36m, mpi3dhp" in (told.value.remedy or "")
    options = ReadOptions(joints="h36m")
    source = write_17(tmp_path, "h36m", S=None)
    people = painted.results_of(painted.opened(source, picture.parent, options=options))
    painted.check_colours(people, picture, NAMES_OF_17["h36m"], places=places_of_17("h36m"))
    with pytest.raises(AnnotationError, match="the order 'mpii' has 16"):
        painted.opened(source, picture.parent, options=ReadOptions(joints="mpii"))


def human_data(joints: int, **changed: Any) -> dict[str, Any]:
    """As mmhuman3d writes it: 2D and 3D keypoints with one mask."""
    mask = np.zeros(joints, np.uint8)
    mask[list(OF_HUMAN_DATA.values())] = 1
    pixels = np.zeros((2, joints, 3))
    pixels[:, list(OF_HUMAN_DATA.values())] = rows_of(tuple(OF_HUMAN_DATA))
    return {
        "image_path": np.array(["set/a.png", "set/a.png"]),
        "bbox_xywh": np.array([[60.0, 2, 80, 125, 1], [250, 2, 80, 125, 1]]),
        "keypoints2d": pixels,
        "keypoints3d": in_space(pixels) * mask[:, None],
        "mask": mask,
        "config": np.array("coco"),
        **changed,
    }


@pytest.mark.parametrize("joints", [190, 144])
def test_humandata_without_bodies_makes_people(tmp_path, picture, joints):
    np.savez(tmp_path / "set.npz", **human_data(joints))
    found = painted.opened(tmp_path / "set.npz", picture.parent, name="humandata")
    people = painted.results_of(found)
    painted.check_colours(people, picture, OF_HUMAN_DATA)
    for sample in people:
        assert isinstance(sample, NewSample)
        true = sample.ground_truth.joints_3d
        assert true is not None
        assert set(np.flatnonzero(true[:, 3])) == set(np.flatnonzero(sample.keypoints_px[:, 2]))
        offset = sample.keypoints_px[:, :2] - sample.keypoints_px[39, :2]
        there = true[:, 3] > 0
        np.testing.assert_allclose(true[there, :2], offset[there] / 100, atol=1e-5)
    assert not found.notes.notices


def test_humandata_of_another_number_of_joints_is_named(tmp_path, picture):
    np.savez(tmp_path / "set.npz", **human_data(145))
    with pytest.raises(AnnotationError, match="without keypoints that can be read"):
        painted.opened(tmp_path / "set.npz", picture.parent)


@pytest.mark.parametrize("kind", ["coco_2014_train", "h36m_train", "mpi_inf_3dhp_train"])
def test_real_humandata_has_its_people(tmp_path: Path, shared_folder: Path, kind: str) -> None:
    """The pictures are not there; plain ones of any size stand in their places."""
    source = shared_folder / "realdata" / "humandata" / f"sample_{kind}.npz"
    with np.load(source) as file:
        name, pixels = Path(str(file["image_path"][0])).name, file["keypoints2d"][0]
    cv2.imwrite(str(tmp_path / name), np.zeros((2048, 2048, 3), np.uint8))
    (person,) = painted.results_of(painted.opened(source, tmp_path, name="humandata"))
    assert isinstance(person, NewSample)
    seen = person.keypoints_px[person.keypoints_px[:, 2] > 0, :2]
    assert len(seen) >= 12
    assert {tuple(point) for point in np.round(seen, 2)} <= {
        tuple(point) for point in np.round(pixels[:, :2].astype(np.float32), 2)
    }
    if person.ground_truth.joints_3d is not None:  # seen where it is: left and right are right
        true = person.ground_truth.joints_3d
        both = (true[:, 3] > 0) & (person.keypoints_px[:, 2] > 0)
        for axis, least in ((0, 0.7), (1, 0.95)):  # one stands at the edge of a wide picture
            one, other = true[both, axis], person.keypoints_px[both, axis]
            assert np.corrcoef(one, other)[0, 1] > least


def test_the_orders_are_those_of_the_program() -> None:
    for name, joints in NAMES_OF_17.items():
        assert JOINT_ORDERS[name].joints == joints
    assert set(COCO_JOINT_NAMES) < set(OF_HUMAN_DATA)
