"""Trains a small regressor on the people, with the truth at hand."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.data.augmentation import (
    AugmentationBatch,
    AugmentationSettings,
    augment_estimate,
    augmented_crop,
    draw_augmentation,
)
from core.engine.regression.checkpoints import regressor_from_state, regressor_state
from core.engine.regression.input_pictures import normalise_pictures
from core.engine.regression.mean_parameters import MeanParameters
from core.engine.regression.regressor import Regressor, RegressorOutput
from core.engine.regression.weight_files import read_weight_file, write_weight_file
from core.errors import StudioError
from core.geometry.boxes import Box
from core.geometry.crop_camera import CROP_SIZE_PX, project_to_crop
from core.geometry.rotations import pose_to_matrices
from resources.demo_regressor.build.people import CROP_SIDE_PX, STORED_SIDE_PX, People

KEYPOINT_WEIGHT = 10.0
PICTURE_WEIGHT = 5.0
ROTATION_WEIGHT = 5.0
ROOT_WEIGHT = 2.0
BETAS_WEIGHT = 0.02
LARGEST_GRADIENT = 1.0
AVERAGED_STEPS = 200
"""The parameters kept are a running mean over about this many steps."""

COOL_DOWN_SHARE = 0.35
SIDES_PX = ((0.5, 64), (0.75, 96))
"""Up to these shares of the steps crops are smaller: most is learned there, at less cost."""
SAVE_EVERY_S = 60.0
REPORT_EVERY_STEPS = 100

AUGMENTATION = AugmentationSettings(
    rotation_spread_rad=math.radians(15), upright_share=0.6, scale_spread=0.15, color_spread=0.3
)
_STORED_BOX = Box(STORED_SIDE_PX / 2, STORED_SIDE_PX / 2, CROP_SIDE_PX)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a training is repeated by."""

    backbone: str = "regnetx_002"
    batch: int = 32
    steps: int = 3000
    learning_rate: float = 4e-4
    weight_decay: float = 1e-3
    warm_up_steps: int = 50
    seed: int = 0
    people: int = 14000
    bfloat16: bool = False
    """Half the time where the processor itself knows it, four to six times where not."""


@dataclass(frozen=True, eq=False)
class Bodies:
    """B true bodies in the cameras of their augmented crops."""

    rotations: Tensor
    betas: Tensor
    camera_translation: Tensor


