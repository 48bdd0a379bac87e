"""What the loop is worth on people whom the real detector sees, from bad, from no and from good.

500 rendered people are trained on, known by the detector's keypoints, landmarks and features; 500
others are predicted. No one's truth takes part: neither that of those trained on nor, where a head
begins with random weights, that of replayed people. Three cases, each with several seeds:

    mean_pose    fits of the paper's SMPLify from the mean pose; 20 iterations of the profile cpu
    random_head  the same fits; a head with random weights, trained on them as they are and in the
                 loop
    best_static  fits of ``fit`` at its defaults; 20 iterations of the profile cpu, and 200

    python -m benchmarks.rendered_loop --work FOLDER [--quick] [--json] [--cases NAME …]

Errors are of 14 joints after Procrustes. The folder keeps people, fits and results: the same
command goes on where it was stopped.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.common.reporting import benchmark_arguments, report
from core.dictionary.store import Dictionary
from core.engine.body.load_body import load_body
from core.engine.evaluation.body_errors import ErrorSummary
from core.engine.regression.head_checkpoints import detector_head_path
from core.engine.smplify.pose_prior import PosePrior
from core.paper.cells import train_copy, trained_run
from core.paper.judging import ReproductionJudge
from core.paper.people import PeopleMaker, PeopleSet
from core.progress import CancelToken, Progress, ProgressMeter
from core.runs.observers import SilentObserver
from core.runs.run_folder import RunFolder
from core.runs.training_configuration import (
    START_RANDOM,
    TrainingConfiguration,
    profile_configuration,
)
from core.workflows.fit_project import fit_samples

PEOPLE, QUICK_PEOPLE = 500, 40
SEEDS, QUICK_SEEDS = (0, 1, 2), (0,)
SHORT, LONG, FROM_RANDOM, QUICK_ITERATIONS = 20, 200, 300, 4


@dataclass(frozen=True, kw_only=True)
class _Training:
    """One way of training. fits: which initial ones; given: how it differs from the profile."""

    fits: str
    iterations: int
    given: Mapping[str, Any] = field(default_factory=dict)

    def configuration(self, seed: int, iterations: int) -> TrainingConfiguration:
        profile = profile_configuration("cpu")
        return replace(profile, iterations=iterations, seed=seed, **self.given)


_FITS: Mapping[str, Callable[[Path], object]] = {
    "paper's, mean pose": partial(fit_samples, profile="paper", init="mean"),
    "best static": fit_samples,
}
"""How initial fits are made, by their name; the best ones as ``fit`` makes them by default."""

_UNLEARNED = {
    "start_from": START_RANDOM,
    "replayed_people": 0,
    # There is nothing in random weights to stay near to.
    "anchor": 0.0,
    "share_in_use": 1.0,
}
_CASES: Mapping[str, Mapping[str, _Training]] = {
    "mean_pose": {"loop": _Training(fits="paper's, mean pose", iterations=SHORT)},
    "random_head": {
        "static": _Training(
            fits="paper's, mean pose", iterations=FROM_RANDOM, given={**_UNLEARNED, "static": True}
        ),
        "loop": _Training(fits="paper's, mean pose", iterations=FROM_RANDOM, given=_UNLEARNED),
    },
    "best_static": {
        "loop": _Training(fits="best static", iterations=SHORT),
        "loop_long": _Training(fits="best static", iterations=LONG),
    },
}


class _Bench:
    """People, fits and trainings of one folder; what is there is kept."""

    def __init__(self, work: Path, *, quick: bool) -> None:
        self._work, self._quick = work, quick
        self._cancel = CancelToken()
        self._people_count = QUICK_PEOPLE if quick else PEOPLE
        body, prior = load_body(), PosePrior.load()
        maker = PeopleMaker(body, prior)
        for people_set in PeopleSet:
            meter = ProgressMeter(f"Rendering {people_set.value}", self._people_count, _tell)
            maker.make(
                self._people(people_set), people_set, self._people_count, meter, CancelToken()
            )
        self.judge = ReproductionJudge(self._people(PeopleSet.TEST), body, prior)

    def _people(self, people_set: PeopleSet) -> Path:
        return self._work / "people" / people_set.value

    def fits(self, name: str) -> Path:
        """The training people with initial fits."""
        project = self._work / "fits" / name.replace(" ", "_").replace("'", "").replace(",", "")
        if not project.is_dir():
            with Dictionary.open(self._people(PeopleSet.TRAIN)) as dictionary:
                dictionary.file.copy_to(project)
        _FITS[name](project)
        return project

    def result(self, case: str, method: str, seed: int) -> dict[str, dict[str, float]]:
        """Errors of a training's dictionary and of its head on the test people."""
        training = _CASES[case][method]
        folder = self._work / "trainings" / f"{case}_{method}_{seed}"
        stored = folder.with_suffix(".json")
        if not stored.is_file():
            print(f"{case}, {method}, seed {seed}", file=sys.stderr)
            iterations = QUICK_ITERATIONS if self._quick else training.iterations
            train_copy(
                folder,
                self.fits(training.fits),
                training.configuration(seed, iterations),
                observer=SilentObserver(),
                cancel=self._cancel,
            )
            head = RunFolder.of(folder, trained_run(folder)[0]).final
            found = {
                "dictionary": short(self.judge.dictionary_errors(folder)),
                "test": short(self.judge.errors(self.judge.predictions(head))),
            }
            stored.write_text(json.dumps(found), encoding="utf-8")
            shutil.rmtree(folder)
        result: dict[str, dict[str, float]] = json.loads(stored.read_text(encoding="utf-8"))
        return result


