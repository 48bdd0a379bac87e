"""MPII's release and HRNet's list: every joint lies where it is, counted from 0."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io

from core.errors import AnnotationError
from core.formats.reader_results import ReadProblem, SkippedEntry
from core.types.samples import NewSample
from tests.core.formats.keypoints.painted import PEOPLE, check_colours, opened, paint, results_of
from tests.core.formats.keypoints.painted import where as placed

JOINTS = (
    "right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle", "mid_hip",
    "thorax", "upper_neck", "head_top", "right_wrist", "right_elbow", "right_shoulder",
    "left_shoulder", "left_elbow", "left_wrist",
)  # fmt: skip
"""By MPII's ids, as on http://human-pose.mpi-inf.mpg.de."""
SEEN = [name if name != "upper_neck" else "neck" for name in JOINTS]


def dot_of(name: str) -> str:
    return "upper_neck" if name == "neck" else name


def point(person: int, number: int, **changes: Any) -> dict[str, Any]:
    x, y = placed(JOINTS[number], person)
    return {"x": x + 1, "y": y + 1, "id": number, "is_visible": "1", **changes}


def rectangle(person: int, points: list[dict[str, Any]]) -> dict[str, Any]:
    x, y = PEOPLE[person]
    return {
        "scale": 0.55,
        "objpos": {"x": 100.0 + x + 1, "y": 60.0 + y + 1},
        "annopoints": {"point": structs(points)},
    }


def structs(values: list[dict[str, Any]]) -> Any:
    """A struct array; savemat makes one of a record array of objects."""
    names = list(values[0])
    array = np.empty((1, len(values)), dtype=[(name, object) for name in names])
    for index, value in enumerate(values):
        array[0, index] = tuple(value[name] for name in names)
    return array


def release(path: Path, *pictures: tuple[str, Any], compressed: bool = True) -> Path:
    annolist = structs(
        [{"image": {"name": name}, "annorect": rectangles} for name, rectangles in pictures]
    )
    content = {"RELEASE": {"annolist": annolist, "version": "12"}}
    scipy.io.savemat(path, content, do_compression=compressed)
    return path


def two_people() -> Any:
    numbers = range(len(JOINTS))
    return structs(
        [rectangle(person, [point(person, n) for n in reversed(numbers)]) for person in (0, 1)]
    )


@pytest.mark.parametrize("compressed", [True, False])
def test_joints_of_the_release_lie_where_they_are(tmp_path: Path, compressed: bool) -> None:
    picture = paint(tmp_path / "a.png")
    source = release(tmp_path / "any.dat", ("a.png", two_people()), compressed=compressed)
    results = results_of(opened(source, name="mpii"))
    check_colours(results, picture, SEEN, of=dot_of)
    assert isinstance(results[0], NewSample)
    assert results[0].box_scale == pytest.approx(1.25 * 0.55)
    assert results[0].box_center_px == pytest.approx([100, 60 + 15 * 0.55])


def test_people_of_the_release_without_joints_are_counted(tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    bare = {"scale": 0.5, "objpos": {"x": 100.0, "y": 60.0}, "annopoints": np.zeros((0, 0))}
    few = rectangle(0, [point(0, 6, is_visible=np.zeros((0, 0))), point(0, 8, is_visible=0.0)])
    source = release(
        tmp_path / "m.mat",
        ("a.png", structs([bare, few])),
        ("absent.png", two_people()),
        ("a.png", np.zeros((0, 0))),
    )
    skipped, person, *absent = results_of(opened(source, name="mpii"))
    assert isinstance(skipped, SkippedEntry)
    assert isinstance(person, NewSample)
    assert person.person_key == "2"
    assert np.flatnonzero(person.keypoints_px[:, 2]).tolist() == [37, 39]
    assert all("absent.png" in str(each) for each in absent)
    assert len(absent) == 2


def listed(person: int, **changes: Any) -> dict[str, Any]:
    joints = [[number + 1 for number in placed(name, person)] for name in JOINTS]
    x, y = PEOPLE[person]
    return {
        "image": "a.png",
        "joints": joints,
        "joints_vis": [1] * len(JOINTS),
        "center": [100.0 + x + 1, 60.0 + y + 1],
        "scale": 0.55,
        **changes,
    }


def test_joints_of_the_list_lie_where_they_are(tmp_path: Path) -> None:
    picture = paint(tmp_path / "a.png")
    source = tmp_path / "train.json"
    source.write_text(json.dumps([listed(0), listed(1)]))
    results = results_of(opened(source, name="mpii"))
    check_colours(results, picture, SEEN, of=dot_of)
    assert [each.person_key for each in results if isinstance(each, NewSample)] == ["0", "1"]


def test_a_crop_that_shows_no_one_is_refused(tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    source = tmp_path / "train.json"
    source.write_text(json.dumps([listed(0, scale=1e300), listed(0, center=[300.0, 60.0])]))
    huge, beside = results_of(opened(source, name="mpii"))
    assert "expected a box that fits the picture" in str(huge)
    assert "joints lie outside" in str(beside)


def test_joints_that_are_not_annotated_are_absent(tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    source = tmp_path / "train.json"
    unseen = [1] * 6 + [0] * 10
    away = [*listed(0)["joints"][:6], *([[-1.0, -1.0]] * 10)]
    entries = [
        listed(0, joints_vis=unseen, joints=away),
        listed(1, joints=[[1, 2]]),
        listed(1, joints=...),
        listed(1, joints="no"),
    ]
    entries = [{name: one for name, one in entry.items() if one is not ...} for entry in entries]
    source.write_text(json.dumps(entries))
    person, short, without, wrong = results_of(opened(source, name="mpii"))
    assert isinstance(person, NewSample)
    assert np.flatnonzero(person.keypoints_px[:, 2]).tolist() == list(range(25, 31))
    assert "joints: 2 numbers, expected 32" in str(short)
    assert isinstance(without, SkippedEntry)
    assert isinstance(wrong, ReadProblem)


def test_another_file_is_named(tmp_path: Path) -> None:
    other = tmp_path / "a.mat"
    scipy.io.savemat(other, {"gt": np.eye(3)})
    with pytest.raises(AnnotationError, match="neither MPII's"):
        opened_as(other, "mpii")
    scipy.io.savemat(other, {"joints": np.zeros((3, 14, 2))})
    with pytest.raises(AnnotationError, match="this is Leeds Sports Pose, not MPII") as caught:
        opened_as(other, "mpii")
    assert caught.value.remedy == "Import it as lsp."


def opened_as(source: Path, name: str) -> Any:
    from core.formats.registry import FORMATS, open_format

    return open_format(FORMATS[name], source, None, dataset="x")


def test_real_people_of_mpii_lie_in_their_crops(shared_folder: Path) -> None:
    source = shared_folder / "realdata" / "mpii" / "annotations.json"
    results = results_of(opened(source, name="mpii"))
    samples = [each for each in results if isinstance(each, NewSample)]
    assert len(samples) == len(results) >= 5
    for sample in samples:
        seen = sample.keypoints_px[sample.keypoints_px[:, 2] > 0, :2]
        apart = np.abs(seen - sample.box_center_px).max(axis=1)
        assert np.median(apart) < 100 * sample.box_scale
