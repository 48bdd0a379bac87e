"""What the trainings that build the shipped networks share: a step, a mean, a checkpoint.

A training draws everything from its own generator and keeps a running mean of its parameters. It
can stop after any step and go on from its checkpoint as if it had not stopped.
"""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

from core.errors import StudioError

LARGEST_GRADIENT = 1.0
SAVE_EVERY_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What every training is repeated by; each adds what is its own."""

    dropout: float = 0.05
    steps: int
    learning_rate: float
    weight_decay: float
    warm_up_steps: int
    seed: int = 0


NetworkT = TypeVar("NetworkT", bound=nn.Module)
ScheduleT = TypeVar("ScheduleT", bound=Schedule)


class ResumableTraining(ABC, Generic[NetworkT, ScheduleT]):
    """A training that can stop after any step and go on from its checkpoint, to the last bit.

    averaged_steps: the parameters kept are a running mean over about this many steps.
    report_every_steps: how many steps a line of the report is the mean of.
    """

    averaged_steps: int
    report_every_steps: int

    def __init__(self, settings: ScheduleT, network: NetworkT) -> None:
        self.settings, self.network = settings, network
        self.averaged = {name: value.clone() for name, value in network.state_dict().items()}
        self.optimiser = torch.optim.AdamW(
            network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self.generator = torch.Generator().manual_seed(settings.seed)
        self.step = 0

    @abstractmethod
    def loss_parts_of_next_batch(self) -> dict[str, Tensor]:
        """The weighted parts of the loss on a batch drawn from the generator."""

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
            group["lr"] = learning_rate(self.settings, self.step)
        parts = self.loss_parts_of_next_batch()
        self.optimiser.zero_grad()
        torch.stack(list(parts.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), LARGEST_GRADIENT)
        self.optimiser.step()
        self.step += 1
        share = 1 / min(self.step, self.averaged_steps)
        for name, value in self.network.state_dict().items():
            self.averaged[name].lerp_(value, share)
        return {name: float(value.detach()) for name, value in parts.items()}


def learning_rate(schedule: Schedule, step: int) -> float:
    """Up over the first steps, along a half cosine down to nothing at the end."""
    up = min(1.0, (step + 1) / schedule.warm_up_steps)
    down = 0.5 * (1 + math.cos(math.pi * step / schedule.steps))
    return schedule.learning_rate * up * down


def train(
    training: ResumableTraining[NetworkT, ScheduleT],
    checkpoint: Path,
    *,
    seconds: float,
    tell: Callable[[str], object],
) -> None:
    """Train until the end, or for this many seconds; the checkpoint is written either way."""
    began = saved = time.monotonic()
    totals: dict[str, float] = {}
    while not training.finished and time.monotonic() - began < seconds:
        for name, value in training.advance().items():
            totals[name] = totals.get(name, 0.0) + value / training.report_every_steps
        if training.step % training.report_every_steps == 0:
            parts = ", ".join(f"{name} {value:.4f}" for name, value in totals.items())
            tell(f"step {training.step} after {time.monotonic() - began:.0f} s: {parts}\n")
            totals = {}
        if time.monotonic() - saved > SAVE_EVERY_S:
            training.save(checkpoint)
            saved = time.monotonic()
    training.save(checkpoint)
