"""The people of a file of another method's bodies, where it holds their 2D keypoints as well.

EFT's json has them in ``gt_keypoint_2d``, HumanData in ``keypoints2d``. So a project can be made of
such a file alone; the bodies themselves are read by ``core.formats.bodies`` once the people are
there. People without keypoints are told apart from nothing and cannot come in this way.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np

from core.errors import AnnotationError
from core.formats.annotation_format import AnnotationFormat, AskedSource, opened_by
from core.formats.bodies.file_bodies import ForeignPredictions
from core.formats.bodies.prediction_files import read_foreign_predictions
from core.formats.keypoints.datasets.spin_dataset import ORDER
from core.formats.keypoints.joint_fields import without_impossible
from core.formats.keypoints.named_pictures import picture_of_name
from core.formats.keypoints.people_reader import FileEntry, PeopleReader, PersonOf, ReadPerson
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import AnnotationSource, BrokenEntryError
from core.formats.source_looks import FileLook, one_file
from core.geometry.boxes import Box


def _read(asked: AskedSource) -> AnnotationSource:
    found = read_foreign_predictions(asked.path, cancel=asked.cancel)
    if found.keypoints_px is None:
        raise AnnotationError(
            "this file of bodies holds no 2D keypoints that could make people of them.",
            path=asked.path,
            remedy="Import the people's keypoints first, then the bodies with import-fits.",
        )
    folder = asked.folder()
    reader = PeopleReader(folder, asked.dataset)
    entries = (FileEntry(asked.path, int(entry), row) for row, entry in enumerate(found.entries))

    def people_of(entry: FileEntry[int]) -> Iterable[PersonOf]:
        yield partial(_person, found, entry.content, folder)

    return AnnotationSource(len(found), reader.read(entries, people_of), notes=reader.notes)


def _person(
    found: ForeignPredictions, row: int, folder: PictureFolder, notes: ReadNotes
) -> ReadPerson:
    assert found.keypoints_px is not None  # noqa: S101 - checked where the file is opened
    joints_px = np.where(found.keypoints_px[row, :, 2:] > 0, found.keypoints_px[row], 0)
    if not np.isfinite(joints_px).all():
        raise BrokenEntryError("keypoints: found a number that is not finite")
    joints_px[:, 2] = np.minimum(joints_px[:, 2], 1)
    (x_px, y_px), side_px = found.box_centers_px[row], found.box_sides_px[row]
    has_box = bool(np.isfinite([x_px, y_px, side_px]).all() and side_px > 0)
    return ReadPerson(
        picture=picture_of_name(folder, found.picture_names[row], None, notes),
        person_key=found.person_keys[row] or str(int(found.entries[row])),
        order=ORDER,
        joints_px=without_impossible(joints_px, "keypoints", notes),
        square=Box(float(x_px), float(y_px), float(side_px)) if has_box else None,
    )


def _is_it(look: FileLook) -> bool:
    """EFT's json with keypoints, or an npz of HumanData with keypoints and bodies."""
    if look.is_json:
        return look.has_anywhere("parm_pose") and look.has_anywhere("gt_keypoint_2d")
    names = look.head + look.tail
    wanted = (b"image_path.npy", b"keypoints2d", b"smpl")
    return look.head.startswith(b"PK\x03\x04") and all(name in names for name in wanted)


BODIES_FORMAT = AnnotationFormat(
    name="bodies",
    title="Bodies with keypoints",
    expects="EFT's json or HumanData's npz with bodies and their 2D keypoints",
    takes_folder=False,
    recognise=one_file(_is_it),
    open=opened_by(_read, expected="a file of bodies with 2D keypoints"),
    options=frozenset(),
)
