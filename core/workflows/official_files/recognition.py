"""Says what a file is by what it holds, and whether the program can use it.

Everything goes through the readers that run nothing of a file. SMPL's files hold neither gender nor
version, so those two, and only those, are taken from the file's name, and the answer says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.body.extra_joints import SMPL_NUM_VERTICES
from core.body.restricted_unpickler import load_restricted_pickle
from core.body.safe_npz import load_restricted_npy, load_restricted_npz
from core.body.smpl_files import load_body_arrays
from core.errors import StudioError, UserFileError
from core.files.foreign_files import foreign_file
from core.types.genders import Gender, gender_in_name
from core.workflows.official_files.catalogue import OfficialKind

SUFFIXES = (".pkl", ".npz", ".npy", ".pt")

_REMEDY = "Choose a body, a pose prior, a joint regressor or a checkpoint; see docs/open_body.md."
_OTHER_BODIES = {
    (10475, 55): "SMPL-X",
    (6890, 52): "SMPL-H",
    (778, 16): "MANO",
    (5023, 5): "FLAME",
}
"""By the number of vertices, and of rows of ``J_regressor``, as their authors publish them."""

_OF_GENDER = {
    Gender.NEUTRAL: OfficialKind.SMPL_NEUTRAL,
    Gender.FEMALE: OfficialKind.SMPL_FEMALE,
    Gender.MALE: OfficialKind.SMPL_MALE,
}
_GMM_08_COMPONENTS = 8
_BODY_REGRESSORS = {
    9: (OfficialKind.EXTRA_REGRESSOR, "J_regressor_extra.npy: nine more joints of SPIN"),
    17: (OfficialKind.H36M_REGRESSOR, "J_regressor_h36m.npy: joints of Human3.6M"),
}


@dataclass(frozen=True)
class RecognisedFile:
    """What a file is, in one line; ``kind`` is None for what the catalogue does not list.

    usable: whether the program can work with it; the description says why not. may_be: what it can
    be where neither its content nor its name tells.
    """

    path: Path
    kind: OfficialKind | None
    description: str
    usable: bool
    may_be: tuple[OfficialKind, ...] = ()


def recognised_file(path: Path) -> RecognisedFile:
    """Say what a file is, after the same checks that its use makes.

    Raises:
        UserFileError: it is missing, damaged, or nothing that the program knows.
        UnsafePickleError: it is a pickle that asks for more than arrays.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES and path.exists():
        raise UserFileError(
            f"is of the kind {suffix!r}, expected one of {', '.join(SUFFIXES)}.",
            path=path,
            remedy=_REMEDY,
        )
    if suffix == ".pt":
        return _checkpoint(path)
    with foreign_file(path, UserFileError, expected="an official file", remedy=_REMEDY):
        if suffix not in SUFFIXES:
            path.stat()  # raises that it is missing
        if suffix == ".npy":
            return _joint_regressor(path)
        return _of_entries(_entries(path), path)


def _entries(path: Path) -> Mapping[str, object]:
    if path.suffix.lower() == ".npz":
        return load_restricted_npz(path, kind=UserFileError, left_out=[])
    entries = load_restricted_pickle(path)
    if not isinstance(entries, dict):
        raise UserFileError(
            f"holds a {type(entries).__name__}, expected a dict of arrays.",
            path=path,
            remedy=_REMEDY,
        )
    return entries


def _of_entries(entries: Mapping[str, object], path: Path) -> RecognisedFile:
    if "v_template" in entries:
        return _body(entries, path)
    if "means" in entries and ("covars" in entries or "covariances" in entries):
        return _pose_prior(path)
    names = ", ".join(sorted(str(name) for name in entries)[:8])
    raise UserFileError(
        f"holds {names or 'nothing'}, which is no official file.", path=path, remedy=_REMEDY
    )


