from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.body.conventions import KEYPOINT_NAMES
from core.errors import AnnotationError, Cancelled
from core.formats.keypoints.coco_keypoints import open_coco_keypoints
from core.formats.keypoints.joint_orders import COCO_JOINT_NAMES
from core.formats.reader_results import MAX_REASON_LENGTH, ReadProblem, SkippedEntry
from core.progress import CancelToken
from core.types.samples import NewSample

JOINTS = [[20 + 5 * i, 30 + 2 * i, 2] for i in range(17)]


def annotation(**changes: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": 7,
        "image_id": 1,
        "category_id": 1,
        "iscrowd": 0,
        "bbox": [10, 20, 100, 60],
        "keypoints": [number for joint in JOINTS for number in joint],
    }
    entry.update(changes)
    return {name: value for name, value in entry.items() if value is not ...}


def document(*annotations: Any, **changes: Any) -> dict[str, Any]:
    return {
        "categories": [{"id": 1, "name": "person", "keypoints": list(COCO_JOINT_NAMES)}],
        "images": [{"id": 1, "file_name": "one.png", "width": 200, "height": 100}],
        "annotations": list(annotations),
        **changes,
    }


@pytest.fixture
def read(
    tmp_path: Path, write_json: Callable[[str, Any], Path], picture: Callable[[str], Path]
) -> Callable[[Any], list[Any]]:
    picture("one.png")

    def read_document(content: Any) -> list[Any]:
        source = open_coco_keypoints(write_json("people.json", content), None, dataset="coco")
        entries = list(source.entries)
        assert source.total == len(entries)
        return [result for entry in entries for result in entry]

    return read_document


def test_joints_land_on_their_namesakes_with_confidence_by_visibility(
    read: Callable[[Any], list[Any]],
) -> None:
    joints = [list(joint) for joint in JOINTS]
    joints[9] = [60, 50, 1]  # left wrist: labelled, occluded
    joints[16] = [77, 77, 0]  # right ankle: not labelled
    flat = [number for joint in joints for number in joint]
    (sample,) = read(document(annotation(keypoints=flat)))
    for name, (x, y, visibility) in zip(COCO_JOINT_NAMES, joints, strict=True):
        index = 25 + KEYPOINT_NAMES[25:].index(name.replace("_", " ").title())
        expected = [x, y, 1] if visibility else [0, 0, 0]
        np.testing.assert_array_equal(sample.keypoints_px[index], expected, err_msg=name)
    assert np.count_nonzero(sample.keypoints_px[:, 2]) == 16


def test_box_is_the_annotation_box_times_1_2(read: Callable[[Any], list[Any]]) -> None:
    (sample,) = read(document(annotation()))
    np.testing.assert_array_equal(sample.box_center_px, [60, 50])
    assert sample.box_scale == pytest.approx(100 * 1.2 / 200)
    assert sample.picture_size_px == (200, 100)
    assert sample.picture_path.is_absolute()
    assert (sample.dataset, sample.person_key) == ("coco", "7")


def test_without_bbox_the_box_is_about_the_joints(read: Callable[[Any], list[Any]]) -> None:
    (sample,) = read(document(annotation(bbox=...)))
    np.testing.assert_array_equal(sample.box_center_px, [60, 46])
    assert sample.box_scale == pytest.approx(80 * 1.2 / 200)


