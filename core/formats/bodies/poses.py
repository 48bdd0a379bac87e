"""Poses in all the forms that files hold them in, as 24 rotation vectors with the root first."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.formats.bodies.body_models import BodyModelName
from core.formats.bodies.fields import FileFields
from core.formats.read_notes import ReadNotes
from core.geometry.rotations import matrix_to_axis_angle, nearest_rotation
from core.geometry.sixd import LEAST_NORM, sixd_rows_to_matrix, sixd_to_matrix
from core.types.arrays import NUM_JOINTS

POSES = (
    "pose_cam", "pose", "poses", "rotmat", "pred_rotmat", "pred_pose", "thetas", "body_pose",
    "pose_body", "pred_body_pose",
)  # fmt: skip
ROOTS = ("global_orient", "root_orient", "root_pose", "pred_global_orient")

LAYOUTS = (
    "72 or 24×3 numbers (rotation vectors), 24×3×3 (matrices), 144 or 24×6 (six numbers a joint), "
    "66, 156 or 165 (SMPL-H and SMPL-X), and 63 or 69, best beside a root ('global_orient')"
)

_BODY_JOINTS = 22
"""Of SMPL-H and SMPL-X with the root: SMPL's without its two hands, in its order."""

_SMPL_H_JOINTS, _SMPL_X_JOINTS = 52, 55
_FACES = ("jaw_pose", "pose_jaw", "expression", "expressions")
"""What only SMPL-X has."""

_WITH_ROOT = {NUM_JOINTS: NUM_JOINTS, 22: 22, _SMPL_H_JOINTS: 22, _SMPL_X_JOINTS: 22}
_WITHOUT_ROOT = {23: 23, 21: 21}
"""Joints that a file gives, and how many of them at the beginning are SMPL's."""

_VECTOR, _SIXD, _MATRIX = 3, 6, 9
_MOST_OFF = 0.1
"""Of RᵀR from the identity: averages and rounded matrices stay below, other things do not."""
_NOTABLY_OFF = 0.02
_MOST_LONG = 10.0
"""Longer columns are those of no rotation, and their squares need not be finite."""
_MOST_TURNED = 1e4
"""Radians; nothing is left of an angle's digits in single precision."""


@dataclass(eq=False)
class ReadPoses:
    """axis_angle: (N, 72) radians, NaN in the rows that ``reasons`` says cannot be used.

    without_roots: nothing says how the bodies are turned; their roots are zeros. body_model: which
    the number of joints tells, and the fields beside them.
    """

    axis_angle: NDArray[np.float64]
    reasons: dict[int, str] = field(default_factory=dict)
    without_roots: bool = False
    body_model: BodyModelName = BodyModelName.SMPL


def read_poses(fields: FileFields, notes: ReadNotes) -> ReadPoses:
    """The poses of a file.

    Raises:
        AnnotationError: there are none, or in a form that is not read.
    """
    name = fields.first(POSES)
    if name is None:
        raise AnnotationError(
            f"no poses ('pose' or 'rotmat') among {sorted(fields.arrays)}.",
            path=fields.source,
            remedy=f"Add them as 'pose'. Read are {LAYOUTS}.",
        )
    form, joints = _form_of(fields, name)
    reasons: dict[int, str] = {}
    vectors = _vectors(fields.numbers(name), form, joints, name=name, reasons=reasons, notes=notes)
    root = fields.first(ROOTS) if joints in _WITHOUT_ROOT else None
    without_roots = joints in _WITHOUT_ROOT and root is None
    if joints in _WITHOUT_ROOT:
        vectors = np.concatenate([_roots(fields, root, reasons, notes), vectors], axis=1)
    if without_roots:
        notes.notices.append(
            f"'{name}' has the joints of a body without its root, and no field says how that is "
            f"turned ('{ROOTS[0]}'): found from the keypoints"
        )
    given_joints = _WITH_ROOT.get(vectors.shape[1], _BODY_JOINTS)
    if given_joints < NUM_JOINTS:
        notes.notices.append(f"'{name}' has no hands of SMPL (joints 23 and 24): they are straight")
    full = np.zeros((fields.count, NUM_JOINTS, 3))
    full[:, :given_joints] = vectors[:, :given_joints]
    for row in np.flatnonzero(~np.isfinite(full).all(axis=(1, 2))):
        reasons.setdefault(int(row), f"{name}: found a number that is not finite")
    for row in np.flatnonzero((np.abs(full) > _MOST_TURNED).any(axis=(1, 2))):
        reasons.setdefault(int(row), f"{name}: found {np.abs(full[row]).max():.3g} radians")
    full[list(reasons)] = np.nan
    poses = full.reshape(fields.count, 3 * NUM_JOINTS)
    model = _model_of(fields, joints)
    return ReadPoses(poses, reasons, without_roots=without_roots, body_model=model)