def short(errors: ErrorSummary) -> dict[str, float]:
    """Median and mean in mm, and the share of people who face a wrong way in per cent."""
    return {
        "median_mm": round(errors.median_reconstruction_mm, 1),
        "mean_mm": round(errors.reconstruction_mm, 1),
        "wrong_way_percent": round(100 * errors.wrong_root_share, 1),
    }


def over_seeds(results: Sequence[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """The mean of every number."""
    return {
        what: {
            name: round(fmean(result[what][name] for result in results), 2)
            for name in results[0][what]
        }
        for what in results[0]
    }


def gain_percent(static: Sequence[Mapping[str, Any]], loop: Sequence[Mapping[str, Any]]) -> float:
    """By how much the loop's head errs less on test people than the static one's, in per cent."""
    first, second = (
        fmean(result["test"]["median_mm"] for result in results) for results in (static, loop)
    )
    return round(100 * (1 - second / first), 1)


def _tell(progress: Progress) -> None:
    end = "\n" if progress.done == progress.total else ""
    print(f"\r{progress.phase}: {progress.done} of {progress.total}", end=end, file=sys.stderr)


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--work", type=Path, required=True, help="folder that everything stays in")
    parser.add_argument("--cases", nargs="+", choices=list(_CASES), default=list(_CASES))
    options = parser.parse_args(arguments)
    bench = _Bench(options.work, quick=options.quick)
    seeds = QUICK_SEEDS if options.quick else SEEDS
    results: dict[str, object] = {"seeds": list(seeds)}
    shipped = detector_head_path()
    if shipped is not None:
        results["shipped head, test"] = short(bench.judge.errors(bench.judge.predictions(shipped)))
    for case in options.cases:
        first_fits = next(iter(_CASES[case].values())).fits
        before = bench.judge.dictionary_errors(bench.fits(first_fits))
        results[f"{case}, fits before"] = short(before)
        by_method = {
            method: [bench.result(case, method, seed) for seed in seeds] for method in _CASES[case]
        }
        for method, found in by_method.items():
            results[f"{case}, {method}"] = {**over_seeds(found), "by_seed": found}
        if "static" in by_method:
            gain = gain_percent(by_method["static"], by_method["loop"])
            results[f"{case}, loop better by %"] = gain
    report(results, as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
