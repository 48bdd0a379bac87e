"""Which pictures follow one another."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.dictionary.samples.detections import VideoFrame
from core.workflows.frames.sequences import sequences


def paths(*names: str, folder: str = "/p") -> list[Path]:
    return [Path(folder) / name for name in names]


def always(_before: Path, _after: Path) -> bool:
    return True


def test_frames_of_a_video_follow_each_other_by_their_numbers():
    late, early, middle = paths("a.jpg", "b.jpg", "c.jpg")
    frames = {
        late: VideoFrame("v.mp4", 60, 2.0),
        early: VideoFrame("v.mp4", 0, 0.0),
        middle: VideoFrame("v.mp4", 30, 1.0),
    }
    assert sequences([late, early], frames, always) == [[early, middle, late]]


def test_names_that_count_up_by_one_step_are_a_sequence():
    burst = paths("cam1_000.jpg", "cam1_008.jpg", "cam1_016.jpg")
    other = paths("cam2_000.jpg", "cam2_008.jpg", "cam2_016.jpg")
    found = sequences([*reversed(burst), *other], {}, always)
    assert sorted(found) == sorted([burst, other])


@pytest.mark.parametrize(
    "names",
    [
        ("000000000139.jpg", "000000000285.jpg", "000000000632.jpg", "000000000724.jpg"),
        ("a.jpg", "b.jpg", "c.jpg"),
        ("1.jpg", "2.jpg"),
        ("1.jpg", "2.png", "3.jpg"),
    ],
    ids=["a collection", "no numbers", "two pictures", "other files"],
)
def test_other_names_are_none(names):
    assert sequences(paths(*names), {}, always) == []


def test_a_gap_ends_a_sequence():
    pictures = paths(*(f"{number}.jpg" for number in (1, 2, 3, 4, 90, 91, 92)))
    assert sequences(pictures, {}, always) == [pictures[:4], pictures[4:]]


def test_a_picture_is_in_one_sequence_where_the_step_of_the_names_changes():
    pictures = paths(*(f"{number}.jpg" for number in (0, 1, 2, 4, 6, 8, 9, 10, 11)))
    assert sequences(pictures, {}, always) == [pictures[:3], pictures[3:6], pictures[6:]]


def test_folders_are_kept_apart():
    assert sequences([*paths("1.jpg", "2.jpg"), *paths("3.jpg", folder="/q")], {}, always) == []


def test_pictures_of_different_scenes_are_no_sequence():
    pictures = paths(*(f"{number}.jpg" for number in range(8)))

    def same_scene(before: Path, _after: Path) -> bool:
        return before.name not in ("2.jpg", "4.jpg")

    assert sequences(pictures, {}, same_scene) == [pictures[:3], pictures[5:]]
    assert sequences(pictures, {}, lambda *_: False) == []
