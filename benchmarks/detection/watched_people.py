"""People with known directions of bones, with what keypoints, detector, head and lifter say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.common.real_people import RealPerson, real_people
from benchmarks.detection.trusted_people import TrustedPeople, further_passes
from core.body.bone_directions import directions_between_keypoints
from core.body.bone_trust import bone_error_variances, corrected_bone_directions
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.detection.blazepose import BlazePose
from core.engine.detection.people_finder import PeopleFinder
from core.engine.regression.detector_head import SeenPeople
from core.engine.regression.head_checkpoints import load_detector_head
from core.engine.regression.landmark_bones import LandmarkBones, bones_of_landmarks
from core.engine.regression.lifter import Lifter
from core.engine.smplify.detected_directions import direction_weights
from core.engine.smplify.inputs import BoneDirections, Keypoints2D, camera_tensors
from core.geometry.boxes import Box
from core.geometry.rotations import pose_to_matrices
from core.pictures.decoding import load_picture
from core.types.bodies import CropCamera
from core.types.cameras import CameraSource, PictureCamera, assumed_camera
from core.types.trunk_features import TRUNK_SIZE

Array = NDArray[np.float64]

_TRUSTED_AGREEMENT = 0.4
_SMPL_HALF = {
    25: 11, 26: 10, 27: 9, 28: 12, 29: 13, 30: 14, 31: 4, 32: 3, 33: 2, 34: 5, 35: 6, 36: 7,
}  # fmt: skip
"""Limb joints in the second half of the keypoints, and where they are in the first."""


@dataclass(frozen=True, eq=False)
class WatchedPeople:
    """N people.

    keypoints_px: (N, 49, 3), placed by the detector where ``own`` (N, 49); cameras: of their crops.
    coco_px: (N, 17, 3) MoveNet's. landmarks_px, landmarks_m: (N, 33, 3); passes_m: (N, 4, 33, 3).
    agreement, score: (N,). true_directions: (N, 12, 3) in the crop's frame, NaN where not known.
    said: by network the directions (N, 12, 3) of its body. spread: (N,) radians, the head's own.
    """

    keypoints_px: Array
    keypoints_crop_px: NDArray[np.float32]
    own: NDArray[np.bool_]
    cameras: list[CropCamera]
    coco_px: NDArray[np.float32]
    landmarks_px: Array
    landmarks_m: Array
    passes_m: Array
    agreement: Array
    score: Array
    true_directions: Array
    said: Mapping[str, Array]
    spread: Array

    def __len__(self) -> int:
        return len(self.spread)

    def fitted(self, *, witnessed: bool = True) -> Keypoints2D:
        """What a fit is given of the people."""
        variances = bone_error_variances(
            self.landmarks_m,
            self.landmarks_px,
            self.keypoints_px,
            self.own,
            witness=self.said["head without landmarks"] if witnessed else None,
        )
        known = BoneDirections(
            torch.tensor(corrected_bone_directions(self.landmarks_m), dtype=torch.float32),
            torch.tensor(direction_weights(np.asarray(variances)), dtype=torch.float32),
        )
        seen = Keypoints2D.of(self.keypoints_crop_px, self.cameras)
        return replace(seen, bone_directions=known)


def watched_people(made: TrustedPeople, body: KeypointBody, *, own: bool) -> WatchedPeople:
    """Made people with the keypoints that people marked, or with the detector's own."""
    keypoints_px = made.found_px if own else made.marked_px
    boxes = [Box(*(float(part) for part in box)) for box in made.box]
    sizes = [(int(width), int(height)) for width, height in made.size_px]
    cameras = [
        assumed_camera(size).crop_camera(box) for size, box in zip(sizes, boxes, strict=True)
    ]
    crop_px = [
        box.keypoints_to_crop(points) for box, points in zip(boxes, keypoints_px, strict=True)
    ]
    rotations = pose_to_matrices(torch.from_numpy(made.pose_axis_angle))
    return _watched(
        body,
        keypoints_px=keypoints_px.astype(np.float64),
        keypoints_crop_px=np.stack(crop_px),
        own=np.full(keypoints_px.shape[:2], own),
        cameras=cameras,
        coco_px=made.coco_px,
        landmarks_px=made.landmarks_px.astype(np.float64),
        landmarks_m=made.landmarks_m.astype(np.float64),
        passes_m=made.passes_m.astype(np.float64),
        agreement=made.agreement.astype(np.float64),
        score=made.score.astype(np.float64),
        trunk=made.trunk,
        true_directions=bones_of_bodies(body, rotations, torch.from_numpy(made.betas)),
    )


def real_watched_people(body: KeypointBody) -> dict[str, WatchedPeople]:
    """The groups of real people that have pictures, by given keypoints; none where missing."""
    finder, blazepose = PeopleFinder.load(), BlazePose.load()
    found = {}
    for group in ("mpi_inf_3dhp", "multiview"):
        people = real_people(group)
        if people:
            found[group] = _real(people, body, finder, blazepose)
    return found


