"""Rendered people with the truth and with what the frozen detector says of them.

Chunks of 200, each from its own seed, so that an interrupted build goes on with the next one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body.conventions import COCO_17_TO_KEYPOINTS
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.regression.landmark_bones import (
    LandmarkBones,
    bones_of_keypoints,
    bones_of_landmarks,
)
from core.geometry.rotations import pose_to_matrices
from resources.stored_arrays import StoredArrays

LEAST_CONFIDENCE = 0.2
"""Keypoints that a network is less sure of are left out."""

TRUSTED_AGREEMENT = 0.4
"""Below it BlazePose probably looked at another person: MoveNet's joints are taken alone."""

BODY_25_OF_LANDMARKS: tuple[tuple[int, ...], ...] = (
    (0,), (11, 12), (12,), (14,), (16,), (11,), (13,), (15,), (23, 24), (24,), (26,), (28,), (23,),
    (25,), (27,), (5,), (2,), (8,), (7,), (31,), (), (29,), (32,), (), (30,),
)  # fmt: skip
"""Which landmarks, or the middle of which, BODY_25's points are; small toes have none."""


@dataclass(frozen=True, eq=False)
class Chunk(StoredArrays):
    """N people as they are stored.

    pose_axis_angle: (N, 72) radians; betas: (N, 10). true_keypoints_px: (N, 49, 2) picture pixels.
    coco_keypoints_px: (N, 17, 3) MoveNet's x, y, confidence. landmarks_px: (N, 33, 3) BlazePose's
    x, y, visibility; landmarks_m: (N, 33, 3). agreement: (N,) of the two, 0 where none was found.
    trunk: (N, 2, 2304) half precision, MoveNet's trunk on the person and on the mirrored picture.
    """

    pose_axis_angle: NDArray[np.float32]
    betas: NDArray[np.float32]
    true_keypoints_px: NDArray[np.float32]
    coco_keypoints_px: NDArray[np.float32]
    landmarks_px: NDArray[np.float32]
    landmarks_m: NDArray[np.float32]
    agreement: NDArray[np.float32]
    trunk: NDArray[np.float16]


@dataclass(frozen=True, eq=False)
class DetectedPeople:
    """N people as tensors, to train on and to take errors from.

    rotations: (N, 24, 3, 3), the root's in the camera frame; betas: (N, 10).
    true_keypoints_px: (N, 49, 2). keypoints_px: (N, 49, 2) detected, confidence: (N, 49).
    true_bones and bones: of the body, and as the landmarks have them. agreement: (N,).
    trunk: (N, 2304) features of the picture, trunk_mirrored: of the mirrored one, half precision.
    """

    rotations: Tensor
    betas: Tensor
    true_keypoints_px: Tensor
    keypoints_px: Tensor
    confidence: Tensor
    true_bones: LandmarkBones
    bones: LandmarkBones
    agreement: Tensor
    trunk: Tensor
    trunk_mirrored: Tensor

    @classmethod
    def of(cls, chunk: Chunk, body: KeypointBody) -> DetectedPeople:
        """The people of a chunk; the landmarks of those that the networks disagree on are lost."""
        rotations = pose_to_matrices(torch.from_numpy(chunk.pose_axis_angle))
        betas = torch.from_numpy(chunk.betas)
        agreement = torch.from_numpy(chunk.agreement)
        keypoints = torch.from_numpy(detected_keypoints(chunk))
        bones = bones_of_landmarks(
            torch.from_numpy(chunk.landmarks_m), torch.from_numpy(chunk.landmarks_px[..., 2])
        )
        trusted = (agreement >= TRUSTED_AGREEMENT)[:, None]
        return cls(
            rotations,
            betas,
            torch.from_numpy(chunk.true_keypoints_px),
            keypoints[..., :2].clone(),
            keypoints[..., 2].clone(),
            bones_of_keypoints(body.keypoints(rotations, betas)),
            bones.where(trusted.expand_as(bones.visibility)),
            agreement,
            torch.from_numpy(chunk.trunk[:, 0]),
            torch.from_numpy(chunk.trunk[:, 1]),
        )

    def __len__(self) -> int:
        return len(self.betas)

    def rows(self, rows: Tensor) -> DetectedPeople:
        """Some of the people."""
        return DetectedPeople(
            self.rotations[rows],
            self.betas[rows],
            self.true_keypoints_px[rows],
            self.keypoints_px[rows],
            self.confidence[rows],
            bones_of_rows(self.true_bones, rows),
            bones_of_rows(self.bones, rows),
            self.agreement[rows],
            self.trunk[rows],
            self.trunk_mirrored[rows],
        )


def bones_of_rows(bones: LandmarkBones, rows: Tensor) -> LandmarkBones:
    """The bones of some people."""
    return LandmarkBones(bones.directions[rows], bones.lengths_m[rows], bones.visibility[rows])


def detected_keypoints(chunk: Chunk) -> NDArray[np.float32]:
    """``(N, 49, 3)``: BlazePose's points as BODY_25, MoveNet's as COCO's 17."""
    keypoints = np.zeros((len(chunk.betas), 49, 3), np.float32)
    for keypoint, landmarks in enumerate(BODY_25_OF_LANDMARKS):
        if landmarks:
            points = chunk.landmarks_px[:, list(landmarks)]
            keypoints[:, keypoint, :2] = points[..., :2].mean(1)
            keypoints[:, keypoint, 2] = points[..., 2].min(1)
    keypoints[chunk.agreement < TRUSTED_AGREEMENT] = 0
    keypoints[:, list(COCO_17_TO_KEYPOINTS)] = chunk.coco_keypoints_px
    keypoints[keypoints[..., 2] <= LEAST_CONFIDENCE] = 0
    return keypoints
