"""How large a reproduction is: people, iterations, seeds. All of it is written into the report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from core.runs.training_configuration import TrainingConfiguration, profile_configuration

CROP_PX = 48
"""Side of the crops that the benchmark's regressor sees."""


@dataclass(frozen=True, kw_only=True)
class ReproductionSettings:
    """One size of the benchmark.

    lab_people: with 3D truth, for the common warm start. train_people: 2D keypoints only.
    validation_people: what the warm start is checked on. test_people: what the tables are made of.
    warm_stages: iterations and learning rate of the warm start's parts, one after the other; at a
        steady high rate a network this small runs away sooner or later.
    iterations: of each training of the tables.
    noise_factors: table 2's detectors, as multiples of the ordinary one's jitter and gross errors.
    """

    name: str
    lab_people: int
    train_people: int
    validation_people: int
    test_people: int
    seeds: tuple[int, ...]
    warm_stages: tuple[tuple[int, float], ...]
    iterations: int
    batch_size: int = 32
    learning_rate: float = 2e-4
    backbone: str = "test_resnet"
    input_size_px: int = CROP_PX
    noise_factors: tuple[float, ...] = (0.0, 1.0, 2.0, 4.0, 8.0)

    def warm_start(self, stage: int, before: Path | None) -> TrainingConfiguration:
        """Supervised by the lab people's truth; nothing is fitted. Begins with random weights.

        Args:
            stage: place in ``warm_stages``.
            before: what the stage before gave; None for the first.
        """
        iterations, learning_rate = self.warm_stages[stage]
        return replace(
            self._common(),
            start_from="random" if before is None else str(before),
            seed=stage,
            iterations=iterations,
            learning_rate=learning_rate,
            paired=True,
            static=True,
        )

    def training(self, start: Path, *, seed: int, method: str) -> TrainingConfiguration:
        """Of one cell; ``method`` is ``static``, ``in-loop`` or ``final``."""
        return replace(
            self._common(),
            start_from=str(start),
            seed=seed,
            iterations=self.iterations,
            learning_rate=self.learning_rate,
            paired=False,
            static=method == "static",
            final=method == "final",
        )

    def _common(self) -> TrainingConfiguration:
        """The paper's method at a size that one core can train."""
        return replace(
            profile_configuration("paper"),
            backbone=self.backbone,
            input_size_px=self.input_size_px,
            batch_size=self.batch_size,
            # A mirrored suit has its colours on the wrong side: it would teach to mistrust them.
            augment=False,
            # Batches of so few people say little of the statistics.
            freeze_normalisation=True,
            workers=0,
            device="cpu",
            checkpoint_every=50,
        )


FULL = ReproductionSettings(
    name="full",
    lab_people=1500,
    train_people=800,
    validation_people=100,
    test_people=400,
    seeds=(0, 1, 2),
    warm_stages=((1200, 1e-3), (1800, 3e-4)),
    iterations=300,
)

QUICK = ReproductionSettings(
    name="quick",
    lab_people=300,
    train_people=120,
    validation_people=30,
    test_people=60,
    seeds=(0, 1),
    warm_stages=((500, 1e-3), (200, 3e-4)),
    iterations=40,
)
