"""Trains the network on bodies, cameras and detections that are made up as it goes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.regression.lifter_input import lifter_input
from core.engine.regression.lifter_network import LiftingNetwork
from core.errors import StudioError
from core.geometry.sixd import matrix_to_sixd
from resources.lifter.build.bodies import PoseSet, mean_rotations, training_poses
from resources.lifter.build.cameras import SeenBodies, see
from resources.lifter.build.detection import detect

KEYPOINT_WEIGHT = 10.0
ROTATION_WEIGHT = 5.0
ROOT_WEIGHT = 1.0
BETAS_WEIGHT = 0.02
LARGEST_GRADIENT = 1.0
AVERAGED_STEPS = 1000
"""The parameters kept are a running mean over about this many steps."""

SAVE_EVERY_S = 60.0
REPORT_EVERY_STEPS = 500


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a training is repeated by."""

    width: int = 768
    blocks: int = 2
    half_precision: bool = True
    """Hidden layers in bfloat16: twice as fast where the processor has it."""
    dropout: float = 0.05
    batch: int = 256
    steps: int = 20000
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    warm_up_steps: int = 500
    seed: int = 0
    hold_out: str = "clips"


class Training:
    """A training that can stop after any step and go on from its checkpoint, to the last bit."""

    def __init__(self, settings: Settings, poses: PoseSet, body: KeypointBody) -> None:
        torch.manual_seed(settings.seed)
        self.settings, self.poses, self.body = settings, poses, body
        self.network = LiftingNetwork(
            width=settings.width,
            blocks=settings.blocks,
            mean_sixd=matrix_to_sixd(mean_rotations(poses)).flatten(),
            dropout=settings.dropout,
        )
        self.averaged = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(),
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
        )
        self.generator = torch.Generator().manual_seed(settings.seed)
        self.step = 0

    @property
    def finished(self) -> bool:
        """Whether all steps are done."""
        return self.step >= self.settings.steps

    def save(self, path: Path) -> None:
        """Everything the next step depends on; a kill while writing leaves the former file."""
        half_written = path.with_suffix(".part")
        torch.save(
            {
                "settings": asdict(self.settings),
                "step": self.step,
                "network": self.network.state_dict(),
                "averaged": self.averaged,
                "optimiser": self.optimiser.state_dict(),
                "generator": self.generator.get_state(),
                "dropout": torch.get_rng_state(),
            },
            half_written,
        )
        half_written.replace(path)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint.

        Only the number of steps may be another; the learning rate then follows the new schedule.

        Raises:
            StudioError: other settings differ.
        """
        saved = torch.load(path, weights_only=True)
        if saved["settings"] | {"steps": self.settings.steps} != asdict(self.settings):
            raise StudioError(
                f"{path} was begun with {saved['settings']}, not with {asdict(self.settings)}.",
                remedy="Give the same settings or another cache folder.",
            )
        self.step = saved["step"]
        self.network.load_state_dict(saved["network"])
        self.averaged = saved["averaged"]
        self.optimiser.load_state_dict(saved["optimiser"])
        self.generator.set_state(saved["generator"])
        torch.set_rng_state(saved["dropout"])

    def advance(self) -> dict[str, float]:
        """One step; returns the parts of its loss."""
        self.network.train()
        for group in self.optimiser.param_groups:
            group["lr"] = _learning_rate(self.settings, self.step)
        poses = training_poses(self.poses, self.settings.batch, self.generator)
        seen = see(self.body, poses, self.generator)
        keypoints = detect(seen.positions_crop_px, self.generator)
        inputs = lifter_input(keypoints.positions_crop_px, keypoints.confidence)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.settings.half_precision):
            features = self.network.features(inputs)
        rotations, betas = self.network.body_of(features.float())
        parts = loss_parts(self.body, seen, rotations, betas)
        self.optimiser.zero_grad()
        torch.stack(list(parts.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), LARGEST_GRADIENT)
        self.optimiser.step()
        self.step += 1
        share = 1 / min(self.step, AVERAGED_STEPS)
        for name, value in self.network.state_dict().items():
            self.averaged[name].lerp_(value, share)
        return {name: float(value.detach()) for name, value in parts.items()}

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


def _learning_rate(settings: Settings, step: int) -> float:
    """Up over the first steps, along a half cosine down to nothing at the end."""
    up = min(1.0, (step + 1) / settings.warm_up_steps)
    down = 0.5 * (1 + math.cos(math.pi * step / settings.steps))
    return settings.learning_rate * up * down


def train(
    training: Training, checkpoint: Path, *, seconds: float, tell: Callable[[str], object]
) -> None:
    """Train until the end, or for this many seconds; the checkpoint is written either way."""
    began = saved = time.monotonic()
    totals: dict[str, float] = {}
    while not training.finished and time.monotonic() - began < seconds:
        for name, value in training.advance().items():
            totals[name] = totals.get(name, 0.0) + value / REPORT_EVERY_STEPS
        if training.step % REPORT_EVERY_STEPS == 0:
            parts = ", ".join(f"{name} {value:.4f}" for name, value in totals.items())
            tell(f"step {training.step} after {time.monotonic() - began:.0f} s: {parts}\n")
            totals = {}
        if time.monotonic() - saved > SAVE_EVERY_S:
            training.save(checkpoint)
            saved = time.monotonic()
    training.save(checkpoint)