def _body(entries: Mapping[str, object], path: Path) -> RecognisedFile:
    vertices, joints = _rows(entries["v_template"]), _rows(entries.get("J_regressor"))
    if joints not in (0, 24) or _OTHER_BODIES.get((vertices, joints)):
        name = _OTHER_BODIES.get((vertices, joints), "a body")
        reason = (
            f"{name}: not usable as a project's body, because it has {vertices} vertices and "
            f"{joints} joints; a project needs SMPL's 24 joints"
        )
        return RecognisedFile(path, None, reason, usable=False)
    load_body_arrays(path)  # the checks that its use makes
    betas = np.asarray(entries["shapedirs"]).shape[2]
    if vertices != SMPL_NUM_VERTICES:
        text = f"a body in SMPL's format, {vertices} vertices, {betas} betas"
        return RecognisedFile(path, None, text, usable=True)
    gender = gender_in_name(path.stem)
    kind = None if gender is None else _OF_GENDER[gender]
    version = re.search(r"v\d+\.\d+(?=\.\d|\D|$)", path.stem, re.IGNORECASE)
    words = ["SMPL of a gender that its name does not say" if kind is None else kind.value]
    words += [version.group().lower()] if version else []
    by_name = " (gender by the file's name)" if kind else ""
    return RecognisedFile(
        path,
        kind,
        f"{', '.join(words)}, {betas} betas{by_name}",
        usable=True,
        may_be=() if kind else tuple(_OF_GENDER.values()),
    )


def _rows(value: object) -> int:
    shape = getattr(value, "shape", ())
    return int(shape[0]) if shape else 0


def _pose_prior(path: Path) -> RecognisedFile:
    from core.engine.smplify.pose_prior import PosePrior  # noqa: PLC0415 - loads PyTorch

    count = len(PosePrior.load(path).weights)
    text = f"pose prior, a mixture of {count} Gaussians over 69 angles"
    if count != _GMM_08_COMPONENTS:  # anybody's own, so the licence of SMPLify is none of its
        return RecognisedFile(path, None, text, usable=True)
    text = f"{text}, as gmm_08.pkl has"
    return RecognisedFile(path, OfficialKind.POSE_PRIOR, text, usable=True)


def _joint_regressor(path: Path) -> RecognisedFile:
    regressor = np.asarray(load_restricted_npy(path, kind=UserFileError))
    kind, text = _BODY_REGRESSORS.get(_rows(regressor), (None, ""))
    if kind is None or regressor.shape[1:] != (SMPL_NUM_VERTICES,):
        raise UserFileError(
            f"has shape {regressor.shape}, expected (9, {SMPL_NUM_VERTICES}) or "
            f"(17, {SMPL_NUM_VERTICES}).",
            path=path,
            remedy=_REMEDY,
        )
    numbers = regressor.astype(np.float64)
    if not np.isfinite(numbers).all() or np.abs(numbers.sum(axis=1) - 1).max() > 0.01:
        raise UserFileError(
            "its rows do not sum to 1, as those of a joint regressor must.",
            path=path,
            remedy=_REMEDY,
        )
    return RecognisedFile(path, kind, text, usable=True)


def _checkpoint(path: Path) -> RecognisedFile:
    from core.engine.regression.checkpoints import (  # noqa: PLC0415 - loads PyTorch
        SPIN_BODY_NAME,
        load_regressor,
    )

    regressor = load_regressor(path)
    if regressor.body_name == SPIN_BODY_NAME:
        kind, text = OfficialKind.SPIN_CHECKPOINT, "SPIN checkpoint, a regressor for SMPL"
        return RecognisedFile(path, kind, text, usable=True)
    text = f"a regressor of this program, for the body {regressor.body_name!r}"
    return RecognisedFile(path, None, text, usable=True)


def recognised_files(
    paths: list[Path],
) -> tuple[list[RecognisedFile], list[tuple[Path, StudioError]]]:
    """What files, and the files directly in folders, are; and the errors of those that failed.

    In folders only files with one of ``SUFFIXES`` are looked at.
    """
    found: list[RecognisedFile] = []
    errors: list[tuple[Path, StudioError]] = []
    for path in paths:
        try:
            files = _files_in(path) if path.is_dir() else [path]
        except StudioError as error:
            errors.append((path, error))
            continue
        for file in files:
            try:
                found.append(recognised_file(file))
            except StudioError as error:
                errors.append((file, error))
    return found, errors


def _files_in(folder: Path) -> list[Path]:
    with foreign_file(folder, UserFileError, expected="a folder"):
        return sorted(file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES)
