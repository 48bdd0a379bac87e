"""HumanData's dicts as arrays by name and back, so that its rows can be kept and written again.

What the readers use stands under its usual name; everything else under where it stood in the file:
``/name`` at the top, ``dict/name`` in a dict.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formats.bodies.readers.stacked_rows import plain_array

Array = NDArray[Any]

MODEL = "/model"
"""The name of the dict of the bodies; files that were taken over without it have no other dicts."""

_SCORES = "/scores"
_TOP = {"imgname": "image_path", "has_smpl": "has_smpl", "body_name": "body_name"}
_IN_DICTS = {"focal_length": "misc", "principal_point": "misc", "gender": "meta"}
_IN_MODEL = ("global_orient", "body_pose", "betas", "transl", "jaw_pose", "expression")
_BOXES, _BOX_COLUMNS = "bbox_xywh", 4
_ROWS = "__temporal_len__"


def arrays_to_keep(
    content: Mapping[str, object], used: Mapping[str, Array], model: str
) -> dict[str, Array]:
    """All arrays of a file by name.

    Args:
        content: of the file.
        used: what the readers made of it, by its usual names; ``bboxes`` without scores.
        model: the name of the dict of the bodies.
    """
    kept = {**used, MODEL: np.asarray(model)}
    places = {_place(name, model) for name in used}
    boxes = plain_array(content.get(_BOXES))
    if "bboxes" in used and boxes is not None and boxes.shape[1] > _BOX_COLUMNS:
        kept[_SCORES] = boxes[:, _BOX_COLUMNS:]
    for name, value in content.items():
        inside = value if isinstance(value, dict) else {"": value}
        for key, item in inside.items():
            place = (name, key) if isinstance(value, dict) else ("", name)
            array = plain_array(item)
            if array is not None and place not in places:
                kept["/".join(place)] = array
    return kept


def arrays_of_the_file(content: Mapping[str, object]) -> list[str]:
    """Names of arrays that are one for all rows, however many entries they have."""
    names = [name for name in content if name.endswith(("mask", "_convention"))]
    return [f"/{name}" for name in (*names, "config", "__key_strict__")]


def content_of(arrays: Mapping[str, Array]) -> dict[str, Array | dict[str, Array]] | None:
    """The file's content, dicts in it; None where only the used arrays were kept."""
    if MODEL not in arrays:
        return None
    content: dict[str, Array | dict[str, Array]] = {}
    model = str(arrays[MODEL])
    for name, array in arrays.items():
        if name in (MODEL, _SCORES):
            continue
        value = array
        if name == "bboxes" and _SCORES in arrays:
            value = np.concatenate([array, arrays[_SCORES]], axis=1)
        holder, key = _place(name, model)
        inside = content.setdefault(holder, {}) if holder else content
        if isinstance(inside, dict):
            inside[key] = value
    if _ROWS in content:
        content[_ROWS] = np.asarray(len(arrays["imgname"]))
    return content


def _place(name: str, model: str) -> tuple[str, str]:
    """The dict that an array stands in, empty for none, and its name there."""
    if "/" in name:
        holder, key = name.split("/", 1)
        return holder, key
    if name == "bboxes":
        return "", _BOXES
    if name in _IN_MODEL:
        return model, name
    return _IN_DICTS.get(name, ""), _TOP.get(name, name)
