"""A picture with two people whose joints are dots of distinct colours, and a look at the dots.

Whatever a reader makes of a file, the colour at an imported joint says whose and which it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.formats.read_options import NO_OPTIONS, ReadOptions
from core.formats.reader_results import AnnotationSource, ReadResult
from core.formats.registry import FORMATS, guess_format, open_format
from core.types.samples import NewSample
from tests.core.formats.people import STANDING

SIZE = (400, 130)
PEOPLE = ((0, 0), (190, 4))
"""How far each stands from ``STANDING``, in pixels. They look at the camera: left is right."""
TOLERANCE_PX = 0.01
HAND_SHIFT_PX = (0.25, -0.25)
"""Files with broken numbers place joints so far from the middle of their dots."""

ANNOTATED = {
    "right_ankle": 25, "right_knee": 26, "right_hip": 27, "left_hip": 28, "left_knee": 29,
    "left_ankle": 30, "right_wrist": 31, "right_elbow": 32, "right_shoulder": 33,
    "left_shoulder": 34, "left_elbow": 35, "left_wrist": 36, "neck": 37, "head_top": 38,
    "mid_hip": 39, "thorax": 40, "spine": 41, "jaw": 42, "nose": 44, "left_eye": 45,
    "right_eye": 46, "left_ear": 47, "right_ear": 48, "left_big_toe": 19, "left_small_toe": 20,
    "left_heel": 21, "right_big_toe": 22, "right_small_toe": 23, "right_heel": 24,
}  # fmt: skip
OPENPOSE = {
    "nose": 0, "neck": 1, "right_shoulder": 2, "right_elbow": 3, "right_wrist": 4,
    "left_shoulder": 5, "left_elbow": 6, "left_wrist": 7, "mid_hip": 8, "right_hip": 9,
    "right_knee": 10, "right_ankle": 11, "left_hip": 12, "left_knee": 13, "left_ankle": 14,
    "right_eye": 15, "left_eye": 16, "right_ear": 17, "left_ear": 18, "left_big_toe": 19,
    "left_small_toe": 20, "left_heel": 21, "right_big_toe": 22, "right_small_toe": 23,
    "right_heel": 24,
}  # fmt: skip


def where(name: str, person: int, shift: tuple[float, float] = (0, 0)) -> tuple[float, float]:
    """Where a joint of a person is, in pixels of the picture."""
    (x, y), (dx, dy) = STANDING[name], PEOPLE[person]
    return x + dx + shift[0], y + dy + shift[1]


def colour(name: str, person: int) -> tuple[int, int, int]:
    """Blue, green, red of a joint's dot."""
    number = sorted(STANDING).index(name)
    return 40 + 6 * number, 250 - 6 * number, 60 + 120 * person


def paint(path: Path) -> Path:
    """Write the picture, without loss."""
    picture = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    for person in range(len(PEOPLE)):
        for name in STANDING:
            x, y = where(name, person)
            picture[int(y), int(x)] = colour(name, person)
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture)
    return path


def opened(
    source: Path,
    images: Path | None = None,
    *,
    name: str | None = None,
    options: ReadOptions = NO_OPTIONS,
) -> AnnotationSource:
    """A source in the format that is told by looking at it, which must be this one."""
    assert name is None or guess_format(source) == name
    found = guess_format(source) or ""
    return open_format(FORMATS[found], source, images, dataset="made", options=options)


def results_of(source: AnnotationSource) -> list[ReadResult]:
    """All that a source gives."""
    return [result for entry in source.entries for result in entry]


def check_colours(
    results: Sequence[ReadResult],
    picture: Path,
    joints: Iterable[str],
    *,
    places: dict[str, int] = ANNOTATED,
    shift: tuple[float, float] = (0, 0),
    of: Callable[[str], str] = lambda name: name,
) -> None:
    """The people of the picture, all with just these joints, each where its dot is.

    of: the dot that a joint of the 49 lies on, where a format means another point by a name.
    """
    pixels = cv2.imread(str(picture))
    assert pixels is not None
    assert all(isinstance(result, NewSample) for result in results), [str(each) for each in results]
    samples = [result for result in results if isinstance(result, NewSample)]
    assert len(samples) == len(PEOPLE)
    wanted = {places[name]: of(name) for name in joints}
    found_people = set()
    for sample in samples:
        assert sample.picture_path == picture.resolve()
        assert set(np.flatnonzero(sample.keypoints_px[:, 2] > 0).tolist()) == set(wanted)
        person = _whose(sample.keypoints_px)
        found_people.add(person)
        for index, name in wanted.items():
            x, y = (float(number) for number in sample.keypoints_px[index, :2])
            assert (x, y) == pytest.approx(where(name, person, shift), abs=TOLERANCE_PX), name
            dot = pixels[round(y - shift[1]), round(x - shift[0])]
            assert tuple(int(value) for value in dot) == colour(name, person), name
    assert found_people == set(range(len(PEOPLE)))


def _whose(keypoints_px: NDArray[np.float32]) -> int:
    seen = keypoints_px[keypoints_px[:, 2] > 0]
    return int(seen[:, 0].mean() > SIZE[0] / 2)