def test_crowds_and_others_are_counted_apart_and_people_without_joints_kept(
    read: Callable[[Any], list[Any]],
) -> None:
    categories = [*document()["categories"], {"id": 18, "name": "dog"}]
    results = read(
        document(
            annotation(id=1, iscrowd=1, keypoints={"counts": []}),
            annotation(id=2, category_id=18),
            annotation(id=3, keypoints=...),
            annotation(id=4, keypoints=[0] * 51),
            annotation(id=5),
            categories=categories,
        )
    )
    reasons = [result.reason for result in results if isinstance(result, SkippedEntry)]
    assert reasons == ["crowd", "not a person", "no keypoints field"]
    samples = [result for result in results if isinstance(result, NewSample)]
    assert [sample.person_key for sample in samples] == ["4", "5"]
    assert (samples[0].keypoints_px == 0).all()
    np.testing.assert_array_equal(samples[0].box_center_px, [60, 50])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"keypoints": [1.0] * 50}, "keypoints: 50 numbers, expected 51"),
        ({"keypoints": ["20"] * 51}, "keypoints: found '20', expected numbers"),
        ({"keypoints": [True] * 51}, "keypoints: found True, expected numbers"),
        ({"keypoints": [float("nan")] * 51}, "keypoints: found nan, expected finite"),
        ({"keypoints": [float("inf"), 1, 1] * 17}, "keypoints: found inf, expected finite"),
        ({"keypoints": [10**400] * 51}, "keypoints: a number is too large"),
        ({"keypoints": [[1, 2, 3]] * 51}, "keypoints: 51 joints, expected 17"),
        ({"keypoints": "none"}, "keypoints: found 'none', expected a list"),
        ({"keypoints": [20, 20, 3] * 17}, "visibility 3, expected 0, 1 or 2"),
        ({"keypoints": [9000, 20, 2] * 17}, r"found one at \(9000, 20\)"),
        ({"keypoints": [-1e300, 20, 2] * 17}, "expected them near the picture"),
        ({"bbox": [10, 20, -5, 60]}, "bbox: found 10, 20, -5, 60, expected a width"),
        ({"bbox": [10, 20, 0, 60]}, "expected a width and a height above 0"),
        ({"bbox": [1e308, 0, 1e308, 60]}, "expected a box that fits"),
        ({"bbox": [-1e6, 0, 60, 60]}, "expected a box inside the picture"),
        ({"bbox": [10, 20, 30]}, "bbox: 3 numbers, expected 4"),
        ({"bbox": ["a", 20, 30, 40]}, "bbox: found 'a', expected numbers"),
        ({"bbox": ..., "keypoints": [0] * 51}, "0 visible keypoints, expected 2"),
        ({"id": ...}, "id: missing, expected a whole number"),
        ({"id": "7"}, "id: found '7', expected a whole number"),
        ({"image_id": 99}, "image_id: found 99, not among images"),
        ({"image_id": {"id": 1}}, "image_id: found {'id': 1}, expected a whole number"),
        ({"category_id": [1]}, "category_id: found"),
    ],
)
def test_a_broken_entry_is_told_with_index_and_field_and_the_rest_goes_in(
    read: Callable[[Any], list[Any]], changes: dict[str, Any], words: str
) -> None:
    content = document(annotation(id=1), annotation(**changes), annotation(id=3))
    before, problem, after = read(content)
    assert isinstance(before, NewSample)
    assert isinstance(after, NewSample)
    assert isinstance(problem, ReadProblem)
    assert problem.index == 1
    assert problem.file.name == "people.json"
    with pytest.raises(ValueError, match=words):
        raise ValueError(problem.reason)


def test_entries_that_are_no_objects_are_problems(read: Callable[[Any], list[Any]]) -> None:
    results = read(document(None, 3, [], "x" * 10_000, annotation()))
    assert [type(result) for result in results] == [ReadProblem] * 4 + [NewSample]
    assert all(len(result.reason) <= MAX_REASON_LENGTH for result in results[:4])


def test_an_id_seen_twice_is_a_problem(read: Callable[[Any], list[Any]]) -> None:
    first, second = read(document(annotation(), annotation()))
    assert isinstance(first, NewSample)
    assert "id: found 7 a second time" in second.reason


@pytest.mark.parametrize(
    "file_name",
    [
        "../two.png", "a/../../two.png", "/etc/passwd", "C:\\two.png", "\\\\host\\two.png",
        "..\\two.png", "", ".", "one\0.png", "one\n.png", "x" * 5000, "\ud800.png",
    ],
)  # fmt: skip
def test_a_picture_outside_the_folder_is_refused(
    read: Callable[[Any], list[Any]], file_name: str
) -> None:
    images = [{"id": 1, "file_name": file_name, "width": 200, "height": 100}]
    (problem,) = read(document(annotation(), images=images))
    assert "expected a name inside the pictures' folder" in problem.reason
    assert problem.reason.isprintable()


