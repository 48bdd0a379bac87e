"""How good bodies of real people are, by everything that a fit may know of them.

Three groups of people with known 3D joints (``../shared/realdata``, see ``common.real_people``):
28 views of one man, four people of MPI-INF-3DHP, sixteen projections of CMU Panoptic. Errors are
means over joints after Procrustes in mm, and every list is [median, mean, 90 %] over people.
``long_lens`` is the camera of SPIN, some 40 m away. The keys at the top are those of the one man
from the default start; ``from_mean`` and ``from_lifter`` hold both starts, ``other_people`` the
other two groups, ``people`` every person. ``missing`` says of each key that is absent why it is.

    python -m benchmarks.real_views [--quick] [--json]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.common.real_people import REALDATA, RealPerson, real_people
from benchmarks.common.reporting import benchmark_arguments, report
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.engine.regression.lifter import Lifter
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.lifted_start import LifterFitting
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.smplify import Smplify
from core.geometry.procrustes import procrustes_error
from core.runs.fitting_profiles import profile_named

Start = Literal["mean", "lifter"]
STARTS: tuple[Start, ...] = ("mean", "lifter")
DEFAULT_START: Start = "mean"
OTHER_PEOPLE = ("mpi_inf_3dhp", "panoptic")

Tables = dict[str, dict[str, dict[str, float]]]
"""Errors in mm by group of people, person, and what was fitted from where."""

MISSING = {
    "one_view_known": "the solvers take no camera yet",
    "one_view_unknown": "the solvers take no camera yet",
    "pictures_alone": "there is no detector of people yet",
    "two_views": "there are no view groups yet",
    "four_views": "there are no view groups yet",
    "regressor_alone": "there is no regressor behind a detector yet",
}


@dataclass(frozen=True, eq=False)
class Bench:
    """What every fit needs: the open body, the shipped prior, the shipped lifting network."""

    model: BodyModel
    prior: PosePrior
    lifter: Lifter

    @classmethod
    def load(cls) -> Bench:
        """Everything as it ships."""
        return cls(load_body(), PosePrior.load(), Lifter.load())

    def long_lens(self, people: Sequence[RealPerson], start: Start) -> BodyEstimate:
        """``studio`` fits by keypoints alone, under SPIN's camera."""
        keypoints = Keypoints2D.of(np.stack([person.keypoints_crop_px for person in people]))
        profile = profile_named("studio")
        if start == "lifter":
            fitting = LifterFitting(self.model, self.prior, profile, self.lifter)
            return fitting.fit(keypoints).estimate
        return Smplify(self.model, self.prior, profile).fit_from_mean_pose(keypoints).estimate

    def errors_mm(self, people: Sequence[RealPerson], bodies: BodyEstimate) -> NDArray[np.float64]:
        """How far each body is off ``(N,)``, by the joints that are trusted."""
        keypoints = self._keypoints(bodies)
        errors = [
            procrustes_error(
                keypoints[row, list(person.keypoint_indices)],
                person.joints_m,
                person.trusted.astype(np.float64),
            )
            for row, person in enumerate(people)
        ]
        return 1e3 * np.array(errors)

    def _keypoints(self, bodies: BodyEstimate) -> NDArray[np.float64]:
        body = Smplify(self.model, self.prior, profile_named("studio")).body
        keypoints = body.keypoints(bodies.rotations, bodies.betas)
        return keypoints.double().numpy()


Fit = Callable[[Bench, Sequence[RealPerson], Start], BodyEstimate]

FITS: dict[str, Fit] = {"one_view_long_lens": Bench.long_lens}
"""One view of one person, fitted by itself, by the key that the result is reported under."""


def summary(errors: NDArray[np.float64]) -> list[float]:
    """[median, mean, 90 %]."""
    values = (np.median(errors), errors.mean(), np.quantile(errors, 0.9))
    return [round(float(value), 1) for value in values]


@torch.no_grad()
def measure(groups: Sequence[str]) -> tuple[dict[str, object], Tables]:
    """All fits of all groups of people from both starts."""
    bench = Bench.load()
    summaries: dict[str, dict[str, dict[str, list[float]]]] = {}
    tables: Tables = {}
    for group in groups:
        people = real_people(group)
        tables[group] = {person.name: {} for person in people}
        for start in STARTS:
            for key, fit in FITS.items():
                errors = bench.errors_mm(people, fit(bench, people, start))
                summaries.setdefault(group, {}).setdefault(f"from_{start}", {})[key] = summary(
                    errors
                )
                for person, error in zip(people, errors, strict=True):
                    tables[group][person.name][f"{key} from {start}"] = round(float(error), 1)
    one_man = summaries.pop("multiview")
    results: dict[str, object] = {
        **one_man[f"from_{DEFAULT_START}"],
        **one_man,
        "other_people": summaries,
        "missing": MISSING,
    }
    return results, tables


def print_tables(tables: Tables) -> None:
    """One line a person, the errors in the order of the first line."""
    for group, rows in tables.items():
        print(f"{group}: {', '.join(next(iter(rows.values())))}")
        for name, errors in rows.items():
            print(f"  {name:40s}", *(f"{error:8.1f}" for error in errors.values()))


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    options = benchmark_arguments(__doc__ or "").parse_args(arguments)
    groups = ("multiview",) if options.quick else ("multiview", *OTHER_PEOPLE)
    if not all((REALDATA / group).is_dir() for group in groups):
        report({"skipped": "needs ../shared/realdata next to the checkout"}, as_json=options.json)
        return 0
    results, tables = measure(groups)
    if options.json:
        results["people"] = tables
    else:
        print_tables(tables)
    report(results, as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
