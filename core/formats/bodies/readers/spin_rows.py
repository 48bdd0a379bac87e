"""Fits of SPIN's that name no pictures: their rows are those of a data set's npz.

``<set>_fits.npy`` (N, 82) holds poses before betas; npz of final fits hold ``pose`` (N, 72),
``betas`` (N, 10) and ``valid_fit``, those of several views ``pose``, ``shape`` and ``has_smpl``,
and what SPIN's ``eval.py --result_file`` writes ``pose``, ``betas`` and ``camera``. Which person a
row is, the npz of the data set tells, which has as many rows in the same order. It is looked for
beside the file and in SPIN's folder ``dataset_extras``. Sources: https://github.com/nkolot/SPIN,
``train/fits_dict.py``, ``datasets/preprocess/mpi_inf_3dhp.py``, ``eval.py``, and its README
("Final fits").
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from numpy.typing import NDArray

from core.body.npy_arrays import read_npy_header
from core.body.safe_npz import load_restricted_npy, load_restricted_npz
from core.errors import AnnotationError
from core.files.foreign_files import foreign_file
from core.formats.bodies.fields import FileFields, as_text
from core.formats.bodies.file_bodies import ForeignPredictions
from core.formats.bodies.named_rows import BETAS, PEOPLE, RowsBesides, bodies_of_rows
from core.formats.bodies.npz_file import NAMES
from core.formats.bodies.options import PredictionOptions
from core.formats.bodies.poses import POSES
from core.formats.bodies.writers.spin_dataset import FITS_WIDTH
from core.formats.read_notes import ReadNotes
from core.progress import CancelToken
from core.types.arrays import NUM_BETAS

NAME = "spin-rows"
MAGIC = b"\x93NUMPY"
_EXTRAS = ("", "../dataset_extras", "dataset_extras")
"""Where SPIN keeps the npz of data sets, seen from ``static_fits``."""
_MOST_LOOKED_AT = 200
_OF_PERSON = ("center", "scale", *PEOPLE)
"""And not ``body_name``: whose fits they are, the data set does not know."""
_KEYPOINTS = frozenset(("part", "openpose"))
_NOT_OF_SET = frozenset(("fits", "fit", "final", "static", "mview", "results", "result"))

Array = NDArray[Any]


def recognises(names: frozenset[str]) -> bool:
    """Whether an npz with arrays of these names holds bodies and says of no picture."""
    return not names & set(NAMES) and bool(names & set(POSES)) and bool(names & set(BETAS))


def read(
    source: Path, options: PredictionOptions, cancel: CancelToken | None
) -> ForeignPredictions:
    """The bodies of an npz.

    Raises:
        AnnotationError: no data set, or several, have its rows; or an array has another shape.
        Cancelled: the user asked to stop.
    """
    arrays = load_restricted_npz(source, kind=AnnotationError, cancel=cancel)
    pose = next(arrays[name] for name in POSES if name in arrays)
    return _bodies(source, arrays, len(pose) if pose.ndim else 0, options, cancel)


def read_npy(
    source: Path, options: PredictionOptions, cancel: CancelToken | None
) -> ForeignPredictions:
    """The bodies of a bare array (N, 82).

    Raises:
        AnnotationError: another shape; or no data set, or several, have its rows.
        Cancelled: the user asked to stop.
    """
    array = load_restricted_npy(source, kind=AnnotationError)
    if array.ndim != 2 or array.shape[1] != FITS_WIDTH or array.dtype.kind != "f":
        raise AnnotationError(
            f"is an array of shape {array.shape}, expected SPIN's fits, (N, {FITS_WIDTH}): 72 "
            f"angles and {NUM_BETAS} betas a row.",
            path=source,
            remedy="Save bodies of another form as an npz with imgname, pose and betas.",
        )
    arrays = {"pose": array[:, :-NUM_BETAS], "betas": array[:, -NUM_BETAS:]}
    return _bodies(source, arrays, len(array), options, cancel)


def _bodies(
    source: Path,
    arrays: Mapping[str, Array],
    count: int,
    options: PredictionOptions,
    cancel: CancelToken | None,
) -> ForeignPredictions:
    partner = _data_set_of(source, count)
    of_set = load_restricted_npz(
        partner,
        kind=AnnotationError,
        objects_as_texts=True,
        cancel=cancel,
    )
    name = next(name for name in NAMES if name in of_set)
    known = {field: of_set[field] for field in _OF_PERSON if field in of_set}
    fields = FileFields({**known, **arrays, "imgname": of_set[name]}, source)
    fields.count = count
    fields.take("imgname")
    notes = ReadNotes()
    notes.notices.append(f"its rows are taken for those of {partner.name}, which has as many")
    names = [as_text(item) for item in of_set[name]]
    found = bodies_of_rows(fields, names, options, notes, RowsBesides(file_format=NAME))
    notes.leave_unused(fields.unused())
    return found


def _data_set_of(source: Path, count: int) -> Path:
    """The one npz with pictures and as many rows; of several the one whose name agrees."""
    here = source.resolve()
    folders = dict.fromkeys((here.parent / folder).resolve() for folder in _EXTRAS)
    files = [path for folder in folders for path in sorted(folder.glob("*.npz"))[:_MOST_LOOKED_AT]]
    listed = {path: _Listed.of(path) for path in files if path != here}
    fitting = [path for path, one in listed.items() if one is not None and one.rows == count]
    if len(fitting) > 1:
        fitting = [path for path in fitting if _agree(source, path)] or fitting
    if len(fitting) > 1:
        with_keypoints = [path for path in fitting if _has_keypoints(listed[path])]
        fitting = with_keypoints or fitting
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(path.name for path in fitting[:3])
    what = f"several npz have as many ({names})" if fitting else "no npz beside it has as many"
    raise AnnotationError(
        f"has {count} rows and no list of pictures ('imgname'), and {what}.",
        path=source,
        remedy="Put the data set's npz (imgname, center, scale), whose order its rows have, beside "
        "it, under a name that begins as the file's: coco_2014_train.npz for coco_fits.npy.",
    )


@dataclass(frozen=True)
class _Listed:
    """An npz that names pictures: how many, and whether it has SPIN's keypoints."""

    rows: int
    has_keypoints: bool

    @classmethod
    def of(cls, path: Path) -> _Listed | None:
        """None where it names none, or cannot be read."""
        with (
            suppress(AnnotationError),
            foreign_file(path, AnnotationError, expected="an npz"),
            zipfile.ZipFile(path) as archive,
        ):
            members = {name.removesuffix(".npy") for name in archive.namelist()}
            name = next((name for name in NAMES if name in members), None)
            if name is not None:
                with archive.open(f"{name}.npy") as stream:
                    shape = read_npy_header(cast("BinaryIO", stream)).shape
                return cls(shape[0] if len(shape) == 1 else 0, bool(members & _KEYPOINTS))
        return None


def _has_keypoints(listed: _Listed | None) -> bool:
    return listed is not None and listed.has_keypoints


def _agree(source: Path, candidate: Path) -> bool:
    """Whether each word of a file's name that tells its set begins one of the other's."""
    words, others = (re.findall(r"[a-z0-9]+", path.stem.casefold()) for path in (source, candidate))
    of_set = [word for word in words if word not in _NOT_OF_SET]
    return all(any(other.startswith(word) for other in others) for word in of_set)
