"""Reads the arrays of bodies: of the one shipped with the program, or of a user's own SMPL file.

Loads no PyTorch: the window reads bodies to show them. A user's file is hostile until checked:
pickles go through ``safe_pickle``, npz files are read without pickle, and every array's shape is
checked before anything is posed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import BodyArrays, body_arrays_from
from core.body.conventions import OPEN_BODY_NAME, SMPL_PICKED_VERTICES
from core.body.extra_joints import SMPL_NUM_VERTICES
from core.body.safe_npz import load_restricted_npy, load_restricted_npz
from core.errors import BodyFileError
from core.files.foreign_files import foreign_file
from core.resource_files import resource_path

EXTRA_REGRESSOR_FILE = "J_regressor_extra.npy"
"""SPIN's regressor of nine more joints; used where it is in the folder of the body file."""

_REMEDY = "Choose an SMPL body with 24 joints: SMPL_NEUTRAL.pkl, or an npz with the same arrays."


def load_open_body_arrays() -> BodyArrays:
    """The arrays of the shipped open body (CC0 data; see resources/open_body)."""
    return load_body_arrays(resource_path("open_body/open_body.npz"))


def load_named_arrays(path: Path | None = None) -> tuple[BodyArrays, str]:
    """Arrays and name of the open body, or of the user's own SMPL file.

    Raises:
        BodyFileError: the file is no SMPL body; says which array, what was found and expected.
        UnsafePickleError: the file is a pickle that asks for more than arrays.
    """
    if path is None:
        return load_open_body_arrays(), OPEN_BODY_NAME
    return load_body_arrays(path), body_name(path)


def body_name(path: Path) -> str:
    """File name and the first 8 digits of the content's SHA-256: ``SMPL_NEUTRAL (1a2b3c4d)``.

    Stored with a project: betas of different bodies are not interchangeable.
    """
    with foreign_file(path, BodyFileError, expected="a body"):
        return f"{path.stem} ({hashlib.sha256(path.read_bytes()).hexdigest()[:8]})"


def load_body_arrays(path: Path) -> BodyArrays:
    """The checked arrays of an SMPL ``.pkl`` or ``.npz``, and of a regressor in its folder."""
    readers = {".pkl": _pickle_entries, ".npz": load_restricted_npz}
    if path.suffix.lower() not in readers:
        raise BodyFileError(
            f"files of the kind {path.suffix!r} are not read, expected .pkl or .npz.",
            path=path,
            remedy=_REMEDY,
        )
    with foreign_file(path, BodyFileError, expected="a body", remedy=_REMEDY):
        entries = readers[path.suffix.lower()](path)
        arrays = body_arrays_from(entries, path=path, vertex_ids=_vertex_ids(entries, path))
    regressor = path.parent / EXTRA_REGRESSOR_FILE
    if not regressor.is_file():
        return arrays
    return replace(arrays, J_regressor_extra=_extra_regressor(regressor, arrays.num_vertices))


def _pickle_entries(path: Path) -> Mapping[str, object]:
    # Late: it loads SciPy, which only pickles need.
    from core.body.restricted_unpickler import load_restricted_pickle  # noqa: PLC0415

    entries = load_restricted_pickle(path)
    if not isinstance(entries, dict):
        raise BodyFileError(
            f"holds a {type(entries).__name__}, expected a dict of arrays.",
            path=path,
            remedy=_REMEDY,
        )
    return entries


def _vertex_ids(entries: Mapping[str, object], path: Path) -> Mapping[str, int]:
    """The picked vertices: the file's own, or SMPL's for SMPL's mesh."""
    if "vertex_names" in entries and "vertex_indices" in entries:
        names = np.asarray(entries["vertex_names"]).ravel()
        indices = np.asarray(entries["vertex_indices"]).ravel()
        if len(names) != len(indices) or indices.dtype.kind not in "iu":
            raise BodyFileError(
                f"'vertex_names' has {len(names)} entries and 'vertex_indices' {len(indices)} of "
                f"type {indices.dtype}, expected as many whole numbers as names.",
                path=path,
            )
        return {str(name): int(index) for name, index in zip(names, indices, strict=True)}
    num_vertices = len(np.atleast_1d(np.asarray(entries.get("v_template", ()), dtype=object)))
    if num_vertices in (0, SMPL_NUM_VERTICES):  # with none, the arrays' own check speaks
        return SMPL_PICKED_VERTICES
    raise BodyFileError(
        f"has {num_vertices} vertices, not SMPL's {SMPL_NUM_VERTICES}, and does not say where "
        "nose, eyes, ears, toes, heels and finger tips are.",
        path=path,
        remedy="Add the arrays 'vertex_names' and 'vertex_indices'; see docs/open_body.md.",
    )


def _extra_regressor(path: Path, num_vertices: int) -> NDArray[np.float64]:
    loaded = load_restricted_npy(path)
    with foreign_file(path, BodyFileError, expected="numbers", remedy="Remove the file."):
        regressor = np.asarray(loaded, dtype=np.float64)
    if regressor.shape != (9, num_vertices):
        raise BodyFileError(
            f"has shape {regressor.shape}, expected (9, {num_vertices}) for the body next to it.",
            path=path,
            remedy="Remove the file to use regressors derived from the skeleton.",
        )
    if not np.isfinite(regressor).all() or np.abs(regressor.sum(axis=1) - 1).max() > 0.01:
        raise BodyFileError(
            "its rows do not sum to 1.",
            path=path,
            remedy="Remove the file to use regressors derived from the skeleton.",
        )
    return regressor
