"""Finds what a protocol needs in a user's folders, and says at once all that is missing.

Nothing of it is shipped: data sets and SMPL have licences of their own. The data folder is laid out
as SPIN's ``data/``::

    dataset_extras/*.npz  (or the npz files themselves)
    smpl/SMPL_NEUTRAL.pkl, SMPL_MALE.pkl, SMPL_FEMALE.pkl  (or .npz)
    J_regressor_h36m.npy
    cube_parts.npy, vertex_texture.npy      for LSP's parts, where they are there
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body.safe_npz import load_restricted_npz
from core.engine.evaluation.protocols import Protocol, ProtocolTruth
from core.errors import SetupError, UserFileError
from core.files.foreign_files import foreign_file
from core.files.user_folder import official_folder
from core.geometry.boxes import BOX_SCALE_PX, Box
from core.types.genders import GENDER_WORDS, Gender, gender_of

_SHOWN_MISSING = 5
_BODY_SUFFIXES = (".pkl", ".npz")


@dataclass(frozen=True)
class ProtocolFiles:
    """Where the files of a protocol are; None for what it does not need or may lack.

    parts: SPIN's ``cube_parts.npy`` and ``vertex_texture.npy``.
    """

    annotations: Path
    neutral_body: Path
    male_body: Path | None
    female_body: Path | None
    joint_regressor: Path | None
    parts: tuple[Path, Path] | None


@dataclass(frozen=True, eq=False)
class ProtocolPeople:
    """The N people of an annotation file.

    pictures: absolute paths. joints: (N, 24, 4) metres about the pelvis and confidence. pose:
    (N, 72), betas: (N, 10), genders: N. masks, part_maps: absolute paths, as many as pictures.
    What a protocol has not is None.
    """

    pictures: tuple[Path, ...]
    boxes: tuple[Box, ...]
    joints: NDArray[np.float64] | None = None
    pose: NDArray[np.float64] | None = None
    betas: NDArray[np.float64] | None = None
    genders: tuple[Gender, ...] | None = None
    masks: tuple[Path, ...] | None = None
    part_maps: tuple[Path, ...] | None = None

    def __len__(self) -> int:
        return len(self.pictures)


def find_files(protocol: Protocol, data: Path, *, body: Path | None = None) -> ProtocolFiles:
    """Everything but the pictures.

    Args:
        protocol: whose files.
        data: the user's data folder.
        body: a neutral body elsewhere.

    Raises:
        SetupError: files are missing; the message names them all and where they were looked for.
    """
    search = _Search(data)
    annotations = search.any_of(f"dataset_extras/{protocol.annotation_file}")
    neutral = body or search.body("SMPL_NEUTRAL")
    if body is not None and not body.is_file():
        search.missing.append(str(body))
    gendered = protocol.truth is ProtocolTruth.BODIES
    files = ProtocolFiles(
        annotations=annotations,
        neutral_body=neutral,
        male_body=search.body("SMPL_MALE") if gendered else None,
        female_body=search.body("SMPL_FEMALE") if gendered else None,
        joint_regressor=None
        if protocol.truth is ProtocolTruth.MASKS
        else search.any_of("J_regressor_h36m.npy"),
        parts=_part_files(data) if protocol.truth is ProtocolTruth.MASKS else None,
    )
    if search.missing:
        raise SetupError(
            f"{protocol.title} needs files that are not there:\n  " + "\n  ".join(search.missing),
            remedy="Data sets and SMPL cannot be shipped; docs/evaluation.md says where each comes "
            "from. Put the files there, or give another --data folder.",
        )
    return files


class _Search:
    """Looks for files in the data folder, then among the official files that are in place.

    It remembers those that are nowhere.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self.missing: list[str] = []

    def any_of(self, *relative: str) -> Path:
        """The first that exists, under its folder or directly in the data folder."""
        candidates = [self._data / name for name in relative]
        candidates += [self._data / Path(name).name for name in relative if "/" in name]
        candidates += [official_folder() / name for name in relative if "/" not in name]
        return self._first(candidates)

    def body(self, stem: str) -> Path:
        candidates = [
            self._data / folder / f"{stem}{suffix}"
            for folder in ("smpl", ".")
            for suffix in _BODY_SUFFIXES
        ]
        candidates += [official_folder() / f"{stem}{suffix}" for suffix in _BODY_SUFFIXES]
        return self._first(candidates)

    def _first(self, candidates: Sequence[Path]) -> Path:
        found = next((candidate for candidate in candidates if candidate.is_file()), None)
        if found is None:
            self.missing.append(
                f"{candidates[0].name}: looked for " + ", ".join(map(str, candidates))
            )
        return found or candidates[0]


def _part_files(data: Path) -> tuple[Path, Path] | None:
    cube, texture = data / "cube_parts.npy", data / "vertex_texture.npy"
    return (cube, texture) if cube.is_file() and texture.is_file() else None


