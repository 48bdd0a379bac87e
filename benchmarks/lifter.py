"""What the lifting network adds to fits, on people from clips that it was not trained on.

The same held-out clips as in ``resources.lifter.build``, seen by synthetic cameras through the
noise of a synthetic detector: wrong, swapped and missing joints, people cut off and half hidden.
Bodies as lifted, fitted from the mean pose, and fitted from the lifted body; the pose prior has not
seen the clips either.

    python -m benchmarks.lifter [--quick] [--json]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import torch

from benchmarks.common.people import MOCAP, recipe_prior
from benchmarks.common.reporting import benchmark_arguments, report
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.load_body import load_body
from core.engine.regression.lifter import LiftedPose, Lifter
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.lifted_start import LifterFitting
from core.engine.smplify.smplify import FitBatch, Smplify
from core.runs.fitting_profiles import STUDIO
from resources.lifter.build.bodies import Recordings, draw_poses
from resources.lifter.build.cameras import SeenBodies, see
from resources.lifter.build.detection import detect
from resources.lifter.build.evaluation import compare
from resources.lifter.build.splits import held_out_clips

PEOPLE, QUICK_PEOPLE = 1024, 128
BATCH = 64
SEED = 2
SPLIT_SEED = 0
"""Of the build's default settings."""


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    options = benchmark_arguments(__doc__ or "").parse_args(arguments)
    if not MOCAP.is_dir():
        report({"skipped": "needs ../shared/mocap next to the checkout"}, as_json=options.json)
        return 0
    recordings, model = Recordings.load(MOCAP), load_body()
    hidden = held_out_clips(recordings.poses, seed=SPLIT_SEED)
    prior = recipe_prior(recordings.poses.where(~hidden), seed=SPLIT_SEED)
    body, lifter = KeypointBody(model), Lifter.load()
    generator = torch.Generator().manual_seed(SEED)
    count = QUICK_PEOPLE if options.quick else PEOPLE
    poses = draw_poses(recordings.subset(hidden, by_clip=True), count, generator)
    seen = see(body, poses, generator, any_orientation=0.0, near=0.0)
    keypoints = detect(seen.positions_crop_px, generator)
    from_lifter = LifterFitting(model, prior, STUDIO, lifter)
    methods: dict[str, Callable[[Keypoints2D], BodyEstimate]] = {
        "lifted": from_lifter.start,
        "mean_fit": _estimate(Smplify(model, prior, STUDIO).fit_from_mean_pose),
        "lifter_fit": _estimate(from_lifter.fit),
    }
    results: dict[str, object] = {"people": count}
    for name, method in methods.items():
        results.update(judged(name, method, keypoints, seen, body))
    report(results, as_json=options.json)
    return 0


def _estimate(fit: Callable[[Keypoints2D], FitBatch]) -> Callable[[Keypoints2D], BodyEstimate]:
    return lambda keypoints: fit(keypoints).estimate


def judged(
    name: str,
    method: Callable[[Keypoints2D], BodyEstimate],
    keypoints: Keypoints2D,
    seen: SeenBodies,
    body: KeypointBody,
) -> dict[str, object]:
    """Errors of one method's bodies, and what a batch of 64 takes."""
    rotations, betas = [], []
    began = time.perf_counter()
    for rows in torch.arange(len(keypoints)).split(BATCH):
        batch = Keypoints2D(keypoints.positions_crop_px[rows], keypoints.confidence[rows])
        estimate = method(batch)
        rotations.append(estimate.rotations)
        betas.append(estimate.betas)
    seconds = time.perf_counter() - began
    score = compare(LiftedPose(torch.cat(rotations), torch.cat(betas)), seen, body)
    return {
        f"{name}_body_error_mm_median": score.median_mm,
        f"{name}_body_error_mm_mean": score.mean_mm,
        f"{name}_root_deg_median": score.root_median_deg,
        f"{name}_wrong_root": score.wrong_root,
        f"{name}_seconds_per_64": seconds * BATCH / len(keypoints),
    }


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
