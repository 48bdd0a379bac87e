"""Forms of one and the same person that other programs write: read, or refused with the reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core.errors import AnnotationError
from core.formats.keypoints.coco_annotations import NOT_ANNOTATED
from core.formats.keypoints.coco_keypoints import open_coco_keypoints
from core.formats.keypoints.joint_fields import NOWHERE, WITHOUT_FLAGS
from core.formats.keypoints.joint_orders import COCO_JOINT_NAMES
from core.formats.keypoints.named_pictures import TURNED
from core.formats.read_notes import ReadNotes
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
)
from tests.core.pictures.test_decoding import with_exif

Read = Callable[[Any], tuple[list[Any], ReadNotes]]


@pytest.fixture
def read(tmp_path: Path, write_json: Callable[..., Path], picture: Callable[..., Path]) -> Read:
    picture("one.png", PICTURE_SIZE)

    def read_document(content: Any) -> tuple[list[Any], ReadNotes]:
        opened = open_coco_keypoints(write_json("people.json", content), None, dataset="coco")
        return [result for entry in opened.entries for result in entry], opened.notes

    return read_document


def standing() -> list[tuple[float, ...]]:
    return [(*STANDING[name], 1.0) for name in COCO_JOINT_NAMES]


# Sizes


@pytest.mark.parametrize(("width", "height"), [(200.0, 130.0), ("200", "130"), (200, 130.0)])
def test_a_size_is_compared_in_whatever_type_it_is_written(
    read: Read, width: Any, height: Any
) -> None:
    def images(width: Any, height: Any) -> list[Any]:
        return [{"id": 1, "file_name": "one.png", "width": width, "height": height}]

    (person,), _ = read(document(annotation(), images=images(width, height)))
    assert isinstance(person, NewSample)
    (turned,), _ = read(document(annotation(), images=images(height, width)))
    assert "EXIF" in turned.reason
    (other,), _ = read(document(annotation(), images=images(width, type(height)(65))))
    assert "expected 200×65" in other.reason


@pytest.mark.parametrize("width", ["wide", "", [], None, True, 200.5, 0, -200, float("nan")])
def test_a_size_that_is_no_number_of_pixels_is_a_problem_and_not_no_size(
    read: Read, width: Any
) -> None:
    images = [{"id": 1, "file_name": "one.png", "width": width, "height": 130}]
    (problem,), _ = read(document(annotation(), images=images))
    assert "expected a number of pixels" in problem.reason


def test_a_turned_picture_without_a_size_in_the_file_is_told(tmp_path: Path, read: Read) -> None:
    stored = cv2.imencode(".jpg", np.zeros((PICTURE_SIZE[0], PICTURE_SIZE[1], 3), np.uint8))[1]
    (tmp_path / "turned.jpg").write_bytes(with_exif(stored.tobytes(), 6))
    images = [{"id": 1, "file_name": "turned.jpg"}, {"id": 2, "file_name": "one.png"}]
    (person, _), notes = read(document(annotation(), annotation(2, image_id=2), images=images))
    assert person.picture_size_px == PICTURE_SIZE
    assert notes.assumed == {TURNED: 1}
    sized = [{**images[0], "width": PICTURE_SIZE[0], "height": PICTURE_SIZE[1]}]
    assert not read(document(annotation(), images=sized))[1].assumed


def test_whole_numbers_may_be_written_with_a_decimal_point(read: Read) -> None:
    images = [{"id": 1.0, "file_name": "one.png"}]
    entry = annotation(id=7.0, image_id=1.0, category_id=1.0)
    (person,), _ = read(document(entry, images=images))
    assert person.person_key == "7"


# Boxes

LEFT, TOP, WIDTH, HEIGHT = BBOX
CORNERS = [LEFT, TOP, LEFT + WIDTH, TOP + HEIGHT]


@pytest.mark.parametrize(
    ("bbox", "layout"),
    [
        ([LEFT + WIDTH / 2, TOP + HEIGHT / 2, WIDTH, HEIGHT], "is it centre x, centre y"),
        ([LEFT / 200, TOP / 130, WIDTH / 200, HEIGHT / 130], "as shares of the picture"),
        ([LEFT / 200, TOP / 130, CORNERS[2] / 200, CORNERS[3] / 130], "as shares of the picture"),
        ([2, 2, 20, 30], "is it the box of another person"),
        ([150, 5, 40, 60], "is it the box of another person"),
    ],
)
def test_a_box_beside_its_own_joints_is_told_with_the_layout_that_would_fit(
    read: Read, bbox: list[float], layout: str
) -> None:
    (problem,), _ = read(document(annotation(bbox=bbox)))
    assert isinstance(problem, ReadProblem)
    assert "visible joints lie outside" in problem.reason
    assert layout in problem.reason


def test_corners_of_a_person_at_the_right_are_told_from_one_box(read: Read) -> None:
    entry = annotation(keypoints=flat(joints(dx=60)), bbox=[126, 5, 194, 117])
    (problem,), _ = read(document(entry))
    assert "is it x1, y1, x2, y2?" in problem.reason


def test_square_boxes_of_crops_may_end_outside_of_the_picture(read: Read) -> None:
    entry = annotation(keypoints=flat(joints(dx=60)), bbox=[110, 5, 117, 117])
    (person,), _ = read(document(entry))
    assert isinstance(person, NewSample)


def test_corners_that_no_single_box_betrays_are_told_by_the_whole_file(read: Read) -> None:
    people = [
        annotation(
            number,
            keypoints=flat(joints(dx=dx)),
            bbox=[LEFT + dx, TOP, CORNERS[2] + dx, CORNERS[3]],
        )
        for number, dx in enumerate((-60, -40, -20, 0, 20, 40, 60))
    ]
    results, _ = read(document(*people))
    assert all("is it" in result.reason and "x1, y1, x2, y2" in result.reason for result in results)


def test_boxes_of_people_at_the_left_are_believed(read: Read) -> None:
    # Read as corners they would fit the joints as well, or even better.
    people = [
        annotation(number, keypoints=flat(joints(dx=-60)), bbox=[4, 4, 75, 115])
        for number in range(6)
    ]
    results, _ = read(document(*people))
    assert all(isinstance(result, NewSample) for result in results)


def test_joints_in_shares_of_the_picture_are_told_even_where_their_box_is_so_too(
    read: Read,
) -> None:
    shares = [[x / 200, y / 130, flag] for x, y, flag in joints()]
    bbox = [LEFT / 200, TOP / 130, WIDTH / 200, HEIGHT / 130]
    (problem,), _ = read(document(annotation(keypoints=flat(shares), bbox=bbox)))
    assert "not scaled to 0..1" in problem.reason


def test_a_box_may_hold_most_joints_only(read: Read) -> None:
    (person,), _ = read(document(annotation(bbox=[LEFT, TOP, WIDTH, 70])))
    assert isinstance(person, NewSample)


@pytest.mark.parametrize("bbox", [None, [], [0, 0, 0, 0], ...])
def test_an_empty_box_is_no_box_and_made_of_the_joints(read: Read, bbox: Any) -> None:
    (person,), notes = read(document(annotation(bbox=bbox)))
    np.testing.assert_allclose(person.box_center_px, [100, 64.5])
    assert person.box_scale == pytest.approx(1.2 * 95 / 200)
    (count,) = notes.assumed.values()
    assert count == 1


# Joints


def test_joints_seen_where_no_joint_can_be_are_absent_and_counted(read: Read) -> None:
    points = joints()
    points[15], points[16] = [0, 0, 2], [-1, -1, 1]
    (person,), notes = read(document(annotation(keypoints=flat(points))))
    assert coco_joints_of(person.keypoints_px)[15:] == [(0, 0, 0), (0, 0, 0)]
    assert notes.dropped == {NOWHERE: 2}


@pytest.mark.parametrize("nowhere", [float("nan"), float("inf"), 9e9, -1])
def test_an_absent_joint_may_have_any_coordinates(read: Read, nowhere: float) -> None:
    points = joints()
    points[9] = [nowhere, nowhere, 0]
    (person,), notes = read(document(annotation(keypoints=flat(points))))
    assert coco_joints_of(person.keypoints_px)[9] == (0, 0, 0)
    assert np.isfinite(person.keypoints_px).all()
    assert not notes.dropped


def test_not_annotated_is_absent_and_a_score_is_no_visibility(read: Read) -> None:
    points, scored = joints(), joints()
    points[9][2], scored[9][2] = -1, 0.9
    (person,), notes = read(document(annotation(keypoints=flat(points))))
    assert coco_joints_of(person.keypoints_px)[9] == (0, 0, 0)
    assert notes.dropped == {NOT_ANNOTATED: 1}
    (problem,), _ = read(document(annotation(keypoints=flat(scored))))
    assert "a detector's scores belong in a list of results" in problem.reason


def test_triples_and_pairs_with_flags_beside_are_read(read: Read) -> None:
    pairs = [point[:2] for point in joints()]
    flags = [2] * 16 + [0]
    results, notes = read(
        document(
            annotation(1, keypoints=joints()),
            annotation(2, keypoints=flat(pairs), visibility=flags),
            annotation(3, keypoints=pairs, keypoints_visible=flags),
            annotation(4, keypoints=flat(pairs)),
        )
    )
    found = [coco_joints_of(result.keypoints_px) for result in results]
    assert found[0] == found[3] == standing()
    assert found[1] == found[2] == [*standing()[:16], (0, 0, 0)]
    assert notes.assumed == {WITHOUT_FLAGS: 1}


@pytest.mark.parametrize(
    "keypoints", [[[1, 2, 3]] * 16, [[1, 2, 3], [1, 2]] + [[1, 2, 3]] * 15, [[1]] * 17]
)
def test_nested_joints_of_another_shape_are_problems(read: Read, keypoints: Any) -> None:
    (problem,), _ = read(document(annotation(keypoints=keypoints)))
    assert isinstance(problem, ReadProblem)
    assert "keypoints: " in problem.reason


@pytest.mark.parametrize("keypoints", [None, [], ...])
def test_null_is_a_field_that_is_missing(read: Read, keypoints: Any) -> None:
    (skipped,), _ = read(document(annotation(keypoints=keypoints)))
    assert isinstance(skipped, SkippedEntry)
    assert skipped.reason == "no keypoints field"


# Crowds, categories, names


@pytest.mark.parametrize("iscrowd", [None, ..., 0, 0.0, False])
def test_null_is_no_crowd(read: Read, iscrowd: Any) -> None:
    (person,), _ = read(document(annotation(iscrowd=iscrowd)))
    assert isinstance(person, NewSample)


@pytest.mark.parametrize("iscrowd", [1, 1.0, True])
def test_a_crowd_is_one_in_any_number(read: Read, iscrowd: Any) -> None:
    (skipped,), _ = read(document(annotation(iscrowd=iscrowd)))
    assert isinstance(skipped, SkippedEntry)
    assert skipped.reason == "crowd"


@pytest.mark.parametrize("iscrowd", ["0", "1", "", [], 2, -1, 0.5])
def test_anything_else_is_a_problem_and_no_crowd(read: Read, iscrowd: Any) -> None:
    (problem,), _ = read(document(annotation(iscrowd=iscrowd)))
    assert "iscrowd: found" in problem.reason


def named(*names: Any, category: str = "person", number: int = 1) -> list[Any]:
    return [{"id": number, "name": category, "keypoints": list(names)}]


def test_joints_are_mapped_by_the_names_that_the_file_gives(read: Read) -> None:
    names = list(COCO_JOINT_NAMES)
    order = names[5:] + names[:5]
    points = flat([(*STANDING[name], 2) for name in order])
    (person,), notes = read(document(annotation(keypoints=points), categories=named(*order)))
    assert coco_joints_of(person.keypoints_px) == standing()
    assert not notes.assumed


def test_spelling_does_not_matter_and_joints_without_a_place_are_told(read: Read) -> None:
    spelt = {"left_shoulder": "LShoulder", "right_shoulder": "Right Shoulder", "nose": "NOSE"}
    names = [spelt.get(name, name.title().replace("_", "-")) for name in COCO_JOINT_NAMES]
    points = flat([*joints(), [50, 50, 2]])
    content = document(annotation(keypoints=points), categories=named(*names, "tail"))
    (person,), notes = read(content)
    assert coco_joints_of(person.keypoints_px) == standing()
    assert notes.unused_fields == {"1 of 18 joints, which have no place here": 1}


def test_more_names_than_joints_are_read_where_the_body_comes_first(read: Read) -> None:
    names = [*COCO_JOINT_NAMES, "left_big_toe", *(f"face-{number}" for number in range(68))]
    (person,), _ = read(document(annotation(), categories=named(*names)))
    assert coco_joints_of(person.keypoints_px) == standing()
    late = document(annotation(), categories=named("tail", "wing", *COCO_JOINT_NAMES))
    (problem,), _ = read(late)
    assert problem.reason == "keypoints: 51 numbers, expected 57"


@pytest.mark.parametrize("name", ["Human", "people", " PERSON ", "pedestrian"])
def test_people_have_many_names(read: Read, name: str) -> None:
    categories = [*named(*COCO_JOINT_NAMES, category=name, number=0), {"id": 1, "name": "dog"}]
    results, _ = read(document(annotation(category_id=0), annotation(2), categories=categories))
    assert isinstance(results[0], NewSample)
    assert results[1].reason == "not a person"


def test_a_lone_category_is_taken_for_people_and_said_so(read: Read) -> None:
    categories = named(*COCO_JOINT_NAMES, category="worker 3", number=5)
    (person,), notes = read(document(annotation(category_id=5), categories=categories))
    assert isinstance(person, NewSample)
    assert list(notes.assumed) == ["the only category of the file is taken for people"]


def test_names_of_no_body_are_refused_with_the_option_that_helps(read: Read) -> None:
    twice = ["nose", "Nose", "left_hip", "right_hip", "left_knee", "right_knee"]
    for names in (["a", "b", "c"], ["nose", "neck"], twice, [1, None]):
        with pytest.raises(AnnotationError, match="--joints"):
            read(document(annotation(), categories=named(*names)))


def test_ids_may_count_from_one_in_every_picture(read: Read, picture: Callable[..., Path]) -> None:
    picture("two.png", PICTURE_SIZE)
    images = [{"id": 1, "file_name": "one.png"}, {"id": "b", "file_name": "two.png"}]
    content = document(annotation(1), annotation(1, image_id="b"), annotation(1), images=images)
    results, _ = read(content)
    assert [type(result) for result in results] == [NewSample, NewSample, ReadProblem]
    assert "id: found 1 a second time for one.png" in results[2].reason


def test_what_was_noted_of_an_entry_counts_only_where_it_is_used(read: Read) -> None:
    points = joints()
    points[16] = [0, 0, 2]
    broken = annotation(keypoints=flat(points), bbox=[1, 1, -1, 1], track_id=5)
    (problem,), notes = read(document(broken))
    assert isinstance(problem, ReadProblem)
    assert not notes.dropped
    assert not notes.unused_fields


def test_label_studios_own_coco_export_is_refused(read: Read) -> None:
    content = document(annotation(), info={"contributor": "Label Studio"})
    with pytest.raises(AnnotationError, match="mixes the people of a picture into one"):
        read(content)


def test_fields_that_are_not_used_are_counted_by_name(read: Read) -> None:
    _, notes = read(
        document(
            annotation(1, track_id=5, attributes={"occluded": True}, score=None, text=""),
            annotation(2, track_id=6, area=5.0, segmentation=[[1, 2, 3]], num_keypoints=17),
        )
    )
    assert notes.unused_fields == {"track_id": 2, "attributes": 1}


def test_what_is_kept_for_an_export_has_its_joints_in_the_order_and_form_of_coco(
    tmp_path: Path, write_json: Callable[..., Path], picture: Callable[..., Path]
) -> None:
    picture("one.png", PICTURE_SIZE)
    names, points = list(COCO_JOINT_NAMES), joints()
    points[9], points[3][2] = [0, 0, 2], 1
    turned = [*points[5:], *points[:5]]
    content = document(
        annotation(1, keypoints=turned, area=7.5, iscrowd=None),
        annotation(2, keypoints=flat(turned), bbox=[1, 1, -1, 1]),
        annotation(3, keypoints=flat(points)[:-1]),
        categories=named(*names[5:], *names[:5]),
    )
    opened = open_coco_keypoints(write_json("a.json", content), None, dataset="coco")
    kept = [json.loads(result.source.text) for (result,) in opened.entries if result.source]
    points[9] = [0, 0, 0]
    assert kept[0]["keypoints"] == kept[1]["keypoints"] == flat(points)
    assert (kept[0]["area"], kept[0]["num_keypoints"]) == (7.5, 16)
    assert "keypoints" not in kept[2]
