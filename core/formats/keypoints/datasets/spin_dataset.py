"""SPIN's npz of a data set: people with boxes, 2D keypoints and, in some, true 3D joints.

N rows: ``imgname``; ``center`` (N, 2) and ``scale`` (N), side / 200 px, of the crop; ``openpose``
(N, 25, 3), BODY_25, and ``part`` (N, 24, 3), SPIN's own joints, pixels and confidence; ``S``
(N, 24, 4), the same joints in metres about the pelvis along the camera's axes, and confidence.
Human3.6M, MPI-INF-3DHP, COCO, MPII and LSP come so from SPIN's scripts; those of MMPose have 17
joints in place of the 24. Bodies in it are read by ``core.formats.bodies``. Source:
https://github.com/nkolot/SPIN, ``datasets/base_dataset.py`` and ``datasets/preprocess``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import KEYPOINT_NAMES, OPENPOSE_KEYPOINTS
from core.body.safe_npz import load_restricted_npz
from core.errors import AnnotationError
from core.formats.annotation_format import OF_JOINTS, AnnotationFormat, AskedSource, opened_by
from core.formats.keypoints.datasets.seventeen_joints import with_spins_joints
from core.formats.keypoints.joint_fields import without_impossible
from core.formats.keypoints.joint_orders import JointOrder, canonical_joint
from core.formats.keypoints.named_pictures import picture_of_name
from core.formats.keypoints.people_reader import FileEntry, PeopleReader, PersonOf, ReadPerson
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import AnnotationSource, BrokenEntryError, shown
from core.formats.source_looks import FileLook, one_file
from core.geometry.boxes import BOX_SCALE_PX, Box
from core.types.arrays import NUM_KEYPOINTS

_OWN_JOINTS = NUM_KEYPOINTS - OPENPOSE_KEYPOINTS
_PELVIS = KEYPOINT_NAMES.index("Pelvis (MPII)")
_FARTHEST_M = 1e3
_KEYS = ("person", "annot_id")
_KEYPOINTS = {"openpose": OPENPOSE_KEYPOINTS, "part": _OWN_JOINTS}
_USED = frozenset((*_KEYPOINTS, "S", "imgname", "center", "scale", *_KEYS))
_OF_BODIES = frozenset(("pose", "shape", "has_smpl", "gender", "body_name", "sample_id", "dataset"))
_OF_FILE = frozenset(("pictures_folder",))

ORDER = JointOrder(
    "spin49",
    "SPIN's 49 joints",
    tuple(canonical_joint(name.removeprefix("OP ")) for name in KEYPOINT_NAMES),
    tuple(range(NUM_KEYPOINTS)),
)


def _read(asked: AskedSource) -> AnnotationSource:
    unreadable: list[str] = []
    arrays = load_restricted_npz(
        asked.path,
        kind=AnnotationError,
        objects_as_texts=True,
        left_out=unreadable,
        cancel=asked.cancel,
    )
    folder = asked.folder()
    reader = PeopleReader(folder, asked.dataset)
    arrays = with_spins_joints(arrays, asked.options.joints, asked.path, reader.notes)
    rows = _checked(arrays, asked)
    count = len(rows["imgname"])
    reader.notes.leave_unused(
        name for name in (*arrays, *unreadable) if name not in _USED | _OF_BODIES | _OF_FILE
    )
    if _OF_BODIES & set(arrays) & {"pose", "shape"}:
        reader.notes.notices.append(
            "its bodies ('pose', 'shape') come in with import-predictions, from the same file"
        )
    entries = (FileEntry(asked.path, index, index) for index in range(count))

    def people_of(entry: FileEntry[int]) -> Iterable[PersonOf]:
        yield partial(_person, rows, entry.content, folder)

    return AnnotationSource(count, reader.read(entries, people_of), notes=reader.notes)


def _checked(arrays: Mapping[str, NDArray[Any]], asked: AskedSource) -> dict[str, NDArray[Any]]:
    """The arrays that are used, each with one entry a row."""

    def wrong(name: str, expected: str) -> AnnotationError:
        shape = arrays[name].shape if name in arrays else "none"
        return AnnotationError(
            f"'{name}' has shape {shape}, expected {expected}.",
            path=asked.path,
            remedy="Give a data set as SPIN's scripts write it (imgname, center, scale, part …).",
        )

    names = arrays.get("imgname")
    if names is None or names.ndim != 1:
        raise wrong("imgname", "(N,)")
    count = len(names)
    shapes: dict[str, tuple[int, ...]] = {
        "center": (count, 2),
        "openpose": (count, OPENPOSE_KEYPOINTS, 3),
        "part": (count, _OWN_JOINTS, 3),
        "S": (count, _OWN_JOINTS, 4),
    }
    for name, shape in shapes.items():
        if name in arrays and arrays[name].shape != shape:
            raise wrong(name, str(shape))
    if "center" not in arrays:
        raise wrong("center", str(shapes["center"]))
    if "scale" not in arrays or arrays["scale"].size != count:
        raise wrong("scale", f"({count},)")
    rows = {name: arrays[name] for name in _USED if name in arrays}
    numbers = [name for name in rows if name not in ("imgname", *_KEYS)]
    for name in numbers:
        if rows[name].dtype.kind not in "biuf":
            raise wrong(name, f"numbers, not {rows[name].dtype}")
        rows[name] = rows[name].astype(np.float64)
    rows["scale"] = rows["scale"].reshape(count)
    return {name: array for name, array in rows.items() if len(array) == count}


def _person(
    rows: Mapping[str, NDArray[Any]], row: int, folder: PictureFolder, notes: ReadNotes
) -> ReadPerson:
    name = rows["imgname"][row]
    text = name.decode(errors="replace") if isinstance(name, bytes) else str(name)
    x_px, y_px = rows["center"][row].tolist()
    side_px = BOX_SCALE_PX * float(rows["scale"][row])
    if not (np.isfinite([x_px, y_px, side_px]).all() and side_px > 0):
        raise BrokenEntryError(f"box: found {x_px:g}, {y_px:g} with a side of {side_px:g} px")
    return ReadPerson(
        picture=picture_of_name(folder, text, None, notes),
        person_key=_key_of(rows, row),
        order=ORDER,
        joints_px=without_impossible(_keypoints(rows, row), "part", notes),
        square=Box(x_px, y_px, side_px),
        joints_3d=_joints_3d(rows, row),
    )


def _key_of(rows: Mapping[str, NDArray[Any]], row: int) -> str:
    """The file's own key of a person; SPIN has none, and rows are told apart by their number."""
    name = next((name for name in _KEYS if name in rows and rows[name].ndim == 1), None)
    if name is None:
        return str(row)
    key = rows[name][row]
    return key.decode(errors="replace") if isinstance(key, bytes) else str(key)


