"""How large a reproduction is: people, iterations, seeds. All of it is written into the report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from core.runs.training_configuration import (
    START_RANDOM,
    TrainingConfiguration,
    profile_configuration,
)

FITTING_PROFILE = "paper"
"""Of the initial fits, and of those in the loop."""


class Pairing(StrEnum):
    """Whether anyone's true body takes part in a training, as in the paper's two settings."""

    UNPAIRED = "unpaired"
    """2D keypoints alone."""
    PAIRED = "paired"
    """Other people with true bodies in every batch; in the paper those are of Human3.6M."""


class Method(StrEnum):
    """How a regressor is trained."""

    STATIC = "static"
    """On the initial dictionary as it is."""
    IN_LOOP = "in-loop"
    """With SMPLify in the loop, from the initial dictionary."""
    FINAL = "final"
    """A second training, on the dictionary that the loop ended with."""


@dataclass(frozen=True, kw_only=True)
class ReproductionSettings:
    """One size of the benchmark.

    train_people: known to trainings by what the detector saw alone. test_people: what the tables
    are made of. seeds: of the random head that a training begins with, of order and augmentation.
    iterations: of each training. paired_people: with true bodies, in each batch of the paired ones.
    """

    name: str
    train_people: int
    test_people: int
    seeds: tuple[int, ...]
    iterations: int
    learning_rate: float = 3e-4
    batch_size: int = 64
    paired_people: int = 32

    def training(self, *, pairing: Pairing, method: Method, seed: int) -> TrainingConfiguration:
        """Of one cell: the head of the profile ``cpu`` from random weights, by the paper's method.

        SMPLify in the loop is that of the initial fits, begins with the prediction, and is held to
        nothing; of two fits the one with less 2D error counts. Table 3 says what the same fitting
        does without a regressor.
        """
        return replace(
            profile_configuration("cpu"),
            start_from=START_RANDOM,
            seed=seed,
            iterations=self.iterations,
            learning_rate=self.learning_rate,
            batch_size=self.batch_size,
            replayed_people=self.paired_people if pairing is Pairing.PAIRED else 0,
            paired=False,
            fitting_profile=FITTING_PROFILE,
            pull=False,
            improvement_rule="reprojection",
            evidence_rule="plain",
            keep_predictions=False,
            anchor=0.0,
            share_in_use=1.0,
            static=method is Method.STATIC,
            final=method is Method.FINAL,
            device="cpu",
        )


FULL = ReproductionSettings(
    name="full", train_people=500, test_people=500, seeds=(0, 1, 2), iterations=150
)

QUICK = ReproductionSettings(
    name="quick", train_people=120, test_people=100, seeds=(0, 1), iterations=60
)
