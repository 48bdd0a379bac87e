"""EFT's json: a list of bodies with cameras and boxes, entry by entry.

``parm_cam`` (s, tx, ty) sees a point at 112 (s x + t) + 112 of the 224 px crop, unlike SPIN's
112 s (x + t) + 112. Source: https://github.com/facebookresearch/eft/blob/main/demo/visEFTFit.py and
``convert_smpl_to_bbox`` in its ``eft/utils/imutils.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.formats.bodies.cameras import (
    OWN_CAMERA,
    OWN_TRANSLATION,
    ReadCameras,
    moved_before_scaling,
    weak_to_crop,
)
from core.formats.bodies.data_set_joints import usable_keypoints
from core.formats.bodies.file_bodies import ForeignPredictions
from core.formats.bodies.named_rows import camera_faults
from core.formats.bodies.poses import checked_vectors
from core.formats.bodies.prediction_formats import FORMAT_HELP
from core.formats.bodies.source_rows import SourceRows, json_rows
from core.formats.json_files import as_object, field_of, load_json, numbers_of
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import BrokenEntryError, ReadProblem, foreign_entry
from core.geometry.boxes import BOX_SCALE_PX
from core.progress import CancelToken
from core.types.arrays import NUM_BETAS, NUM_JOINTS, NUM_KEYPOINTS
from core.types.genders import gender_of

_FIELDS = frozenset(
    {
        "parm_pose", "parm_shape", "parm_cam", "bbox_scale", "bbox_center", "imageName", "annotId",
        "smpltype", "gt_keypoint_2d",
    }
)  # fmt: skip

_OWN_FIELDS = frozenset(
    {
        "dataset", "sample_id", "joint_validity_openpose18", OWN_TRANSLATION, OWN_CAMERA,
        "picture_root_axis_angle", "picture_translation", "picture_focal_length_px",
        "picture_principal_point_px",
    }
)  # fmt: skip
"""Of this program's files, whose exact cameras take the place of ``parm_cam``."""


def read_eft(source: Path, cancel: CancelToken | None = None) -> ForeignPredictions:
    """Read a file; broken entries are reported and the rest is there.

    Raises:
        AnnotationError: no JSON, or not EFT's.
        Cancelled: the user asked to stop while it was parsed.
    """
    document = load_json(source, cancel=cancel)
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, list):
        raise AnnotationError(
            "no list 'data', expected EFT's json.", path=source, remedy=f"Give {FORMAT_HELP}."
        )
    rows: list[_EftRow] = []
    notes = ReadNotes()
    problems: list[ReadProblem] = []
    for index, entry in enumerate(data):
        try:
            with foreign_entry():
                rows.append(_eft_row(index, entry))
                notes.leave_unused(sorted(set(entry) - _FIELDS - _own_fields(entry)))
        except BrokenEntryError as error:
            problems.append(ReadProblem(source, index, str(error)))
    found = _predictions(source, rows, problems, notes, json_rows("eft", document, "data"))
    name = document.get("body_name") if found.crop_cameras is not None else None
    if isinstance(name, str):
        found = replace(found, own_export=True, body_names=[name] * len(found))
    return found


@dataclass(frozen=True, eq=False)
class _EftRow:
    index: int
    picture: str
    person: str
    matrices: NDArray[np.float64]
    betas: NDArray[np.float64]
    camera: NDArray[np.float64]
    own_camera: NDArray[np.float64] | None
    center_px: NDArray[np.float64]
    side_px: float
    gender: str
    keypoints_px: NDArray[np.float64] | None


