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


def frame(number: int, person: int | None, dx: float = 0, **more: str) -> str:
    """A skeleton of a track; person None: outside."""
    shown = f'frame="{number}" keyframe="1" outside="{int(person is None)}"'
    points = []
    for name in COCO:
        x, y = where(name, person or 0, HAND_SHIFT_PX)
        points.append(point(name, f"{x + dx:.2f},{y:.2f}", **more))
    return f'<skeleton label="person" {shown}>{"".join(points)}</skeleton>'


def write_tracks(folder: Path, *tracks: str) -> Path:
    path = folder / "annotations.xml"
    whole = "".join(
        f'<track id="{number}" label="person">{track}</track>'
        for number, track in enumerate(tracks)
    )
    path.write_text(f"{HEAD}{whole}</annotations>\n", encoding="utf-8")
    return path


def test_tracks_come_in_frame_by_frame(tmp_path: Path) -> None:
    """CVAT saves the pictures of an export for video as images/frame_000012.png."""
    picture = paint(tmp_path / "images" / "frame_000012.png")
    source = write_tracks(tmp_path, frame(12, 0) + frame(13, None), frame(12, 1) + frame(13, None))
    found = opened(source, name="cvat")
    people = results_of(found)
    check_colours(people, picture, COCO, shift=HAND_SHIFT_PX)
    assert [person.person_key for person in people if isinstance(person, NewSample)] == [
        "track 0", "track 1",
    ]  # fmt: skip
    assert any("numbers" in what for what in found.notes.assumed)


def test_between_key_frames_joints_lie_on_straight_lines(tmp_path: Path) -> None:
    """Frame 4 is the painted one, half way; the key frames 2 and 6 have no pictures."""
    picture = paint(tmp_path / "frame_000004.png")
    paint(tmp_path / "frame_000009.png")
    tracks = [frame(2, each, -8) + frame(6, each, 8) + frame(7, None) for each in (0, 1)]
    source = write_tracks(tmp_path, *tracks)
    results = results_of(opened(source, name="cvat"))
    assert [str(each.reason) for each in results if isinstance(each, SkippedEntry)] == [
        "frame without a picture"
    ] * 2
    people = [each for each in results if isinstance(each, NewSample)]
    check_colours(people, picture, COCO, shift=HAND_SHIFT_PX)


def test_tracks_of_points_and_boxes_are_one_person_by_group(tmp_path: Path) -> None:
    picture = paint(tmp_path / "frame_000000.png")
    boxes = ((60, 2, 140, 125), (250, 6, 330, 129))
    tracks = []
    for person, (left, top, right, bottom) in enumerate(boxes):
        shape = f'frame="0" outside="0" xtl="{left}" ytl="{top}" xbr="{right}" ybr="{bottom}"'
        tracks.append((person, "person", f"<box {shape}/>"))
        tracks += [
            (person, name, f'<points frame="0" points="{at(name, person)}"/>') for name in COCO
        ]
    body = "".join(
        f'<track id="{number}" label="{label}" group_id="{person + 1}">{shape}</track>'
        for number, (person, label, shape) in enumerate(tracks)
    )
    (tmp_path / "annotations.xml").write_text(f"{HEAD}{body}</annotations>", encoding="utf-8")
    people = results_of(opened(tmp_path / "annotations.xml", name="cvat"))
    check_colours(people, picture, COCO, shift=HAND_SHIFT_PX)
    assert isinstance(people[0], NewSample)
    assert people[0].box_scale == pytest.approx(1.2 * 123 / 200)


def test_tracks_without_pictures_of_their_frames_are_told_what_to_do(tmp_path: Path) -> None:
    paint(tmp_path / "frame_000001.png")
    with pytest.raises(AnnotationError, match="has tracks of a video, and no picture") as caught:
        opened(write_tracks(tmp_path, frame(12, 0)))
    assert "Save images" in caught.value.remedy
    with pytest.raises(AnnotationError, match="frame: found 'x'"):
        opened(write_tracks(tmp_path, frame(12, 0).replace('"12"', '"x"')))


def test_entities_and_depth_are_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "annotations.xml"
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