def _model_of(fields: FileFields, joints: int) -> BodyModelName:
    """Which body has this many joints; 21 or 22 are those that SMPL-H and SMPL-X share."""
    if joints == _SMPL_X_JOINTS or fields.first(_FACES) is not None:
        return BodyModelName.SMPL_X
    return BodyModelName.SMPL_H if joints == _SMPL_H_JOINTS else BodyModelName.SMPL


def _form_of(fields: FileFields, name: str) -> tuple[int, int]:
    """How many numbers a joint has, and how many joints there are."""
    shape = fields.numbers(name).shape[1:]
    joint_counts = (*_WITH_ROOT, *_WITHOUT_ROOT)
    if len(shape) == 1:
        # 144 are 24 times six rather than 48 times three; 66 and 69 are vectors.
        forms = {form * joints: (form, joints) for joints in joint_counts for form in (9, 6, 3)}
        if shape[0] in forms:
            return forms[shape[0]]
    elif shape and shape[0] in joint_counts and shape[1:] in ((3,), (6,), (3, 3)):
        return int(np.prod(shape[1:])), shape[0]
    raise AnnotationError(
        f"{name!r} has shape {(fields.count, *shape)}, which is none of the forms that are read.",
        path=fields.source,
        remedy=f"Read are, for each row, {LAYOUTS}.",
    )


def _roots(
    fields: FileFields, name: str | None, reasons: dict[int, str], notes: ReadNotes
) -> NDArray[np.float64]:
    """``(N, 1, 3)``; zeros where the file has none."""
    if name is None:
        return np.zeros((fields.count, 1, 3))
    array = fields.numbers(name)
    size = int(np.prod(array.shape[1:]))
    if size not in (_VECTOR, _SIXD, _MATRIX):
        raise fields.wrong(name, f"has shape {array.shape}", f"({fields.count}, 3) or matrices")
    return _vectors(array, size, 1, name=name, reasons=reasons, notes=notes)


def _vectors(
    array: NDArray[np.float64],
    form: int,
    joints: int,
    *,
    name: str,
    reasons: dict[int, str],
    notes: ReadNotes,
) -> NDArray[np.float64]:
    """``(N, joints, 3)``; rows that are no rotations are told in ``reasons``."""
    if form == _VECTOR:
        return array.reshape(-1, joints, 3)
    finite = np.isfinite(array).all(axis=tuple(range(1, array.ndim)))
    safe = np.where(np.abs(array) <= _MOST_LONG, array, 0)
    if form == _SIXD:
        matrices = _from_sixd(safe.reshape(-1, joints, 6), name, notes)
    else:
        matrices = safe.reshape(-1, joints, 3, 3)
    vectors = checked_vectors(matrices, name, reasons, notes)
    for row in np.flatnonzero(~finite):
        reasons[int(row)] = f"{name}: found a number that is not finite"
    return vectors


