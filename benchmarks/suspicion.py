"""What it gains to correct the most suspicious fits, against the same effort on random ones.

A demo project, fitted the paper's way, is flagged. Rejecting a fit and refitting its person, from
the mean pose in four directions and from the lifted body, changes that person alone; so everybody
is rejected and refitted once, in a copy, and each order of people is then a sum of what it gained.
The truth is only used to count.

    python -m benchmarks.suspicion [--quick] [--json] [--people N] [--project FOLDER]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.common.reporting import benchmark_arguments, report
from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from core.workflows.demo import make_demo_project
from core.workflows.flag_project import SampleFlagger, flag_samples
from core.workflows.refit_project import refit_samples

PEOPLE, QUICK_PEOPLE = 60, 12
SHARES = (0.05, 0.1, 0.2, 0.4)
STARTS = ("mean", "lifter")
RANDOM_DRAWS = 2000
SEED = 0

Errors = dict[int, float]
"""Joints after Procrustes in mm, by sample."""


def errors_of(project: Path) -> Errors:
    """Errors of the current fits of a project, where the truth is known."""
    with Dictionary.open(project) as dictionary:
        fitted = dictionary.fits.current(dictionary.search.ids().tolist())
        made = SampleFlagger(dictionary).assessments(list(fitted))
    return {
        assessment.basis.sample_id: assessment.error_3d_mm
        for assessment in made
        if assessment.error_3d_mm is not None
    }


def order_by(project: Path, key: SortKey, among: Errors) -> list[int]:
    """Samples whose error is known, worst first."""
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids(SampleQuery(sort=key, descending=True)).tolist()
    return [sample_id for sample_id in ids if sample_id in among]


def reject_and_refit_all(project: Path) -> None:
    """Every current fit is rejected, and everybody fitted again."""
    with Dictionary.open(project) as dictionary:
        fitted = dictionary.fits.current(dictionary.search.ids().tolist())
        dictionary.verdicts.set(dict.fromkeys(fitted, Verdict.REJECTED), author="benchmark")
    refit_samples(project, starts=STARTS)


def fall_of_mean(order: list[int], gains: Errors, share: float) -> float:
    """By how much the mean error of all falls when this share of them is refitted, in mm."""
    chosen = order[: max(1, round(share * len(order)))]
    return sum(gains[number] for number in chosen) / len(gains)


def random_falls(gains: Errors, share: float) -> NDArray[np.float64]:
    """The same for many random choices."""
    rng, values = np.random.default_rng(SEED), np.array(list(gains.values()))
    count = max(1, round(share * len(values)))
    draws = [
        rng.choice(values, count, replace=False).sum() / len(values) for _ in range(RANDOM_DRAWS)
    ]
    return np.array(draws)


def compared(orders: Mapping[str, list[int]], gains: Errors) -> dict[str, object]:
    """Falls of the mean error in mm, for every share and every order."""
    rows: dict[str, object] = {}
    for share in SHARES:
        by_chance = random_falls(gains, share)
        mean = float(by_chance.mean())
        low, high = np.quantile(by_chance, [0.05, 0.95])
        rows[f"{share:.0%} random"] = f"{mean:.2f} mm ({low:.2f} to {high:.2f})"
        for name, order in orders.items():
            fall = fall_of_mean(order, gains, share)
            rows[f"{share:.0%} {name}"] = f"{fall:.2f} mm, {fall / mean:.1f} times random"
            if share == 0.1:
                rows[f"{name}_times_random"] = fall / mean
    return rows


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--people", type=int, default=None)
    parser.add_argument("--project", type=Path, help="a complete demo project; it is copied")
    options = parser.parse_args(arguments)
    people = options.people or (QUICK_PEOPLE if options.quick else PEOPLE)
    with tempfile.TemporaryDirectory() as folder:
        project, refitted = Path(folder) / "demo", Path(folder) / "refitted"
        if options.project is not None:
            shutil.copytree(options.project, project)
        else:
            make_demo_project(project, people=people)
        flag_samples(project)
        before = errors_of(project)
        orders = {
            "suspicion": order_by(project, SortKey.SUSPICION, before),
            "informativeness": order_by(project, SortKey.INFORMATIVENESS, before),
            "loss": order_by(project, SortKey.LOSS, before),
        }
        shutil.copytree(project, refitted)
        reject_and_refit_all(refitted)
        after = errors_of(refitted)
    gains = {one: error - after.get(one, error) for one, error in before.items()}
    orders["the truth itself"] = sorted(gains, key=lambda one: -gains[one])
    results: dict[str, object] = {
        "people": len(before),
        "mean error before, mm": float(np.mean(list(before.values()))),
        "mean error, everybody refitted, mm": float(np.mean(list(after.values()))),
        **compared(orders, gains),
    }
    report(results, as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
