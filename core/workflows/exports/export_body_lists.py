"""One file for all bodies: EFT's json, and HumanData."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.display_body import DisplayBody
from core.dictionary.store import Dictionary
from core.formats.bodies.writers.eft import eft_file
from core.formats.bodies.writers.human_data import (
    PickledDict,
    joint_mask,
    joints_of_49,
    write_human_data,
)
from core.formats.bodies.writers.placed_bodies import PlacedBodies
from core.formats.picture_names import common_folder, names_from
from core.types.arrays import NUM_KEYPOINTS
from core.types.genders import gender_of_body
from core.types.samples import Sample
from core.workflows.exports.collected_people import (
    CollectedBodies,
    people_of,
    pictures_of,
    placed_people,
)
from core.workflows.exports.export_report import BodyExport, notices_of_body
from core.workflows.exports.export_request import ExportRequest
from core.workflows.exports.weak_cameras import weak_cameras

_EXACT_PX = 0.01


def export_eft(dictionary: Dictionary, request: ExportRequest) -> BodyExport:
    """Write EFT's json of the bodies that may be learned from.

    Its camera is weak perspective; the exact ones stand beside it, under names of our own.

    Raises:
        UserFileError: the file exists and may not be replaced, or cannot be written.
        BodyFileError: the project's body file is missing or none.
        Cancelled: the user asked to stop; nothing was written.
    """
    collected = CollectedBodies(dictionary, request)
    body = DisplayBody(collected.arrays, name=collected.body_name)
    aside: list[NDArray[np.float64]] = [np.zeros(0)]
    folder = common_folder(pictures_of(dictionary, collected.ids))
    with eft_file(request.out, collected.body_name, overwrite=request.overwrite) as add:
        for bodies in collected.pages():
            cameras = weak_cameras(bodies, collected.arrays, body)
            aside.append(cameras.aside_px)
            pictures = [sample.picture_path for sample in bodies.samples]
            add(bodies, cameras.weak, names_from(folder, pictures))
    shifts = np.concatenate(aside)
    lost: tuple[str, ...] = ()
    if len(shifts) and shifts.max() > _EXACT_PX:
        aside_words = (
            "notice: parm_cam is weak perspective: keypoints lie "
            f"{np.median(shifts):.1f} px of the crop aside in the median, {shifts.max():.1f} px at "
            "most; crop_translation and crop_camera_px are exact"
        )
        lost = (aside_words,)
    return BodyExport(
        out=request.out,
        people=len(collected.ids),
        bodies=collected.bodies,
        left_out=collected.left_out,
        notices=(*lost, *notices_of_body(collected.body_name)),
    )


def export_human_data(dictionary: Dictionary, request: ExportRequest) -> BodyExport:
    """Write HumanData of everybody: boxes, keypoints, 3D truth; ``has_smpl`` says who has a body.

    Raises:
        UserFileError: the file exists and may not be replaced, or cannot be written.
        BodyFileError: the project's body file is missing or none.
        Cancelled: the user asked to stop; nothing was written.
    """
    collected = CollectedBodies(dictionary, request)
    table = _HumanDataTable(len(collected.ids), collected.body_name)
    for page in request.pages(collected.ids, "Collecting people"):
        people = people_of(dictionary, page)
        collected.left_out.update(person.left_out for person in people if person.left_out)
        first = table.count
        for person in people:
            table.add(person.sample)
        rows = [first + row for row, person in enumerate(people) if not person.left_out]
        there = [person for person in people if not person.left_out]
        bodies = placed_people(there, collected.arrays, body_name=collected.body_name)
        table.set_bodies(rows, bodies)
        collected.bodies += len(bodies)
    write_human_data(request.out, table.content(), overwrite=request.overwrite)
    return BodyExport(
        out=request.out,
        people=len(collected.ids),
        bodies=collected.bodies,
        left_out=collected.left_out,
        notices=notices_of_body(collected.body_name),
    )


class _HumanDataTable:
    """The arrays of N people; rows without a body are zeros."""

    def __init__(self, count: int, body_name: str) -> None:
        def zeros(*width: int) -> NDArray[np.float32]:
            return np.zeros((count, *width), np.float32)

        self.count = 0
        self._body_name = body_name
        self._samples: list[Sample] = []
        self._keypoints = zeros(NUM_KEYPOINTS, 3)
        self._true_joints = zeros(NUM_KEYPOINTS, 4)
        self._has_smpl = np.zeros(count, np.uint8)
        self._smpl = {
            "global_orient": zeros(3),
            "body_pose": zeros(23, 3),
            "betas": zeros(10),
            "transl": zeros(3),
        }
        self._cameras = {
            "focal_length": zeros(),
            "principal_point": zeros(2),
            "crop_root_axis_angle": zeros(3),
            "crop_translation": zeros(3),
            "crop_camera_px": zeros(5),
        }

    def add(self, sample: Sample) -> None:
        """Add a person without a body."""
        self._samples.append(sample)
        self._keypoints[self.count] = sample.annotated_keypoints_px
        if sample.ground_truth.joints_3d is not None:
            self._true_joints[self.count] = sample.ground_truth.joints_3d
        self.count += 1

    def set_bodies(self, rows: list[int], bodies: PlacedBodies) -> None:
        """Give some rows their bodies, before the cameras of the whole pictures."""
        place = bodies.in_picture
        self._has_smpl[rows] = 1
        self._smpl["global_orient"][rows] = place.root_axis_angle
        self._smpl["body_pose"][rows] = bodies.pose_axis_angle[:, 3:].reshape(-1, 23, 3)
        self._smpl["betas"][rows] = bodies.betas
        self._smpl["transl"][rows] = place.translation
        self._cameras["focal_length"][rows] = place.focal_length_px
        self._cameras["principal_point"][rows] = place.principal_point_px
        self._cameras["crop_root_axis_angle"][rows] = bodies.pose_axis_angle[:, :3]
        self._cameras["crop_translation"][rows] = bodies.crop_translation
        self._cameras["crop_camera_px"][rows] = bodies.crop_camera_px

    def content(self) -> dict[str, NDArray[Any] | PickledDict]:
        """What the file holds, by name."""
        pictures = [sample.picture_path for sample in self._samples]
        folder = common_folder(pictures)
        boxes = np.array([_box(sample) for sample in self._samples], np.float32).reshape(-1, 5)
        sizes = [sample.picture_size_px[::-1] for sample in self._samples]
        gender = str(gender_of_body(self._body_name))
        content: dict[str, NDArray[Any] | PickledDict] = {
            "__key_strict__": np.array(False),  # noqa: FBT003 - what HumanData writes
            "__keypoints_compressed__": np.array(False),  # noqa: FBT003
            "image_path": np.array(names_from(folder, pictures), np.str_),
            "bbox_xywh": boxes,
            "config": np.array("spin_studio"),
            "keypoints2d": joints_of_49(self._keypoints),
            "keypoints2d_mask": joint_mask(),
            "keypoints2d_convention": np.array("human_data"),
            "smpl": PickledDict(self._smpl),
            "has_smpl": self._has_smpl,
            "meta": PickledDict({"gender": np.array([gender] * self.count, np.str_)}),
            "misc": PickledDict(
                {**self._cameras, "image_shape": np.array(sizes, np.int64).reshape(-1, 2)}
            ),
            "person": np.array([sample.person_key for sample in self._samples], np.str_),
            "sample_id": np.array([sample.id for sample in self._samples], np.int64),
            "body_name": np.array(self._body_name),
            "pictures_folder": np.array("" if folder is None else folder.as_posix()),
        }
        if self._true_joints[..., 3].any():
            content["keypoints3d"] = joints_of_49(self._true_joints)
            content["keypoints3d_mask"] = joint_mask()
            content["keypoints3d_convention"] = np.array("human_data")
        return content


def _box(sample: Sample) -> tuple[float, float, float, float, float]:
    """The crop's square as left, top, width, height, and how sure it is."""
    box = sample.box
    half = box.side_px / 2
    return box.center_x_px - half, box.center_y_px - half, box.side_px, box.side_px, 1.0
