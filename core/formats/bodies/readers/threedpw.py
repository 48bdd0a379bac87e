"""3DPW's sequence files: pickles of Python 2 with all people of a moving camera's video.

For person i: ``poses``[i] (F, 72), ``trans``[i] (F, 3) and ``jointPositions``[i] (F, 72) in the
world, a row a frame, ``betas``[i], ``genders``[i], ``campose_valid``[i] (F); for all people
``cam_poses`` (F, 4, 4), from the world to the camera, ``cam_intrinsics`` (3, 3), ``sequence``.
Frame f is the picture ``imageFiles/SEQUENCE/image_0000f.jpg``. Source: the data set's readme,
https://virtualhumans.mpi-inf.mpg.de/3DPW/, and
https://github.com/nkolot/SPIN/blob/master/datasets/preprocess/pw3d.py
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import SKELETON_JOINT_NAMES
from core.errors import AnnotationError
from core.formats.bodies.fields import FileFields
from core.formats.bodies.file_bodies import FileJoints3D, ForeignPredictions, JointOrigin
from core.formats.bodies.named_rows import RowsBesides, bodies_of_rows
from core.formats.bodies.options import PredictionOptions
from core.formats.bodies.readers.stacked_rows import plain_array
from core.formats.read_notes import ReadNotes
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.types.arrays import NUM_BETAS, NUM_JOINTS

Array = NDArray[np.float64]

NAME = "3dpw"
NO_CAMERA = "campose_valid is 0"
_NEEDED = frozenset(
    {"poses", "trans", "betas", "cam_poses", "cam_intrinsics", "jointPositions", "sequence"}
)
_USED = _NEEDED | {"genders", "campose_valid"}
_BOX_MARGIN = 1.2
_MAX_PEOPLE = 64
_BEYOND = 1e6
_LEAST_DEPTH_M = 1e-3


def recognises(value: object) -> bool:
    """Whether an unpickled value is a sequence of 3DPW."""
    return isinstance(value, dict) and set(value) >= _NEEDED


def read(value: object, source: Path, options: PredictionOptions) -> ForeignPredictions:
    """The bodies of all people in the axes of their frames' cameras, with their true joints.

    Raises:
        AnnotationError: an array has another shape.
    """
    sequence: Mapping[str, object] = value  # type: ignore[assignment]
    notes = ReadNotes()
    notes.leave_unused(str(name) for name in sequence if name not in _USED)
    cameras = _numbers(sequence["cam_poses"], "cam_poses", source)
    if cameras.ndim != 3 or cameras.shape[1:] != (4, 4):
        raise _wrong("cam_poses", cameras.shape, "(F, 4, 4)", source)
    people = _people(sequence, len(cameras), source)
    intrinsics = _numbers(sequence["cam_intrinsics"], "cam_intrinsics", source)
    if intrinsics.shape != (3, 3):
        raise _wrong("cam_intrinsics", intrinsics.shape, "(3, 3)", source)
    placed = [_placed(person, cameras) for person in people]
    arrays, left_out = _arrays(people, placed, intrinsics, str(sequence["sequence"]))
    fields = FileFields(arrays, source)
    names = [str(name) for name in arrays["imgname"]]
    fields.count = len(names)
    joints = np.concatenate([place.joints for place in placed])
    besides = RowsBesides(
        file_format=NAME,
        left_out=left_out,
        root_joint_m=joints[:, 0],
        joints_3d=FileJoints3D(
            names=SKELETON_JOINT_NAMES,
            positions_m=joints,
            confidence=np.ones(joints.shape[:2]),
            origin=JointOrigin.CAMERA,
        ),
    )
    return bodies_of_rows(fields, names, options, notes, besides)


@dataclass(frozen=True, eq=False)
class _InWorld:
    """One person in the world: (F, 72), (F, 3), (F, 24, 3) metres, (10 or more,), text, (F,)."""

    poses: Array
    trans: Array
    joints: Array
    betas: Array
    gender: str
    valid: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _InCameras:
    """The same in the cameras' axes."""

    poses: Array
    translation: Array
    joints: Array


