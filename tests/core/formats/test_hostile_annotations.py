"""Documents that no sane program writes: readers report them and never fall over."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import AnnotationError
from core.formats.keypoints.coco_keypoints import open_coco_keypoints
from core.formats.keypoints.openpose import open_openpose
from core.formats.reader_results import AnnotationSource, ReadProblem, SkippedEntry
from core.types.samples import NewSample

STRANGE: list[Any] = [
    None, True, -1, 0, 1e400, float("nan"), 10**400, -(2**63), "", "x" * 5000, "\ud800", "../../x",
    [], [[]], {}, {"a": {}}, [None] * 51, ["1"] * 75, [1e38] * 75, [float("inf")] * 54, [0] * 51,
]  # fmt: skip


def coco() -> dict[str, Any]:
    joints = [value for i in range(17) for value in (20 + 5 * i, 30 + i, 2)]
    return {
        "categories": [{"id": 1, "name": "person"}],
        "images": [{"id": 1, "file_name": "one.png", "width": 200, "height": 100}],
        "annotations": [
            {"id": number, "image_id": 1, "category_id": 1, "iscrowd": 0, "num_keypoints": 17,
             "bbox": [10, 20, 100, 60], "keypoints": list(joints)}
            for number in range(2)
        ],
    }  # fmt: skip


def openpose() -> dict[str, Any]:
    points = [value for i in range(25) for value in (20.0 + 3 * i, 30.0 + i, 0.9)]
    return {"version": 1.3, "people": [{"pose_keypoints_2d": list(points)} for _ in range(2)]}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to every value of a document."""
    yield path
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from places(inner, (*path, key))


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(document)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed


def delivered(open_source: Callable[..., AnnotationSource], file: Path) -> list[Any]:
    try:
        source = open_source(file, None, dataset="x")
        return [result for entry in source.entries for result in entry]
    except AnnotationError as error:
        return [error]


def check_sound(result: Any, folder: Path) -> None:
    assert isinstance(result, NewSample | SkippedEntry | ReadProblem | AnnotationError)
    if isinstance(result, NewSample):
        assert np.isfinite(result.keypoints_px).all()
        assert 0 < result.box_scale < 10
        assert result.picture_path.parent == folder.resolve()
    elif isinstance(result, ReadProblem):
        str(result).encode()
        assert len(result.reason) <= 300
    elif isinstance(result, AnnotationError):
        assert len(str(result)) < 1000


@pytest.mark.parametrize(
    ("open_source", "document", "name"),
    [
        (open_coco_keypoints, coco(), "people.json"),
        (open_coco_keypoints, coco()["annotations"], "results.json"),
        (open_openpose, openpose(), "one_keypoints.json"),
    ],
    ids=["coco", "coco results", "openpose"],
)
def test_any_value_may_be_replaced_by_any_other(
    tmp_path: Path,
    picture: Callable[[str], Path],
    open_source: Callable[..., AnnotationSource],
    document: Any,
    name: str,
) -> None:
    picture("one.png")
    picture("1.png")
    rng = np.random.default_rng(0)
    every_place = list(places(document))
    for strange in STRANGE:
        for index in rng.choice(len(every_place), 12, replace=False):
            changed = replaced(document, every_place[index], strange)
            (tmp_path / name).write_text(json.dumps(changed))
            for result in delivered(open_source, tmp_path / name):
                check_sound(result, tmp_path)