@pytest.mark.parametrize(
    ("images", "words"),
    [
        ([{"id": 1, "file_name": "absent.png"}], "no such picture"),
        ([{"id": 1, "file_name": "people.json"}], "expected JPEG, PNG"),
        ([{"id": 1, "file_name": 5}], "file_name: found 5, expected a text"),
        ([{"id": 1}], "file_name: missing"),
        ([{"id": 1, "file_name": "one.png"}] * 2, "listed twice"),
        ([{"id": 1, "file_name": "one.png", "width": 400, "height": 200}], "expected 400×200"),
        ([{"id": 1, "file_name": "one.png", "width": 100, "height": 200}], "EXIF"),
        ([None, [], {"id": []}], "not among images"),
    ],
)
def test_a_picture_that_does_not_fit_is_told_with_the_person(
    read: Callable[[Any], list[Any]], images: list[Any], words: str
) -> None:
    (problem,) = read(document(annotation(), images=images))
    assert isinstance(problem, ReadProblem)
    assert words in problem.reason


def test_pictures_in_folders_below_and_without_a_listed_size_are_read(
    read: Callable[[Any], list[Any]], picture: Callable[[str], Path]
) -> None:
    picture("val/one.png")
    (sample,) = read(document(annotation(), images=[{"id": 1, "file_name": "val/one.png"}]))
    assert sample.picture_path.parts[-2:] == ("val", "one.png")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "cannot be read as JSON"),
        ("", "cannot be read as JSON"),
        ("[" * 200_000, "nested too deep"),
        ("9" * 10_000, "cannot be read as JSON"),
        ("5", "expected COCO's object"),
        ({"images": []}, "annotations: no such field, expected a list"),
        ({"images": {}, "annotations": []}, "images: found {}, expected a list"),
        (document(categories=5), "categories: found 5"),
        (document(categories=[{"id": 1, "name": "person", "keypoints": ["a"]}]), "a body's joints"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_name(
    read: Callable[[Any], list[Any]], content: Any, words: str
) -> None:
    with pytest.raises(AnnotationError, match=words) as caught:
        read(content)
    assert caught.value.path.name == "people.json"


def test_bytes_that_are_no_text_and_files_above_the_limit_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"\xff\xfe\xff{")
    with pytest.raises(AnnotationError, match="cannot be read as JSON"):
        open_coco_keypoints(path, None, dataset="coco")
    with pytest.raises(AnnotationError, match="no such file"):
        open_coco_keypoints(tmp_path / "b.json", None, dataset="coco")
    with pytest.raises(AnnotationError, match="a folder, expected a JSON file"):
        open_coco_keypoints(tmp_path, None, dataset="coco")
    path.write_text(json.dumps(document()))
    with pytest.raises(AnnotationError, match="folder of the pictures"):
        open_coco_keypoints(path, tmp_path / "absent", dataset="coco")


def test_a_results_list_finds_pictures_by_number_and_drops_weak_joints(
    read: Callable[[Any], list[Any]], picture: Callable[[str], Path]
) -> None:
    picture("000000000785.png")
    joints = [number for i in range(17) for number in (20 + 5 * i, 30, 0.9 if i else 0.1)]
    result = {"image_id": 785, "category_id": 1, "keypoints": joints, "score": 0.5}
    first, second, problem = read([result, result, {**result, "image_id": 1}])
    assert [first.person_key, second.person_key] == ["result 0", "result 1"]
    assert first.keypoints_px[44].tolist() == [0, 0, 0]  # the nose, below 0.2
    assert first.keypoints_px[45, 2] == np.float32(0.9)
    np.testing.assert_array_equal(first.box_center_px, [62.5, 30])
    assert "expected a picture 000000000001.jpg" in problem.reason


def test_real_file_delivers_all_fourteen_people(shared_folder: Path) -> None:
    folder = shared_folder / "realdata/coco"
    source = open_coco_keypoints(folder / "person_keypoints.json", folder, dataset="coco")
    samples = [result for entry in source.entries for result in entry]
    assert all(isinstance(sample, NewSample) for sample in samples)
    visible = [np.count_nonzero(sample.keypoints_px[:, 2]) for sample in samples]
    assert visible == [17, 14, 15, 0, 15, 15, 0, 12, 17, 16, 16, 15, 16, 13]
    assert len({sample.person_key for sample in samples}) == 14


@pytest.mark.parametrize("name", ["people.json", "results.json"])
def test_a_file_is_no_longer_parsed_once_the_user_has_asked_to_stop(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text('[{"image_id": 1}]' if "results" in name else '{"images": []}')
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        open_coco_keypoints(tmp_path / name, None, dataset="x", cancel=token)