def _predictions(
    source: Path,
    rows: list[_EftRow],
    problems: list[ReadProblem],
    notes: ReadNotes,
    source_rows: SourceRows,
) -> ForeignPredictions:
    reasons: dict[int, str] = {}
    matrices = np.array([row.matrices for row in rows]).reshape(-1, NUM_JOINTS, 3, 3)
    poses = checked_vectors(matrices, "parm_pose", reasons, notes)
    scaled = np.array([row.camera for row in rows]).reshape(-1, 3)
    cameras = weak_to_crop(moved_before_scaling(scaled))
    own = [row.own_camera for row in rows if row.own_camera is not None]
    crop_cameras = None
    if own and len(own) == len(rows):
        cameras, crop_cameras = np.array(own)[:, :3], np.array(own)[:, 3:]
    for row, why in camera_faults(ReadCameras(cameras, crop_cameras)).items():
        reasons.setdefault(row, why)
    betas = np.array([row.betas for row in rows]).reshape(-1, NUM_BETAS)
    kept = [row for row in range(len(rows)) if row not in reasons]
    problems += [ReadProblem(source, rows[row].index, reason) for row, reason in reasons.items()]
    return ForeignPredictions(
        entries=np.array([rows[row].index for row in kept], dtype=np.int64),
        picture_names=[rows[row].picture for row in kept],
        person_keys=[rows[row].person for row in kept],
        pose_axis_angle=poses[kept].reshape(-1, 3 * NUM_JOINTS).astype(np.float32),
        betas=betas[kept].astype(np.float32),
        all_betas=betas[kept],
        box_centers_px=np.array([rows[row].center_px for row in kept]).reshape(-1, 2),
        box_sides_px=np.array([rows[row].side_px for row in kept]),
        camera_translation=cameras[kept].astype(np.float32),
        keypoints_px=_keypoints_of([rows[row] for row in kept]),
        crop_cameras=None if crop_cameras is None else crop_cameras[kept],
        source_rows=source_rows,
        genders=[rows[row].gender for row in kept],
        problems=tuple(problems),
        notes=notes,
    )


def _keypoints_of(rows: list[_EftRow]) -> NDArray[np.float64] | None:
    """``(N, 49, 3)``; None where no row has any."""
    if not any(row.keypoints_px is not None for row in rows):
        return None
    absent = np.zeros((NUM_KEYPOINTS, 3))
    return np.array([absent if row.keypoints_px is None else row.keypoints_px for row in rows])


def _eft_row(index: int, entry: Any) -> _EftRow:
    fields = as_object(entry)
    pose = {"parm_pose": _flat(fields.get("parm_pose"))}
    scale: Any = fields.get("bbox_scale")
    if type(scale) not in (int, float) or not 0 < scale < np.inf:
        raise BrokenEntryError(f"bbox_scale: found {scale!r:.40}, expected a positive number")
    annotation = fields.get("annotId", "")
    return _EftRow(
        index=index,
        picture=field_of(fields, "imageName", str),
        person=str(annotation) if isinstance(annotation, int | str) else "",
        matrices=numbers_of(pose, "parm_pose", (9 * NUM_JOINTS,)),
        betas=numbers_of(fields, "parm_shape", (NUM_BETAS,)),
        camera=numbers_of(fields, "parm_cam", (3,)),
        own_camera=_own_camera(fields),
        center_px=numbers_of(fields, "bbox_center", (2,)),
        side_px=BOX_SCALE_PX * float(scale),
        gender=gender_of(fields.get("smpltype")) or "",
        keypoints_px=_keypoints(fields.get("gt_keypoint_2d")),
    )


def _keypoints(value: Any) -> NDArray[np.float64] | None:
    """EFT's ``gt_keypoint_2d``: SPIN's 49 in picture pixels, ``(49, 3)``; None without them."""
    numbers = _flat(value)
    if not isinstance(numbers, list) or len(numbers) != 3 * NUM_KEYPOINTS:
        return None
    keypoints = numbers_of({"gt_keypoint_2d": numbers}, "gt_keypoint_2d", (3 * NUM_KEYPOINTS,))
    return usable_keypoints(keypoints.reshape(NUM_KEYPOINTS, 3))


def _own_fields(entry: Any) -> frozenset[str]:
    return _OWN_FIELDS if OWN_CAMERA in entry else frozenset()


def _own_camera(fields: Any) -> NDArray[np.float64] | None:
    """The translation and the camera of the crop, (8,), of this program's files; None elsewhere."""
    if OWN_CAMERA not in fields or OWN_TRANSLATION not in fields:
        return None
    return np.concatenate(
        [numbers_of(fields, OWN_TRANSLATION, (3,)), numbers_of(fields, OWN_CAMERA, (5,))]
    )


def _flat(value: Any) -> Any:
    """Nested lists as one; what is no list stays what it is, for the check that follows."""
    if not isinstance(value, list):
        return value
    while any(isinstance(item, list) for item in value):
        value = [part for item in value for part in (item if isinstance(item, list) else [item])]
    return value
