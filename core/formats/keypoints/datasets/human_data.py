"""HumanData (OpenMMLab's mmhuman3d) with keypoints and no bodies: people in 2D, and in space.

``image_path`` (N), ``bbox_xywh`` (N, 4 or 5), ``keypoints2d…`` (N, J, 3) in pixels and
``keypoints3d…`` (N, J, 4) in metres along the camera's axes. The arrays and the joints are those
that ``core.formats.bodies.readers.human_data`` describes, which reads the same with bodies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.formats.annotation_format import AnnotationFormat, AskedSource, opened_by
from core.formats.bodies.fields import as_text
from core.formats.bodies.file_bodies import FileJoints3D
from core.formats.bodies.pickles.object_arrays import load_object_npz
from core.formats.bodies.readers.human_data import keypoints_in
from core.formats.bodies.readers.stacked_rows import plain_array
from core.formats.keypoints.datasets.spin_dataset import ORDER
from core.formats.keypoints.joint_fields import without_impossible
from core.formats.keypoints.named_pictures import picture_of_name
from core.formats.keypoints.people_reader import FileEntry, PeopleReader, PersonOf, ReadPerson
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import AnnotationSource
from core.formats.source_looks import FileLook, one_file
from core.types.arrays import NUM_KEYPOINTS, FloatArray

_PICTURES, _BOXES = "image_path", "bbox_xywh"
_MARKS = ("__key_strict__", "__temporal_len__", "__keypoints_compressed__", "config")


@dataclass(frozen=True, eq=False)
class _People:
    """N people. boxes: left, top, width, height, NaN where there is none. keypoints: (N, 49, 3)."""

    pictures: list[str]
    boxes: NDArray[np.float64]
    keypoints: NDArray[np.float64]
    joints_3d: FileJoints3D | None

    def joints_3d_of(self, row: int) -> FloatArray | None:
        """(49, 4) metres about the pelvis and confidence; None where the row has none."""
        if self.joints_3d is None or not self.joints_3d.confidence[row].any():
            return None
        confidence = self.joints_3d.confidence[row][:, None]
        return np.concatenate([self.joints_3d.positions_m[row], confidence], 1).astype(np.float32)


def _read(asked: AskedSource) -> AnnotationSource:
    folder = asked.folder()
    reader = PeopleReader(folder, asked.dataset)
    people = _people_of(asked, reader.notes)
    count = len(people.pictures)
    entries = (FileEntry(asked.path, row, row) for row in range(count))

    def people_of(entry: FileEntry[int]) -> Iterable[PersonOf]:
        yield partial(_person, people, entry.content, folder)

    return AnnotationSource(count, reader.read(entries, people_of), notes=reader.notes)


def _people_of(asked: AskedSource, notes: ReadNotes) -> _People:
    content = load_object_npz(asked.path, asked.cancel)
    pictures = plain_array(content.get(_PICTURES))
    if pictures is None or pictures.ndim != 1:
        raise AnnotationError(f"'{_PICTURES}' is no list of names.", path=asked.path)
    count = len(pictures)
    keypoints, joints_3d, used = keypoints_in(content, count, notes)
    if keypoints is None and joints_3d is None:
        raise AnnotationError(
            "is HumanData without keypoints that can be read, neither 2D nor 3D.",
            path=asked.path,
            remedy="Read are 'keypoints2d…' (N, 190 or 144, 3) and 'keypoints3d…' (N, 190 or "
            "144, 4); bodies come in with import-predictions.",
        )
    notes.leave_unused(set(content) - used - {_PICTURES, _BOXES, *_MARKS})
    return _People(
        [as_text(name) for name in pictures],
        _boxes(content.get(_BOXES), count),
        np.zeros((count, NUM_KEYPOINTS, 3)) if keypoints is None else keypoints,
        joints_3d,
    )


def _boxes(value: object, count: int) -> NDArray[np.float64]:
    """``(N, 4)``; NaN where the file has none."""
    boxes = plain_array(value)
    is_boxes = boxes is not None and boxes.ndim == 2 and boxes.dtype.kind in "biuf"
    if boxes is None or not is_boxes or boxes.shape not in ((count, 4), (count, 5)):
        return np.full((count, 4), np.nan)
    return boxes[:, :4].astype(np.float64)


def _person(people: _People, row: int, folder: PictureFolder, notes: ReadNotes) -> ReadPerson:
    box = people.boxes[row]
    keypoints = people.keypoints[row].copy()
    keypoints[:, 2] = np.minimum(keypoints[:, 2], 1)
    return ReadPerson(
        picture=picture_of_name(folder, people.pictures[row], None, notes),
        person_key=str(row),
        order=ORDER,
        joints_px=without_impossible(keypoints, "keypoints2d", notes),
        bbox_xywh=box if np.isfinite(box).all() and box.any() else None,
        joints_3d=people.joints_3d_of(row),
    )


def _is_it(look: FileLook) -> bool:
    """An npz with names of pictures and HumanData's keypoints, but no body."""
    names = look.head + look.tail
    has_keypoints = b"keypoints2d" in names or b"keypoints3d" in names
    has_body = any(f"{model}.npy".encode() in names for model in ("smpl", "smplh", "smplx"))
    is_npz = look.head.startswith(b"PK\x03\x04")
    return is_npz and f"{_PICTURES}.npy".encode() in names and has_keypoints and not has_body


HUMAN_DATA_FORMAT = AnnotationFormat(
    name="humandata",
    title="HumanData with keypoints",
    expects="HumanData's npz with 2D or 3D keypoints (one with bodies is of the format bodies)",
    takes_folder=False,
    recognise=one_file(_is_it),
    open=opened_by(_read, expected="HumanData's keypoints"),
    options=frozenset(),
)
