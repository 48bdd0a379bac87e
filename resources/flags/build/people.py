"""Synthetic people from recordings that neither lifter nor prior has seen, keypoints only.

Bodies, turns, boxes and detector are those of the demo's pictures (``core.engine.synthetic``);
postures are as recorded: people who lie, hang or stand on their hands do so. Nothing is drawn.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.engine.synthetic.detector import annotate_coco_17, detect_body_25
from core.engine.synthetic.occluders import draw_occluder
from core.engine.synthetic.people import MadePerson, place_person, random_placements
from core.engine.synthetic.scenes import joint_visibility
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from resources.lifter.build.bodies import Recordings, draw_poses
from resources.lifter.build.splits import held_out_clips
from resources.pose_prior.build.mixture import fit_pose_prior
from resources.pose_prior.build.mocap import MocapPoses, mirrored

SPLIT_SEED = 0
"""Of the lifter's build: what it held out is what is used here."""
_HALVES_SEED = 123
_SELECTION = Path(__file__).resolve().parents[2] / "pose_prior" / "build" / "selection.json"
_POSES_PER_PRIOR = 8000
_SIZES_PX = ((640, 480), (480, 640))
COVERED_SHARE = 0.3
"""People with something in front of them."""
ANNOTATED_SHARE = 0.25
"""People with hand-marked joints: a third of these have nothing else."""


@dataclass(frozen=True, eq=False)
class SyntheticPeople:
    """N people: what a detector reports of them, and the truth.

    truth_keypoints: (N, 49, 3) metres in the camera frame, not translated.
    """

    keypoints: Keypoints2D
    truth: BodyEstimate
    truth_keypoints: Tensor

    def __len__(self) -> int:
        return len(self.keypoints)


def unseen_poses(recordings: Recordings, half: str) -> NDArray[np.bool_]:
    """``(poses,)``: one ``half``, ``calibration`` or ``report``, of the clips held out, by clip."""
    hidden = held_out_clips(recordings.poses, seed=SPLIT_SEED)
    clips = np.unique(recordings.poses.clips[hidden])
    np.random.default_rng(_HALVES_SEED).shuffle(clips)
    chosen = clips[{"calibration": 0, "report": 1}[half] :: 2]
    return np.isin(recordings.poses.clips, chosen)


def unbiased_prior(recordings: Recordings) -> PosePrior:
    """A pose prior by the shipped one's recipe that has seen no held-out clip."""
    seen = recordings.poses.where(~held_out_clips(recordings.poses, seed=SPLIT_SEED))
    drawn = np.random.default_rng(SPLIT_SEED).permutation(len(seen.actions))[:_POSES_PER_PRIOR]
    poses = MocapPoses(seen.body_pose[drawn], seen.clips[drawn], seen.actions[drawn])
    chosen = json.loads(_SELECTION.read_text(encoding="utf-8"))["chosen"]
    both = np.concatenate([poses.body_pose, mirrored(poses.body_pose)])
    weights = np.tile(poses.action_weights(), 2)
    mixture = fit_pose_prior(
        both,
        components=chosen["components"],
        spread=chosen["spread"],
        seed=SPLIT_SEED,
        sample_weights=weights,
    )
    return PosePrior(
        means=mixture.means,
        covariances=mixture.covariances,
        weights=mixture.weights,
        mean_pose=(weights / weights.sum()) @ both,
    )


def draw_people(
    body: BodyModel, recordings: Recordings, *, half: str, count: int, seed: int
) -> SyntheticPeople:
    """``count`` people in poses of one half of the held-out clips, every clip alike."""
    generator = torch.Generator().manual_seed(seed)
    chosen = recordings.subset(unseen_poses(recordings, half), by_clip=True)
    poses = draw_poses(chosen, count, generator)
    rng = np.random.default_rng(seed)
    postures = matrix_to_axis_angle(_without_heading(poses[:, 0])).numpy()
    body_poses = matrix_to_axis_angle(poses[:, 1:]).flatten(1).numpy()
    people = [
        _person(body, pose, posture, rng)
        for pose, posture in zip(body_poses, postures, strict=True)
    ]
    truths = [person.parameters for person, _ in people]
    return SyntheticPeople(
        keypoints=Keypoints2D.of(np.stack([keypoints for _, keypoints in people])),
        truth=BodyEstimate.from_parameters(truths),
        truth_keypoints=torch.from_numpy(np.stack([person.keypoints for person, _ in people])),
    )


def _person(
    body: BodyModel,
    body_pose: NDArray[np.floating],
    posture: NDArray[np.floating],
    rng: np.random.Generator,
) -> tuple[MadePerson, NDArray[np.float32]]:
    size_px = _SIZES_PX[rng.integers(len(_SIZES_PX))]
    placement = random_placements(1, size_px, rng)[0]
    person = place_person(body, body_pose, placement, rng, posture=posture)
    coverings = []
    if rng.random() < COVERED_SHARE:
        canvas = np.zeros((size_px[1], size_px[0], 3), np.float32)
        coverings.append(draw_occluder(canvas, person.box, rng))
    seen = joint_visibility(person, coverings, size_px)
    side_px, truth = person.box.side_px, person.keypoints_px
    keypoints = detect_body_25(truth, seen, side_px=side_px, rng=rng)
    source = rng.random()
    if source < ANNOTATED_SHARE:
        marked = annotate_coco_17(truth, seen, side_px=side_px, rng=rng)
        keypoints = marked if source < ANNOTATED_SHARE / 3 else marked + keypoints
    return person, person.box.keypoints_to_crop(keypoints)


def _without_heading(roots: Tensor) -> Tensor:
    """Recorded roots ``(N, 3, 3)`` turned about the world's vertical until they face z."""
    facing = roots[:, :, 2]
    heading = torch.atan2(facing[:, 0], facing[:, 2])
    zero = torch.zeros_like(heading)
    return axis_angle_to_matrix(torch.stack([zero, -heading, zero], dim=1)) @ roots