def _keypoints(rows: Mapping[str, NDArray[Any]], row: int) -> NDArray[np.float64]:
    """``(49, 3)``; joints that the file does not have are zeros."""
    parts = [
        rows[name][row] if name in rows else np.zeros((count, 3))
        for name, count in _KEYPOINTS.items()
    ]
    joints: NDArray[np.float64] = np.concatenate(parts)
    joints = np.where(joints[:, 2:] > 0, joints, 0)
    if not np.isfinite(joints).all():
        raise BrokenEntryError("part: found a number that is not finite")
    joints[:, 2] = np.minimum(joints[:, 2], 1)
    return joints


def _joints_3d(rows: Mapping[str, NDArray[Any]], row: int) -> NDArray[np.float32] | None:
    """``(49, 4)`` metres about the pelvis and confidence; None where the row has none."""
    if "S" not in rows or not (rows["S"][row][:, 3] > 0).any():
        return None
    joints = np.zeros((NUM_KEYPOINTS, 4))
    joints[OPENPOSE_KEYPOINTS:] = rows["S"][row]
    there = joints[:, 3] > 0
    if not (np.abs(joints[there]) < _FARTHEST_M).all():
        raise BrokenEntryError(f"S: found {shown(float(np.abs(joints[there]).max()))} m")
    if there[_PELVIS]:
        joints[:, :3] -= joints[_PELVIS, :3].copy()
    joints[~there] = 0
    joints[:, 3] = np.minimum(joints[:, 3], 1)
    return joints.astype(np.float32)


def _is_it(look: FileLook) -> bool:
    """An npz with pictures, boxes, and keypoints or true joints under SPIN's names."""
    names = look.head + look.tail
    return look.head.startswith(b"PK\x03\x04") and all(
        any(f"{name}.npy".encode() in names for name in one_of)
        for one_of in (("imgname",), ("center",), ("scale",), ("part", "openpose", "S"))
    )


SPIN_FORMAT = AnnotationFormat(
    name="spin-dataset",
    title="SPIN data set",
    expects="an npz as SPIN's scripts write it (imgname, center, scale, part, openpose, S)",
    takes_folder=False,
    recognise=one_file(_is_it),
    open=opened_by(_read, expected="an npz of SPIN's"),
    options=OF_JOINTS,
)
