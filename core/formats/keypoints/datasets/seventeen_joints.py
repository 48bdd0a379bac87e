"""Data sets of SPIN's form that hold 17 joints in place of SPIN's 24, as MMPose writes them.

Human3.6M and MPI-INF-3DHP have 17 joints each, in different orders, and no file says which. In both
the pelvis lies in the middle of the hips, within a centimetre or two, and so it tells the order.
Sources: https://github.com/nkolot/SPIN, ``datasets/preprocess`` (``h36m_train.py``,
``mpi_inf_3dhp.py``), and https://github.com/open-mmlab/mmpose,
``configs/_base_/datasets/h36m.py`` and ``mpi_inf_3dhp.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import OPENPOSE_KEYPOINTS
from core.errors import AnnotationError
from core.formats.keypoints.joint_orders import JOINT_ORDERS, JointOrder
from core.formats.read_notes import ReadNotes
from core.types.arrays import NUM_KEYPOINTS

SEVENTEEN = 17
_WIDTHS = {"S": 4, "part": 3}
"""True joints tell the order better than their pixels, and are asked first."""
_CANDIDATES = ("h36m", "mpi3dhp")
_NEAR = 0.1
"""Of the joints' spread: so far the pelvis may lie from the middle of the hips."""
_CLEARER = 3.0
"""How many times nearer it must lie in the one order than in the other."""


def with_spins_joints(
    arrays: Mapping[str, NDArray[Any]], asked: str | None, source: Path, notes: ReadNotes
) -> dict[str, NDArray[Any]]:
    """The arrays with ``part`` (N, 24, 3) and ``S`` (N, 24, 4) in place of 17 joints.

    Args:
        arrays: of the file; returned as they are where they do not have 17 joints.
        asked: the order that the user names, if any.
        source: the file, for messages.
        notes: told of the order that the joints themselves tell.

    Raises:
        AnnotationError: another order than that of 17 joints was asked for, or none fits, or an
            order for a file that has SPIN's.
    """
    short = {
        name: arrays[name] for name, width in _WIDTHS.items() if _is_short(arrays, name, width)
    }
    if not short:
        if asked is not None:
            raise AnnotationError(
                f"has SPIN's own joints, whose order is known, and '{asked}' was asked for.",
                path=source,
                remedy="Leave --joints out; it is for files of 17 joints a person.",
            )
        return dict(arrays)
    order = _told_order(short, source, notes) if asked is None else _asked_order(asked, source)
    places = [
        (row, index - OPENPOSE_KEYPOINTS)
        for row, index in enumerate(order.keypoint_indices)
        if index is not None and index >= OPENPOSE_KEYPOINTS
    ]
    spread = dict(arrays)
    for name, array in short.items():
        joints = np.zeros((len(array), NUM_KEYPOINTS - OPENPOSE_KEYPOINTS, array.shape[2]))
        joints[:, [place for _, place in places]] = array[:, [row for row, _ in places]]
        spread[name] = joints
    return spread


def _is_short(arrays: Mapping[str, NDArray[Any]], name: str, width: int) -> bool:
    array = arrays.get(name)
    return (
        array is not None
        and array.ndim == 3
        and array.shape[1:] == (SEVENTEEN, width)
        and array.dtype.kind in "biuf"
    )


def _asked_order(name: str, source: Path) -> JointOrder:
    order = JOINT_ORDERS[name]
    if len(order) != SEVENTEEN:
        raise AnnotationError(
            f"has {SEVENTEEN} joints a person, and the order '{name}' has {len(order)}.",
            path=source,
            remedy=f"Say another: --joints {' or '.join(_CANDIDATES)}.",
        )
    return order


def _told_order(short: Mapping[str, NDArray[Any]], source: Path, notes: ReadNotes) -> JointOrder:
    """The order in which the pelvis lies between the hips."""
    name = next(name for name in _WIDTHS if name in short)
    joints = short[name].astype(np.float64)
    off = {each: _pelvis_off(joints, JOINT_ORDERS[each]) for each in _CANDIDATES}
    best, other = sorted(_CANDIDATES, key=lambda each: off[each])
    if not (off[best] < _NEAR and off[best] * _CLEARER < off[other]):
        raise AnnotationError(
            f"'{name}' has {SEVENTEEN} joints a person, and neither in Human3.6M's order nor in "
            "MPI-INF-3DHP's does the pelvis lie between the hips.",
            path=source,
            remedy=f"Say their order: --joints {', '.join(_CANDIDATES)}, or any other of "
            f"{SEVENTEEN} joints.",
        )
    notes.notices.append(
        f"{SEVENTEEN} joints a person, read in the order '{best}', since in it the pelvis lies "
        "between the hips (--joints says another)"
    )
    return JOINT_ORDERS[best]


def _pelvis_off(joints: NDArray[np.float64], order: JointOrder) -> float:
    """How far the pelvis lies from the hips' middle for most rows, by the spread of the joints."""
    there = (joints[..., -1] > 0).all(axis=1) & np.isfinite(joints).all(axis=(1, 2))
    points = joints[there, :, :-1]
    if not len(points):
        return np.inf
    at = {name: points[:, row] for row, name in enumerate(order.joints) if name is not None}
    off = np.linalg.norm((at["left_hip"] + at["right_hip"]) / 2 - at["mid_hip"], axis=1)
    spread = points.std(axis=1).max(axis=1)
    return float(np.median(off / np.maximum(spread, 1e-9)))
