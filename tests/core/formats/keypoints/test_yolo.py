"""YOLO's pose labels and predictions: shares of the picture become its pixels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.errors import AnnotationError
from core.formats.keypoints.tools.yolo import FIRST_CLASS, TRACK
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
from tests.core.formats.keypoints.test_coco_family import AIC, COCO

BOXES = ((60, 2, 80, 123), (250, 6, 80, 122))
"""Left, top, width, height."""
YAML = "path: ../x\ntrain: images/train\nkpt_shape: [{count}, {width}]\nnames:\n  0: person\n"


def row(
    person: int,
    joints: Sequence[str] = COCO,
    flag: float | None = 2,
    more: Sequence[float] = (),
    number: int = 0,
) -> str:
    left, top, width, height = BOXES[person]
    numbers: list[float] = [(left + width / 2) / SIZE[0], (top + height / 2) / SIZE[1]]
    numbers += [width / SIZE[0], height / SIZE[1]]
    for name in joints:
        x, y = where(name, person, HAND_SHIFT_PX)
        numbers += [x / SIZE[0], y / SIZE[1], *(() if flag is None else (flag,))]
    return " ".join([str(number), *(f"{each:.8g}" for each in (*numbers, *more))])


def write(path: Path, *rows: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(rows) + "\n")
    return path


def test_joints_of_a_data_set_lie_where_they_are(tmp_path: Path) -> None:
    picture = paint(tmp_path / "images" / "train" / "a.png")
    paint(tmp_path / "images" / "val" / "a.png")
    write(tmp_path / "data.yaml", YAML.format(count=17, width=3))
    write(tmp_path / "labels" / "train" / "a.txt", row(1), row(0))
    for source in (tmp_path, tmp_path / "data.yaml", tmp_path / "labels" / "train" / "a.txt"):
        results = results_of(opened(source, name="yolo"))
        check_colours(results, picture, COCO, shift=HAND_SHIFT_PX)
    results = results_of(opened(tmp_path / "labels" / "train", name="yolo"))
    check_colours(results, picture, COCO, shift=HAND_SHIFT_PX)
    assert isinstance(results[0], NewSample)
    assert results[0].box_scale == pytest.approx(1.2 * 122 / 200, abs=1e-5)


@pytest.mark.parametrize("more", [(), (0.8,), (0.8, 3), (3,)])
def test_predictions_with_confidence_and_track_are_read(
    tmp_path: Path, more: tuple[float, ...]
) -> None:
    picture = paint(tmp_path / "a.png")
    source = write(tmp_path / "a.txt", row(0, flag=0.75, more=more), row(1, flag=0.6, more=more))
    found = opened(source, name="yolo")
    results = results_of(found)
    check_colours(results, picture, COCO, shift=HAND_SHIFT_PX)
    assert isinstance(results[0], NewSample)
    assert results[0].keypoints_px[44, 2] == pytest.approx(0.75)
    assert (TRACK in found.notes.unused_fields) is (3 in more)
    weak = opened(source, options=ReadOptions(min_score=0.7))
    assert isinstance(results_of(weak)[1], SkippedEntry)
    believed = opened(source, options=ReadOptions(min_person_score=0.9))
    assert all(isinstance(each, SkippedEntry) for each in results_of(believed)) is (0.8 in more)


def test_joints_with_two_numbers_and_named_joints_are_read(tmp_path: Path) -> None:
    picture = paint(tmp_path / "a.png")
    source = write(tmp_path / "a.txt", row(0, flag=None), row(1, flag=None))
    check_colours(results_of(opened(source)), picture, COCO, shift=HAND_SHIFT_PX)
    write(tmp_path / "a.txt", row(0, AIC), row(1, AIC))
    names = "kpt_names:\n  0: [" + ", ".join(AIC) + "]\n"
    write(tmp_path / "data.yaml", YAML.format(count=14, width=3) + names)
    check_colours(results_of(opened(tmp_path)), picture, AIC, shift=HAND_SHIFT_PX)
    (tmp_path / "data.yaml").unlink()
    assert all("--joints" in str(each) for each in results_of(opened(source)))
    told = opened(source, options=ReadOptions(joints="aic"))
    check_colours(results_of(told), picture, AIC, shift=HAND_SHIFT_PX)


def test_other_classes_boxes_alone_and_empty_files_are_counted(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d"):
        paint(tmp_path / f"{name}.png")
    write(tmp_path / "a.txt", row(0), row(1, number=3), " ".join(row(1).split()[:5]))
    (tmp_path / "b.txt").write_text("")
    write(tmp_path / "classes.txt", "person", "dog")
    unlabelled = row(0).split()
    unlabelled[7::3] = ["0"] * 17
    write(tmp_path / "c.txt", " ".join(unlabelled))
    source = opened(tmp_path, name="yolo")
    person, other, box, empty, without = results_of(source)
    assert isinstance(person, NewSample)
    assert all(isinstance(each, SkippedEntry) for each in (other, box, empty))
    assert isinstance(without, NewSample)
    assert not without.keypoints_px[:, 2].any()
    assert source.notes.assumed[FIRST_CLASS] == 2


def test_what_is_broken_is_told(tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    paint(tmp_path / "b.png")
    write(tmp_path / "a.txt", row(0), "0 1 2 nan " + "0.5 " * 52, row(0) + " 1 2 3 4")
    write(tmp_path / "b.txt", row(0), "and a word")
    write(tmp_path / "c.txt", row(0))
    person, nan, long, word, absent = results_of(opened(tmp_path))
    assert isinstance(person, NewSample)
    assert "expected finite numbers" in str(nan)
    assert "found 60 numbers, expected 56, " in str(long)
    assert "other than numbers" in str(word)
    assert "no picture c.jpg" in str(absent)
    (tmp_path / "b.txt").unlink()
    write(tmp_path / "data.yaml", "kpt_shape: [seventeen]\nnames: [person]\n")
    with pytest.raises(AnnotationError, match="kpt_shape: found"):
        opened(tmp_path)


def test_labels_of_boxes_are_named(tmp_path: Path) -> None:
    source = write(tmp_path / "a.txt", "0 0.5 0.5 0.2 0.3")
    with pytest.raises(AnnotationError, match="YOLO label file without a body"):
        open_format(FORMATS["yolo"], source, None, dataset="x")


def test_the_case_of_another_tool_is_read(shared_folder: Path, tmp_path: Path) -> None:
    folder = shared_folder / "cases" / "other_tools"
    (tmp_path / "a.txt").write_bytes((folder / "yolo.txt").read_bytes())
    (person,) = results_of(opened(tmp_path / "a.txt", folder, name="yolo"))
    assert isinstance(person, NewSample)
    assert person.keypoints_px[44, :2] == pytest.approx([320, 0.31177 * 480])
    assert np.count_nonzero(person.keypoints_px[:, 2]) == 17
