"""The arrays of an SMPL body, checked once, whatever file they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import PICKED_VERTEX_NAMES, SKELETON_PARENTS
from core.errors import BodyFileError
from core.files.foreign_files import foreign_content

NUM_POSE_FEATURES = 207
"""9 entries of R - I for each of the 23 joints below the root."""


@dataclass(frozen=True, eq=False)
class BodyArrays:
    """What ``smplx.SMPL`` needs, plus the picked vertices and the extra keypoint regressor.

    v_template (V, 3), shapedirs (V, 3, 10), posedirs (V, 3, 207), J_regressor (24, V),
    weights (V, 24), kintree_table (2, 24), f (F, 3), J_regressor_extra (9, V) or None where the
    file has none; lengths in metres, body frame y up, facing +z.
    """

    v_template: NDArray[np.float64]
    shapedirs: NDArray[np.float64]
    posedirs: NDArray[np.float64]
    J_regressor: NDArray[np.float64]
    weights: NDArray[np.float64]
    kintree_table: NDArray[np.int64]
    f: NDArray[np.int64]
    vertex_ids: Mapping[str, int]
    J_regressor_extra: NDArray[np.float64] | None

    @property
    def num_vertices(self) -> int:
        """V."""
        return len(self.v_template)

    @cached_property
    def joints_by_shape(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What ``core.body.kinematics.rest_joints`` hands out; ten milliseconds, so once a body."""
        return self.J_regressor @ self.v_template, np.tensordot(
            self.J_regressor, self.shapedirs, axes=1
        )


def body_arrays_from(
    entries: Mapping[str, object], *, path: Path, vertex_ids: Mapping[str, int]
) -> BodyArrays:
    """Check the raw entries of a body file and bring them to one type.

    Raises ``BodyFileError`` naming the entry, what was found and what was expected.
    """
    v_template = _entry(entries, "v_template", path)
    if v_template.ndim != 2 or v_template.shape[1] != 3 or not len(v_template):
        raise _wrong("v_template", v_template.shape, "(V, 3)", path)
    vertices = len(v_template)
    shapedirs = _entry(entries, "shapedirs", path)
    if shapedirs.ndim != 3 or shapedirs.shape[:2] != (vertices, 3) or shapedirs.shape[2] < 10:
        raise _wrong("shapedirs", shapedirs.shape, f"({vertices}, 3, 10 or more)", path)
    arrays = {"v_template": v_template, "shapedirs": shapedirs[:, :, :10]}
    expected = {
        "posedirs": (vertices, 3, NUM_POSE_FEATURES),
        "J_regressor": (24, vertices),
        "weights": (vertices, 24),
        "kintree_table": (2, 24),
    }
    for name, shape in expected.items():
        arrays[name] = _entry(entries, name, path)
        _expect(name, arrays[name], shape, path)
    return BodyArrays(
        v_template=arrays["v_template"],
        shapedirs=arrays["shapedirs"],
        posedirs=arrays["posedirs"],
        J_regressor=arrays["J_regressor"],
        weights=arrays["weights"],
        kintree_table=_checked_tree(arrays["kintree_table"], path),
        f=_checked_faces(_entry(entries, "f", path), vertices, path),
        vertex_ids=_checked_vertex_ids(vertex_ids, vertices, path),
        J_regressor_extra=_checked_extra(entries, vertices, path),
    )


def _entry(entries: Mapping[str, object], name: str, path: Path) -> NDArray[np.float64]:
    if name not in entries:
        raise BodyFileError(
            f"the array {name!r} is missing; found {sorted(map(str, entries))}.",
            path=path,
            remedy="Point to an SMPL body file (SMPL_NEUTRAL.pkl, or an npz with SMPL's keys).",
        )
    value = entries[name]
    # A sparse matrix of SciPy, which pickles hold; its import takes longer than the window's list.
    toarray = getattr(value, "toarray", None)
    dense = value if toarray is None else toarray()
    with foreign_content(
        lambda _: BodyFileError(
            f"{name!r} is no array of numbers ({type(value).__name__}).", path=path
        )
    ):
        array = np.asarray(dense, dtype=np.float64)
    if not np.isfinite(array).all():
        raise BodyFileError(f"{name!r} holds values that are not finite.", path=path)
    return array


def _wrong(name: str, actual: tuple[int, ...], expected: str, path: Path) -> BodyFileError:
    return BodyFileError(
        f"{name!r} has shape {actual}, expected {expected}.",
        path=path,
        remedy="SMPL with 24 joints is needed; SMPL-H and SMPL-X files have other shapes.",
    )


def _expect(name: str, array: NDArray[np.float64], shape: tuple[int, ...], path: Path) -> None:
    if array.shape != shape:
        raise _wrong(name, array.shape, str(shape), path)


def _checked_tree(table: NDArray[np.float64], path: Path) -> NDArray[np.int64]:
    """The root's parent is written as 2³²−1 in official files and as −1 in others."""
    parents = table[0].astype(np.int64)
    parents[0] = -1
    if tuple(parents) != SKELETON_PARENTS:
        raise BodyFileError(
            f"the parents of the joints are {parents.tolist()}, expected SMPL's.", path=path
        )
    return np.stack([parents, np.arange(24)])


def _checked_faces(faces: NDArray[np.float64], vertices: int, path: Path) -> NDArray[np.int64]:
    if faces.ndim != 2 or faces.shape[1] != 3 or not len(faces):
        raise _wrong("f", faces.shape, "(F, 3)", path)
    triangles = faces.astype(np.int64)
    if triangles.min() < 0 or triangles.max() >= vertices:
        raise BodyFileError(
            f"'f' names vertices {triangles.min()}..{triangles.max()}, expected 0..{vertices - 1}.",
            path=path,
        )
    return triangles


def _checked_vertex_ids(vertex_ids: Mapping[str, int], vertices: int, path: Path) -> dict[str, int]:
    """Every name must be given: smplx falls back to SMPL's own indices in silence."""
    missing = [name for name in PICKED_VERTEX_NAMES if name not in vertex_ids]
    if missing:
        raise BodyFileError(f"the vertex ids {missing} are missing.", path=path)
    outside = {name: index for name, index in vertex_ids.items() if not 0 <= index < vertices}
    if outside:
        raise BodyFileError(f"vertex ids {outside} lie outside 0..{vertices - 1}.", path=path)
    return dict(vertex_ids)


def _checked_extra(
    entries: Mapping[str, object], vertices: int, path: Path
) -> NDArray[np.float64] | None:
    if "J_regressor_extra" not in entries:
        return None
    extra = _entry(entries, "J_regressor_extra", path)
    _expect("J_regressor_extra", extra, (9, vertices), path)
    return extra
