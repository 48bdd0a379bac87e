"""SMPLify-X's results, ``results/PICTURE/000.pkl``, a file a person, of SMPL, SMPL-H or SMPL-X.

Beside pickles an npz of the same names is read.

``camera_translation`` (1, 3) and ``camera_rotation`` (1, 3, 3): x_camera = R x + t before a camera
whose focal length, 5000 px unless its settings say otherwise, is not in its files, and that looks
at the picture's middle; files that do have ``focal_length`` and ``camera_center`` are read by them.
``global_orient`` (1, 3), ``betas`` (1, 10), and ``body_pose``: 63 or 69 numbers, or 32 of VPoser's
code, which only its network can decode. Source:
https://github.com/vchoutas/smplify-x/blob/master/smplifyx/fit_single_frame.py
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.safe_npz import load_restricted_npz
from core.errors import AnnotationError, StudioError
from core.formats.bodies.body_models import BodyModelName
from core.formats.bodies.fields import FileFields
from core.formats.bodies.file_bodies import ForeignPredictions
from core.formats.bodies.named_rows import RowsBesides, bodies_of_rows
from core.formats.bodies.options import PredictionOptions
from core.formats.bodies.pickles.foreign_pickles import load_results
from core.formats.bodies.readers.stacked_rows import plain_array
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import ReadProblem
from core.progress import CancelToken
from core.types.arrays import NUM_BETAS

Array = NDArray[np.float64]

NAME = "smplify-x"
FOCAL_LENGTH_PX = 5000.0
_NEEDED = frozenset({"camera_translation", "global_orient", "body_pose", "betas"})
_VPOSER_SIZE = 32
_BODY_SIZES = (63, 69)
_MAX_FILES = 200_000
_NPZ = ".npz"
_PLACES = ("", "*/", "results/*/")
_OF_CAMERA = frozenset({"camera_rotation", "camera_translation", "focal_length", "camera_center"})
_OWN = frozenset(
    {
        "body_name", "person", "picture", "sample_id", "gender", "crop_root_axis_angle",
        "crop_translation", "crop_camera_px", "box_center_px", "box_side_px",
    }
)  # fmt: skip
"""What this program's files have besides."""
_OF_BODY = frozenset({"global_orient", "body_pose", "betas", "transl"})
_FACES, _HANDS = ("jaw_pose", "expression"), ("left_hand_pose", "right_hand_pose")


def recognises(value: object) -> bool:
    """Whether an unpickled value is one person of SMPLify-X."""
    return isinstance(value, dict) and set(value) >= _NEEDED


def recognises_names(names: frozenset[str]) -> bool:
    """Whether an npz with arrays of these names is one person of SMPLify-X."""
    return names >= _NEEDED


def recognises_folder(folder: Path) -> bool:
    """Whether the first file in a folder, or in the folders in it, is such a person."""
    try:
        first = next(_files_in(folder), None)
        return first is not None and recognises(_loaded(first))
    except StudioError:
        return False


def read_folder(
    folder: Path, options: PredictionOptions, cancel: CancelToken | None
) -> ForeignPredictions:
    """The people of all files of a folder ``results``, or of one picture's folder in it.

    Raises:
        AnnotationError: there are none.
        Cancelled: the user asked to stop.
    """
    cancel = cancel or CancelToken()
    people: list[tuple[Path, Mapping[str, object]]] = []
    problems: list[ReadProblem] = []
    for path in _files_in(folder):
        cancel.raise_if_cancelled()
        try:
            value = _loaded(path)
        except StudioError as error:
            problems.append(ReadProblem(path, None, str(error)))
            continue
        if isinstance(value, dict) and recognises(value):
            people.append((path, value))
    return _bodies(people, folder, options, problems)


def read_archive(
    source: Path, options: PredictionOptions, _cancel: CancelToken | None
) -> ForeignPredictions:
    """The one person of an npz; raises as ``read``."""
    return read(_loaded(source), source, options)


def read(value: object, source: Path, options: PredictionOptions) -> ForeignPredictions:
    """The one person of a file.

    Raises:
        AnnotationError: an array has another shape.
    """
    person: Mapping[str, object] = value  # type: ignore[assignment]
    return _bodies([(source, person)], source, options, [])


def _loaded(path: Path) -> object:
    if path.suffix == _NPZ:
        return load_restricted_npz(path, kind=AnnotationError, left_out=[])
    return load_results(path)


def _files_in(folder: Path) -> Iterator[Path]:
    """In the folder and in the folders in it, in order of names."""
    within = (folder.glob(f"{place}*{suffix}") for place in _PLACES for suffix in (".pkl", _NPZ))
    paths = list(chain.from_iterable(within))
    if len(paths) > _MAX_FILES:
        raise AnnotationError(
            f"holds {len(paths)} pickles and npz files, expected at most {_MAX_FILES}.", path=folder
        )
    yield from sorted(set(paths))


