"""The people of a file of another method's bodies.

EFT's json has their 2D keypoints in ``gt_keypoint_2d``, HumanData in ``keypoints2d``. So a project
can be made of such a file alone; the bodies themselves are read by ``core.formats.bodies`` once the
people are there. Of people without keypoints the bodies' own joints say where they are, which takes
a body model: ``core.workflows.predictions.import_bodies`` hands them in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.formats.annotation_format import AnnotationFormat, AskedSource, opened_by
from core.formats.bodies.file_bodies import ForeignPredictions
from core.formats.bodies.prediction_files import read_foreign_predictions
from core.formats.keypoints.datasets.spin_dataset import ORDER
from core.formats.keypoints.joint_fields import without_impossible
from core.formats.keypoints.named_pictures import picture_of_name
from core.formats.keypoints.people_reader import FileEntry, PeopleReader, PersonOf, ReadPerson
from core.formats.keypoints.person_boxes import box_around_visible
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import AnnotationSource, BrokenEntryError
from core.formats.source_looks import FileLook, one_file
from core.geometry.boxes import Box
from core.types.foreign.imported_bodies import BODIES_FORMAT_NAME

JointsOf = Callable[[int, tuple[int, int]], NDArray[np.float64] | None]
"""The joints (49, 2) of a row's body in its picture, whose width and height are given; NaN where
there are none. None where nothing says where the body is."""

NOWHERE = (
    "2D keypoints: there are none, and no camera says where in the picture the body is; import the "
    "people first, then the bodies with import-fits"
)


def people_of_bodies(
    asked: AskedSource, found: ForeignPredictions, joints_of: JointsOf | None = None
) -> AnnotationSource:
    """The people of a file's bodies, a row each.

    Args:
        asked: where the pictures are, and the name of the data set.
        found: what was read of the file.
        joints_of: tells where people are of whom the file states no keypoints.

    Raises:
        AnnotationError: it states none of anyone, and nothing tells.
    """
    if found.keypoints_px is None and joints_of is None:
        raise AnnotationError(
            "this file of bodies holds no 2D keypoints that could make people of them.",
            path=asked.path,
            remedy="Import the people's keypoints first, then the bodies with import-fits.",
        )
    people = _RowsAsPeople(found, asked.folder(), joints_of)
    reader = PeopleReader(people.folder, asked.dataset)
    entries = (FileEntry(asked.path, int(entry), row) for row, entry in enumerate(found.entries))

    def people_of(entry: FileEntry[int]) -> Iterable[PersonOf]:
        yield partial(people.person, entry.content)

    return AnnotationSource(len(found), reader.read(entries, people_of), notes=reader.notes)


class _RowsAsPeople:
    """Makes people of rows."""

    def __init__(
        self, found: ForeignPredictions, folder: PictureFolder, joints_of: JointsOf | None
    ) -> None:
        self._found, self.folder, self._joints_of = found, folder, joints_of

    def person(self, row: int, notes: ReadNotes) -> ReadPerson:
        found = self._found
        joints_px = self._stated(row)
        picture = picture_of_name(self.folder, found.picture_names[row], None, notes)
        square, projected_px = _stated_box(found, row), None
        if self._joints_of is not None and not (joints_px[:, 2] > 0).any():
            size_px = self.folder.size_px(picture)
            projected_px = _projected(self._joints_of(row, size_px))
            square = square or _box_of(projected_px, size_px)
        return ReadPerson(
            picture=picture,
            person_key=found.person_keys[row] or str(int(found.entries[row])),
            order=ORDER,
            joints_px=without_impossible(joints_px, "keypoints", notes),
            square=square,
            projected_px=projected_px,
        )

    def _stated(self, row: int) -> NDArray[np.float64]:
        """``(49, 3)``, what the file states of them."""
        stated = self._found.keypoints_px
        if stated is None:
            return np.zeros((len(ORDER.joints), 3))
        joints_px = np.where(stated[row, :, 2:] > 0, stated[row], 0)
        if not np.isfinite(joints_px).all():
            raise BrokenEntryError("keypoints: found a number that is not finite")
        joints_px[:, 2] = np.minimum(joints_px[:, 2], 1)
        return joints_px


def _stated_box(found: ForeignPredictions, row: int) -> Box | None:
    (x_px, y_px), side_px = found.box_centers_px[row], found.box_sides_px[row]
    has_box = bool(np.isfinite([x_px, y_px, side_px]).all() and side_px > 0)
    return Box(float(x_px), float(y_px), float(side_px)) if has_box else None


def _projected(joints_px: NDArray[np.float64] | None) -> NDArray[np.float32]:
    """Joints ``(49, 2)`` as keypoints ``(49, 3)`` without confidence; absent ones are 0, 0, 0."""
    if joints_px is None:
        raise BrokenEntryError(NOWHERE)
    there = np.isfinite(joints_px).all(axis=1, keepdims=True)
    places = np.where(there, joints_px, 0.0)
    return np.concatenate([places, np.zeros_like(places[:, :1])], axis=1).astype(np.float32)


def _box_of(keypoints_px: NDArray[np.float32], size_px: tuple[int, int]) -> Box:
    """The square about those joints ``(49, 3)`` that the picture shows."""
    places = keypoints_px[:, :2]
    inside = (places > 0) & (places < np.array(size_px))
    shown: NDArray[np.bool_] = np.all(inside, axis=1)
    if shown.sum() < 2:
        width, height = size_px
        raise BrokenEntryError(
            f"camera: {int(shown.sum())} of the body's joints lie in the picture of "
            f"{width}×{height} px, expected 2 or more"
        )
    return box_around_visible(np.concatenate([places, shown[:, None]], axis=1))


def _read(asked: AskedSource) -> AnnotationSource:
    return people_of_bodies(asked, read_foreign_predictions(asked.path, cancel=asked.cancel))


def _is_it(look: FileLook) -> bool:
    """EFT's json with keypoints, or an npz of HumanData with keypoints and bodies."""
    if look.is_json:
        return look.has_anywhere("parm_pose") and look.has_anywhere("gt_keypoint_2d")
    names = look.head + look.tail
    wanted = (b"image_path.npy", b"keypoints2d", b"smpl")
    is_whole = look.head.startswith(b"PK\x03\x04") and b"PK\x05\x06" in look.tail
    return is_whole and all(name in names for name in wanted)


BODIES_FORMAT = AnnotationFormat(
    name=BODIES_FORMAT_NAME,
    title="Bodies of another method",
    expects="a file of bodies, such as EFT's json, HumanData's or CameraHMR's npz",
    takes_folder=False,
    recognise=one_file(_is_it),
    open=opened_by(_read, expected="a file of bodies with 2D keypoints"),
    options=frozenset(),
)
