"""People with known bodies for the fitting benchmark, and a pose prior that has not seen them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.geometry.crop_camera import CROP_SIZE_PX, FOCAL_LENGTH_PX, project_to_crop
from core.geometry.rotations import axis_angle_to_matrix, facing_root
from resources.pose_prior.build.mixture import fit_pose_prior
from resources.pose_prior.build.mocap import MocapPoses, load_mocap, mirrored

ROOT = Path(__file__).resolve().parents[2]
MOCAP = ROOT.parent / "shared" / "mocap"
_SELECTION = ROOT / "resources" / "pose_prior" / "build" / "selection.json"

KEYPOINT_NOISE_PX = 2.0
MISSING_SHARE = 0.15
TILT_RAD = np.deg2rad(8)
FILLED_SHARE_OF_CROP = 1 / 1.2
START_MEAN_TURN_RAD = np.deg2rad(12)
START_BETAS = 0.5
START_DEPTH = 0.05
HELD_OUT_CLIPS = 0.2
POSES_PER_PRIOR = 8000


@dataclass(frozen=True, eq=False)
class People:
    """N bodies: the truth, what a detector sees of it, and a network's disturbed idea of it."""

    truth: BodyEstimate
    keypoints_3d: Tensor
    keypoints: Keypoints2D
    start: BodyEstimate


def recipe_prior(poses: MocapPoses, *, seed: int) -> PosePrior:
    """A prior by the shipped one's recipe, on its own draw of poses and with its own seed."""
    chosen = json.loads(_SELECTION.read_text())["chosen"]
    generator = np.random.default_rng(seed)
    drawn = np.zeros(len(poses.actions), dtype=bool)
    count = min(POSES_PER_PRIOR, len(drawn))
    drawn[generator.choice(len(drawn), count, replace=False)] = True
    subset = poses.where(drawn)
    both = np.concatenate([subset.body_pose, mirrored(subset.body_pose)])
    weights = np.tile(subset.action_weights(), 2)
    mixture = fit_pose_prior(
        both,
        components=chosen["components"],
        spread=chosen["spread"],
        seed=seed,
        sample_weights=weights,
    )
    return PosePrior(
        means=mixture.means,
        covariances=mixture.covariances,
        weights=mixture.weights,
        mean_pose=(weights / weights.sum()) @ both,
    )


def mocap_poses_and_prior(count: int, *, seed: int) -> tuple[NDArray[np.float64], PosePrior]:
    """Poses ``(count, 69)`` of clips, every clip alike, that the returned prior has not seen."""
    poses, generator = load_mocap(MOCAP), np.random.default_rng(seed)
    clips = np.unique(poses.clips)
    generator.shuffle(clips)
    held_out = clips[: int(HELD_OUT_CLIPS * len(clips))]
    rows = [
        generator.choice(np.flatnonzero(poses.clips == held_out[index % len(held_out)]))
        for index in range(count)
    ]
    unseen = np.isin(poses.clips, held_out)
    return poses.body_pose[rows], recipe_prior(poses.where(~unseen), seed=seed)


def make_people(body: KeypointBody, body_pose: NDArray[np.float64], *, seed: int) -> People:
    """Upright people of random shape and yaw, as a detector and a network would give them.

    2 px of noise and 15 % missing joints; the start is off by 12° a joint on average, 0.5 in every
    beta and 5 % in depth.
    """
    generator, count = np.random.default_rng(seed), len(body_pose)

    def normal(*shape: int) -> Tensor:
        return torch.tensor(generator.standard_normal(shape), dtype=body.dtype)

    yaw = torch.tensor(generator.uniform(-np.pi, np.pi, count), dtype=body.dtype)
    root = axis_angle_to_matrix(TILT_RAD * normal(count, 3)) @ facing_root(yaw)
    joints = axis_angle_to_matrix(torch.tensor(body_pose, dtype=body.dtype).view(count, 23, 3))
    matrices, betas = torch.cat([root[:, None], joints], dim=1), normal(count, 10)
    keypoints_3d = body.keypoints(matrices, betas)
    camera = _framing_camera(keypoints_3d)
    seen = project_to_crop(keypoints_3d, camera) + KEYPOINT_NOISE_PX * normal(count, 49, 2)
    present = torch.tensor(generator.random((count, 49)) > MISSING_SHARE).to(body.dtype)
    turns = normal(count, 24, 3) * START_MEAN_TURN_RAD / np.sqrt(8 / np.pi)
    moved = matrices @ axis_angle_to_matrix(turns)
    nearer = camera.clone()
    nearer[:, 2] *= 1 + START_DEPTH * normal(count)
    return People(
        truth=BodyEstimate(matrices, betas, camera),
        keypoints_3d=keypoints_3d,
        keypoints=Keypoints2D(seen * present[..., None], present),
        start=BodyEstimate(moved, betas + START_BETAS * normal(count, 10), nearer),
    )


def _framing_camera(keypoints_3d: Tensor) -> Tensor:
    low, high = keypoints_3d.amin(1)[:, :2], keypoints_3d.amax(1)[:, :2]
    depth = FOCAL_LENGTH_PX * (high - low).amax(1) / (FILLED_SHARE_OF_CROP * CROP_SIZE_PX)
    return torch.cat([-(low + high) / 2, depth[:, None]], dim=1)


def some_people(people: People, count: int) -> People:
    """The first ``count``."""

    def first(estimate: BodyEstimate) -> BodyEstimate:
        return BodyEstimate(
            estimate.rotations[:count],
            estimate.betas[:count],
            estimate.camera_translation[:count],
        )

    keypoints = people.keypoints
    return People(
        first(people.truth),
        people.keypoints_3d[:count],
        Keypoints2D(keypoints.positions_crop_px[:count], keypoints.confidence[:count]),
        first(people.start),
    )