def _real(
    people: list[RealPerson], body: KeypointBody, finder: PeopleFinder, blazepose: BlazePose
) -> WatchedPeople:
    rows: list[dict[str, Any]] = []
    for person in people:
        if person.picture is None:
            continue
        picture = load_picture(person.picture)
        seen = finder.measure(picture, keypoints_px=person.keypoints_px)
        if seen is None or seen.landmarks_px is None or seen.landmarks_m is None:
            continue
        trunk = seen.trunk_features
        rows.append(
            {
                "keypoints_px": person.keypoints_px.astype(np.float64),
                "keypoints_crop_px": person.keypoints_crop_px,
                "own": np.zeros(49, dtype=bool),
                "coco_px": seen.coco_keypoints_px,
                "landmarks_px": seen.landmarks_px.astype(np.float64),
                "landmarks_m": seen.landmarks_m.astype(np.float64),
                "passes_m": further_passes(blazepose, picture, seen.coco_keypoints_px),
                "agreement": np.float64(seen.agreement),
                "score": np.float64(seen.score),
                "trunk": np.zeros((2, TRUNK_SIZE), np.float16) if trunk is None else trunk,
                "true_directions": _true_directions(person),
                "camera": assumed_camera(person.camera.picture_size_px).crop_camera(person.box),
            }
        )
    stacked: dict[str, Any] = {
        name: np.stack([row[name] for row in rows]) for name in rows[0] if name != "camera"
    }
    return _watched(body, cameras=[row["camera"] for row in rows], **stacked)


def _watched(body: KeypointBody, *, trunk: NDArray[np.float16], **arrays: Any) -> WatchedPeople:
    """The people with what the networks say of them."""
    people = WatchedPeople(said={}, spread=np.zeros(len(trunk)), **arrays)
    said, spread = _said(people, trunk, body)
    return replace(people, said=said, spread=spread)


def _said(
    people: WatchedPeople, trunk: NDArray[np.float16], body: KeypointBody
) -> tuple[dict[str, Array], Array]:
    """Directions by network, and the head's spread, of the keypoints that are known."""
    head, lifter = load_detector_head().eval(), Lifter.load()
    positions = torch.from_numpy(people.keypoints_crop_px[..., :2].astype(np.float32))
    confidence = torch.from_numpy(people.keypoints_crop_px[..., 2].astype(np.float32))
    trusted = torch.from_numpy(people.agreement >= _TRUSTED_AGREEMENT)
    bones = bones_of_landmarks(
        torch.from_numpy(people.landmarks_m.astype(np.float32)),
        torch.from_numpy(people.landmarks_px[..., 2].astype(np.float32)),
    )
    bones = bones.where(trusted[:, None].expand_as(bones.visibility))
    features = torch.from_numpy(trunk.astype(np.float32))
    has_trunk = features.flatten(1).any(1)
    of_all, without = (
        head.bodies(SeenPeople(positions, confidence, known, features, has_trunk))
        for known in (bones, LandmarkBones.none(len(trunk)))
    )
    lifted = lifter.lift(positions, confidence)
    said = {
        "head": bones_of_bodies(body, of_all.rotations, of_all.betas),
        "head without landmarks": bones_of_bodies(body, without.rotations, without.betas),
        "lifter": bones_of_bodies(body, lifted.rotations, lifted.betas),
    }
    return said, of_all.spread_rad.square().mean(1).sqrt().double().numpy()


def bones_of_bodies(body: KeypointBody, rotations: torch.Tensor, betas: torch.Tensor) -> Array:
    """Unit vectors ``(N, 12, 3)`` along the bones of N bodies."""
    keypoints = body.keypoints(rotations.to(body.dtype), betas.to(body.dtype))
    directions: Array = directions_between_keypoints(keypoints).double().numpy()
    return directions


def _true_directions(person: RealPerson) -> Array:
    """``(12, 3)`` in the frame of the person's crop, under the camera that took the picture."""
    joints = np.full((49, 3), np.nan)
    indices = [_SMPL_HALF.get(index, index) for index in person.keypoint_indices]
    pose = person.camera.pose  # None where joints are in the frame of the camera
    rotation = np.eye(3) if pose is None else np.array(pose.rotation).reshape(3, 3)
    seen = person.joints_m @ rotation.T
    joints[indices] = np.where(person.trusted[:, None], seen, np.nan)
    true = person.camera
    camera = PictureCamera(
        true.focal_length_px,
        true.principal_point_px,
        true.distortion,
        source=CameraSource.GIVEN,
    )
    turned = camera_tensors([camera.crop_camera(person.box)]).viewing_rotations[0]
    return directions_between_keypoints(joints @ turned.double().numpy())
