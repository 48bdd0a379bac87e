"""Leeds Sports Pose: ``joints.mat`` of LSP (3, 14, N) and of its extension LSPET (14, 3, N).

The joints are those of the sets' README files (http://sam.johnson.io/research/lsp.html,
lspet.html). LSP places all of them, seen or not; LSPET those that are seen, and its third number
says which. Whether coordinates count from 0 or 1 is not published: they are taken as they are, as
SPIN takes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.files.matlab_files import MatlabError, is_matlab, read_names
from core.formats.annotation_format import AnnotationFormat, AskedSource, opened_by
from core.formats.json_files import check_finite
from core.formats.keypoints.datasets.matlab_variables import open_matlab
from core.formats.keypoints.joint_fields import without_impossible
from core.formats.keypoints.joint_orders import JOINT_ORDERS
from core.formats.keypoints.people_reader import FileEntry, PeopleReader, PersonOf, ReadPerson
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import AnnotationSource, BrokenEntryError
from core.formats.source_looks import SourceLook

IN_ORDER_OF_NAMES = "the n-th person is that of the n-th picture by name"

_ORDER = JOINT_ORDERS["lsp"]
_VARIABLE, _PICTURES = "joints", "images"
_LSP, _LSPET = (3, len(_ORDER)), (len(_ORDER), 3)
_NUMBERED = re.compile(r"im([0-9]{1,9})", re.ASCII)


def _read(asked: AskedSource) -> AnnotationSource:
    """No such variable, or of another shape: ``AnnotationError``."""
    joints = _joints_of(asked.path)
    beside = asked.path.parent / _PICTURES
    folder = PictureFolder(beside) if asked.images is None and beside.is_dir() else asked.folder()
    reader = PeopleReader(folder, asked.dataset)
    pictures = _NumberedPictures(folder, len(joints))
    entries = (FileEntry(asked.path, index, points) for index, points in enumerate(joints))

    def people_of(entry: FileEntry[NDArray[np.float64]]) -> Iterable[PersonOf]:
        yield partial(_person, entry.content, entry.index or 0, pictures)

    return AnnotationSource(len(joints), reader.read(entries, people_of), notes=reader.notes)


def _joints_of(source: Path) -> NDArray[np.float64]:
    """``(N, 14, 3)`` x, y and whether the joint is placed."""
    remedy = "Give joints.mat of lsp_dataset.zip, lsp_dataset_original.zip or lspet_dataset.zip."
    variable = open_matlab(source, _VARIABLE, remedy=remedy)
    if not _is_joints(variable.shape):
        raise AnnotationError(
            f"joints: found shape {variable.shape}, expected (3, 14, N) or (14, 3, N).",
            path=source,
            remedy=remedy,
        )
    try:
        numbers = variable.numbers()
    except MatlabError as error:
        raise AnnotationError(f"{error}.", path=source, remedy=remedy) from error
    numbers = numbers.reshape(*numbers.shape[:2], -1)  # of one person MATLAB drops the last side
    if numbers.shape[:2] == _LSPET:
        return numbers.transpose(2, 0, 1)
    joints = numbers.transpose(2, 1, 0).copy()
    joints[:, :, 2] = 1
    return joints


class _NumberedPictures:
    """Which picture a person's number means: im0001, im00001, or the n-th by name."""

    def __init__(self, folder: PictureFolder, people: int) -> None:
        self._folder = folder
        numbers: dict[int, Path] = {}
        for stem in sorted(folder.stems):
            match = _NUMBERED.fullmatch(stem)
            picture = folder.with_stem(stem)
            if match and picture is not None:
                numbers[int(match[1])] = picture
        self._by_number: Mapping[int, Path] = numbers
        self.are_in_order = len(numbers) == people and set(numbers) != set(range(1, people + 1))
        if self.are_in_order:
            ordered = [numbers[number] for number in sorted(numbers)]
            self._by_number = {index + 1: path for index, path in enumerate(ordered)}

    def numbered(self, number: int) -> Path:
        """Raises ``BrokenEntryError`` where there is no such picture."""
        if number not in self._by_number:
            raise BrokenEntryError(
                f"no picture im{number:04d}.jpg or im{number:05d}.jpg in {self._folder.folder}"
            )
        return self._by_number[number]


def _person(
    joints: NDArray[np.float64], index: int, pictures: _NumberedPictures, notes: ReadNotes
) -> ReadPerson:
    if pictures.are_in_order:
        notes.assume(IN_ORDER_OF_NAMES)
    check_finite(joints[:, 2], "joints")
    placed = np.column_stack([joints[:, :2], joints[:, 2] > 0])
    return ReadPerson(
        picture=pictures.numbered(index + 1),
        person_key="1",
        order=_ORDER,
        joints_px=without_impossible(placed, "joints", notes),
    )


def _recognise(look: SourceLook) -> bool:
    file = look.file
    if file is None or not is_matlab(file.head):
        return False
    return _is_joints(read_names(file.path).get(_VARIABLE, ()))


def _is_joints(shape: tuple[int, ...]) -> bool:
    return len(shape) in (2, 3) and shape[:2] in (_LSP, _LSPET)


LSP_FORMAT = AnnotationFormat(
    name="lsp",
    title="Leeds Sports Pose",
    expects="joints.mat of LSP or LSPET, with the pictures im0001.jpg … beside it or in images",
    takes_folder=False,
    recognise=_recognise,
    open=opened_by(_read, expected="joints.mat of LSP or LSPET"),
    options=frozenset(),
)
