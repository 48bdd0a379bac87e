"""What SMPLify in the loop costs, and what everything around the network costs.

``fit_share_*``: the part of a step that fitting, comparing, offering and storing take together.
``step_over_network``: the whole iteration – waiting for crops, prediction, fits, offers to the
dictionary, losses, descent – over the bare network's forward and backward on the same crops.

Crops are loaded by one worker process, as in a training. Bare network and whole iteration take
turns, because timings of a shared machine swing twofold within minutes; ratios are medians over
iterations, not ratios of medians. The first visits of a run, in which everybody is fitted, are left
out; ``fit_share_cpu_demo_everybody`` is what it would be with everybody fitted at every visit.

``head_over_fits``: of the profile ``cpu`` with everybody fitted, what an iteration takes besides
the fits – crops, predictions, the dictionary's reading, losses, descent –, over the fits.

    python -m benchmarks.training [--quick] [--json] [--threads N]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from benchmarks.common.reporting import benchmark_arguments, report
from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.data.training_samples import CropBatch
from core.engine.project_models import project_body, project_prior
from core.engine.regression.input_pictures import normalise_pictures
from core.engine.smplify.smplify import Smplify
from core.engine.training.batch_stream import crop_batches
from core.engine.training.distribution import World
from core.engine.training.fit_store import DistributedFitStore
from core.engine.training.fitting_in_loop import InLoopFitting
from core.engine.training.regressor_error import RegressorErrorEstimate
from core.engine.training.run_lifecycle import begin_run
from core.engine.training.selection import training_records
from core.engine.training.starting_weights import new_regressor
from core.engine.training.step import Learner, SpinStep, adam
from core.engine.training.train import train
from core.engine.training.visit_order import VisitPlan
from core.runs.run_folder import RunFolder, read_metrics
from core.runs.training_configuration import (
    START_RANDOM,
    TrainingConfiguration,
    profile_configuration,
)
from core.workflows.demo import make_demo_project

PEOPLE = 64
QUICK_PEOPLE = 16
WARM_UP, SETTLED = 2, 10
"""Iterations left out; after this many only every fourth person is fitted at a visit."""


@dataclass(frozen=True)
class Timing:
    """Of each iteration in seconds: the bare network, the whole of it, and SMPLify's part."""

    network: list[float]
    step: list[float]
    fit: list[float]

    @property
    def fit_share(self) -> float:
        """SMPLify's part of an iteration."""
        return _median_ratio(self.fit, self.step)

    @property
    def step_over_network(self) -> float:
        """The whole iteration over the bare network."""
        return _median_ratio(self.step, self.network)


def _median_ratio(over: list[float], under: list[float]) -> float:
    return statistics.median(one / other for one, other in zip(over, under, strict=True))


def timed(
    project: Path,
    configuration: TrainingConfiguration,
    *,
    iterations: int,
    left_out: int = WARM_UP,
) -> Timing:
    """Time iterations of a training on a project, each beside the bare network."""
    world = World()
    with Dictionary.open(project) as dictionary:
        records = training_records(dictionary, configuration)
        body, prior = project_body(dictionary), project_prior(dictionary)
        run = begin_run(dictionary, configuration, save_start=lambda _path: None)
        fit_store = DistributedFitStore(world, dictionary)
        smplify = Smplify(body, prior, run.fitting)
        regressor, _ = new_regressor(configuration, prior, body)
        regressor.train().freeze_normalisation(
            frozen=configuration.freezes_normalisation(len(records))
        )
        optimiser = adam(regressor, configuration)
        learner = Learner(
            regressor,
            optimiser,
            KeypointBody(body),
            torch.device("cpu"),
            configuration.input_size_px,
        )
        regressor_error = RegressorErrorEstimate.unknown()
        plan = VisitPlan(len(records), configuration.batch_size, configuration.seed)
        fitting = InLoopFitting(
            smplify,
            fit_store,
            world,
            configuration,
            plan,
            run_id=run.id,
            regressor_error=regressor_error,
        )
        step = SpinStep(learner, fitting, fit_store, configuration, world)
        networks, steps, fits = [], [], []
        with crop_batches(records, plan, configuration, after=0, process=0) as batches:
            for iteration in range(1, iterations + left_out + 1):
                started = time.perf_counter()
                batch = next(batches)
                result = step(batch, iteration)
                steps.append(time.perf_counter() - started)
                fits.append(result.fit_seconds)
                networks.append(_bare_network(learner, batch))
    return Timing(*(network[left_out:] for network in (networks, steps, fits)))


def head_over_fits(project: Path, *, iterations: int) -> float:
    """What an iteration of the profile ``cpu`` takes besides its fits, over them."""
    configuration = profile_configuration("cpu")
    run = train(
        project, replace(configuration, iterations=iterations + WARM_UP, refit_every=1, workers=0)
    )
    settled = read_metrics(RunFolder.of(project, run.run_id).metrics)[WARM_UP:]
    return _median_ratio(
        [each.step_seconds - each.fit_seconds for each in settled],
        [each.fit_seconds for each in settled],
    )


def _bare_network(learner: Learner, batch: CropBatch) -> float:
    """Seconds of one forward and backward, without the optimiser."""
    pictures = normalise_pictures(batch.pictures).contiguous(memory_format=torch.channels_last)
    learner.optimiser.zero_grad(set_to_none=True)
    started = time.perf_counter()
    output = learner.network(pictures)
    (output.rotations.square().mean() + output.betas.mean() + output.camera.mean()).backward()
    return time.perf_counter() - started


def main() -> None:
    """Measure both profiles' shares."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--threads", type=int, default=None)
    options = parser.parse_args()
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    people = QUICK_PEOPLE if options.quick else PEOPLE
    demo = profile_configuration("cpu-demo")
    large = replace(profile_configuration("studio"), start_from=START_RANDOM, workers=1)
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        make_demo_project(project, people=people, fit=False)
        demo = replace(demo, iterations=1000, batch_size=min(demo.batch_size, people))
        iterations = 6 if options.quick else 20
        small = timed(project, demo, iterations=iterations, left_out=SETTLED)
        everybody = timed(project, replace(demo, refit_every=1), iterations=iterations)
        head = head_over_fits(project, iterations=iterations)
        big = timed(
            project,
            replace(large, iterations=1000, batch_size=min(large.batch_size, people)),
            iterations=1 if options.quick else 3,
        )
    report(
        {
            "people": people,
            "network_cpu_demo_s": statistics.median(small.network),
            "step_cpu_demo_s": statistics.median(small.step),
            "fit_cpu_demo_s": statistics.median(small.fit),
            "fit_share_cpu_demo": small.fit_share,
            "fit_share_cpu_demo_everybody": everybody.fit_share,
            "network_resnet50_s": statistics.median(big.network),
            "step_resnet50_s": statistics.median(big.step),
            "fit_resnet50_s": statistics.median(big.fit),
            "fit_share_resnet50": big.fit_share,
            "step_over_network_cpu_demo": small.step_over_network,
            "step_over_network_cpu_demo_everybody": everybody.step_over_network,
            "step_over_network": big.step_over_network,
            "head_over_fits": head,
        },
        as_json=options.json,
    )


if __name__ == "__main__":
    main()
    sys.exit(0)
