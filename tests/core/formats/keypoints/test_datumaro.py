"""Datumaro's rows of points, grouped points and skeletons become people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import AnnotationError
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

LABELS = ("person", *COCO)
BOXES = ([60, 2, 80, 123], [250, 6, 80, 122])


def places(person: int, names: Sequence[str]) -> list[float]:
    return [number for name in names for number in where(name, person, HAND_SHIFT_PX)]


def row(person: int, names: Sequence[str] = COCO, **more: Any) -> dict[str, Any]:
    return {"id": person, "type": "points", "group": person + 1, "label_id": 0, "z_order": 0,
            "points": places(person, names), "visibility": [2] * len(names), "attributes": {},
            **more}  # fmt: skip


def box(person: int) -> dict[str, Any]:
    return {"type": "bbox", "group": person + 1, "label_id": 0, "bbox": BOXES[person]}


def point(person: int, name: str, visibility: int = 2) -> dict[str, Any]:
    found = row(person, [name], visibility=[visibility])
    return {**found, "label_id": LABELS.index(name)}


def write(folder: Path, *items: Sequence[Any], names: Sequence[str] | None = COCO) -> Path:
    width, height = SIZE
    categories: dict[str, Any] = {"label": {"labels": [{"name": label} for label in LABELS]}}
    if names is not None:
        categories["points"] = {"items": [{"label_id": 0, "labels": list(names), "joints": []}]}
    image = {"path": "a.png", "size": [height, width]}
    document = {
        "dm_format_version": "1.0",
        "infos": {},
        "categories": categories,
        "items": [{"id": "a", "annotations": list(each), "image": image} for each in items],
    }
    source = folder / "default.json"
    source.write_text(json.dumps(document))
    return source


@pytest.mark.parametrize("names", [COCO, AIC])
def test_joints_of_rows_lie_where_they_are(tmp_path: Path, names: Sequence[str]) -> None:
    picture = paint(tmp_path / "a.png")
    items = [box(1), row(0, names), row(1, names), box(0)]
    results = results_of(opened(write(tmp_path, items, names=names), name="datumaro"))
    check_colours(results, picture, names, shift=HAND_SHIFT_PX)
    assert isinstance(results[0], NewSample)
    assert results[0].box_scale == pytest.approx(1.2 * 123 / 200)


def test_rows_without_names_are_told_by_their_number(tmp_path: Path) -> None:
    picture = paint(tmp_path / "a.png")
    source = opened(write(tmp_path, [row(0), row(1)], names=None))
    check_colours(results_of(source), picture, COCO, shift=HAND_SHIFT_PX)
    assert source.notes.assumed["joints in the order of COCO, 17 joints"] == 2


def test_joints_of_groups_and_of_skeletons_lie_where_they_are(tmp_path: Path) -> None:
    picture = paint(tmp_path / "a.png")
    grouped = [point(0, name) for name in COCO]
    skeleton = {"type": "skeleton", "group": 0, "label_id": 0,
                "elements": [point(1, name) for name in reversed(COCO)]}  # fmt: skip
    results = results_of(opened(write(tmp_path, [skeleton, *grouped]), name="datumaro"))
    check_colours(results, picture, COCO, shift=HAND_SHIFT_PX)


def test_absent_joints_are_absent_and_hidden_ones_are_not(tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    flags = [0, 1, *([2] * 15)]
    elements = [point(1, name, flag) for name, flag in zip(COCO, flags, strict=True)]
    skeleton = {"type": "skeleton", "label_id": 0, "elements": elements}
    source = write(tmp_path, [row(0, visibility=flags), skeleton])
    for sample in results_of(opened(source)):
        assert isinstance(sample, NewSample)
        assert np.count_nonzero(sample.keypoints_px[:, 2]) == 16
        assert sample.keypoints_px[44, 2] == 0


def test_what_is_broken_is_told_and_the_rest_goes_in(tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    polygon = {"type": "polygon", "points": [1, 2, 3, 4]}
    source = opened(
        write(
            tmp_path,
            [row(0), row(1, COCO[:5]), row(1, visibility=[7] * 17)],
            [polygon],
            [{**point(0, "nose"), "label_id": 99}],
        )
    )
    person, short, flag, nothing, label = results_of(source)
    assert isinstance(person, NewSample)
    assert "points: 10 numbers, expected 51" in str(short)
    assert "visibility: found 7" in str(flag)
    assert isinstance(nothing, SkippedEntry)
    assert "label_id: found 99" in str(label)
    assert source.notes.unused_fields == {"annotations of type 'polygon'": 1}
    other = tmp_path / "other.json"
    other.write_text('{"dm_format_version": "1.0"}')
    with pytest.raises(AnnotationError, match="items: no such field"):
        open_format(FORMATS["datumaro"], other, None, dataset="x")
