"""What detectors write beside COCO's lists of results: MMPose, AlphaPose, ViTPose, Detectron2."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from core.errors import AnnotationError
from core.formats.keypoints.tools.frame_pictures import BY_NUMBER
from core.formats.keypoints.tools.mmpose import LTWH
from core.formats.read_options import ReadOptions
from core.formats.reader_results import SkippedEntry
from core.formats.registry import FORMATS, open_format
from core.types.samples import NewSample
from tests.core.formats.keypoints.painted import (
    HAND_SHIFT_PX,
    OPENPOSE,
    check_colours,
    opened,
    paint,
    results_of,
    where,
)
from tests.core.formats.keypoints.test_coco_family import AIC, AIC_NAMES, COCO, HALPE, flat

CORNERS = ([[60, 2, 140, 125]], [[250, 6, 330, 128]])


def write(path: Path, document: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def instance(person: int, joints: Sequence[str] = COCO, score: float = 0.9) -> dict[str, Any]:
    return {
        "keypoints": [list(where(name, person, HAND_SHIFT_PX)) for name in joints],
        "keypoint_scores": [score] * len(joints),
        "bbox": CORNERS[person],
        "bbox_score": 0.8,
    }


# MMPose


def test_joints_of_mmpose_lie_where_they_are(tmp_path: Path) -> None:
    picture = paint(tmp_path / "a.png")
    people = [instance(0), instance(1)]
    for name, document in (
        ("a.json", people),
        ("results_a.json", {"meta_info": {"dataset_name": "coco"}, "instance_info": people}),
    ):
        source = write(tmp_path / "predictions" / name, document)
        results = results_of(opened(source, tmp_path, name="mmpose"))
        check_colours(results, picture, COCO, shift=HAND_SHIFT_PX)
        assert isinstance(results[0], NewSample)
        assert results[0].box_scale == pytest.approx(1.2 * 123 / 200)


def test_mmpose_tells_the_order_by_names_or_number(tmp_path: Path) -> None:
    picture = paint(tmp_path / "a.png")
    named = {"keypoint_id2name": {str(number): name for number, name in enumerate(AIC_NAMES)}}
    source = write(
        tmp_path / "a.json",
        {"meta_info": named, "instance_info": [instance(0, AIC), instance(1, AIC)]},
    )
    check_colours(results_of(opened(source)), picture, AIC, shift=HAND_SHIFT_PX)
    write(source, [instance(0, HALPE), instance(1, HALPE)])
    check_colours(results_of(opened(source)), picture, HALPE, shift=HAND_SHIFT_PX)
    write(source, [instance(0, AIC), instance(1, AIC)])
    assert all("keypoints: 14 joints, expected 17" in str(each)
               for each in results_of(opened(source)))  # fmt: skip
    told = opened(source, options=ReadOptions(joints="aic"))
    check_colours(results_of(told), picture, AIC, shift=HAND_SHIFT_PX)


def test_frames_of_mmpose_are_the_pictures_with_their_numbers(tmp_path: Path) -> None:
    picture = paint(tmp_path / "frames" / "dance_000012.png")
    frames = [{"frame_id": 12, "instances": [instance(0), instance(1)]},
              {"frame_id": 13, "instances": [instance(0)]}]  # fmt: skip
    source = opened(write(tmp_path / "dance.json", frames), tmp_path / "frames", name="mmpose")
    *two, absent = results_of(source)
    check_colours(two, picture, COCO, shift=HAND_SHIFT_PX)
    assert source.notes.assumed[BY_NUMBER] == 2
    assert "frame 13: 0 pictures with this number" in str(absent)
    assert source.notes.notices == []
    paint(tmp_path / "frames" / "other_000012.png")
    again = opened(tmp_path / "dance.json", tmp_path / "frames")
    check_colours(results_of(again)[:2], picture, COCO, shift=HAND_SHIFT_PX)


def test_frames_that_are_counted_from_another_number_are_told(tmp_path: Path) -> None:
    for number in (1, 2):
        paint(tmp_path / f"{number:06d}.png")
    frames = [{"frame_id": number, "instances": [instance(0)]} for number in (0, 1)]
    source = opened(write(tmp_path / "video.json", {"instance_info": frames}), name="mmpose")
    results_of(source)
    assert any("numbered from 0 and the pictures from 1" in each for each in source.notes.notices)


def test_boxes_of_mmpose_that_are_no_corners_are_told(tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    person = {**instance(1), "bbox": [[250, 6, 80, 122]]}
    source = opened(write(tmp_path / "a.json", [person]))
    (sample,) = results_of(source)
    assert isinstance(sample, NewSample)
    assert sample.box_scale == pytest.approx(1.2 * 122 / 200)
    assert source.notes.assumed[LTWH] == 1


def test_a_folder_of_mmpose_is_read_and_what_is_broken_told(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        paint(tmp_path / f"{name}.png")
    write(tmp_path / "a.json", [instance(0), {"keypoints": 3}, instance(1, score=0.1)])
    write(tmp_path / "b.json", {"settings": 1})
    write(tmp_path / "c.json", [{"frame_id": "x", "instances": []}])
    person, broken, weak, other, frame = results_of(opened(tmp_path, name="mmpose"))
    assert isinstance(person, NewSample)
    assert "keypoints: found 3" in str(broken)
    assert isinstance(weak, SkippedEntry)
    assert isinstance(other, SkippedEntry)
    assert "frame_id" in str(frame)
    with pytest.raises(AnnotationError, match="no list of instances"):
        open_format(FORMATS["mmpose"], tmp_path / "b.json", None, dataset="x")


def test_cases_of_mmpose_are_read(shared_folder: Path, tmp_path: Path) -> None:
    folder = shared_folder / "cases" / "other_tools"
    for name in ("mmpose_pred", "mmpose_meta"):
        source = tmp_path / "a.json"
        content = json.loads((folder / f"{name}.json").read_text())
        if "instance_info" in content:
            content = content["instance_info"][0]["instances"]
        (person,) = results_of(opened(write(source, content), folder, name="mmpose"))
        assert isinstance(person, NewSample)
        assert person.keypoints_px[44, :2] == pytest.approx([320, 149.65])


# AlphaPose

COCO_18 = (
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow",
    "left_wrist", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
    "right_eye", "left_eye", "right_ear", "left_ear",
)  # fmt: skip
"""What ``write_json`` of AlphaPose puts into CMU's and OpenPose's forms."""


def result(person: int, joints: Sequence[str]) -> dict[str, Any]:
    x1, y1, x2, y2 = CORNERS[person][0]
    return {"image_id": "a.png", "category_id": 1, "keypoints": flat(joints, person, 0.9),
            "score": 3.04, "box": [x1, y1, x2 - x1, y2 - y1], "idx": [0.0]}  # fmt: skip


@pytest.mark.parametrize("joints", [COCO, HALPE, (*HALPE, *(None,) * 110)])
def test_joints_of_alphapose_lie_where_they_are(
    tmp_path: Path, joints: Sequence[str | None]
) -> None:
    picture = paint(tmp_path / "a.png")
    seen = [name for name in joints if name is not None]
    people = [result(person, joints) for person in (0, 1)]  # type: ignore[arg-type]
    source = write(tmp_path / "alphapose-results.json", people)
    results = results_of(opened(source, name="alphapose"))
    check_colours(results, picture, seen, shift=HAND_SHIFT_PX)
    assert isinstance(results[0], NewSample)
    assert results[0].box_scale == pytest.approx(1.2 * 123 / 200)


@pytest.mark.parametrize(
    ("people", "field"), [("bodies", "joints"), ("people", "pose_keypoints_2d")]
)
def test_other_forms_of_alphapose_are_read(tmp_path: Path, people: str, field: str) -> None:
    picture = paint(tmp_path / "a.png")
    paint(tmp_path / "b.png")
    one = {"version": "AlphaPose v0.3",
           people: [{field: flat(COCO_18, person, 0.9)} for person in (0, 1)]}  # fmt: skip
    broken = {"version": "AlphaPose v0.3", people: [{field: [1, 2, 3]}]}
    source = write(tmp_path / "alphapose-results.json", {"a.png": one, "b.png": broken})
    *two, problem = results_of(opened(source, name="alphapose"))
    check_colours(two, picture, COCO_18, places=OPENPOSE, shift=HAND_SHIFT_PX)
    assert f"{field}: 3 numbers, expected 54" in str(problem)
    write(tmp_path / "sep-json" / "a.json", one)
    for separate in (tmp_path / "sep-json", tmp_path / "sep-json" / "a.json"):
        results = results_of(opened(separate, tmp_path, name="alphapose"))
        check_colours(results, picture, COCO_18, places=OPENPOSE, shift=HAND_SHIFT_PX)


def test_a_person_whom_alphapose_believes_above_one_is_not_left_out(tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    people = [{**result(person, COCO), "score": score} for person, score in ((0, 3.2), (1, 0.9))]
    source = opened(write(tmp_path / "r.json", people), options=ReadOptions(min_person_score=1.5))
    sample, skipped = results_of(source)
    assert isinstance(sample, NewSample)
    assert isinstance(skipped, SkippedEntry)


def test_the_cases_of_alphapose_are_read(shared_folder: Path, tmp_path: Path) -> None:
    cases = shared_folder / "cases"
    source = cases / "alphapose_results" / "alphapose-results.json"
    (person,) = results_of(opened(source, name="alphapose"))
    assert isinstance(person, NewSample)
    content = json.loads((cases / "other_tools" / "alphapose_open.json").read_text())
    file = write(tmp_path / "a.json", content)
    (person,) = results_of(opened(file, cases / "other_tools", name="alphapose"))
    assert isinstance(person, NewSample)
    assert person.keypoints_px[0, :2] == pytest.approx([320, 149.65])


# ViTPose

SKELETON = (*COCO[:5], "neck", *COCO[5:])
"""COCO's with a neck are OpenPose's 18, and have its places among the 49."""


def frame(*people: int) -> dict[str, Any]:
    found = {}
    for person in people:
        points = [where(name, person, HAND_SHIFT_PX) for name in SKELETON]
        found[str(person + 4)] = [[y, x, 0.9] for x, y in points]
    return found


def vitpose(*frames: Any) -> dict[str, Any]:
    return {"keypoints": list(frames), "skeleton": dict(enumerate(SKELETON))}


def test_joints_of_vitpose_lie_where_they_are(tmp_path: Path) -> None:
    picture = paint(tmp_path / "a.png")
    source = write(tmp_path / "out" / "a_result.json", vitpose(frame(1, 0)))
    results = results_of(opened(source, tmp_path, name="vitpose"))
    check_colours(results, picture, SKELETON, places=OPENPOSE, shift=HAND_SHIFT_PX)
    assert {each.person_key for each in results if isinstance(each, NewSample)} == {"4", "5"}


def test_frames_of_vitpose_are_numbered_from_0(tmp_path: Path) -> None:
    paint(tmp_path / "video_0.png")
    picture = paint(tmp_path / "video_1.png")
    source = write(tmp_path / "video.json", vitpose({}, frame(0, 1), frame(0)))
    *two, absent = results_of(opened(source, name="vitpose"))
    check_colours(two, picture, SKELETON, places=OPENPOSE, shift=HAND_SHIFT_PX)
    assert "frame 2" in str(absent)


# Detectron2


def test_joints_of_detectron2_lie_where_they_are(tmp_path: Path) -> None:
    """Its evaluator takes the half pixel off that it added: the list is COCO's."""
    picture = paint(tmp_path / "000000000785.png")
    results = [
        {"image_id": 785, "category_id": 1, "keypoints": flat(COCO, person, 0.4), "score": 0.99,
         "bbox": [x1, y1, x2 - x1, y2 - y1]}
        for person, ((x1, y1, x2, y2),) in enumerate(CORNERS)
    ]  # fmt: skip
    source = write(tmp_path / "coco_instances_results.json", results)
    check_colours(results_of(opened(source, name="coco")), picture, COCO, shift=HAND_SHIFT_PX)
