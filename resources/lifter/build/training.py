"""Trains the network on bodies, cameras and detections that are made up as it goes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.regression.lifter_input import lifter_input
from core.engine.regression.lifter_network import LiftingNetwork
from core.geometry.sixd import matrix_to_sixd
from resources.lifter.build.bodies import PoseSet, mean_rotations, training_poses
from resources.lifter.build.cameras import SeenBodies, see
from resources.lifter.build.detection import detect
from resources.resumable_training import ResumableTraining, Schedule

KEYPOINT_WEIGHT = 10.0
ROTATION_WEIGHT = 5.0
ROOT_WEIGHT = 1.0
BETAS_WEIGHT = 0.02


@dataclass(frozen=True, kw_only=True)
class Settings(Schedule):
    """What a training is repeated by."""

    width: int = 768
    blocks: int = 2
    half_precision: bool = True
    """Hidden layers in bfloat16: twice as fast where the processor has it."""
    batch: int = 256
    steps: int = 20000
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    warm_up_steps: int = 500
    hold_out: str = "clips"


class Training(ResumableTraining[LiftingNetwork, Settings]):
    """Trains the lifter on bodies, cameras and detections that it makes up."""

    averaged_steps = 1000
    report_every_steps = 500

    def __init__(self, settings: Settings, poses: PoseSet, body: KeypointBody) -> None:
        torch.manual_seed(settings.seed)
        network = LiftingNetwork(
            width=settings.width,
            blocks=settings.blocks,
            mean_sixd=matrix_to_sixd(mean_rotations(poses)).flatten(),
            dropout=settings.dropout,
        )
        super().__init__(settings, network)
        self.poses, self.body = poses, body

    def loss_parts_of_next_batch(self) -> dict[str, Tensor]:
        """The weighted terms of ``loss_parts`` on bodies that were seen and detected."""
        poses = training_poses(self.poses, self.settings.batch, self.generator)
        seen = see(self.body, poses, self.generator)
        keypoints = detect(seen.positions_crop_px, self.generator)
        inputs = lifter_input(keypoints.positions_crop_px, keypoints.confidence)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.settings.half_precision):
            features = self.network.features(inputs)
        rotations, betas = self.network.body_of(features.float())
        return loss_parts(self.body, seen, rotations, betas)

    def averaged_network(self) -> LiftingNetwork:
        """The running mean of the parameters, for use."""
        network = LiftingNetwork(width=self.settings.width, blocks=self.settings.blocks)
        network.load_state_dict(self.averaged)
        return network


def loss_parts(
    body: KeypointBody, seen: SeenBodies, rotations: Tensor, betas: Tensor
) -> dict[str, Tensor]:
    """Weighted terms: keypoints in metres about the pelvis, turns of all joints, root, betas.

    ``1 - cos`` of the angle between two rotations is a quarter of the squared difference of their
    matrices: quadratic for small angles, and bounded where the network cannot know.
    """
    points = body.distinct_keypoints(rotations, betas) - body.root_joint(betas)[:, None]
    distance = (points - seen.points).norm(dim=-1).mean()
    turned = 0.25 * (rotations - seen.rotations).square().sum((-1, -2))
    return {
        "keypoints": KEYPOINT_WEIGHT * distance,
        "rotations": ROTATION_WEIGHT * turned.mean(),
        "root": ROOT_WEIGHT * turned[:, 0].mean(),
        "betas": BETAS_WEIGHT * (betas - seen.betas).square().mean(),
    }
