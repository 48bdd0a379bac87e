from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import AnnotationError
from core.formats.keypoints.openpose import open_openpose
from core.formats.picture_folders import GUESSED_NAME
from core.formats.reader_results import ReadProblem, SkippedEntry
from core.types.samples import NewSample

Write = Callable[[str, Any], Path]


def points(count: int, confidence: float = 0.8) -> list[float]:
    return [number for i in range(count) for number in (20.0 + 3 * i, 30.0 + 2 * i, confidence)]


def people(*keypoints: Any, key: str = "pose_keypoints_2d") -> dict[str, Any]:
    return {"version": 1.3, "people": [{key: numbers} for numbers in keypoints]}


def read(source: Path, images: Path | None = None) -> list[Any]:
    opened = open_openpose(source, images, dataset="openpose")
    entries = list(opened.entries)
    assert opened.total == len(entries)
    return [result for entry in entries for result in entry]


def test_body_25_keeps_order_and_confidence(
    tmp_path: Path, write_json: Write, picture: Callable[[str], Path]
) -> None:
    picture("a.png")
    write_json("a_keypoints.json", people(points(25)))
    (sample,) = read(tmp_path)
    expected = np.array(points(25), dtype=np.float32).reshape(25, 3)
    np.testing.assert_array_equal(sample.keypoints_px[:25], expected)
    assert (sample.keypoints_px[25:] == 0).all()
    assert sample.picture_path == (tmp_path / "a.png").resolve()
    assert sample.picture_size_px == (200, 100)


@pytest.mark.parametrize("key", ["pose_keypoints_2d", "pose_keypoints"])
def test_coco_18_has_no_mid_hip(
    tmp_path: Path, write_json: Write, picture: Callable[[str], Path], key: str
) -> None:
    picture("a.png")
    write_json("a.json", people(points(18), key=key))
    (sample,) = read(tmp_path)
    given = np.array(points(18), dtype=np.float32).reshape(18, 3)
    np.testing.assert_array_equal(sample.keypoints_px[:8], given[:8])
    np.testing.assert_array_equal(sample.keypoints_px[8], [0, 0, 0])
    np.testing.assert_array_equal(sample.keypoints_px[9:19], given[8:])
    assert (sample.keypoints_px[19:] == 0).all()


def test_joints_below_0_2_are_absent_and_outside_the_box(
    tmp_path: Path, write_json: Write, picture: Callable[[str], Path]
) -> None:
    picture("a.png")
    numbers = points(25)
    numbers[0:3] = [180.0, 90.0, 0.199]
    numbers[3:6] = [20.0, 30.0, 0.2]
    numbers[6:9] = [30.0, 30.0, 1.04]
    numbers[9:12] = [0.0, 0.0, -0.1]
    write_json("a_keypoints.json", people(numbers))
    (sample,) = read(tmp_path)
    assert sample.keypoints_px[0].tolist() == [0, 0, 0]
    assert sample.keypoints_px[1, 2] == np.float32(0.2)
    assert sample.keypoints_px[2, 2] == 1
    assert sample.keypoints_px[3].tolist() == [0, 0, 0]
    np.testing.assert_array_equal(sample.box_center_px, [(20 + 92) / 2, (30 + 78) / 2])
    assert sample.box_scale == pytest.approx(1.2 * 72 / 200)


def test_people_are_numbered_as_listed_and_broken_ones_told(
    tmp_path: Path, write_json: Write, picture: Callable[[str], Path]
) -> None:
    picture("a.png")
    content = people(points(25), points(24), points(25), [], points(25, 0.1), ["x"] * 75, None)
    content["people"].append("no object")
    write_json("a_keypoints.json", content)
    results = read(tmp_path)
    samples = [result for result in results if isinstance(result, NewSample)]
    assert [sample.person_key for sample in samples] == ["0", "2"]
    problems = [result for result in results if isinstance(result, ReadProblem)]
    assert [problem.index for problem in problems] == [1, 5, 6, 7]
    assert problems[0].reason == "pose_keypoints_2d: 72 numbers, expected 75 or 54 or 405"
    assert "found 'x', expected numbers" in problems[1].reason
    assert "found None, expected a list" in problems[2].reason
    assert "expected an object" in problems[3].reason
    skipped = [result.reason for result in results if isinstance(result, SkippedEntry)]
    assert skipped == [
        "person without body keypoints",
        "person with fewer than 2 joints above confidence 0.2",
    ]


@pytest.mark.parametrize("json_name", ["im_keypoints.json", "im_openpose.json", "im.json"])
@pytest.mark.parametrize("picture_name", ["im.jpg", "im.JPEG", "im.png", "im.webp", "im.bmp"])
def test_the_picture_is_found_by_name(
    tmp_path: Path,
    write_json: Write,
    picture: Callable[[str], Path],
    json_name: str,
    picture_name: str,
) -> None:
    written = picture(f"pictures/{picture_name}")
    write_json(json_name, people(points(25)))
    (sample,) = read(tmp_path, tmp_path / "pictures")
    assert sample.picture_path == written.resolve()


def test_a_picture_in_a_folder_below_or_in_another_spelling_is_found_and_said_so(
    tmp_path: Path, write_json: Write, picture: Callable[[str], Path]
) -> None:
    picture(unicodedata.normalize("NFD", "pictures/sub/Café.PNG"))
    picture("pictures/one/twice.png")
    picture("pictures/two/twice.png")
    write_json("café_keypoints.json", people(points(25)))
    write_json("twice_keypoints.json", people(points(25)))
    opened = open_openpose(tmp_path, tmp_path / "pictures", dataset="openpose")
    (found,), (problem,) = opened.entries
    assert isinstance(found, NewSample)
    assert found.picture_path.is_file()
    assert isinstance(problem, ReadProblem)
    assert "2 pictures may be it" in problem.reason
    assert opened.notes.assumed[GUESSED_NAME] == 1


