"""labelme's points become the people that their groups hold together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import AnnotationError
from core.formats.keypoints.tools.labelled_people import ALONE
from core.formats.reader_results import ReadProblem, SkippedEntry
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
from tests.core.formats.keypoints.test_coco_family import COCO, CROWDPOSE


def point(label: str, person: int, name: str | None = None, **changes: Any) -> dict[str, Any]:
    x, y = where(name or label, person, HAND_SHIFT_PX)
    return {"label": label, "points": [[x, y]], "group_id": person + 1, "description": "",
            "shape_type": "point", "flags": {}, "mask": None, **changes}  # fmt: skip


def write(path: Path, shapes: list[Any], **changes: Any) -> Path:
    width, height = SIZE
    document = {"version": "5.5.0", "flags": {}, "shapes": shapes, "imagePath": "a.png",
                "imageData": None, "imageHeight": height, "imageWidth": width}  # fmt: skip
    path.write_text(json.dumps({**document, **changes}))
    return path


def test_joints_lie_where_they_are(tmp_path: Path) -> None:
    picture = paint(tmp_path / "a.png")
    shapes = [point(label, person) for label in COCO for person in (1, 0)]
    box = {"label": "person", "points": [[140, 125], [60, 2]], "group_id": 1,
           "shape_type": "rectangle"}  # fmt: skip
    write(tmp_path / "a.json", [*shapes, box])
    results = results_of(opened(tmp_path, name="labelme"))
    check_colours(results, picture, COCO, shift=HAND_SHIFT_PX)
    samples = [each for each in results if isinstance(each, NewSample)]
    scales = {each.person_key: each.box_scale for each in samples}
    assert scales["1"] == pytest.approx(1.2 * 123 / 200)
    assert set(scales) == {"1", "2"}


def test_labels_may_be_spelt_in_other_ways_and_joints_may_lack(tmp_path: Path) -> None:
    """A head is CrowdPose's where a file's labels are CrowdPose's, even if one person has few."""
    picture = paint(tmp_path / "a.png")
    names = {"Right Shoulder": "right_shoulder", "L_elbow": "left_elbow", "head": "head_top"}
    others = {name: name for name in CROWDPOSE if name not in names.values()}
    shapes = [point(label, 0, name) for label, name in {**names, **others}.items()]
    shapes += [point(label, 1, name) for label, name in names.items()]
    shapes += [point("ball", 0, "nose"), {**point("x", 0, "nose"), "shape_type": "polygon"}]
    source = opened(write(tmp_path / "a.json", shapes), name="labelme")
    first, second = results_of(source)
    assert isinstance(second, NewSample)
    assert np.flatnonzero(second.keypoints_px[:, 2]).tolist() == [33, 35, 38]
    assert second.keypoints_px[38, :2] == pytest.approx(where("head_top", 1, HAND_SHIFT_PX))
    assert set(source.notes.unused_fields) == {"points labelled 'ball'", "shapes of type 'polygon'"}
    moved = {**vars(second), "keypoints_px": shifted(first)}
    check_colours([first, NewSample(**moved)], picture, CROWDPOSE, shift=HAND_SHIFT_PX)


def shifted(first: object) -> Any:
    """The joints of the first person where the second's are."""
    assert isinstance(first, NewSample)
    step = np.subtract(where("nose", 1), where("nose", 0))
    moved = first.keypoints_px.copy()
    moved[moved[:, 2] > 0, :2] += step.astype(np.float32)
    return moved


def test_points_without_groups_are_one_person(tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    file = write(tmp_path / "a.json", [point(name, 0, group_id=None) for name in COCO])
    source = opened(file)
    (person,) = results_of(source)
    assert isinstance(person, NewSample)
    assert source.notes.assumed == {ALONE: 1, "the box of a person without one is that of the "
                                    "joints": 1}  # fmt: skip
    write(file, [point(name, person, group_id=None) for name in COCO for person in (0, 1)])
    (problem,) = results_of(opened(file))
    assert (
        "2 points, expected one of each joint; people of a picture are told apart by group_id"
        in (str(problem))
    )


def test_what_is_broken_is_told_and_the_rest_goes_in(tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    whole = [point(name, 0) for name in COCO]
    write(tmp_path / "1.json", whole)
    write(tmp_path / "2.json", [*whole[:5], point("nose", 1, points=[[1, 2], [3, 4]])])
    write(tmp_path / "3.json", whole, imageWidth=100)
    write(tmp_path / "4.json", [point("ball", 0, "nose")])
    write(tmp_path / "5.json", [])
    write(tmp_path / "6.json", whole, imagePath="..\\photos\\a.png")
    write(tmp_path / "7.json", [*whole, point("NOSE", 0, "nose")])
    (tmp_path / "8.json").write_text("{}")
    (tmp_path / "9.json").write_text("{")
    person, shape, size, ball, empty, again, twice, other, cut = results_of(opened(tmp_path))
    assert isinstance(person, NewSample)
    assert "expected 1 of x and y" in str(shape)
    assert "400×130 px, expected 100×130" in str(size)
    assert all(isinstance(each, SkippedEntry) for each in (ball, empty, other))
    assert "a second time for a.png" in str(again)
    assert "each joint under one name" in str(twice)
    assert isinstance(cut, ReadProblem)


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "a.dat", [point("nose", 0)])
    with pytest.raises(AnnotationError, match="this is labelme, not COCO keypoints") as caught:
        open_format(FORMATS["coco"], file, None, dataset="x")
    assert caught.value.remedy == "Import it as labelme."


def test_the_case_of_another_tool_is_read(shared_folder: Path) -> None:
    folder = shared_folder / "cases" / "other_tools"
    (person,) = results_of(opened(folder / "labelme.json", name="labelme"))
    assert isinstance(person, NewSample)
    assert person.keypoints_px[44, :2] == pytest.approx([320.5, 150.15])
