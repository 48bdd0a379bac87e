"""An npz of the SPIN family: N rows in arrays under the names that its programs use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from core.body.conventions import OPEN_BODY_NAME
from core.body.safe_npz import load_restricted_npz
from core.errors import AnnotationError
from core.formats.bodies.cameras import OWN_CAMERA
from core.formats.bodies.data_set_joints import joints_3d_of, keypoints_of
from core.formats.bodies.fields import FileFields, as_text
from core.formats.bodies.file_bodies import ForeignPredictions
from core.formats.bodies.named_rows import RowsBesides, bodies_of_rows
from core.formats.bodies.options import PredictionOptions
from core.formats.read_notes import ReadNotes
from core.progress import CancelToken

NAMES = ("imgname", "imgnames", "image_path", "img_path", "image_name", "img_name", "imgpath")
OWN_EXPORT = frozenset({"valid_shape", "sample_id", "person"})
OWN_FIELDS = (
    *("valid_shape", "sample_id", "dataset", "person", "camera_convention", "pred_joints"),
    "body_name",
    *("picture_root_axis_angle", "picture_translation"),
    *("picture_focal_length_px", "picture_principal_point_px"),
    *("world_rotation", "world_translation", "world_metres_per_unit", "world"),
)
"""Of this program's files; what they tell beyond the bodies is not needed here."""

NPZ = "npz"
"""The name of this format where rows are kept to be written back."""


def read_npz(
    source: Path, options: PredictionOptions, cancel: CancelToken | None = None
) -> ForeignPredictions:
    """Read a file; rows that cannot be used are told.

    Raises:
        AnnotationError: no npz, without names or poses, or an array has another shape.
        Cancelled: the user asked to stop while a long array was read.
    """
    unreadable: list[str] = []
    arrays = load_restricted_npz(
        source,
        kind=AnnotationError,
        objects_as_texts=True,
        left_out=unreadable,
        cancel=cancel,
    )
    fields, notes = FileFields(arrays, source), ReadNotes()
    names = _picture_names(fields, unreadable)
    besides = RowsBesides(
        file_format=NPZ,
        own_export=set(arrays) >= OWN_EXPORT or _says_open_body(arrays),
        joints_3d=joints_3d_of(fields),
    )
    keypoints = keypoints_of(fields)
    found = bodies_of_rows(fields, names, options, notes, besides)
    is_before = set(arrays) >= OWN_EXPORT and OWN_CAMERA not in arrays
    found = replace(found, of_long_lens=is_before)
    if keypoints is not None:
        found = replace(found, keypoints_px=keypoints[found.entries])
    notes.leave_unused(name for name in fields.unused() if name not in OWN_FIELDS)
    notes.leave_unused(f"{item} (objects)" for item in unreadable)
    return found


def _says_open_body(arrays: Mapping[str, NDArray[Any]]) -> bool:
    """Whether results of ``evaluate`` are of the body that ships with the program."""
    name = arrays.get("body_name")
    return name is not None and name.size == 1 and as_text(name.item()) == OPEN_BODY_NAME


def _picture_names(fields: FileFields, unreadable: Sequence[str]) -> list[str]:
    name = fields.first(NAMES)
    if name is None or fields.arrays[name].ndim != 1:
        hidden = [item for item in unreadable if item in NAMES]
        why = f"; {hidden[0]!r} holds objects that are no texts" if hidden else ""
        raise AnnotationError(
            f"no list of pictures ('imgname') among {sorted(fields.arrays)}{why}.",
            path=fields.source,
            remedy="Add an array 'imgname' of N texts, one for each row of 'pose'. SPIN's "
            "--result_file has none: take the one of the data set's npz, whose order it follows.",
        )
    array = fields.take(name)
    fields.count = len(array)
    return [as_text(item) for item in array]
