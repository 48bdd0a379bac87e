"""Label Studio's points become the people that boxes, relations and parents hold together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import AnnotationError
from core.formats.keypoints.tools.label_studio import IN_BOXES
from core.formats.keypoints.tools.labelled_people import ALONE
from core.formats.reader_results import SkippedEntry
from core.formats.registry import FORMATS, open_format
from core.types.samples import NewSample
from tests.core.formats.keypoints.painted import (
    HAND_SHIFT_PX,
    SIZE,
    check_colours,
    opened,
    paint,
    results_of,
    where,
)
from tests.core.formats.keypoints.test_coco_family import COCO

BOXES = ((60, 2, 80, 123), (250, 6, 80, 122))


def region(kind: str, name: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    width, height = SIZE
    return {"id": name, "type": kind, "from_name": "k", "to_name": "img", "value": value,
            "original_width": width, "original_height": height, "image_rotation": 0,
            **more}  # fmt: skip


def point(label: str, person: int, **more: Any) -> dict[str, Any]:
    x, y = where(label, person, HAND_SHIFT_PX)
    value = {"x": 100 * x / SIZE[0], "y": 100 * y / SIZE[1], "width": 0.3,
             "keypointlabels": [label.replace("_", " ").title()]}  # fmt: skip
    return region("keypointlabels", f"{label}{person}", value, **more)


def box(person: int) -> dict[str, Any]:
    left, top, width, height = BOXES[person]
    value = {"x": 100 * left / SIZE[0], "y": 100 * top / SIZE[1], "width": 100 * width / SIZE[0],
             "height": 100 * height / SIZE[1], "rotation": 0,
             "rectanglelabels": ["Person"]}  # fmt: skip
    return region("rectanglelabels", f"box{person}", value)


def task(*results: Any, image: str = "/data/upload/2/7f3a2b1c-a.png", **more: Any) -> Any:
    return {"id": 1, "data": {"image": image}, "annotations": [{"id": 5, "result": [*results]}],
            **more}  # fmt: skip


def write(folder: Path, *tasks: Any) -> Path:
    path = folder / "export.json"
    path.write_text(json.dumps(tasks))
    return path


def test_joints_lie_where_they_are_under_their_parents(tmp_path: Path) -> None:
    picture = paint(tmp_path / "a.png")
    points = [point(name, person, parentID=f"box{person}") for name in COCO for person in (1, 0)]
    source = opened(write(tmp_path, task(box(0), *points, box(1))), name="label-studio")
    results = results_of(source)
    check_colours(results, picture, COCO, shift=HAND_SHIFT_PX)
    samples = [each for each in results if isinstance(each, NewSample)]
    scales = sorted(sample.box_scale for sample in samples)
    assert scales == pytest.approx([1.2 * 122 / 200, 1.2 * 123 / 200])


def test_relations_hold_people_together(tmp_path: Path) -> None:
    picture = paint(tmp_path / "7f3a2b1c-a.png")
    points = [point(name, person) for name in COCO for person in (0, 1)]
    relations = [
        {"type": "relation", "from_id": f"nose{person}", "to_id": f"{name}{person}",
         "direction": "right"}
        for person in (0, 1) for name in COCO[1:]
    ]  # fmt: skip
    results = results_of(opened(write(tmp_path, task(*relations, *points)), name="label-studio"))
    check_colours(results, picture, COCO, shift=HAND_SHIFT_PX)


def test_without_either_the_box_that_holds_a_point_tells_whose_it_is(tmp_path: Path) -> None:
    picture = paint(tmp_path / "folder" / "a.png")
    points = [point(name, person) for name in COCO for person in (0, 1)]
    image = "/data/local-files/?d=some/folder/a.png"
    source = opened(write(tmp_path, task(*points, box(1), box(0), image=image)))
    check_colours(results_of(source), picture, COCO, shift=HAND_SHIFT_PX)
    assert source.notes.assumed[IN_BOXES] == 2
    overlapping = {**box(0), "id": "third"}
    (problem,) = results_of(opened(write(tmp_path, task(*points, box(1), box(0), overlapping))))
    assert "lies in 2 of the 3 boxes, expected one" in str(problem)


def test_a_person_alone_needs_no_box(tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    source = opened(write(tmp_path, task(*(point(name, 0) for name in COCO))))
    (person,) = results_of(source)
    assert isinstance(person, NewSample)
    assert source.notes.assumed[ALONE] == 1
    (problem,) = results_of(
        opened(write(tmp_path, task(*(point(name, person) for name in COCO for person in (0, 1)))))
    )
    assert "2 points, expected one of each joint" in str(problem)


def test_of_several_annotators_one_is_read(tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    few = [point(name, 0) for name in COCO[:8]]
    content = task(*(point(name, 0) for name in COCO))
    content["annotations"] += [
        {"id": 6, "result": few, "ground_truth": True},
        {"id": 7, "result": few, "was_cancelled": True},
    ]
    skipped, person = results_of(opened(write(tmp_path, content)))
    assert isinstance(skipped, SkippedEntry)
    assert isinstance(person, NewSample)
    assert (person.keypoints_px[:, 2] > 0).sum() == 8


def test_what_is_broken_is_told_and_the_rest_goes_in(tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    whole = [point(name, 0) for name in COCO]
    turned = [{**each, "image_rotation": 90} for each in whole]
    shrunk = [{**each, "original_width": 200, "original_height": 65} for each in whole]
    source = write(
        tmp_path,
        task(*turned),
        task(*shrunk),
        task(*whole, *whole[:1]),
        task(box(0)),
        task(*whole, image="nothing.png"),
        {"id": 1, "data": {"image": "a.png"}, "annotations": []},
        task(*whole, {**whole[0], "id": "x", "type": "brushlabels"}),
        {"data": {}, "annotations": 3},
    )
    turned_away, size, twice, no_points, absent, bare, person, wrong = results_of(opened(source))
    assert "image_rotation: found 90" in str(turned_away)
    assert "400×130 px, expected 200×65" in str(size)
    assert "id: found one twice" in str(twice)
    assert isinstance(no_points, SkippedEntry)
    assert "nothing.png" in str(absent)
    assert isinstance(bare, SkippedEntry)
    assert isinstance(person, NewSample)
    assert "cannot be read" in str(wrong) or "found 3" in str(wrong)


def test_its_coco_export_and_json_min_are_refused_by_name(tmp_path: Path) -> None:
    source = tmp_path / "result.json"
    source.write_text(
        json.dumps({"info": {"contributor": "Label Studio"}, "images": [], "annotations": []})
    )
    with pytest.raises(AnnotationError, match="mixes the people of a picture") as caught:
        open_format(FORMATS["coco"], source, None, dataset="x")
    assert "JSON" in caught.value.remedy
    small = {"image": "a.png", "kp": [{"x": 1, "keypointlabels": ["Nose"], "original_width": 4}]}
    source.write_text(json.dumps([small]))
    with pytest.raises(AnnotationError, match="tasks without annotations") as caught:
        opened(source, name="label-studio")
    assert "JSON-MIN" in caught.value.remedy
