"""Bodies of files of motion, which know neither pictures nor cameras.

Each frame is the picture that the index beside the file names (``body_index``); without one a file
of one frame is that of the picture with its name, and frame n of several the picture NAME_00000n.
Before a camera of the index a body lands exactly; without one nothing says how the camera stood in
the file's axes, so that roots and places are found from the keypoints, unless the user says that
the camera was held level and looked along the axes (``--frame y-up``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.formats.bodies.body_models import BodyModelName
from core.formats.bodies.fields import FileFields
from core.formats.bodies.file_bodies import ForeignPredictions
from core.formats.bodies.named_rows import RowsBesides, bodies_of_rows
from core.formats.bodies.options import PredictionOptions, RootFrame
from core.formats.bodies.readers.body_index import IndexedBody, indexed_bodies
from core.formats.read_notes import ReadNotes
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle

Array = NDArray[np.float64]

NOT_INDEXED = "bodies.csv has no picture for their frame"
_JOINTS = {22: BodyModelName.SMPL_X, 24: BodyModelName.SMPL, 52: BodyModelName.SMPL_H,
           55: BodyModelName.SMPL_X}  # fmt: skip
_LARGEST_TURN = 1e4


@dataclass(frozen=True, kw_only=True, eq=False)
class Motion:
    """T frames of one person.

    poses: (T, J, 3) radians, root first, J 22, 24, 52 or 55. translation: (T, 3) metres. betas:
    (10 or more,). to_camera: (3, 3), from the file's axes to those of a camera that is held level.
    body_model: None: told by the joints.
    """

    poses: Array
    translation: Array | None
    betas: Array
    gender: str
    to_camera: Array
    file_format: str
    body_model: BodyModelName | None = None
    body_name: str = ""


def bodies_of_motion(
    motion: Motion, source: Path, options: PredictionOptions, notes: ReadNotes
) -> ForeignPredictions:
    """The bodies of all frames.

    Raises:
        AnnotationError: an array has another shape, or the index beside the file is damaged.
    """
    frames, joints = motion.poses.shape[:2]
    if joints not in _JOINTS or motion.poses.shape[2:] != (3,):
        raise AnnotationError(
            f"its poses have shape {motion.poses.shape}, expected 22, 24, 52 or 55 joints of 3 "
            "numbers a frame.",
            path=source,
        )
    if motion.translation is not None and motion.translation.shape != (frames, 3):
        raise AnnotationError(
            f"its places have shape {motion.translation.shape}, expected ({frames}, 3).",
            path=source,
        )
    index = indexed_bodies(source)
    if index is None:
        return _without_cameras(motion, source, options, notes)
    return _before_cameras(motion, index, source, options, notes)


def _before_cameras(
    motion: Motion,
    index: Mapping[int, IndexedBody],
    source: Path,
    options: PredictionOptions,
    notes: ReadNotes,
) -> ForeignPredictions:
    frames = len(motion.poses)
    unknown = IndexedBody("", "", np.nan, (np.nan, np.nan), "")
    bodies = [index.get(frame, unknown) for frame in range(frames)]
    names = [body.picture for body in bodies]
    arrays: dict[str, NDArray[Any]] = {
        **_shape_of(motion, names, body_name=next((b.body_name for b in index.values()), "")),
        "pose": motion.poses.reshape(frames, -1),
        "person": np.array([body.person for body in bodies], dtype=np.str_),
        "transl": np.zeros((frames, 3)) if motion.translation is None else motion.translation,
        "focal_length": np.array([body.focal_px for body in bodies]),
        "principal_point": np.array([body.principal_px for body in bodies]),
    }
    besides = RowsBesides(
        file_format=motion.file_format,
        left_out={frame: NOT_INDEXED for frame in range(frames) if frame not in index},
        view_rotation=np.repeat(motion.to_camera[None], frames, axis=0),
        body_model=motion.body_model or _JOINTS[motion.poses.shape[1]],
        own_export="body_name" in arrays,
    )
    fields = FileFields(arrays, source)
    fields.count = frames
    options = replace(options, frame=RootFrame.CAMERA)  # the axes of the file are known
    return bodies_of_rows(fields, names, options, notes, besides)


def _without_cameras(
    motion: Motion, source: Path, options: PredictionOptions, notes: ReadNotes
) -> ForeignPredictions:
    frames, joints = motion.poses.shape[:2]
    stem = source.stem
    names = [stem] if frames == 1 else [f"{stem}_{frame:06d}" for frame in range(frames)]
    arrays = _shape_of(motion, names, body_name=motion.body_name)
    if options.frame is RootFrame.Y_UP:
        poses = motion.poses.copy()
        usable = np.abs(poses[:, 0]).max(axis=1, keepdims=True) < _LARGEST_TURN
        roots = axis_angle_to_matrix(np.where(usable, poses[:, 0], 0))
        turned = matrix_to_axis_angle(motion.to_camera @ roots)
        poses[:, 0] = np.where(usable, turned, np.nan)
        arrays["pose"] = poses.reshape(frames, -1)
        options = replace(options, frame=RootFrame.CAMERA)
    else:
        rest = motion.poses[:, 1:24] if joints == 24 else motion.poses[:, 1:22]
        arrays["body_pose"] = rest.reshape(frames, -1)
        notes.notices.append(
            "nothing says how the camera stood in the axes of the motion: roots are found from the "
            "keypoints (--frame y-up: it was held level and looked along them)"
        )
    besides = RowsBesides(
        file_format=motion.file_format,
        body_model=motion.body_model or _JOINTS[joints],
        own_export="body_name" in arrays,
    )
    fields = FileFields(arrays, source)
    fields.count = frames
    return bodies_of_rows(fields, names, options, notes, besides)


def _shape_of(motion: Motion, names: list[str], *, body_name: str) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {
        "imgname": np.array(names, dtype=np.str_),
        "betas": np.repeat(motion.betas[None], len(names), axis=0),
    }
    if motion.gender:
        arrays["gender"] = np.array([motion.gender] * len(names))
    if body_name:
        arrays["body_name"] = np.array(body_name)
    return arrays
