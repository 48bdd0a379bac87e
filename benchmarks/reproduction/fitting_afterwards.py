"""How good a regressor must be before SMPLify after it does harm.

True bodies with every joint turned by chance stand in for regressors of every quality. They are
fitted as in table 2 of the reproduction, by the paper's solver, to true and to detected joints.

    python -m benchmarks.reproduction.fitting_afterwards --people DIR/work/people/test [--json]

The people are the test set that ``main.py reproduce --out DIR`` has made.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import torch

from benchmarks.common.reporting import benchmark_arguments, report
from core.engine.body.load_body import load_body
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.pose_prior import PosePrior
from core.geometry.rotations import (
    axis_angle_to_matrix,
)
from core.paper.judging import ReproductionJudge
from core.progress import CancelToken

TURNS_DEG = (3.0, 5.0, 8.0, 12.0, 18.0)
"""Standard deviation of each joint's turn about each axis."""
BETAS_SPREAD = 0.5
SEED = 3


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--people", type=Path, required=True, help="project of the test people")
    options = parser.parse_args(arguments)
    judge = ReproductionJudge(options.people, load_body(), PosePrior.load())
    results: dict[str, object] = {"people": len(judge.truth)}
    for turn_deg in TURNS_DEG[::2] if options.quick else TURNS_DEG:
        start = disturbed(judge.truth, turn_deg)
        results[f"turned {turn_deg:g}°"] = judge.errors(start).reconstruction_mm
        for joints, errors in judge.refitted(start, CancelToken()).items():
            results[f"turned {turn_deg:g}°, fitted to {joints}"] = errors.reconstruction_mm
    report(results, as_json=options.json)
    return 0


def disturbed(truth: BodyEstimate, turn_deg: float) -> BodyEstimate:
    """Bodies with every joint but the root turned by chance, and other betas."""
    generator = torch.Generator().manual_seed(SEED)
    turns = torch.randn(len(truth), 24, 3, generator=generator) * math.radians(turn_deg)
    turns[:, 0] = 0
    rotations = truth.rotations @ axis_angle_to_matrix(turns)
    noise = BETAS_SPREAD * torch.randn(len(truth), 10, generator=generator)
    return BodyEstimate(
        rotations,
        truth.betas + noise,
        truth.camera_translation,
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
