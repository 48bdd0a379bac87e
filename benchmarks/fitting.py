"""How fast and how well bodies are fitted, against SMPLify as it is usually written.

The reference is the full ``smplx`` mesh, autograd and Adam, 50 + 50 steps of the published 1e-2.
Part of its handicap is that step: Adam with larger steps ends lower at the same price. So the ratio
to ``studio`` says what a user of the published settings gains, not what Adam could do at best.

Timings of a shared machine swing twofold within minutes. So reference, ``paper`` and ``studio``
take turns within one run on the same batch, after every tenth of the reference; a ratio is the
median over the ten turns.

``studio_time_over_before`` and ``mean_start_time_over_before`` are times of ``studio`` over those
of an earlier commit, which runs in a worktree made for it and takes turns with this tree.

    python -m benchmarks.fitting [--quick] [--json] [--poses mocap|prior] [--before REV]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.common.earlier_commit import BEFORE
from benchmarks.common.fits_before import compared_with_before
from benchmarks.common.people import MOCAP, People, make_people, mocap_poses_and_prior, some_people
from benchmarks.common.reporting import benchmark_arguments, report
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.objective import Objective
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.search_selection import body_distance
from core.engine.smplify.smplify import FitBatch, Smplify
from core.engine.smplify.state import BodyState
from core.engine.smplify.torso import TORSO_KEYPOINTS, torso_weights
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import geodesic_angle
from core.geometry.row_selection import take_rows
from core.runs.fitting_profiles import PAPER, PUBLISHED_SIGMA_PX, STUDIO

BATCH = 64
MEAN_START_PEOPLE = 512
QUICK_MEAN_START_PEOPLE = 64
WRONG_ROOT_RAD = np.deg2rad(60)
TURNS = 10
STUDIO_REPEATS = 3
TURNS_WITH_BEFORE, QUICK_TURNS_WITH_BEFORE = 15, 9
SEED = 0


def reference_steps(model: BodyModel, prior: PosePrior, people: People) -> Iterator[BodyEstimate]:
    """SMPLify on the full mesh, one Adam step at a time; the last estimate is the result."""
    keypoints, start = people.keypoints, people.start
    root, pose = start.to_axis_angle().to(start.betas).split([3, 69], dim=1)
    root, pose, betas = root.clone(), pose.clone(), start.betas.clone()
    translation = start.camera_translation.clone()
    torso, depth = list(TORSO_KEYPOINTS), start.camera_translation[:, 2]
    weights = torso_weights(keypoints.confidence, PAPER.torso_rule)

    def seen_on_mesh() -> Tensor:
        return model.posed(torch.cat([root, pose], dim=1), betas).keypoints

    def camera_loss() -> Tensor:
        projected = project_to_crop(seen_on_mesh(), translation)[:, torso]
        squares = (projected - keypoints.positions_crop_px[:, torso]).pow(2).sum(-1)
        held = PAPER.camera_depth_weight * (translation[:, 2] - depth) ** 2
        return (weights * squares).sum() + held.sum()

    objective = Objective(keypoints, prior, PAPER.weights, PUBLISHED_SIGMA_PX)

    def body_loss() -> Tensor:
        return objective.parts(seen_on_mesh(), pose, betas, translation).total.sum()

    stages = (
        (camera_loss, (root, translation), PAPER.camera_iterations),
        (body_loss, (pose, betas, root), PAPER.refinement[0].iterations),
    )
    for loss, variables, iterations in stages:
        for variable in (root, pose, betas, translation):
            variable.requires_grad_(any(variable is each_variable for each_variable in variables))
        optimiser = torch.optim.Adam(list(variables), lr=PAPER.learning_rate)
        for _ in range(iterations):
            optimiser.zero_grad()
            loss().backward()
            optimiser.step()
            yield BodyEstimate.from_axis_angle(
                torch.cat([root, pose], dim=1).detach(), betas.detach(), translation.detach()
            )


def paper_objective(
    body: KeypointBody, prior: PosePrior, people: People
) -> Callable[[BodyEstimate], float]:
    """The published objective's mean over the batch, the same for every method."""
    objective = Objective(people.keypoints, prior, PAPER.weights, PUBLISHED_SIGMA_PX)

    def mean_total(estimate: BodyEstimate) -> float:
        parts = objective.parts(
            body.keypoints(estimate.rotations, estimate.betas),
            BodyState.of(estimate).body_pose,
            estimate.betas,
            estimate.camera_translation,
        )
        return float(parts.total.mean())

    return mean_total


def timed(work: Callable[[], FitBatch]) -> tuple[float, FitBatch]:
    """Seconds and result."""
    began = time.perf_counter()
    fit = work()
    return time.perf_counter() - began, fit


def median_ratio(slow: list[float], fast: list[float]) -> float:
    """Median over the turns of one's time over the other's."""
    return float(np.median(np.array(slow) / np.array(fast)))


def body_error_mm(body: KeypointBody, estimate: BodyEstimate, people: People) -> float:
    """Median over people of the 14-joint error after Procrustes."""
    keypoints = body.keypoints(estimate.rotations, estimate.betas)
    return float(1e3 * body_distance(keypoints, people.keypoints_3d).median())


