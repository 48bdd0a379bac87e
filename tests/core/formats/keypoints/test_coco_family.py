"""Data sets in COCO's form, told by the names or the number of their joints."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.types.samples import NewSample
from tests.core.formats.keypoints.painted import (
    ANNOTATED,
    HAND_SHIFT_PX,
    OPENPOSE,
    SIZE,
    check_colours,
    opened,
    paint,
    results_of,
    where,
)

COCO = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee",
    "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip
FEET = (
    "left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel",
)  # fmt: skip
MPII = (
    "right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle", "mid_hip",
    "thorax", "upper_neck", "head_top", "right_wrist", "right_elbow", "right_shoulder",
    "left_shoulder", "left_elbow", "left_wrist",
)  # fmt: skip
AIC_NAMES = (
    "Right Shoulder", "Right Elbow", "Right Wrist", "Left Shoulder", "Left Elbow", "Left Wrist",
    "Right Hip", "Right Knee", "Right Ankle", "Left Hip", "Left Knee", "Left Ankle", "Head top",
    "Neck",
)  # fmt: skip
HALPE_NAMES = (
    "Nose", "LEye", "REye", "LEar", "REar", "LShoulder", "RShoulder", "LElbow", "RElbow", "LWrist",
    "RWrist", "LHip", "RHip", "LKnee", "Rknee", "LAnkle", "RAnkle", "Head", "Neck", "Hip",
    "LBigToe", "RBigToe", "LSmallToe", "RSmallToe", "LHeel", "RHeel",
)  # fmt: skip
HALPE = (
    *COCO, "head_top", "neck", "mid_hip", "left_big_toe", "right_big_toe", "left_small_toe",
    "right_small_toe", "left_heel", "right_heel",
)  # fmt: skip
"""The joints of ``HALPE_NAMES``."""
AIC = tuple(name.lower().replace(" ", "_") for name in AIC_NAMES)
CROWDPOSE = (*COCO[5:], "head_top", "neck")
POSETRACK = ("nose", "upper_neck", "head_top", *COCO[3:])
OCHUMAN_NAMES = (
    "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
    "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "head", "neck",
    "right_ear", "left_ear", "nose", "right_eye", "left_eye",
)  # fmt: skip

Names = Sequence[str | None]


def flat(names: Names, person: int, flag: float = 2) -> list[float]:
    """``[x, y, v, …]``; joints without a name lie somewhere else."""
    found: list[float] = []
    for index, name in enumerate(names):
        beside = 60 + 190 * person + index % 80, 3
        x, y = beside if name is None else where(name, person, HAND_SHIFT_PX)
        found += [x, y, flag]
    return found


def coco_file(
    folder: Path, keypoints: Callable[[int], dict[str, Any]], category: dict[str, Any]
) -> Path:
    width, height = SIZE
    document = {
        "images": [{"id": 7, "file_name": "a.png", "width": width, "height": height}],
        "annotations": [
            {"id": 10 + person, "image_id": 7, "category_id": 1, **keypoints(person)}
            for person in (0, 1)
        ],
        "categories": [{"id": 1, "name": "person", **category}],
    }
    source = folder / "people.json"
    source.write_text(json.dumps(document))
    return source


def all_but(names: Names, *left_out: str) -> list[str]:
    return [name for name in names if name is not None and name not in left_out]


def as_neck(name: str) -> str:
    return "upper_neck" if name == "neck" else name


NO_NAMES: tuple[None, ...] = (None,)
FAMILY: dict[str, tuple[Names, Sequence[str] | None, list[str], Callable[[str], str]]] = {
    "COCO": (COCO, COCO, list(COCO), str),
    "COCO without names": (COCO, None, list(COCO), str),
    "COCO-WholeBody, 133 joints": ((*COCO, *FEET, *NO_NAMES * 110), None, [*COCO, *FEET], str),
    "AIC": (AIC, AIC_NAMES, list(AIC), str),
    "CrowdPose": (
        CROWDPOSE, (*COCO[5:], "head", "neck"), list(CROWDPOSE), str,
    ),
    "Halpe, 26 joints": (HALPE, HALPE_NAMES, list(HALPE), str),
    "Halpe, 26 joints without names": (HALPE, None, list(HALPE), str),
    "Halpe, 136 joints without names": ((*HALPE, *NO_NAMES * 110), None, list(HALPE), str),
    "HumanArt, 21 joints": (
        (*COCO, *NO_NAMES * 4), (*COCO, "left_finger", "right_finger", "left_toe", "right_toe"),
        list(COCO), str,
    ),
    "PoseTrack": (
        POSETRACK, ("nose", "head_bottom", *POSETRACK[2:]),
        ["neck", *all_but(POSETRACK, "upper_neck")], as_neck,
    ),
    "MPII without names": (MPII, None, ["neck", *all_but(MPII, "upper_neck")], as_neck),
}  # fmt: skip


@pytest.mark.parametrize("name", FAMILY)
def test_joints_of_the_family_lie_where_they_are(tmp_path: Path, name: str) -> None:
    joints, listed, seen, dot = FAMILY[name]
    picture = paint(tmp_path / "a.png")
    category = {"keypoints": list(listed or []), "skeleton": []}
    source = coco_file(tmp_path, lambda person: {"keypoints": flat(joints, person)}, category)
    results = results_of(opened(source, name="coco"))
    check_colours(results, picture, seen, of=dot, shift=HAND_SHIFT_PX)


def test_the_feet_of_wholebody_are_read_from_their_own_field(tmp_path: Path) -> None:
    picture = paint(tmp_path / "a.png")

    def entry(person: int) -> dict[str, Any]:
        return {"keypoints": flat(COCO, person), "foot_kpts": flat(FEET, person),
                "foot_valid": True, "face_kpts": [0.0] * 204}  # fmt: skip

    source = opened(coco_file(tmp_path, entry, {"keypoints": list(COCO)}), name="coco")
    check_colours(results_of(source), picture, [*COCO, *FEET], shift=HAND_SHIFT_PX)
    assert source.notes.unused_fields == {"face_kpts": 2}


def test_fourteen_joints_without_names_are_not_guessed(tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    source = coco_file(tmp_path, lambda person: {"keypoints": flat(AIC, person)}, {})
    assert all("keypoints: 42 numbers" in str(result) for result in results_of(opened(source)))


@pytest.mark.parametrize("joints", [(*COCO, "upper_neck", "head_top", *FEET)])
def test_the_body_of_body_135_is_read(tmp_path: Path, joints: Sequence[str]) -> None:
    picture = paint(tmp_path / "a.png")
    all_joints = (*joints, *NO_NAMES * 110)
    people = [{"pose_keypoints_2d": flat(all_joints, person, 0.9)} for person in (0, 1)]
    (tmp_path / "a_keypoints.json").write_text(json.dumps({"version": 1.3, "people": people}))
    results = results_of(opened(tmp_path, name="openpose"))
    places = {**OPENPOSE, "upper_neck": ANNOTATED["neck"], "head_top": ANNOTATED["head_top"]}
    check_colours(results, picture, joints, places=places, shift=HAND_SHIFT_PX)


def test_aics_own_list_is_read(tmp_path: Path) -> None:
    picture = paint(tmp_path / "054d.jpg.png").rename(tmp_path / "054d.jpg")
    humans = {f"human{person + 1}": flat(AIC, person) for person in (0, 1)}
    unknown = [0, 0, 3] * 14
    document = [
        {
            "image_id": "054d",
            "url": "http://x",
            "keypoint_annotations": {**humans, "human3": [*humans["human1"][:15], *unknown[15:]]},
            "human_annotations": {"human1": [60, 2, 140, 125], "human2": [250, 6, 330, 128]},
        }
    ]
    source = tmp_path / "keypoint_train.json"
    source.write_text(json.dumps(document))
    *two, few = results_of(opened(source, name="aic"))
    check_colours(two, picture, AIC, shift=HAND_SHIFT_PX)
    assert isinstance(few, NewSample)
    assert np.count_nonzero(few.keypoints_px[:, 2]) == 5
    assert isinstance(two[0], NewSample)
    assert two[0].box_scale == pytest.approx(1.2 * 123 / 200)
    humans["human1"][2] = 4
    document[0]["keypoint_annotations"] = humans
    source.write_text(json.dumps(document))
    assert "found flag 4, expected 1, 2 or 3" in str(results_of(opened(source))[0])


def test_ochumans_own_list_is_read(tmp_path: Path) -> None:
    picture = paint(tmp_path / "images" / "a.png")
    names = ["head_top" if name == "head" else name for name in OCHUMAN_NAMES]
    people = [
        {"bbox": [x, 2, x + 80, 128], "keypoints": flat(names, person, 1 + person), "segms": None,
         "max_iou": 0.6}
        for person, x in ((0, 60), (1, 250))
    ]  # fmt: skip
    bare = {"bbox": [1, 1, 9, 9], "keypoints": None, "segms": {}}
    width, height = SIZE
    image = {"image_id": "3", "file_name": "a.png", "width": width, "height": height}
    document = {
        "keypoint_names": list(OCHUMAN_NAMES),
        "keypoint_visible": {"missing": 0, "vis": 1, "self_occluded": 2, "others_occluded": 3},
        "images": [{**image, "annotations": [*people, bare]}],
    }
    source = tmp_path / "ochuman.json"
    source.write_text(json.dumps(document))
    *two, left_out = results_of(opened(source, name="ochuman"))
    seen = [name for name in names if name != "head_top"]
    check_colours(two, picture, seen, shift=HAND_SHIFT_PX)
    assert "outline" in str(left_out)


@pytest.mark.parametrize(("name", "people"), [("aic", 3), ("crowdpose", 2)])
def test_real_people_of_the_family_are_read(shared_folder: Path, name: str, people: int) -> None:
    source = shared_folder / "realdata" / name / f"test_{name}.json"
    opened_source = opened(source, name="coco")
    results = results_of(opened_source)
    samples = [result for result in results if isinstance(result, NewSample)]
    assert len(samples) == len(results) >= people
    assert opened_source.notes.notices == []