def _bodies(
    people: list[tuple[Path, Mapping[str, object]]],
    source: Path,
    options: PredictionOptions,
    problems: list[ReadProblem],
) -> ForeignPredictions:
    notes = ReadNotes()
    columns: dict[str, list[Array]] = {}
    names, keys = [], []
    for path, person in people:
        why = _fault(person)
        if why is not None:
            problems.append(ReadProblem(path, None, why))
            continue
        names.append(path.parent.name)
        keys.append(_text(person, "person"))
        for name, numbers in _row(person).items():
            columns.setdefault(name, []).append(numbers)
        known = _OF_CAMERA | _OF_BODY | (_OWN if _is_own(person) else frozenset())
        notes.leave_unused(str(name) for name in person if name not in known)
    if len({row.shape for row in columns.get("body_pose", [])}) > 1:
        raise AnnotationError(
            "the people of the folder are of bodies with different numbers of joints.",
            path=source,
            remedy="Give the results of SMPL, of SMPL-H and of SMPL-X each by themselves.",
        )
    if not names:
        first = f" ({problems[0].reason})" if problems else ""
        raise AnnotationError(f"holds no person that can be read{first}.", path=source)
    arrays: dict[str, NDArray[Any]] = {name: np.array(rows) for name, rows in columns.items()}
    rotations = arrays.pop("camera_rotation")
    arrays["imgname"] = np.array(names)
    is_own = all(_is_own(person) for _, person in people)
    if is_own:
        arrays["person"] = np.array(keys)
        arrays["body_name"] = np.array(_text(people[0][1], "body_name"))
    fields = FileFields(arrays, source)
    fields.count = len(names)
    is_assumed = any("focal_length" not in person for _, person in people)
    if is_assumed:
        notes.notices.append(
            f"the focal length is not in SMPLify-X's files: its own {FOCAL_LENGTH_PX:g} px is "
            "assumed, about the picture's middle"
        )
    besides = RowsBesides(
        file_format=NAME,
        body_model=_model(people),
        view_rotation=rotations,
        view_translation=arrays.pop("camera_translation"),
        own_export=is_own,
    )
    found = bodies_of_rows(fields, names, options, notes, besides)
    problems = [*problems, *found.problems]
    return replace(found, problems=tuple(problems), cameras_are_assumed=is_assumed)


def _is_own(person: Mapping[str, object]) -> bool:
    """Whether this program wrote it, so that it says whose betas these are and who it is."""
    return set(person) >= _OWN


def _text(person: Mapping[str, object], name: str) -> str:
    value = person.get(name)
    if isinstance(value, np.ndarray) and value.dtype.kind == "U" and value.size == 1:
        value = str(value.item())  # as npz files have texts
    return value if isinstance(value, str) else ""


def _fault(person: Mapping[str, object]) -> str | None:
    """Why a person cannot be read, if so."""
    sizes = {name: _size(person.get(name)) for name in _NEEDED}
    if sizes["body_pose"] == _VPOSER_SIZE:
        return (
            f"body_pose: {_VPOSER_SIZE} numbers of VPoser's code, expected 63 or 69 of rotations: "
            "decode them with VPoser and save body_pose again"
        )
    for name, expected in (("global_orient", 3), ("camera_translation", 3)):
        if sizes[name] != expected:
            return f"{name}: found {sizes[name]} numbers, expected {expected}"
    if sizes["body_pose"] not in _BODY_SIZES:
        return f"body_pose: found {sizes['body_pose']} numbers, expected 63 or 69"
    return None if sizes["betas"] >= NUM_BETAS else f"betas: found {sizes['betas']} numbers"


def _row(person: Mapping[str, object]) -> dict[str, Array]:
    """One row's numbers under the usual names."""
    rotation = _numbers(person.get("camera_rotation"), 9)
    moved = _numbers(person.get("transl"), 3)
    return {
        "body_pose": _numbers(person["body_pose"], _size(person["body_pose"])),
        "global_orient": _numbers(person["global_orient"], 3),
        "betas": _numbers(person["betas"], NUM_BETAS),
        "transl": np.zeros(3) if np.isnan(moved).any() else moved,
        "camera_rotation": np.eye(3) if np.isnan(rotation).any() else rotation.reshape(3, 3),
        "camera_translation": _numbers(person["camera_translation"], 3),
        "focal_length": _numbers(person.get("focal_length", FOCAL_LENGTH_PX), 1)[0],
        "camera_center": _numbers(person.get("camera_center"), 2),
    }


def _model(people: list[tuple[Path, Mapping[str, object]]]) -> BodyModelName:
    fields = {name for _, person in people for name in person}
    if fields & set(_FACES):
        return BodyModelName.SMPL_X
    return BodyModelName.SMPL_H if fields & set(_HANDS) else BodyModelName.SMPL


def _size(value: object) -> int:
    array = plain_array(value)
    return array.size if array is not None and array.dtype.kind in "iuf" else 0


def _numbers(value: object, count: int) -> Array:
    """The first numbers of an array; NaN where it has fewer."""
    array = plain_array(value)
    if array is None or array.dtype.kind not in "iuf" or array.size < count:
        return np.full(count, np.nan)
    return array.astype(np.float64).reshape(-1)[:count]