class PeopleSet:
    """Many chunks as one list of people."""

    def __init__(self, chunks: list[People]) -> None:
        self._chunks = chunks
        self._ends = np.cumsum([len(chunk) for chunk in chunks])
        truth = {
            name: torch.from_numpy(np.concatenate([getattr(chunk, name) for chunk in chunks]))
            for name in ("pose_axis_angle", "betas", "camera_translation")
        }
        self.rotations = pose_to_matrices(truth["pose_axis_angle"])
        self.betas, self.camera_translation = truth["betas"], truth["camera_translation"]

    def __len__(self) -> int:
        return int(self._ends[-1])

    def crop(self, row: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        """The stored crop of a person, read from the disk."""
        chunk = int(np.searchsorted(self._ends, row, side="right"))
        first = int(self._ends[chunk - 1]) if chunk else 0
        return np.asarray(self._chunks[chunk].crops[row - first])

    def batch(
        self,
        rows: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
        rng: np.random.Generator,
        body: KeypointBody,
        settings: AugmentationSettings = AUGMENTATION,
        *,
        side_px: int = CROP_SIDE_PX,
    ) -> tuple[Tensor, Bodies]:
        """Augmented crops ``(B, S, S, 3)`` in 0..255, and their bodies."""
        drawn = [draw_augmentation(rng, settings) for _ in rows]
        crops = [
            augmented_crop(self.crop(int(row)), _STORED_BOX, one, size_px=side_px)
            for row, one in zip(rows, drawn, strict=True)
        ]
        index = torch.from_numpy(rows)
        betas = self.betas[index]
        rotations, camera = augment_estimate(
            self.rotations[index],
            self.camera_translation[index],
            AugmentationBatch.of(drawn),
            root_joint=body.root_joint(betas),
        )
        return torch.from_numpy(np.stack(crops)), Bodies(rotations, betas, camera)


class Training:
    """A training that can stop after any step and go on from its checkpoint."""

    def __init__(
        self,
        settings: Settings,
        people: PeopleSet,
        body: KeypointBody,
        mean: MeanParameters,
        *,
        body_name: str,
    ) -> None:
        torch.manual_seed(settings.seed)
        self.settings, self.people, self.body = settings, people, body
        regressor = Regressor(
            settings.backbone, mean=mean, input_size_px=CROP_SIDE_PX, body_name=body_name
        )
        # So short a training never comes to fit its people too well.
        regressor.drop1.p = regressor.drop2.p = 0.0
        self.regressor = regressor.to(memory_format=torch.channels_last)
        self.averaged = {k: v.clone() for k, v in self.regressor.state_dict().items()}
        self.optimiser = torch.optim.AdamW(
            self.regressor.parameters(),
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
        )
        self.step = 0
        self.seconds = 0.0

    @property
    def finished(self) -> bool:
        """Whether all steps are done."""
        return self.step >= self.settings.steps

    def save(self, path: Path) -> None:
        """Everything the next step depends on; a kill while writing leaves the former file."""
        write_weight_file(
            path,
            {
                "settings": asdict(self.settings),
                "step": self.step,
                "seconds": self.seconds,
                "model": self.regressor.state_dict(),
                "averaged": self.averaged,
                "optimiser": self.optimiser.state_dict(),
            },
        )

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint, perhaps to another number of steps.

        Raises:
            StudioError: its other settings are not these.
        """
        saved = read_weight_file(path)
        if saved["settings"] | {"steps": 0} != asdict(self.settings) | {"steps": 0}:
            raise StudioError(
                f"{path} was begun with {saved['settings']}, not with {asdict(self.settings)}.",
                remedy="Give the same settings or another cache folder.",
            )
        self.step, self.seconds = saved["step"], saved["seconds"]
        self.regressor.load_state_dict(saved["model"])
        self.averaged = saved["averaged"]
        self.optimiser.load_state_dict(saved["optimiser"])

    def advance(self) -> dict[str, float]:
        """One step; returns the parts of its loss. Follows from seed and step alone."""
        self.regressor.train()
        for group in self.optimiser.param_groups:
            group["lr"] = _learning_rate(self.settings, self.step)
        rng = np.random.default_rng([self.settings.seed, self.step])
        pictures, truth = self.people.batch(self._rows(), rng, self.body, side_px=self._side_px())
        normalised = normalise_pictures(pictures)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.settings.bfloat16):
            output = self.regressor(normalised)
        parts = loss_parts(self.body, output, truth)
        self.optimiser.zero_grad()
        torch.autograd.backward(torch.stack(list(parts.values())).sum())
        torch.nn.utils.clip_grad_norm_(self.regressor.parameters(), LARGEST_GRADIENT)
        self.optimiser.step()
        self.step += 1
        share = 1 / min(self.step, AVERAGED_STEPS)
        for name, value in self.regressor.state_dict().items():
            if value.is_floating_point():
                self.averaged[name].lerp_(value, share)
        return {name: float(value.detach()) for name, value in parts.items()}

    def _rows(self) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        """The people of this step: everyone once an epoch, in an order of its own."""
        size, count = self.settings.batch, len(self.people)
        epoch, place = divmod(self.step, count // size)
        order = np.random.default_rng([self.settings.seed, epoch, 1]).permutation(count)
        return order[place * size : (place + 1) * size]

    def _side_px(self) -> int:
        share = self.step / self.settings.steps
        return next((side for until, side in SIDES_PX if share < until), CROP_SIDE_PX)

    def result(self) -> Regressor:
        """A regressor of the averaged parameters."""
        state = {**regressor_state(self.regressor), "model": self.averaged}
        return regressor_from_state(state, Path("averaged"))


def loss_parts(body: KeypointBody, output: RegressorOutput, truth: Bodies) -> dict[str, Tensor]:
    """Weighted terms: keypoints in metres about the root and in half crops, turns, root, betas."""
    said, true = (
        body.keypoints(regressor_output.rotations, regressor_output.betas)
        for regressor_output in (output, truth)
    )
    said_root, true_root = (
        body.root_joint(regressor_output.betas)[:, None] for regressor_output in (output, truth)
    )
    distance = ((said - said_root) - (true - true_root)).norm(dim=-1).mean()
    # At first the camera may come near the body; what is projected from there teaches nothing.
    camera = output.camera_translation
    camera = torch.cat([camera[:, :2], camera[:, 2:].clamp(10.0, 500.0)], dim=1)
    seen = project_to_crop(said, camera) - project_to_crop(true, truth.camera_translation)
    turned = 0.25 * (output.rotations - truth.rotations).square().sum((-1, -2))
    return {
        "keypoints": KEYPOINT_WEIGHT * distance,
        "picture": PICTURE_WEIGHT * (seen / (CROP_SIZE_PX / 2)).norm(dim=-1).clamp(max=2.0).mean(),
        "rotations": ROTATION_WEIGHT * turned.mean(),
        "root": ROOT_WEIGHT * turned[:, 0].mean(),
        "betas": BETAS_WEIGHT * (output.betas - truth.betas).square().mean(),
    }


def _learning_rate(settings: Settings, step: int) -> float:
    """Up over the first steps, then level, and down to nothing over the last ones.

    So a training whose time is cut short continues with fewer steps from any of its level ones.
    """
    up = min(1.0, (step + 1) / settings.warm_up_steps)
    down = min(1.0, (settings.steps - step) / (COOL_DOWN_SHARE * settings.steps))
    return settings.learning_rate * up * down


def train(
    training: Training, checkpoint: Path, *, seconds: float, tell: Callable[[str], object]
) -> None:
    """Train until the end, or for this many seconds; the checkpoint is written either way."""
    began = saved = last = time.monotonic()
    totals: dict[str, float] = {}
    while not training.finished and time.monotonic() - began < seconds:
        for name, value in training.advance().items():
            totals[name] = totals.get(name, 0.0) + value / REPORT_EVERY_STEPS
        now = time.monotonic()
        training.seconds += now - last
        last = now
        if training.step % REPORT_EVERY_STEPS == 0:
            parts = ", ".join(f"{name} {value:.3f}" for name, value in totals.items())
            tell(f"step {training.step} after {now - began:.0f} s: {parts}\n")
            totals = {}
        if now - saved > SAVE_EVERY_S:
            training.save(checkpoint)
            saved = now
    training.save(checkpoint)
