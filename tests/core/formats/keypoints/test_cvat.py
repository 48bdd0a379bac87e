"""CVAT's skeletons, grouped points and rows of points become people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import AnnotationError
from core.formats.read_options import ReadOptions
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
from tests.core.formats.keypoints.test_coco_family import COCO, CROWDPOSE

HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n<meta><job>'
    "<labels><label><name>person</name><type>skeleton</type><svg>&lt;line/&gt;</svg></label>"
    "</labels></job></meta>\n<!-- a comment -->\n"
)


def at(name: str, person: int) -> str:
    x, y = where(name, person, HAND_SHIFT_PX)
    return f"{x:.2f},{y:.2f}"


def point(label: str, place: str, **more: str) -> str:
    attributes = {"label": label, "source": "manual", "outside": "0", "occluded": "0",
                  "points": place, **more}  # fmt: skip
    written = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f"<points {written}/>"


def skeleton(person: int, joints: tuple[str, ...] = COCO, **more: str) -> str:
    given = "".join(f' {name}="{value}"' for name, value in more.items())
    points = "".join(point(name, at(name, person)) for name in reversed(joints))
    return f'<skeleton label="person" source="manual" z_order="0"{given}>{points}</skeleton>'


def write(folder: Path, *shapes: str, name: str = "a.png") -> Path:
    width, height = SIZE
    image = (
        f'<image id="0" name="{name}" width="{width}" height="{height}">{"".join(shapes)}</image>'
    )
    path = folder / "annotations.xml"
    path.write_text(f"{HEAD}{image}</annotations>\n", encoding="utf-8")
    return path


def test_joints_of_skeletons_lie_where_they_are(tmp_path: Path) -> None:
    picture = paint(tmp_path / "a.png")
    box = '<box label="person" xtl="60" ytl="2" xbr="140" ybr="125" group_id="4"/>'
    source = opened(write(tmp_path, box, skeleton(0, group_id="4"), skeleton(1)), name="cvat")
    results = results_of(source)
    check_colours(results, picture, COCO, shift=HAND_SHIFT_PX)
    assert isinstance(results[0], NewSample)
    assert results[0].box_scale == pytest.approx(1.2 * 123 / 200)


def test_joints_of_grouped_points_lie_where_they_are(tmp_path: Path) -> None:
    picture = paint(tmp_path / "a.png")
    shapes = [
        point("head" if name == "head_top" else name, at(name, person), group_id=f"{person + 1}")
        for name in CROWDPOSE
        for person in (0, 1)
    ]
    results = results_of(opened(write(tmp_path, *shapes), name="cvat"))
    check_colours(results, picture, CROWDPOSE, shift=HAND_SHIFT_PX)


def test_rows_of_points_are_joints_in_order(tmp_path: Path) -> None:
    picture = paint(tmp_path / "a.png")
    rows = [
        point("person", ";".join(at(name, person) for name in names))
        for person, names in ((0, COCO), (1, COCO))
    ]
    source = opened(write(tmp_path, *rows), name="cvat")
    check_colours(results_of(source), picture, COCO, shift=HAND_SHIFT_PX)
    assert source.notes.assumed["joints in the order of COCO, 17 joints"] == 2
    crowdpose = [
        point("person", ";".join(at(name, person) for name in CROWDPOSE)) for person in (0, 1)
    ]
    file = write(tmp_path, *crowdpose)
    assert all("--joints" in str(each) for each in results_of(opened(file)))
    told = opened(file, options=ReadOptions(joints="crowdpose"))
    check_colours(results_of(told), picture, CROWDPOSE, shift=HAND_SHIFT_PX)


def test_joints_outside_are_absent_and_occluded_ones_are_not(tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    points = [point(name, at(name, 0)) for name in COCO[:10]]
    points += [point(name, at(name, 0), outside="1") for name in COCO[10:16]]
    points.append(point(COCO[16], at(COCO[16], 0), occluded="1"))
    file = write(tmp_path, f'<skeleton label="person">{"".join(points)}</skeleton>')
    (person,) = results_of(opened(file))
    assert isinstance(person, NewSample)
    assert np.count_nonzero(person.keypoints_px[:, 2]) == 11
    assert person.keypoints_px[25, 2] == 1


def test_pictures_without_people_and_other_shapes_are_counted(tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    polygon = '<polygon label="x" points="1,2;3,4;5,6"/>'
    (empty,) = results_of(opened(write(tmp_path, polygon, '<points label="ball" points="1,2"/>')))
    assert isinstance(empty, SkippedEntry)
    source = opened(write(tmp_path, polygon, skeleton(0)))
    results_of(source)
    assert source.notes.unused_fields == {"shapes of type 'polygon'": 1}


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ('<points label="nose" points="1,b"/>', "expected numbers"),
        ('<points label="nose" points="1"/>', "expected x,y;x,y"),
        ('<points label="nose" points="nan,3"/>', "expected finite numbers"),
        (skeleton(0).replace("right_eye", "nose"), "2 points, expected one of each joint"),
    ],
)
def test_what_is_broken_is_told(tmp_path: Path, shape: str, message: str) -> None:
    paint(tmp_path / "a.png")
    (problem,) = results_of(opened(write(tmp_path, shape)))
    assert message in str(problem)


def test_tracks_and_entities_are_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "annotations.xml"
    file.write_text(f'{HEAD}<track id="0" label="person"></track></annotations>')
    with pytest.raises(AnnotationError, match="CVAT for video") as caught:
        opened(file)
    assert "CVAT for images" in caught.value.remedy
    file.write_text('<!DOCTYPE a [<!ENTITY b "c">]>' + "<annotations><version/></annotations>")
    with pytest.raises(AnnotationError, match="entities"):
        open_format(FORMATS["cvat"], file, None, dataset="x")
    file.write_text(HEAD + "<image>" + "<a>" * 30)
    with pytest.raises(AnnotationError, match="nested too deep"):
        opened(file)
    file.write_text(HEAD)
    with pytest.raises(AnnotationError, match="cannot be read"):
        opened(file)


def test_the_case_of_another_tool_is_known(shared_folder: Path) -> None:
    """It has one joint, of which no box can be made: said so, and not that it is no JSON."""
    file = shared_folder / "cases" / "other_tools" / "cvat.xml"
    (problem,) = results_of(opened(file, name="cvat"))
    assert "1 visible keypoints, expected 2 or more for a box" in str(problem)
