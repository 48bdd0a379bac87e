"""In which order samples are visited: every one once an epoch, on any number of processes.

The order follows from seed and epoch alone. So a resumed run needs no stored permutation, and
cannot iterate another one than it stored (docs/method.md, "Faults of the published code", 7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import StudioError


@dataclass(frozen=True)
class VisitPlan:
    """How ``samples`` are dealt out to ``processes`` in batches of at most ``batch_size`` each.

    The batches of an epoch are as equal as can be: 60 samples in batches of 32 make 30 and 30. No
    process ever gets an empty one, and normalisation never sees a lonely last sample.
    """

    samples: int
    batch_size: int
    seed: int
    processes: int = 1

    def __post_init__(self) -> None:
        if self.samples < self.processes:
            raise StudioError(
                f"There are {self.samples} samples to train on, expected at least "
                f"{self.processes}: one for each process.",
                remedy="Select more samples; each needs a picture and keypoints.",
            )

    @property
    def iterations_per_epoch(self) -> int:
        """Batches an epoch, the same for all processes."""
        return -(-self.samples // (self.batch_size * self.processes))

    def epoch_of(self, iteration: int) -> int:
        """The epoch, from 0, of an iteration, from 1."""
        return (iteration - 1) // self.iterations_per_epoch

    def batch(self, iteration: int, *, process: int = 0) -> NDArray[np.int64]:
        """Indices of the samples that a process visits in an iteration, from 1."""
        index = (iteration - 1) % self.iterations_per_epoch
        order = self._order(self.epoch_of(iteration))
        of_all = np.array_split(order, self.iterations_per_epoch)[index]
        return np.array_split(of_all, self.processes)[process]

    def _order(self, epoch: int) -> NDArray[np.int64]:
        return np.random.default_rng([self.seed, epoch]).permutation(self.samples)


def iteration_seed(seed: int, iteration: int, process: int) -> int:
    """The seed of what is drawn within one iteration, dropout above all."""
    drawn = np.random.SeedSequence([seed, iteration, process]).generate_state(1, np.uint64)
    return int(drawn[0] >> np.uint64(1))