def test_a_picture_drawn_by_openpose_is_not_mistaken_for_the_picture(
    tmp_path: Path, write_json: Write, picture: Callable[[str], Path]
) -> None:
    picture("im_keypoints.png")
    picture("im.png")
    picture("im.jpg")
    write_json("im_keypoints.json", people(points(25)))
    (sample,) = read(tmp_path)
    assert sample.picture_path.name == "im.jpg"


def test_other_json_files_are_counted_and_empty_pictures_too(
    tmp_path: Path, write_json: Write, picture: Callable[[str], Path]
) -> None:
    picture("a.png")
    write_json("a_keypoints.json", people(points(25)))
    write_json("b_keypoints.json", people())
    write_json("box.json", {"bbox": [1, 2, 3, 4]})
    write_json("list.json", [1, 2])
    results = read(tmp_path)
    skipped = [result.reason for result in results if isinstance(result, SkippedEntry)]
    assert skipped == ["picture without people", "not an OpenPose file", "not an OpenPose file"]


def test_files_without_a_usable_picture_are_problems_of_the_file(
    tmp_path: Path, write_json: Write, picture: Callable[[str], Path]
) -> None:
    picture("d.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    write_json("a_keypoints.json", people(points(25), points(25)))
    write_json("b_keypoints.json", people(points(25), points(25)))
    write_json("c_keypoints.json", "{broken")
    write_json("d_keypoints.json", people(points(25)))
    write_json("d_openpose.json", people(points(25)))
    *problems, last = read(tmp_path)[:3] + read(tmp_path)[4:]
    assert isinstance(read(tmp_path)[3], NewSample)
    reasons = [problem.reason for problem in [*problems, last]]
    assert "no picture a.jpg" in reasons[0]
    assert "expected JPEG, PNG" in reasons[1]
    assert "cannot be read as JSON" in reasons[2]
    assert "has its keypoints in d_keypoints.json already" in reasons[3]
    assert all(problem.index is None for problem in problems)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([0.3, 0.2, 0.9] * 25, "--keypoint_scale 0"),
        ([float("nan"), 0.2, 0.9] * 25, "found nan, expected finite"),
        ([5000.0, 20.0, 0.9] * 25, r"found one at \(5000, 20\)"),
        ([1e39, 20.0, 0.9] * 25, "expected them near the picture"),
    ],
)
def test_coordinates_that_are_no_pixels_of_the_picture_are_refused(
    tmp_path: Path,
    write_json: Write,
    picture: Callable[[str], Path],
    numbers: list[float],
    words: str,
) -> None:
    picture("a.png")
    write_json("a_keypoints.json", people(numbers))
    (problem,) = read(tmp_path)
    with pytest.raises(ValueError, match=words):
        raise ValueError(problem.reason)


@pytest.mark.parametrize(
    ("first_file", "first_picture", "told"), [(0, 1, True), (0, 0, False), (1, 1, False)]
)
def test_frames_that_two_programs_count_differently_are_noticed(
    tmp_path: Path,
    write_json: Write,
    picture: Callable[[str], Path],
    first_file: int,
    first_picture: int,
    told: bool,
) -> None:
    for number in range(3):
        picture(f"vid_{number + first_picture:012d}.png")
        write_json(f"vid_{number + first_file:012d}_keypoints.json", people(points(25)))
    opened = open_openpose(tmp_path, None, dataset="openpose")
    assert len(list(opened.entries)) == 3
    found = [notice for notice in opened.notes.notices if "numbered from 0" in notice]
    assert len(found) == told


def test_a_single_file_is_read_and_another_kind_refused(
    tmp_path: Path, write_json: Write, picture: Callable[[str], Path]
) -> None:
    picture("a.png")
    (sample,) = read(write_json("a_keypoints.json", people(points(25))))
    assert sample.person_key == "0"
    with pytest.raises(AnnotationError, match="expected an OpenPose file"):
        read(write_json("box.json", {"bbox": []}))
    (tmp_path / "empty").mkdir()
    with pytest.raises(AnnotationError, match="no JSON files"):
        read(tmp_path / "empty")
    with pytest.raises(AnnotationError, match="no such file"):
        read(tmp_path / "absent")


def test_real_folders_deliver_everyone(shared_folder: Path) -> None:
    results = read(shared_folder / "realdata/openpose")
    samples = [result for result in results if isinstance(result, NewSample)]
    assert [sample.picture_path.name for sample in samples] == ["im1010.jpg", "squat.jpg"]
    (problem,) = (result for result in results if isinstance(result, ReadProblem))
    assert problem.file.name == "legacy18_keypoints.json"
    multiview = read(shared_folder / "realdata/multiview")
    assert sum(isinstance(result, NewSample) for result in multiview) == 28
    assert [result for result in multiview if not isinstance(result, NewSample)] == [
        SkippedEntry("not an OpenPose file")
    ]


def test_the_old_18_point_file_is_read_once_it_has_its_picture(
    shared_folder: Path, tmp_path: Path, picture: Callable[..., Path]
) -> None:
    picture("legacy18.png", (1280, 720))
    source = shared_folder / "realdata/openpose/legacy18_keypoints.json"
    samples = read(source, tmp_path)
    sample = samples[0]
    assert [sample.person_key for sample in samples] == [str(i) for i in range(len(samples))]
    np.testing.assert_allclose(sample.keypoints_px[1], [447.67, 204.633, 0.833261], rtol=1e-6)
    np.testing.assert_allclose(sample.keypoints_px[9, :2], [469.953, 358.601], rtol=1e-6)