def read_people(protocol: Protocol, files: ProtocolFiles, pictures: Path) -> ProtocolPeople:
    """The people of the annotation file, with every picture and mask looked for.

    Args:
        protocol: whose people.
        files: from ``find_files``.
        pictures: root folder of the data set, which names in the file are relative to.

    Raises:
        UserFileError: the annotation file is damaged, or a field is not what it must be.
        SetupError: pictures or masks are missing; the first few are named, the others counted.
    """
    with foreign_file(files.annotations, expected="the annotations of a data set"):
        people = _people_of(protocol, files, pictures)
    _check_present([*people.pictures, *(people.masks or ()), *(people.part_maps or ())])
    return people


def _people_of(protocol: Protocol, files: ProtocolFiles, pictures: Path) -> ProtocolPeople:
    fields = _Fields(files.annotations)
    names = fields.names("imgname")
    count = len(names)
    centers, scales = fields.numbers("center", (count, 2)), fields.numbers("scale", (count,))
    boxes = tuple(
        Box(float(x), float(y), float(BOX_SCALE_PX * scale))
        for (x, y), scale in zip(centers, scales, strict=True)
    )
    found = tuple(_inside(pictures, name, files.annotations) for name in names)
    if protocol.truth is ProtocolTruth.JOINTS:
        people = ProtocolPeople(found, boxes, joints=fields.numbers("S", (count, 24, 4)))
    elif protocol.truth is ProtocolTruth.BODIES:
        people = ProtocolPeople(
            found,
            boxes,
            pose=fields.numbers("pose", (count, 72)),
            betas=fields.numbers("shape", (count, 10)),
            genders=fields.genders("gender"),
        )
    else:
        masks, parts = (
            tuple(
                _inside(pictures, each_name, files.annotations) for each_name in fields.names(field)
            )
            for field in ("maskname", "partname")
        )
        people = ProtocolPeople(found, boxes, masks=masks, part_maps=parts)
    return people


class _Fields:
    """The arrays of an annotation file, checked one by one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._arrays = load_restricted_npz(path, kind=UserFileError, objects_as_texts=True)

    def names(self, field: str) -> list[str]:
        """A field of texts."""
        array = self._array(field)
        if array.ndim != 1 or array.dtype.kind not in "US":
            raise self._wrong(field, f"{array.dtype} of shape {array.shape}", "texts of shape (N,)")
        return [item.decode() if isinstance(item, bytes) else str(item) for item in array.tolist()]

    def genders(self, field: str) -> tuple[Gender, ...]:
        """A field of genders, in any of their usual spellings; unknown ones are named by row."""
        array = self._array(field)
        if array.ndim != 1 or array.dtype.kind not in "USfiub":
            raise self._wrong(
                field, f"{array.dtype} of shape {array.shape}", "genders of shape (N,)"
            )
        found = [gender_of(item) for item in array.tolist()]
        unknown = [row for row, one in enumerate(found) if one is None]
        if unknown:
            rows = ", ".join(f"{row}: {array[row]!s:.20}" for row in unknown[:_SHOWN_MISSING])
            more = (
                f" and {len(unknown) - _SHOWN_MISSING} more"
                if len(unknown) > _SHOWN_MISSING
                else ""
            )
            raise self._wrong(field, f"of no known kind in row {rows}{more}", GENDER_WORDS)
        return tuple(gender for gender in found if gender is not None)

    def numbers(self, field: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """A field of finite numbers."""
        array = self._array(field)
        if array.shape != shape or array.dtype.kind not in "fiu":
            raise self._wrong(field, f"{array.dtype} of shape {array.shape}", f"numbers {shape}")
        numbers = array.astype(np.float64)
        if not np.isfinite(numbers).all():
            raise self._wrong(field, "not finite everywhere", "finite numbers")
        return numbers

    def _array(self, field: str) -> NDArray[np.generic]:
        if field not in self._arrays:
            raise self._wrong(field, f"not among {sorted(self._arrays)}", "there")
        return self._arrays[field]

    def _wrong(self, field: str, found: str, expected: str) -> UserFileError:
        return UserFileError(
            f"the field {field!r} is {found}, expected {expected}.",
            path=self._path,
            remedy="Make the file with SPIN's own preprocessing of this data set.",
        )


def _inside(root: Path, name: str, source: Path) -> Path:
    """A path of an annotation file, which must not lead out of the data set's folder."""
    path = root / name
    if not path.resolve().is_relative_to(root.resolve()):
        raise UserFileError(f"names {name!r}, which lies outside {root}.", path=source)
    return path


def _check_present(paths: Sequence[Path]) -> None:
    missing = [path for path in dict.fromkeys(paths) if not path.is_file()]
    if not missing:
        return
    shown = "\n  ".join(map(str, missing[:_SHOWN_MISSING]))
    more = len(missing) - _SHOWN_MISSING
    raise SetupError(
        f"{len(missing)} of {len(set(paths))} pictures and masks are not there:\n  {shown}"
        + (f"\n  and {more} more" if more > 0 else ""),
        remedy="Give the root folder of the data set (--pictures).",
    )