def checked_vectors(
    matrices: NDArray[np.float64], name: str, reasons: dict[int, str], notes: ReadNotes
) -> NDArray[np.float64]:
    """Matrices ``(N, J, 3, 3)`` as vectors ``(N, J, 3)``, each the nearest rotation's.

    Rows whose matrices are far from rotations are told in ``reasons``.
    """
    if not len(matrices):
        return np.zeros((0, matrices.shape[1], 3))
    gram = np.swapaxes(matrices, -1, -2) @ matrices
    off = np.abs(gram - np.eye(3)).max(axis=(-2, -1))
    mirrored = _determinants(matrices) < 0
    for row, joint in zip(*np.nonzero((off >= _MOST_OFF) | mirrored), strict=True):
        what = _what_is_wrong(matrices[row, joint])
        reasons.setdefault(int(row), f"{name}: the matrix of joint {joint} is no rotation: {what}")
    usable = np.ones(len(matrices), bool)
    usable[list(reasons)] = False
    notable = (off[usable] >= _NOTABLY_OFF).any(axis=1)
    if notable.any():
        notes.notices.append(
            f"'{name}' is not quite rotations in {int(notable.sum())} of {len(matrices)} rows, RᵀR "
            f"off by up to {off[usable].max():.2g}: the nearest rotations were taken"
        )
    safe = np.where(usable[:, None, None, None], matrices, np.eye(3))
    return matrix_to_axis_angle(nearest_rotation(safe))


def _determinants(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y, z = np.moveaxis(matrices, -2, 0)
    determinants: NDArray[np.float64] = (np.cross(x, y) * z).sum(axis=-1)
    return determinants


def _what_is_wrong(matrix: NDArray[np.float64]) -> str:
    lengths = np.linalg.norm(matrix, axis=0)
    if not matrix.any():
        return "all its numbers are 0"
    if _determinants(matrix) < 0:
        return "it mirrors"
    if np.ptp(lengths) < _NOTABLY_OFF * lengths.max():
        return f"it is {lengths.mean():.3g} times as long as one"
    return "its columns are not perpendicular and of length 1"


def _from_sixd(sixd: NDArray[np.float64], name: str, notes: ReadNotes) -> NDArray[np.float64]:
    """Six numbers a joint ``(N, J, 6)``: two columns row by row (SPIN), or two rows (PyTorch3D)."""
    pairs = sixd.reshape(*sixd.shape[:-1], 3, 2)
    by_columns = sixd_to_matrix(sixd) * _has_directions(pairs[..., 0], pairs[..., 1])[..., None, :]
    pairs = sixd.reshape(*sixd.shape[:-1], 2, 3)
    by_rows = sixd_rows_to_matrix(sixd) * _has_directions(*np.moveaxis(pairs, -2, 0))[..., None]
    off_columns, off_rows = (
        float(np.median(np.abs(again - sixd).max(axis=-1))) if sixd.size else 0.0
        for again in (
            by_columns[..., :2].reshape(sixd.shape),
            by_rows[..., :2, :].reshape(sixd.shape),
        )
    )
    if off_rows < off_columns:
        notes.notices.append(f"'{name}': six numbers a joint, read as two rows (PyTorch3D)")
        return by_rows
    notes.notices.append(f"'{name}': six numbers a joint, read as two columns (SPIN)")
    return by_columns


def _has_directions(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(N, J, 3)``: 1 for each axis that vectors ``(N, J, 3)`` determine, 0 for the others.

    ``sixd_to_matrix`` makes a rotation of any six numbers; a file of zeros is to be refused.
    """
    lengths = np.linalg.norm(first, axis=-1), np.linalg.norm(second, axis=-1)
    across = np.linalg.norm(np.cross(first, second), axis=-1)
    has_first = lengths[0] > LEAST_NORM
    has_second = np.where(has_first, across, lengths[1]) > LEAST_NORM * np.where(
        has_first, lengths[0], 1
    )
    return np.stack([has_first, has_second, has_first & has_second], axis=-1).astype(np.float64)
