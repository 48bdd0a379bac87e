"""PHALP's and 4D-Humans' pickles of tracks: a dict of frames, each with lists of people.

A person has ``smpl`` (``global_orient`` (1, 3, 3), ``body_pose`` (23, 3, 3), ``betas`` (10,)),
``camera`` (3,): metres before a camera of 5000 px that sees the picture, padded to a square and
scaled to 256 px; ``size``: height and width; ``center`` and ``scale``: middle, width and height of
the box in picture pixels; ``tracked_time``: for how many frames the person was not seen. Source:
https://github.com/brjathu/PHALP/blob/master/phalp/trackers/PHALP.py
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formats.bodies.fields import FileFields
from core.formats.bodies.file_bodies import ForeignPredictions
from core.formats.bodies.named_rows import RowsBesides, bodies_of_rows
from core.formats.bodies.options import PredictionOptions
from core.formats.bodies.readers.stacked_rows import plain_array
from core.formats.read_notes import ReadNotes
from core.types.arrays import NUM_BETAS, NUM_JOINTS

NAME = "phalp"
FOCAL_LENGTH_PX, RESOLUTION_PX = 5000.0, 256.0
"""Of the padded picture, scaled to the resolution."""

NOT_SEEN = "tracked_time is not 0: the person was not seen in this frame"
_PEOPLE = ("smpl", "camera")
_USED = frozenset(
    ("smpl", "camera", "size", "center", "scale", "bbox", "tid", "tracked_time", "conf")
)
_OF_FRAMES = frozenset(("time", "shot", "frame_path", "frame"))


def recognises(value: object) -> bool:
    """Whether an unpickled value is a dict of frames with people."""
    return (
        isinstance(value, dict)
        and len(value) > 0
        and all(
            isinstance(name, str) and isinstance(frame, dict) and set(_PEOPLE) <= set(frame)
            for name, frame in value.items()
        )
    )


def read(value: object, source: Path, options: PredictionOptions) -> ForeignPredictions:
    """The bodies of all frames; people who were not seen in one are counted, and left out.

    Raises:
        AnnotationError: an array has another shape.
    """
    frames: Mapping[str, Mapping[str, object]] = value  # type: ignore[assignment]
    notes = ReadNotes()
    rows = _PeopleRows()
    for name, frame in frames.items():
        notes.leave_unused(str(key) for key in frame if key not in _USED and key not in _OF_FRAMES)
        for person in _people_of(frame):
            rows.add(name, person)
    arrays = rows.arrays()
    fields = FileFields(arrays, source)
    fields.count = len(rows.names)
    notes.notices.append(
        f"cameras of {FOCAL_LENGTH_PX:g} px for the padded picture of {RESOLUTION_PX:g} px, as "
        "PHALP has them, whatever took the pictures"
    )
    besides = RowsBesides(file_format=NAME, left_out=rows.left_out)
    found = bodies_of_rows(fields, rows.names, options, notes, besides)
    return replace(found, cameras_are_assumed=True)


def _people_of(frame: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """The people of a frame; lists that are shorter than the bodies leave a field out."""
    bodies = frame["smpl"]
    if not isinstance(bodies, list):
        return
    for index in range(len(bodies)):
        yield {
            name: values[index]
            for name, values in frame.items()
            if name in _USED and isinstance(values, list) and index < len(values)
        }


@dataclass(eq=False)
class _PeopleRows:
    """One after the other, NaN where a person has no such numbers."""

    names: list[str] = field(default_factory=list)
    left_out: dict[int, str] = field(default_factory=dict)
    columns: dict[str, list[NDArray[np.float64]]] = field(default_factory=dict)

    def add(self, name: str, person: Mapping[str, object]) -> None:
        body = person.get("smpl")
        body = body if isinstance(body, dict) else {}
        if _numbers(person.get("tracked_time"), (), 0.0) > 0:
            self.left_out[len(self.names)] = NOT_SEEN
        root = _numbers(body.get("global_orient"), (1, 3, 3))
        rest = _numbers(body.get("body_pose"), (NUM_JOINTS - 1, 3, 3))
        height, width = _numbers(person.get("size"), (2,))
        side = max(height, width)
        # Padded in whole pixels, so the middle of an odd width is half a pixel off.
        left, top = (side - width) // 2, (side - height) // 2
        self.names.append(name)
        for column, numbers in (
            ("rotmat", np.concatenate([root, rest])),
            ("betas", _numbers(body.get("betas"), (NUM_BETAS,))),
            ("cam_t", _numbers(person.get("camera"), (3,))),
            ("focal_length", np.full(2, FOCAL_LENGTH_PX * side / RESOLUTION_PX)),
            ("principal_point", np.array([side / 2 - left, side / 2 - top])),
            ("box_center", _numbers(person.get("center"), (2,))),
            ("box_size", _numbers(person.get("scale"), (2,))),
            ("bbox", _numbers(person.get("bbox"), (4,))),
            ("tid", _numbers(person.get("tid"), ())),
            ("conf", _numbers(person.get("conf"), ())),
        ):
            self.columns.setdefault(column, []).append(numbers)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {
            "imgname": np.array(self.names, dtype=np.str_),
            **{name: np.array(column) for name, column in self.columns.items()},
        }


def _numbers(
    value: object, shape: tuple[int, ...], otherwise: float = np.nan
) -> NDArray[np.float64]:
    array = plain_array(value)
    if array is None or array.dtype.kind not in "biuf" or array.size != int(np.prod(shape)):
        return np.full(shape, otherwise)
    return array.astype(np.float64).reshape(shape)
