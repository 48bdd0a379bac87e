"""One of the processes: trains on its share, and times what the dictionary takes of each step."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from torch import distributed as dist

from core.engine.training import train as training
from core.engine.training.fit_store import DistributedFitStore
from core.engine.training.launching import is_first_process
from core.runs.run_folder import RunFolder, read_metrics
from core.runs.training_configuration import START_RANDOM, profile_configuration
from core.types.fits import Fit, NewFit, OfferResult

WARM_UP = 1
"""Steps left out."""

RESULT = "offers.json"
"""In the project's folder."""

READS: list[float] = []
OFFERS: list[tuple[int, float]] = []
"""Of each step: how many fits this process offered, and the seconds until all had their answer."""


class TimedFitStore(DistributedFitStore):
    """Notes what questions and offers take once all processes are there to ask."""

    def current_fits(self, sample_ids: Sequence[int]) -> dict[int, Fit]:
        """As the store's."""
        dist.barrier()
        began = time.perf_counter()
        found = super().current_fits(sample_ids)
        READS.append(time.perf_counter() - began)
        return found

    def offer(self, fits: Sequence[NewFit]) -> Sequence[OfferResult]:
        """As the store's."""
        dist.barrier()
        began = time.perf_counter()
        results = super().offer(fits)
        OFFERS.append((len(fits), time.perf_counter() - began))
        return results


def main(arguments: list[str]) -> int:
    """Train and, on the first process, write down what was measured."""
    project, profile = Path(arguments[0]), arguments[1]
    batch_size, steps = int(arguments[2]), int(arguments[3])
    configuration = replace(
        profile_configuration(profile),
        start_from=START_RANDOM,
        batch_size=batch_size,
        iterations=steps + WARM_UP,
        refit_every=1,
        workers=0,
    )
    vars(training)["DistributedFitStore"] = TimedFitStore
    run = training.train(project, configuration)
    if is_first_process():
        metrics = read_metrics(RunFolder.of(project, run.run_id).metrics)
        _write(project / RESULT, [each.step_seconds for each in metrics])
    return 0


def _write(path: Path, step_seconds: Sequence[float]) -> None:
    """Medians over the steps that count."""
    steps, offers, reads = step_seconds[WARM_UP:], OFFERS[WARM_UP:], READS[WARM_UP:]
    told = {
        "step_seconds": statistics.median(steps),
        "read_seconds": statistics.median(reads),
        "offer_seconds": statistics.median(seconds for _, seconds in offers),
        "offers_per_second": statistics.median(count / seconds for count, seconds in offers),
        "offered_by_each": statistics.median(count for count, _ in offers),
        "offer_share": statistics.median(
            seconds / step for (_, seconds), step in zip(offers, steps, strict=True)
        ),
    }
    path.write_text(json.dumps(told))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
