"""How good fits from keypoints alone are on real pictures whose 3D joints are known.

28 views of one man from four calibrated cameras (``../shared/realdata/multiview``). Every view is
fitted on its own from its 2D keypoints; its twelve limb joints are compared with the triangulated
ones after Procrustes, joints triangulated worse than 25 px left out. Fits begin at the mean pose,
at the body the lifting network makes of the keypoints, or both one after the other. To show how
much of the result is luck of the prior, it is repeated with five priors, each fitted again to its
own draw of the motion capture. Nothing of the method was chosen on these pictures; what the lifter
gains by mirroring was seen on them, too, before it was adopted (docs/lifter.md).

    python -m benchmarks.multiview [--init mean|lifter|both] [--quick] [--json]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.common.people import MOCAP, recipe_prior
from benchmarks.common.real_people import REALDATA, multiview_people
from benchmarks.common.reporting import benchmark_arguments, report
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.engine.regression.lifter import Lifter
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.lifted_start import LifterFitting
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.smplify import FitBatch, Smplify
from core.geometry.procrustes import procrustes_error
from core.runs.fitting_profiles import profile_named
from resources.pose_prior.build.mocap import load_mocap

VIEWS = REALDATA / "multiview"
PRIORS = 5

Fitting = Callable[[Keypoints2D], FitBatch]


@dataclass(frozen=True, eq=False)
class Views:
    """keypoints of V views; joints (V, 12, 3) metres, trusted (V, 12); which of the 49 they are."""

    keypoints: Keypoints2D
    joints: torch.Tensor
    trusted: torch.Tensor
    keypoint_indices: list[int]


def load_views(folder: Path) -> Views:
    """All moments and cameras of the clip."""
    people = multiview_people(folder)
    return Views(
        Keypoints2D.of(np.stack([person.keypoints_crop_px for person in people])),
        torch.tensor(np.stack([person.joints_m for person in people]), dtype=torch.float32),
        torch.tensor(np.stack([person.trusted for person in people]), dtype=torch.float32),
        list(people[0].keypoint_indices),
    )


def priors(count: int) -> Iterator[PosePrior]:
    """Priors by the shipped one's recipe, each on its own draw of poses and with its own seed."""
    poses = load_mocap(MOCAP)
    for seed in range(count):
        yield recipe_prior(poses, seed=seed)


def fitted_keypoints(body: KeypointBody, fit: FitBatch) -> torch.Tensor:
    """All 49 keypoints ``(V, 49, 3)`` of the fits."""
    return body.keypoints(fit.estimate.rotations, fit.estimate.betas)


def errors_mm(keypoints: torch.Tensor, views: Views) -> NDArray[np.float64]:
    """Error ``(V,)`` of bodies with keypoints ``(V, 49, 3)``."""
    compared = keypoints[:, views.keypoint_indices]
    return 1e3 * procrustes_error(compared, views.joints, views.trusted).double().numpy()


def fitting(init: str, model: BodyModel, prior: PosePrior, profile: str) -> Fitting:
    """What fits a batch of keypoints from ``mean`` or ``lifter``."""
    chosen = profile_named(profile)
    if init == "lifter":
        return LifterFitting(model, prior, chosen, Lifter.load()).fit
    return Smplify(model, prior, chosen).fit_from_mean_pose


def lifted_alone(model: BodyModel, views: Views) -> dict[str, float]:
    """How far the lifted bodies are off before they are fitted."""
    lifted = Lifter.load().lift(views.keypoints.positions_crop_px, views.keypoints.confidence)
    keypoints = KeypointBody(model).keypoints(lifted.rotations, lifted.betas)
    return summary(errors_mm(keypoints, views))


def summary(errors: NDArray[np.float64]) -> dict[str, float]:
    """Median, mean and 90 % of one prior."""
    return {
        "median_mm": round(float(np.median(errors)), 1),
        "mean_mm": round(float(errors.mean()), 1),
        "percent_90_mm": round(float(np.quantile(errors, 0.9)), 1),
    }


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--profile", default="studio", choices=("studio", "paper"))
    parser.add_argument("--init", default="mean", choices=("mean", "lifter", "both"))
    options = parser.parse_args(arguments)
    if not (VIEWS.is_dir() and MOCAP.is_dir()):
        missing = "needs ../shared/realdata/multiview and ../shared/mocap next to the checkout"
        report({"skipped": missing}, as_json=options.json)
        return 0
    views, model = load_views(VIEWS), load_body()
    every_prior = [PosePrior.load(), *priors(1 if options.quick else PRIORS)]
    results: dict[str, object] = {"profile": options.profile, "views": len(views.keypoints)}
    inits = ("mean", "lifter") if options.init == "both" else (options.init,)
    for init in inits:
        # The mean pose keeps the names it had before there was a lifter.
        prefix = "" if init == "mean" else f"{init}_"
        found = over_priors(init, model, every_prior, views, options.profile)
        results.update({f"{prefix}{name}": value for name, value in found.items()})
    if "lifter" in inits:
        results["lifted_alone"] = lifted_alone(model, views)
    report(results, as_json=options.json)
    return 0


def over_priors(
    init: str, model: BodyModel, every_prior: list[PosePrior], views: Views, profile: str
) -> dict[str, object]:
    """The shipped prior's result first, then each seed's and what they have in common."""
    body, rows, seconds = KeypointBody(model), [], []
    for prior in every_prior:
        fit_views = fitting(init, model, prior, profile)
        began = time.perf_counter()
        fit = fit_views(views.keypoints)
        seconds.append(time.perf_counter() - began)
        rows.append(summary(errors_mm(fitted_keypoints(body, fit), views)))
    seeds = rows[1:]
    medians = [row["median_mm"] for row in seeds]
    return {
        "shipped_prior": rows[0],
        **{f"prior_seed_{seed}": row for seed, row in enumerate(seeds)},
        "median_of_medians_mm": float(np.median(medians)),
        "lowest_median_mm": float(min(medians)),
        "highest_median_mm": float(max(medians)),
        "mean_of_means_mm": float(np.mean([row["mean_mm"] for row in seeds])),
        "mean_of_percent_90_mm": float(np.mean([row["percent_90_mm"] for row in seeds])),
        "fit_seconds": float(np.median(seconds)),
    }


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
