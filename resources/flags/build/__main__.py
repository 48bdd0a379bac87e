"""``python -m resources.flags.build MOCAP_FOLDER --cache FOLDER``: the calibration, as JSON.

People of whom keypoints alone are known take minutes on the CPU. People whom the detector sees are
rendered in chunks that stay in the cache folder, a minute or two each; so the build may be stopped
and goes on with the next chunk. All are in poses of one half of the clips that neither lifter nor
head was trained on; ``benchmarks/flags.py`` reports on the other half.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.engine.failure_detection.logistic_models import Calibration
from core.engine.smplify.pose_prior import PosePrior
from resources.flags.build.calibrate import calibrate, with_picture_models
from resources.flags.build.people import draw_people, unbiased_prior
from resources.flags.build.rendered_people import RenderedChunks
from resources.flags.build.rendered_samples import rendered_samples
from resources.flags.build.trials import (
    PROFILES,
    WAYS,
    Trial,
    make_picture_trial,
    make_trial,
)
from resources.lifter.build.bodies import Recordings

OUTPUT = Path(__file__).resolve().parents[1] / "calibration.json"
PEOPLE = 8192
CHUNKS = (*range(10), *range(24, 33), *range(40, 59))
"""Numbers of the chunks that the shipped models are made of, which are their seeds."""

SEED = 11


def main(arguments: list[str]) -> int:
    """Run the build; returns the exit status."""
    options = _parser().parse_args(arguments)
    recordings, model = Recordings.load(options.mocap), load_body()
    prior = unbiased_prior(recordings)
    sys.stderr.write("prior fitted\n")
    chunks = RenderedChunks(model, recordings, options.cache)
    seen = picture_trials(model, prior, chunks, numbers=CHUNKS[: options.chunks])
    body = KeypointBody(model)
    if options.only_picture:
        calibration = with_picture_models(Calibration.load(), body, prior, seen)
    else:
        people = draw_people(model, recordings, half="calibration", count=options.people, seed=SEED)
        known = [make_trial(model, prior, profile, people) for profile in PROFILES.values()]
        calibration = calibrate(body, prior, known, seen)
    calibration.save(options.output)
    sys.stderr.write(
        f"wrote {options.output.name}; thresholds {dict(calibration.thresholds)}, "
        f"with a picture {dict(calibration.picture_thresholds)}\n"
    )
    return 0


def picture_trials(
    model: BodyModel, prior: PosePrior, chunks: RenderedChunks, *, numbers: Sequence[int]
) -> list[Trial]:
    """The people of some chunks, fitted in every way."""
    trials = []
    for number in numbers:
        chunk = chunks.chunk("calibration", number)
        for otherwise in (False, True):
            people = rendered_samples(chunk, seed=number, otherwise=otherwise)
            trials += [make_picture_trial(model, prior, people, way) for way in WAYS]
        sys.stderr.write(f"chunk {number}: {len(chunk)} people fitted\n")
    return trials


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mocap", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="folder of rendered people")
    parser.add_argument("--people", type=int, default=PEOPLE, help="with keypoints alone")
    parser.add_argument("--chunks", type=int, default=len(CHUNKS), help="of 200 rendered people")
    parser.add_argument(
        "--only-picture",
        action="store_true",
        help="keep the shipped models of people with keypoints alone",
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