def from_an_estimate(model: BodyModel, prior: PosePrior, people: People) -> dict[str, object]:
    """All three methods from the disturbed truth, taking turns."""
    paper, studio = Smplify(model, prior, PAPER), Smplify(model, prior, STUDIO)
    body, mean_objective = studio.body, paper_objective(studio.body, prior, people)
    small = some_people(people, 2)
    for smplify in (paper, studio):
        smplify.fit(small.keypoints, small.start)
    steps = reference_steps(model, prior, people)
    per_turn = (PAPER.camera_iterations + PAPER.refinement[0].iterations) // TURNS
    seconds: dict[str, list[float]] = {"reference": [], "paper": [], "studio": []}
    for _ in range(TURNS):
        began = time.perf_counter()
        for _ in range(per_turn):
            estimate = next(steps)
        seconds["reference"].append((time.perf_counter() - began) * TURNS)
        spent, paper_fit = timed(lambda: paper.fit(people.keypoints, people.start))
        seconds["paper"].append(spent)
        several = [
            timed(lambda: studio.fit(people.keypoints, people.start)) for _ in range(STUDIO_REPEATS)
        ]
        seconds["studio"].append(float(np.median([spent for spent, _ in several])))
        studio_fit = several[0][1]
    per_64 = BATCH / len(people.keypoints)
    reference_objective = mean_objective(estimate)
    return {
        "reference_seconds_per_64": float(np.median(seconds["reference"])) * per_64,
        "paper_seconds_per_64": float(np.median(seconds["paper"])) * per_64,
        "studio_seconds_per_64": float(np.median(seconds["studio"])) * per_64,
        "paper_speedup": median_ratio(seconds["reference"], seconds["paper"]),
        "studio_speedup": median_ratio(seconds["reference"], seconds["studio"]),
        "reference_objective": reference_objective,
        "paper_objective_ratio": mean_objective(paper_fit.estimate) / reference_objective,
        "studio_objective_ratio": mean_objective(studio_fit.estimate) / reference_objective,
        "reference_body_error_mm": body_error_mm(body, estimate, people),
        "paper_body_error_mm": body_error_mm(body, paper_fit.estimate, people),
        "studio_body_error_mm": body_error_mm(body, studio_fit.estimate, people),
    }


def from_the_mean_pose(model: BodyModel, prior: PosePrior, people: People) -> dict[str, object]:
    """``studio`` without any estimate, in batches of 64."""
    smplify = Smplify(model, prior, STUDIO)
    seconds, wrong, errors = [], [], []
    for rows in torch.arange(len(people.keypoints)).split(BATCH):
        keypoints = take_rows(people.keypoints, rows)
        spent, fit = timed(partial(smplify.fit_from_mean_pose, keypoints))
        seconds.append(spent * BATCH / len(rows))
        wrong.append(_root_angle(fit.estimate, people.truth.rotations[rows]) > WRONG_ROOT_RAD)
        found = smplify.body.keypoints(fit.estimate.rotations, fit.estimate.betas)
        errors.append(body_distance(found, people.keypoints_3d[rows]))
    error = torch.cat(errors) * 1e3
    return {
        "mean_start_people": len(people.keypoints),
        "mean_start_wrong_root": float(torch.cat(wrong).double().mean()),
        "mean_start_seconds_per_64": float(np.median(seconds)),
        "mean_start_body_error_mm_median": float(error.median()),
        "mean_start_body_error_mm_mean": float(error.mean()),
    }


def beside_before(
    model: BodyModel, prior: PosePrior, people: People, *, revision: str, turns: int
) -> dict[str, object]:
    """``studio`` here and at an earlier commit."""
    body = KeypointBody(model)
    measures: dict[str, Callable[[BodyEstimate], float]] = {
        "objective": paper_objective(body, prior, people),
        "body_error": partial(body_error_mm, body, people=people),
    }
    return compared_with_before(people, prior, measures, revision=revision, turns=turns)


def _root_angle(estimate: BodyEstimate, true_rotations: Tensor) -> Tensor:
    return geodesic_angle(estimate.rotations[:, 0], true_rotations[:, 0])


def poses_and_prior(source: str, count: int) -> tuple[NDArray[np.float64], PosePrior]:
    """Poses to fit and the prior to fit them with."""
    if source == "mocap":
        return mocap_poses_and_prior(count, seed=SEED)
    prior = PosePrior.load()
    return prior.sample(count, np.random.default_rng(SEED)), prior


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument(
        "--poses",
        choices=("mocap", "prior"),
        default="mocap" if MOCAP.is_dir() else "prior",
        help="held-out motion capture, or draws from the shipped prior",
    )
    parser.add_argument(
        "--before", metavar="REV", default=BEFORE, help="an earlier commit (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    count = QUICK_MEAN_START_PEOPLE if options.quick else MEAN_START_PEOPLE
    model = load_body()
    poses, prior = poses_and_prior(options.poses, count)
    people = make_people(KeypointBody(model), poses, seed=SEED)
    results: dict[str, object] = {
        "poses": "held-out motion capture" if options.poses == "mocap" else "draws from the prior",
        "reference": "smplx full mesh, autograd, Adam 50+50 with the published step 1e-2",
        "batch": BATCH,
        **from_an_estimate(model, prior, some_people(people, BATCH)),
        **from_the_mean_pose(model, prior, people),
        **beside_before(
            model,
            prior,
            some_people(people, BATCH),
            revision=options.before,
            turns=QUICK_TURNS_WITH_BEFORE if options.quick else TURNS_WITH_BEFORE,
        ),
    }
    report(results, as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
