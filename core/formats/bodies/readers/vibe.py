"""VIBE's ``vibe_output.pkl``: tracks of people by number, each with its frames.

A track has ``pose`` (n, 72), ``betas`` (n, 10), ``pred_cam`` (n, 3) for the crop of ``bboxes``
(n, 4: centre, width, height), and ``frame_ids`` (n), which count the pictures of its video from 0.
ffmpeg writes those as ``000001.png`` and on. Source:
https://github.com/mkocabas/VIBE/blob/master/demo.py
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from core.errors import AnnotationError
from core.formats.bodies.fields import FileFields
from core.formats.bodies.file_bodies import ForeignPredictions
from core.formats.bodies.named_rows import RowsBesides, bodies_of_rows
from core.formats.bodies.options import PredictionOptions
from core.formats.bodies.readers.stacked_rows import joined, repeated_names, rows_in
from core.formats.read_notes import ReadNotes

NAME = "vibe"
_FRAMES = "frame_ids"
_MOST_FRAMES = 10**9


def recognises(value: object) -> bool:
    """Whether an unpickled value is VIBE's output: tracks with poses and frames."""
    return (
        isinstance(value, dict)
        and len(value) > 0
        and all(
            isinstance(track, dict) and "pose" in track and _FRAMES in track
            for track in value.values()
        )
    )


def read(value: object, source: Path, options: PredictionOptions) -> ForeignPredictions:
    """The bodies of all tracks, one track after the other.

    Raises:
        AnnotationError: an array has another shape.
    """
    tracks: Mapping[object, Mapping[str, object]] = value  # type: ignore[assignment]
    notes = ReadNotes()
    parts = list(tracks.values())
    counts = [rows_in(track, _FRAMES, source) for track in parts]
    arrays = joined(parts, counts, notes)
    frames = arrays.get(_FRAMES)
    if frames is None or frames.dtype.kind not in "iuf" or frames.ndim != 1:
        raise AnnotationError(f"'{_FRAMES}' are no numbers of frames.", path=source)
    numbers = np.nan_to_num(frames.astype(np.float64), nan=-1.0)
    if len(numbers) and not (numbers.min() >= 0 and numbers.max() < _MOST_FRAMES):
        raise AnnotationError(
            f"'{_FRAMES}' run from {numbers.min():g} to {numbers.max():g}, expected numbers of "
            "frames from 0.",
            path=source,
        )
    names = [f"{int(number) + 1:06d}.png" for number in numbers]
    arrays["imgname"] = np.array(names)
    arrays["track"] = np.array(repeated_names([str(key) for key in tracks], counts))
    notes.notices.append(
        "frames are taken for pictures named as VIBE's ffmpeg names them: frame 0 is 000001"
    )
    fields = FileFields(arrays, source)
    fields.count = len(names)
    fields.take(_FRAMES)
    found = bodies_of_rows(fields, names, options, notes, RowsBesides(file_format=NAME))
    notes.leave_unused(name for name in fields.unused() if name not in ("imgname", "track"))
    return found