def _people(sequence: Mapping[str, object], frames: int, source: Path) -> list[_InWorld]:
    lists = {name: sequence.get(name) for name in _USED}
    poses = lists["poses"]
    if not isinstance(poses, list) or not 0 < len(poses) <= _MAX_PEOPLE:
        raise AnnotationError("'poses' is no list with one array for each person.", path=source)
    people = []
    for index in range(len(poses)):
        parts = {name: _item(one, index) for name, one in lists.items() if name != "genders"}
        arrays = {
            name: _numbers(parts[name], f"{name}[{index}]", source)
            for name in ("poses", "trans", "jointPositions", "betas")
        }
        for name, size in (("poses", 72), ("trans", 3), ("jointPositions", 72)):
            if arrays[name].shape != (frames, size):
                raise _wrong(f"{name}[{index}]", arrays[name].shape, f"({frames}, {size})", source)
        valid = plain_array(parts["campose_valid"])
        is_given = valid is not None and valid.shape == (frames,)
        people.append(
            _InWorld(
                poses=arrays["poses"],
                trans=arrays["trans"],
                joints=arrays["jointPositions"].reshape(frames, NUM_JOINTS, 3),
                betas=_first_betas(arrays["betas"], f"betas[{index}]", source),
                gender=str(_item(lists["genders"], index) or ""),
                valid=valid.astype(bool)
                if is_given and valid is not None
                else np.ones(frames, bool),
            )
        )
    return people


def _first_betas(betas: Array, name: str, source: Path) -> Array:
    flat = betas.reshape(-1)
    if betas.ndim > 2 or flat.size < NUM_BETAS:
        raise _wrong(name, betas.shape, f"({NUM_BETAS},) or more", source)
    return flat[:NUM_BETAS]


def _placed(person: _InWorld, cameras: Array) -> _InCameras:
    """From the world to the cameras: joints are points, and a body turns about its first one.

    The root joint at rest is p = J − t with the file's own J, so that t' = R J + T − p is exact for
    the person's gender and shape.
    """
    rotation, shift = cameras[:, :3, :3], cameras[:, :3, 3]
    poses = person.poses.copy()
    poses[:, :3] = matrix_to_axis_angle(rotation @ axis_angle_to_matrix(person.poses[:, :3]))
    joints = person.joints @ np.swapaxes(rotation, 1, 2) + shift[:, None]
    return _InCameras(poses, joints[:, 0] - (person.joints[:, 0] - person.trans), joints)


def _arrays(
    people: list[_InWorld], placed: list[_InCameras], intrinsics: Array, sequence: str
) -> tuple[dict[str, NDArray[Any]], dict[int, str]]:
    """Arrays by name, person after person, and the rows without a camera."""
    frames = len(placed[0].poses)
    joints = np.concatenate([place.joints for place in placed])
    centers, sides = _boxes(joints, intrinsics)
    pictures = [f"imageFiles/{sequence}/image_{frame:05d}.jpg" for frame in range(frames)]
    invalid = np.flatnonzero(~np.concatenate([person.valid for person in people]))
    arrays: dict[str, NDArray[Any]] = {
        "imgname": np.array(pictures * len(people)),
        "pose": np.concatenate([place.poses for place in placed]),
        "betas": np.repeat([person.betas for person in people], frames, axis=0),
        "trans": np.concatenate([place.translation for place in placed]),
        "cam_int": np.repeat(intrinsics[None], frames * len(people), axis=0),
        "gender": np.repeat([person.gender for person in people], frames),
        "box_center": centers,
        "box_size": sides,
    }
    return arrays, dict.fromkeys(map(int, invalid), NO_CAMERA)


def _boxes(joints: Array, intrinsics: Array) -> tuple[Array, Array]:
    """Boxes around joints ``(N, 24, 3)`` as the camera sees them: centres, and sides."""
    depth = np.maximum(joints[..., 2:], _LEAST_DEPTH_M)
    seen = joints[..., :2] / depth * intrinsics[[0, 1], [0, 1]] + intrinsics[:2, 2]
    seen = np.clip(np.nan_to_num(seen), -_BEYOND, _BEYOND)
    least, most = seen.min(axis=1), seen.max(axis=1)
    return (least + most) / 2, np.maximum(_BOX_MARGIN * (most - least).max(axis=1), 1.0)


def _item(value: object, index: int) -> object:
    return value[index] if isinstance(value, list | np.ndarray) and index < len(value) else None


def _numbers(value: object, name: str, source: Path) -> Array:
    array = plain_array(value)
    if array is None or array.dtype.kind not in "biuf":
        raise AnnotationError(f"'{name}' holds no array of numbers.", path=source)
    return array.astype(np.float64)


def _wrong(name: str, shape: tuple[int, ...], expected: str, source: Path) -> AnnotationError:
    return AnnotationError(f"'{name}' has shape {shape}, expected {expected}.", path=source)
