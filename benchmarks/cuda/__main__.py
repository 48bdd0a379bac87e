"""What a GPU makes of fits and of the regressor's training; five minutes on a machine that has one.

``fits_per_second`` of ``studio`` from an estimate, by the size of the batch; ``loss_over_cpu`` and
``joint_difference_deg`` compare the fits of 64 people with the CPU's. The step of the regressor is
timed in single precision and in mixed (bfloat16), and what both predict is compared with the CPU.

Where there is no CUDA device the output says so, and the status is 0. ``--device cpu`` tries the
same code at small sizes, with the small network of the profile ``cpu-demo``.

    python -m benchmarks.cuda [--device cuda|cpu] [--minutes 5] [--json]
"""

from __future__ import annotations

import sys
import time

import torch

from benchmarks.common.reporting import benchmark_arguments, report
from benchmarks.cuda.fits_on_device import (
    compared_with_cpu,
    people_of,
    smplify_on,
    timed_fits,
)
from benchmarks.cuda.regressor_step import StepSizes, configuration_of, measured_steps
from core.engine.body.load_body import load_body
from core.engine.smplify.pose_prior import PosePrior
from core.engine.training.device import choose_device, describe_device

NO_DEVICE = "no CUDA device"
GPU_BATCHES = [64, 256, 1024, 4096, 16384]
CPU_BATCHES = [4, 16]
GPU_STEP, CPU_STEP = (
    StepSizes(crops=64, warm_up=3, steps=10),
    StepSizes(crops=2, warm_up=0, steps=1),
)
SHARE_OF_FITS = 0.6
"""Of the minutes; the rest is for the comparison and the regressor."""


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--device", default="cuda", help="cuda, cuda:1 or cpu (cuda)")
    parser.add_argument("--minutes", type=float, default=5.0, help="larger batches are left out")
    options = parser.parse_args(arguments)
    if options.device.startswith("cuda") and not torch.cuda.is_available():
        report({"device": NO_DEVICE}, as_json=options.json)
        return 0
    began = time.monotonic()
    device = choose_device(options.device)
    is_gpu = device.type != "cpu"
    body, prior = load_body(), PosePrior.load()
    batches = CPU_BATCHES if options.quick or not is_gpu else GPU_BATCHES
    people = people_of(body, prior, max(batches))
    smplify, on_cpu = (smplify_on(each, body, prior) for each in (device, torch.device("cpu")))
    until = began + 60 * SHARE_OF_FITS * options.minutes
    timings = list(timed_fits(smplify, people, batches, until=until))
    results: dict[str, object] = {
        "device": describe_device(device),
        "cuda": torch.version.cuda or "none",
        "tf32": torch.backends.cuda.matmul.allow_tf32,
    }
    for timing in timings:
        results[f"fits_per_second_{timing.batch}"] = timing.fits_per_second
        results[f"fits_peak_mb_{timing.batch}"] = timing.peak_mb
    results["batches_left_out"] = ", ".join(map(str, batches[len(timings) :])) or "none"
    results |= compared_with_cpu(smplify, on_cpu, people)
    sizes = CPU_STEP if options.quick or not is_gpu else GPU_STEP
    configuration = configuration_of("studio" if is_gpu else "cpu-demo")
    steps = measured_steps(configuration, body, prior, device, sizes)
    results |= {f"step_{name}": value for name, value in steps.items()}
    results["seconds"] = time.monotonic() - began
    report(results, as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
