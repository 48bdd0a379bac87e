"""What a source does not say itself: the user says it, or the report says what was assumed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import AnnotationError, StudioError
from core.formats.keypoints.coco_keypoints import open_coco_keypoints
from core.formats.keypoints.joint_orders import JOINT_ORDERS, canonical_joint, order_of_names
from core.formats.keypoints.openpose import open_openpose
from core.formats.keypoints.result_pictures import COCO_NUMBERS, NUMBERS_ARE_NAMES, TEXTS_ARE_NAMES
from core.formats.read_notes import ReadNotes
from core.formats.read_options import ReadOptions, parsed_size
from core.formats.reader_results import ReadProblem, SkippedEntry
from core.types.samples import NewSample
from tests.core.formats.people import (
    BBOX,
    PICTURE_SIZE,
    STANDING,
    annotation,
    coco_joints_of,
    document,
    flat,
    joints,
    openpose,
    result,
)

Write = Callable[[str, Any], Path]
Picture = Callable[..., Path]


def coco(source: Path, **options: Any) -> tuple[list[Any], ReadNotes]:
    opened = open_coco_keypoints(source, None, dataset="x", options=ReadOptions(**options))
    return [item for entry in opened.entries for item in entry], opened.notes


def from_openpose(source: Path, **options: Any) -> tuple[list[Any], ReadNotes]:
    opened = open_openpose(source, None, dataset="x", options=ReadOptions(**options))
    return [item for entry in opened.entries for item in entry], opened.notes


def reasons(results: list[Any]) -> list[str]:
    return [each_result.reason for each_result in results]


# Orders of joints


@pytest.mark.parametrize("name", JOINT_ORDERS)
def test_every_order_puts_its_joints_where_their_namesakes_are(
    tmp_path: Path, write_json: Write, picture: Picture, name: str
) -> None:
    picture("a.png", PICTURE_SIZE)
    order = JOINT_ORDERS[name]
    write_json("a.json", openpose(joints(name, 0.9)))
    (person,), notes = from_openpose(tmp_path, joints=name)
    for joint, place in zip(order.joints, order.keypoint_indices, strict=True):
        if place is not None:
            np.testing.assert_allclose(person.keypoints_px[place], [*STANDING[joint or ""], 0.9])
    unplaced = order.keypoint_indices.count(None)
    assert np.count_nonzero(person.keypoints_px[:, 2]) == len(order) - unplaced
    assert not notes.notices
    source = write_json("b.json", document(annotation(keypoints=flat(joints(name)), bbox=None)))
    picture("one.png", PICTURE_SIZE)
    (again,), _ = coco(source, joints=name)
    np.testing.assert_array_equal(again.keypoints_px[:, :2], person.keypoints_px[:, :2])


def test_an_order_of_another_length_is_a_problem_and_an_unknown_one_an_error(
    tmp_path: Path, write_json: Write, picture: Picture
) -> None:
    picture("a.png", PICTURE_SIZE)
    write_json("a.json", openpose(joints("body25", 0.9)))
    (problem,), _ = from_openpose(tmp_path, joints="coco18")
    assert problem.reason == "pose_keypoints_2d: 75 numbers, expected 54"
    with pytest.raises(StudioError, match="No order of joints is called 'bodytwentyfive'"):
        from_openpose(tmp_path, joints="bodytwentyfive")


@pytest.mark.parametrize(
    ("given", "read_as"), [("body25b", "body25"), ("posetrack", "coco"), ("h36m", "coco")]
)
def test_people_put_together_wrongly_are_noticed_with_the_order_that_fits(
    tmp_path: Path, write_json: Write, picture: Picture, given: str, read_as: str
) -> None:
    for name in ("a.png", "b.png"):
        picture(name, PICTURE_SIZE)
        write_json(name.replace("png", "json"), openpose(joints(given, 0.9)))
    (notice,) = from_openpose(tmp_path, joints=read_as)[1].notices
    assert f"--joints {given}" in notice
    assert "for 2 of 2 people" in notice


def test_a_handstand_and_one_odd_person_are_no_reason_for_a_notice(
    tmp_path: Path, write_json: Write, picture: Picture
) -> None:
    picture("one.png", PICTURE_SIZE)
    upside_down = [[x, 125 - y, flag] for x, y, flag in joints()]
    odd = joints()
    odd[1], odd[2] = [103, 24, 2], [97, 24, 2]
    entries = [
        annotation(number, keypoints=flat(points), bbox=None)
        for number, points in enumerate((upside_down, odd, joints()))
    ]
    assert not coco(write_json("people.json", document(*entries)))[1].notices


def test_several_people_who_fit_no_order_are_noticed(
    tmp_path: Path, write_json: Write, picture: Picture
) -> None:
    picture("one.png", PICTURE_SIZE)
    mixed = joints()[::-1]
    entries = [annotation(number, keypoints=flat(mixed), bbox=None) for number in range(3)]
    (notice,) = coco(write_json("people.json", document(*entries)))[1].notices
    assert "say their order with --joints" in notice


@pytest.mark.parametrize(
    ("name", "joint"),
    [
        ("L-Shoulder", "left_shoulder"), ("RSho", "right_shoulder"), ("rear", "right_ear"),
        ("lear", "left_ear"), ("RIGHT ANKLE", "right_ankle"), ("shoulder_left", "left_shoulder"),
        ("leftEye", "left_eye"), ("Top of head", "head_top"), ("head_bottom", "upper_neck"),
        ("LBigToe", "left_big_toe"), ("left", None), ("eye", None), ("left right eye", None),
        (7, None), ("x" * 1000, None), ("", None),
    ],
)  # fmt: skip
def test_joints_are_told_by_name_in_any_spelling(name: object, joint: str | None) -> None:
    assert canonical_joint(name) == joint


def test_what_a_head_is_the_whole_set_of_names_tells() -> None:
    crowdpose = list(JOINT_ORDERS["crowdpose"].joints)
    named = order_of_names(crowdpose[::-1])
    assert named is not None
    assert named.keypoint_indices == JOINT_ORDERS["crowdpose"].keypoint_indices[::-1]
    unknown = order_of_names(["head", "left_hip", "right_hip", "left_knee", "right_knee"])
    assert unknown is not None
    assert unknown.keypoint_indices[0] is None


# Which picture


def test_an_annotation_file_says_which_picture_an_id_means(
    write_json: Write, picture: Picture
) -> None:
    images = []
    for number, name in enumerate(("1.png", "10.png", "2.png"), start=1):
        picture(name, PICTURE_SIZE)
        images.append({"id": number, "file_name": name})
    truth = write_json("truth.json", {"images": images, "annotations": []})
    source = write_json("results.json", [result(image_id=2), result(image_id=9)])
    results, notes = coco(source, annotations=truth)
    assert results[0].picture_path.name == "10.png"
    assert reasons(results[1:]) == ["image_id: found 9, not among images"]
    assert COCO_NUMBERS not in notes.assumed


def test_a_short_number_is_refused_unless_the_user_says_that_it_is_a_name(
    write_json: Write, picture: Picture
) -> None:
    for name in ("1.png", "2.png", "10.png"):
        picture(name, PICTURE_SIZE)
    source = write_json("results.json", [result(image_id=2)])
    (problem,), _ = coco(source)
    assert "--annotations" in problem.reason
    (person,), notes = coco(source, ids_are_names=True)
    assert person.picture_path.name == "2.png"
    assert notes.assumed[NUMBERS_ARE_NAMES] == 1


def test_numbers_too_large_to_count_the_pictures_are_names(
    write_json: Write, picture: Picture
) -> None:
    for name in ("785.png", "0040083.png"):
        picture(name, PICTURE_SIZE)
    entries = [result(image_id=785), result(image_id=40083)]
    people, notes = coco(write_json("results.json", entries))
    assert [person.picture_path.name for person in people] == ["785.png", "0040083.png"]
    assert notes.assumed[NUMBERS_ARE_NAMES] == 2
    results, _ = coco(write_json("results.json", [*entries, result(image_id=3)]))
    assert all(isinstance(each_result, ReadProblem) for each_result in results)


@pytest.mark.parametrize("name", ["000000000002.png", "COCO_val2014_000000000002.png"])
def test_the_numbers_of_coco_are_assumed_and_said_so(
    write_json: Write, picture: Picture, name: str
) -> None:
    picture(name, PICTURE_SIZE)
    picture("2.png" if name.startswith("0") else "3.png", PICTURE_SIZE)
    (person,), notes = coco(write_json("results.json", [result(image_id=2)]))
    assert person.picture_path.name == name
    assert notes.assumed[COCO_NUMBERS] == 1


@pytest.mark.parametrize("image_id", ["holiday_01", "holiday_01.png", "set/holiday_01.png"])
def test_a_text_is_the_name_of_a_picture(
    write_json: Write, picture: Picture, image_id: str
) -> None:
    picture("holiday_01.png", PICTURE_SIZE)
    (person,), notes = coco(write_json("results.json", [result(image_id=image_id)]))
    assert person.picture_path.name == "holiday_01.png"
    assert notes.assumed[TEXTS_ARE_NAMES] == 1


def test_a_file_that_lists_no_images_is_no_annotation_file(
    write_json: Write, picture: Picture
) -> None:
    picture("1.png", PICTURE_SIZE)
    source = write_json("results.json", [result()])
    for content in ([], {"annotations": []}):
        with pytest.raises(AnnotationError, match=r"truth\.json"):
            coco(source, annotations=write_json("truth.json", content))


# Results


def test_category_0_counts_as_people_where_there_is_no_other(
    write_json: Write, picture: Picture
) -> None:
    picture("000000000001.png", PICTURE_SIZE)
    zeros = [result(category_id=0), result(category_id=0)]
    assert all(isinstance(item, NewSample) for item in coco(write_json("a.json", zeros))[0])
    mixed, _ = coco(write_json("b.json", [result(category_id=0), result(category_id=1)]))
    assert mixed[0].reason == "not a person"
    assert isinstance(mixed[1], NewSample)


def test_both_thresholds_are_the_users_and_what_they_drop_is_counted(
    write_json: Write, picture: Picture
) -> None:
    picture("000000000001.png", PICTURE_SIZE)
    points = joints(flag=0.9)
    for index in range(12):
        points[index][2] = 0.1
    points[16][2] = 0
    entries = [
        result(keypoints=flat(points), score=3.04),
        result(score=0.3),
        result(keypoints=flat(joints(flag=0.15)), score=0.9),
    ]
    source = write_json("results.json", entries)
    results, notes = coco(source)
    assert [type(each_result) for each_result in results] == [NewSample, NewSample, SkippedEntry]
    assert results[2].reason == "person with fewer than 2 joints above confidence 0.2"
    assert notes.dropped == {"joints with a score below 0.2": 29}
    (notice,) = notes.notices
    assert "29 of 50 joints" in notice
    assert "--min-score" in notice
    results, notes = coco(source, min_score=0.05, min_person_score=0.5)
    assert [type(each_result) for each_result in results] == [NewSample, SkippedEntry, NewSample]
    assert results[1].reason == "person with a score below 0.5"
    assert not notes.dropped
    assert not notes.notices
    assert results[0].keypoints_px[44, 2] == np.float32(0.1)


@pytest.mark.parametrize("score", ["0.9", [0.9], True, float("nan")])
def test_a_score_that_is_no_number_is_a_problem_once_it_is_asked_for(
    write_json: Write, picture: Picture, score: Any
) -> None:
    picture("000000000001.png", PICTURE_SIZE)
    source = write_json("results.json", [result(score=score)])
    assert isinstance(coco(source)[0][0], NewSample)
    assert "score: found" in coco(source, min_person_score=0.5)[0][0].reason


def test_box_is_another_name_of_bbox(write_json: Write, picture: Picture) -> None:
    picture("000000000001.png", PICTURE_SIZE)
    (person,), notes = coco(write_json("results.json", [result(box=BBOX, idx=[0.0])]))
    np.testing.assert_allclose(person.box_center_px, [100, 61])
    assert notes.unused_fields == {"idx": 1}


@pytest.mark.parametrize(
    ("options", "typed"),
    [
        ({"size_px": (10, 10)}, "--size"), ({"min_score": 0.1}, "--min-score"),
        ({"min_person_score": 0.1}, "--min-person-score"),
        ({"ids_are_names": True}, "--ids-are-names"),
        ({"annotations": Path("truth.json")}, "--annotations"),
    ],
)  # fmt: skip
def test_what_belongs_to_results_is_refused_for_an_annotation_file(
    write_json: Write, picture: Picture, options: dict[str, Any], typed: str
) -> None:
    picture("one.png", PICTURE_SIZE)
    with pytest.raises(AnnotationError, match=f"for which {typed} cannot be given"):
        coco(write_json("people.json", document(annotation())), **options)


# Sizes


def test_joints_of_another_size_are_scaled_to_the_picture(
    tmp_path: Path, write_json: Write, picture: Picture
) -> None:
    picture("a.png", PICTURE_SIZE)
    double = [[2 * x, 2 * y, flag] for x, y, flag in joints("coco18", 0.9)]
    content = openpose(double, canvas_width=400, canvas_height=260.0)
    write_json("a.json", [content])
    (person,), notes = from_openpose(tmp_path)
    np.testing.assert_allclose(person.keypoints_px[0], [100, 20, 0.9])
    assert list(notes.assumed) == ["joints in pixels of 400×260 are scaled to the picture"]
    (larger,), _ = from_openpose(tmp_path, size_px=(800, 520))
    np.testing.assert_allclose(larger.keypoints_px[0], [50, 10, 0.9])


def test_another_shape_or_no_size_is_a_problem(
    tmp_path: Path, write_json: Write, picture: Picture
) -> None:
    picture("a.png", PICTURE_SIZE)
    for canvas, words in [
        ({"canvas_width": 260, "canvas_height": 400}, "another shape"),
        ({"canvas_width": "400", "canvas_height": 260}, "canvas_width: found '400'"),
        ({"canvas_width": 400}, "canvas_height: missing"),
        ({"canvas_width": 0, "canvas_height": 0}, "expected a size in pixels"),
    ]:
        write_json("a.json", openpose(joints("coco18", 0.9), **canvas))
        (problem,), _ = from_openpose(tmp_path)
        assert words in problem.reason


def test_results_of_another_size_are_scaled_with_their_boxes(
    write_json: Write, picture: Picture
) -> None:
    picture("000000000001.png", PICTURE_SIZE)
    half = [[x / 2, y / 2, 0.9] for x, y, _ in joints()]
    entry = result(keypoints=flat(half), bbox=[number / 2 for number in BBOX])
    (person,), _ = coco(write_json("results.json", [entry]), size_px=(100, 65))
    np.testing.assert_allclose(person.box_center_px, [100, 61])
    assert coco_joints_of(person.keypoints_px)[0][:2] == (100, 20)


@pytest.mark.parametrize("text", ["640", "640x", "0x480", "640x480x3", "-640x480", "axb", ""])
def test_a_size_is_two_numbers(text: str) -> None:
    with pytest.raises(StudioError, match="such as 1280x960"):
        parsed_size(text)
    assert parsed_size("640x480") == parsed_size(" 640 × 480 ") == (640, 480)
